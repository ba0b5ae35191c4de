"""What comes back, in a notebook: `due` at the top of a lesson, `review` and `progress`.

Widgets, figures and NumPy are fetched only when there is something to show.
"""

import re
from html import escape
from weakref import WeakKeyDictionary

from bend.errors import BadInput
from bend.quiz import schedule
from bend.quiz.bank import load_bank
from bend.quiz.log import default_log, now

NOTHING_YET = "Nothing is due yet. A question comes back some days after you first answered it."

_folded = WeakKeyDictionary()


def due(lesson=None, n=5):
    """Show the cards that are due from the lessons before this one, at most n, mixed.

    Those that were sure but wrong come first, then those that are due longest.

    Args:
        lesson: the two digits of the lesson that asks; by default every lesson counts.
        n: how many at most.
    """
    if lesson is not None and not (isinstance(lesson, str) and re.fullmatch(r"\d\d", lesson)):
        raise BadInput(f'due takes the two digits of its lesson, such as due("01"), not {lesson!r}')
    if type(n) is not int or n < 1:
        raise BadInput(f"due shows a number of cards, one or more, not {n!r}")
    log, time = default_log(), now()
    waiting = schedule.due(memories(log, before=lesson), time)
    if not waiting:
        say(next_one(log, time, before=lesson))
        return
    from IPython.display import display

    from bend.quiz.card import Card

    chosen = schedule.mix(waiting, n)
    say(come_back(len(chosen), len(waiting)))
    for memory in chosen:
        display(Card(memory.question, log, fresh=True))


def review():
    """Show every question that is due, one after another on one card."""
    log, time = default_log(), now()
    waiting = schedule.mix(schedule.due(memories(log), time))
    if not waiting:
        say(next_one(log, time))
        return
    from IPython.display import display

    from bend.quiz.deck import Deck

    display(Deck([memory.question for memory in waiting], log))


def progress():
    """Show what was answered, what stays, what comes when, and which sections are weakest."""
    from bend.quiz.report import show

    show(default_log(), now())


def memories(log, before=None):
    """What is known of each question of the course, or of the lessons before one."""
    known = _fold(log, load_bank()).values()
    return [m for m in known if before is None or m.question.lesson < before]


def _fold(log, bank):
    """The fold over the log; after a few more events only their questions are folded again."""
    events = log.events()
    before, of_bank, known = _folded.get(log, ([], bank, {}))
    if of_bank is not bank or events[: len(before)] != before:
        before, known = [], {}
    changed = {event["question"] for event in events[len(before) :]}
    theirs = [event for event in events if event["question"] in changed]
    known = known | schedule.fold(theirs, bank)
    _folded[log] = events, bank, known
    return known


def next_one(log, time, before=None):
    """The sentence for when nothing is due."""
    known = memories(log, before)
    return f"Nothing is due. {coming(known, time)}" if known else NOTHING_YET


def coming(known, time):
    """The sentence that says when to come back."""
    if not known:  # as where a broken clock dates every answer
        return ""
    first = min(memory.due for memory in known)
    return f"The next question comes {schedule.in_days(first, time)}."


def come_back(shown, waiting):
    """The sentence above the cards."""
    said = (
        "1 question comes back; try it" if shown == 1 else f"{shown} questions come back; try them"
    )
    more = f" In all {waiting} are due, and notebook 10 has the others." if waiting > shown else ""
    return f"{said} from memory before you go on.{more}"


def say(sentence):
    """Show a sentence in the cell's output."""
    from IPython.display import display

    display({"text/html": f"<p>{escape(sentence)}</p>", "text/plain": sentence}, raw=True)
