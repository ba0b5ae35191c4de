"""When a question comes back: a pure fold over the log, with py-fsrs, and the order of what is due.

Of each showing only the first attempt counts, and only at the question as it is now: a raised
`rev` starts afresh, and what is no longer in the bank is not there.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import takewhile

from fsrs import Card, Rating, Scheduler

from bend.quiz.questions import Question

# Days are the smallest step here: learning steps of minutes are for a sitting with flashcards.
SCHEDULER = Scheduler(
    learning_steps=(), relearning_steps=(), enable_fuzzing=False, maximum_interval=60
)
AGAIN, HARD, GOOD, EASY = Rating
# What other years come from is a broken clock, and not every system's calendar has them.
YEARS = range(1971, 2999)

# The last steps of each question and where they led: a memo, the same steps always lead there.
_replayed = {}


@dataclass(frozen=True)
class Memory:
    """What the log says about one question.

    `card` is py-fsrs's; `outcomes` are the first attempts, right or wrong, oldest first;
    `sure_but_wrong` holds until the next right one.
    """

    question: Question
    card: Card
    outcomes: tuple[bool, ...]
    sure_but_wrong: bool

    @property
    def due(self):
        """The moment at which the question is due, in UTC."""
        return self.card.due


def fold(events, bank):
    """{id: Memory} of every question that was answered and comes back; events by time."""
    found = defaultdict(list)
    for event in events:
        found[event["question"]].append(event)
    known = ((bank.questions.get(id), its) for id, its in found.items())
    memories = (remember(question, its) for question, its in known if question)
    return {memory.question.id: memory for memory in memories if memory}


def remember(question, events):
    """The Memory of one question from its events, or None where nothing schedules it."""
    if not comes_back(question):
        return None
    firsts = [e for e in events if is_first_attempt(e) and e["rev"] == question.rev]
    outcomes = tuple([e["correct"] for e in firsts])
    steps = tuple([(e["at"], _rating(e)) for e in firsts])
    card = _replay(f"{question.id}:{question.rev}", steps)
    return card and Memory(question, card, outcomes, _sure_but_wrong(firsts))


def _sure_but_wrong(firsts):
    """Whether one since the last right one was wrong and sure."""
    wrong = takewhile(lambda event: not event["correct"], reversed(firsts))
    return any(event.get("confidence") == "sure" for event in wrong)


def comes_back(question):
    """A function is written in a cell and not on a card; a prediction is made once."""
    return question.scored and question.type != "code"


def is_first_attempt(event):
    """Whether this is the answer of a showing that counts: the first, and judged."""
    return event["attempt"] == 1 and event["kind"] == "answer" and event.get("correct") in (0, 1)


def _rating(event):
    if not event["correct"]:
        return AGAIN
    if event.get("type") == "recall":
        response = event.get("response")
        own = response.get("rating") if isinstance(response, dict) else None
        return {"hard": HARD, "easy": EASY}.get(str(own), GOOD)
    if event["hints"]:
        return HARD
    return EASY if event.get("confidence") == "sure" else GOOD


def _replay(name, steps):
    """The card after these steps; what was replayed before is not replayed again."""
    known, card = _replayed.get(name, ((), None))
    if card is None or steps[: len(known)] != known:
        known = ()
        card = Card(card_id=int.from_bytes(sha256(name.encode()).digest()[:8]), due=datetime.max)
    for at, rating in steps[len(known) :]:
        if time := moment(at):
            card, _ = SCHEDULER.review_card(card, rating, time)
    _replayed[name] = steps, card
    return card if card.last_review else None


def moment(at):
    """The time of an event in UTC, or None where only a broken clock can have written it."""
    with suppress(OverflowError):
        time = datetime.fromisoformat(at).astimezone(UTC)
        return time if time.year in YEARS else None


# What is due


def day(time):
    """The learner's own calendar day: a question due this evening is due this morning."""
    return time.astimezone().date()


def due(memories, now):
    """The memories that are due on the day of `now`."""
    today = day(now)
    return [memory for memory in memories if day(memory.due) <= today]


def mix(memories, n=None):
    """The first n to ask: sure but wrong first, then by day, never a section twice in a row.

    Where one section is so frequent that it would be left over, it is taken early.
    """
    rest, mixed = list(memories), []
    n = len(rest) if n is None else min(n, len(rest))
    while len(mixed) < n:
        last = mixed[-1].question if mixed else None
        chosen = min(_allowed(rest, last, n - len(mixed)), key=lambda m: _urgency(m, last))
        rest.remove(chosen)
        mixed.append(chosen)
    return mixed


def _allowed(rest, last, places):
    crowd, most = Counter(memory.question.place for memory in rest).most_common(1)[0]
    previous = last and last.place
    if crowd != previous and 2 * (len(rest) - most) < places:
        return [memory for memory in rest if memory.question.place == crowd]
    return [memory for memory in rest if memory.question.place != previous] or rest


def _urgency(memory, last):
    same_type = last is not None and memory.question.type == last.type
    first = not memory.sure_but_wrong, day(memory.due)
    return *first, same_type, memory.due, memory.question.id


# In words


def in_days(time, now):
    """How far away a day is: today (and what is overdue), tomorrow, in 3 days."""
    days = max(0, (day(time) - day(now)).days)
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def again(question, log, now):
    """The sentence that says when an answered question comes back; "" where it does not."""
    memory = remember(question, log.of(question.id))
    if memory is None:
        return ""
    if due([memory], now):
        return "It is due again: the next lesson or notebook 10 brings it back."
    return f"You will see this again {in_days(memory.due, now)}."
