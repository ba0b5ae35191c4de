"""What a class finds hard: the exported logs of its learners, side by side.

As in the schedule only first attempts count, and only at the questions as they are now.
"""

import textwrap
from collections import Counter, defaultdict
from dataclasses import dataclass
from types import SimpleNamespace

from bend.quiz.log import by_time, learner_of
from bend.quiz.questions import Question
from bend.quiz.schedule import is_first_attempt
from bend.quiz.transfer import count, left_out, read_export

MISTAKES = 3
NOBODY = "Nobody has answered a question of this bank yet."


@dataclass(frozen=True)
class Result:
    """How a class did at one question; each learner's very first attempt counts once.

    `mistakes` are (what in words, how many learners), the most frequent first.
    """

    question: Question
    tries: int
    right: int
    sure_but_wrong: int
    mistakes: tuple


def learners(files):
    """The events of each learner by time; several files may be of one learner.

    Raises:
        BadInput: a file is no log.
    """
    found = []
    for file in files:
        mine, others = {event["id"]: event for event in read_export(file)[0]}, []
        for theirs in found:
            if _names(theirs) & _names(mine):
                mine |= theirs
            else:
                others.append(theirs)
        found = [*others, mine] if mine else others
    return [sorted(events.values(), key=by_time) for events in found]


def not_read(files):
    """What the files hold that no report can count, in words; "" for nothing."""
    counts = [read_export(file)[1:] for file in files]
    unreadable, newer = map(sum, zip(*counts, strict=True))
    return left_out(SimpleNamespace(unreadable=unreadable, newer=newer)).removeprefix(", ")


def _names(events):
    # A learner is a random id, which stays when progress moves to another machine.
    return {learner_of(event) or id for id, event in events.items()}


def results(classroom, bank):
    """The Result of each question that was answered, the hardest first."""
    firsts = defaultdict(list)
    for events in classroom:
        # Read backwards, so that of several showings the first one stays.
        mine = {e["question"]: e for e in reversed(events) if _counts(e, bank)}
        for id, event in mine.items():
            firsts[id].append(event)
    found = [_result(bank[id], events) for id, events in firsts.items()]
    place = {id: n for n, id in enumerate(bank.questions)}
    return sorted(found, key=lambda r: (r.right / r.tries, -r.tries, place[r.question.id]))


def _counts(event, bank):
    question = bank.questions.get(event["question"])
    return question and event["rev"] == question.rev and is_first_attempt(event)


def _result(question, events):
    wrong = [event for event in events if not event["correct"]]
    mistakes = Counter(said for event in wrong for said in _mistakes(question, event))
    return Result(
        question=question,
        tries=len(events),
        right=len(events) - len(wrong),
        sure_but_wrong=sum(event.get("confidence") == "sure" for event in wrong),
        mistakes=tuple(mistakes.most_common(MISTAKES)),
    )


def _mistakes(question, event):
    """What a wrong answer got wrong: what grading caught, else what was typed."""
    response, caught = event.get("response"), event.get("caught")
    caught = [_printable(id) for id in caught] if isinstance(caught, list) else []
    if question.type == "numeric" and not caught:
        return [f"“{_printable(response)}”"]
    missed = "left out: " if question.type == "recall" else ""
    return [missed + _in_words(question, id) for id in caught]


def _printable(text):
    """What a learner's file says, without what would steer the instructor's terminal."""
    return "".join(filter(str.isprintable, str(text)))


def _in_words(question, mistake):
    """A caught id, such as sigmoid or item/category, by its texts; a catch's id is its words."""
    names = ("choices", "points", "items", "categories", "steps")
    parts = [part for name in names for part in getattr(question, name, ())]
    for gap in getattr(question, "gaps", ()):
        parts += getattr(gap, "choices", ())
    texts = {part.id: part.text for part in parts}
    return ": ".join(texts.get(id, id.replace("-", " ")) for id in mistake.split("/"))


def in_text(classroom, bank, width=80):
    """What `bend class` prints: the questions that someone got wrong, the hardest first."""
    found = results(classroom, bank)
    if not found:
        return NOBODY
    tries, right = sum(r.tries for r in found), sum(r.right for r in found)
    head = f"{count(len(classroom), 'learner')}, {count(len(found), 'question')}, "
    head += f"{right} of {tries} first attempts right ({right / tries:.0%})"
    hard = [_lines(result, width) for result in found if result.right < result.tries]
    return "\n\n".join([head, *hard] if hard else [head, "Nobody got anything wrong."])


def _lines(result, width):
    question = result.question
    sure = f", {result.sure_but_wrong} sure but wrong" if result.sure_but_wrong else ""
    kind = f"(lesson {question.lesson}, {question.type}{sure})"
    lines = [f"{result.right} of {result.tries} right  {question.id}  {kind}"]
    for said, learners in result.mistakes:
        number = f"{learners:6} × "
        lines.append(number + textwrap.shorten(said, width - len(number), placeholder=" …"))
    return "\n".join(lines)
