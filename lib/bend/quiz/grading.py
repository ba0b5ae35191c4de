"""Right or wrong: one small function for each type of question.

A response comes from a page and may be any JSON value. What cannot be an answer at all ("abc" for
a number) comes back with an `error` in words: it is no attempt.
"""

import math
import re
from dataclasses import dataclass

from bend.quiz.fresh import instance
from bend.quiz.parts import gap_kind, misplaced
from bend.quiz.sketch import find_faults, unusable

LONGEST_ANSWER = 20_000
RATINGS = ("again", "hard", "good", "easy")

_MINUS = str.maketrans("−–﹣－", "----")
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)

EMPTY_GAP = "Fill in every gap."
NOT_A_NUMBER = "Type a number, such as 0.25, 1e-3, 1/4 or 25 %."
AMBIGUOUS = "Is the comma a decimal point? Write the number without it, such as 1000 or 1.0."


@dataclass(frozen=True)
class Grade:
    """`correct` is None where nothing is scored; `caught` are ids of wrong choices and catches."""

    correct: bool | None = None
    caught: tuple[str, ...] = ()
    error: str = ""


def grade(question, response):
    """The grade of any JSON value as a response to the question; never raises."""
    return GRADERS[question.type](instance(question), response)


def parse_number(typed, unit=""):
    """The number that a person typed: 0.25, 0,25, .25, 1e-3, 1/4, −3, 25 % or with the unit given.

    Raises:
        ValueError: with a kind sentence, when it is no finite number.
    """
    text = typed.translate(_MINUS).strip()
    if unit:
        text = text.removesuffix(unit).strip()
    if _THOUSANDS.fullmatch(text):
        raise ValueError(AMBIGUOUS)
    number, percent, rest = text.partition("%")
    over, slash, under = number.partition("/")
    value = _decimal(over)
    if slash:
        below = _decimal(under)
        value = value / below if below else math.inf
    if rest or not math.isfinite(value):
        raise ValueError(NOT_A_NUMBER)
    return value / 100 if percent else value


def _decimal(text):
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(NOT_A_NUMBER)
    return float(text.strip().replace(",", "."))


def tolerance(question):
    """How far from the answer is still right: the wider of abs_tol and rel_tol · |answer|."""
    wide = max(question.abs_tol or 0.0, (question.rel_tol or 0.0) * abs(question.answer))
    return wide * (1 + 1e-9)  # 0.255 is within 0.005 of 0.25, though not in binary


def _single(question, response):
    right = {choice.id: choice.correct for choice in question.choices}
    if not isinstance(response, str) or response not in right:
        return Grade(error="Choose one of the options.")
    return Grade(right[response], () if right[response] else (response,))


def _multi(question, response):
    chosen = _known_ids(response, question.choices)
    if not chosen:
        return Grade(error="Choose at least one of the options.")
    right = {choice.id for choice in question.choices if choice.correct}
    return Grade(chosen == right, tuple(c.id for c in question.choices if c.id in chosen - right))


def _known_ids(response, items):
    """The ids as a set, or None where the response is not a list of known ids."""
    known = {item.id for item in items}
    if not isinstance(response, list) or not all(isinstance(r, str) for r in response):
        return None
    return set(response) if known.issuperset(response) else None


def _numeric(question, response):
    value, error = _typed(response, question.unit)
    if error:
        return Grade(error=error)
    if abs(value - question.answer) <= tolerance(question):
        return Grade(True)
    near = (c.id for c in question.catches if abs(value - c.near) <= (c.tol or tolerance(question)))
    return Grade(False, tuple(near)[:1])


def _typed(response, unit):
    try:
        return parse_number(response if isinstance(response, str) else "", unit), ""
    except ValueError as error:
        return None, str(error)


def _recall(question, response):
    """Right when every essential point was ticked and it was not rated "again"."""
    response = response if isinstance(response, dict) else {}
    ticked = _known_ids(response.get("ticked"), question.points)
    if error := unusable_text(response.get("text")):
        return Grade(error=error)
    if ticked is None or response.get("rating") not in RATINGS:
        return Grade(error="Tick the points that your answer had, then say how it went.")
    missed = tuple(p.id for p in question.points if p.essential and p.id not in ticked)
    return Grade(not missed and response["rating"] != "again", missed)


def unusable_text(text):
    """Why a written answer cannot be used, in words, or "" where it can."""
    if not isinstance(text, str) or not text.strip():
        return "Write what you remember first, even a few words."
    return "That is too long to keep; shorten it." if len(text) > LONGEST_ANSWER else ""


def _predict(question, response):
    if question.choices:
        known = {choice.id for choice in question.choices}
        chosen = isinstance(response, str) and response in known
        return Grade(error="" if chosen else "Choose one of the options.")
    return Grade(error=_typed(response, question.unit)[1])


def _match(question, response):
    """Right when every item is in its category; a wrong pair is caught as item/category."""
    chosen = response if isinstance(response, dict) else {}
    known = [category.id for category in question.categories]
    if any(chosen.get(item.id) not in known for item in question.items):
        return Grade(error="Choose a category for every line.")
    wrong = (item for item in question.items if chosen[item.id] != item.category)
    caught = tuple(f"{item.id}/{chosen[item.id]}" for item in wrong)
    return Grade(not caught, caught)


def _order(question, response):
    """Right only as a whole; caught are the fewest steps that would have to move."""
    ids = _known_ids(response, question.steps)
    if ids is None or not len(ids) == len(response) == len(question.steps):
        return Grade(error="Put the steps in order first: move at least one.")
    caught = misplaced([step.id for step in question.steps], response)
    return Grade(not caught, caught)


def _cloze(question, response):
    """Right when every gap is; a wrong gap is caught as gap/choice, gap/catch or gap."""
    grades = grade_gaps(question, response)
    errors = [(place, found.error) for place, found in enumerate(grades.values(), 1) if found.error]
    if errors:
        empty = EMPTY_GAP in dict(errors).values()
        return Grade(error=EMPTY_GAP if empty else "Gap {}: {}".format(*errors[0]))
    caught = tuple("/".join([id, *found.caught])
                   for id, found in grades.items() if not found.correct)  # fmt: skip
    return Grade(not caught, caught)


def grade_gaps(question, response):
    """The grade of each gap by its id."""
    filled = response if isinstance(response, dict) else {}
    return {gap.id: _gap(gap, filled.get(gap.id)) for gap in question.gaps}


def _gap(gap, response):
    if not isinstance(response, str) or not response.strip():
        return Grade(error=EMPTY_GAP)
    graders = {"choice": _single, "number": _numeric, "words": _words}
    return graders[gap_kind(gap)](gap, response)


def _words(gap, response):
    if error := unusable_text(response):
        return Grade(error=error)
    written = plain_words(response)
    if written in map(plain_words, gap.answers):
        return Grade(True)
    caught = [c.id for c in gap.catches if written in map(plain_words, c.answers)]
    # What is known and mistyped must not be scheduled as forgotten.
    if not caught and any(_mistyped(written, plain_words(answer)) for answer in gap.answers):
        return Grade(error=f"look at the spelling of “{response.strip()}” once more.")
    return Grade(False, tuple(caught[:1]))


def _mistyped(written, answer):
    """One letter too many, too few, wrong or swapped with the next, in a word that is not short."""
    if len(answer) < 5 or abs(len(written) - len(answer)) > 1:
        return False
    pairs = enumerate(zip(written, answer, strict=False))
    same = next((place for place, (w, a) in pairs if w != a), min(len(written), len(answer)))
    w, a = written[same:], answer[same:]
    return w[1:] == a or w == a[1:] or w[1:] == a[1:] or (w[1::-1] == a[:2] and w[2:] == a[2:])


def plain_words(text):
    """The words alone: capitals, hyphens and the last full stop make no difference."""
    return " ".join(re.sub(r"[-‐‑–\s]+", " ", text).strip(" .,;").casefold().split())


def _sketch(question, response):
    if error := unusable(question, response):
        return Grade(error=error)
    caught = tuple(fault.id for fault, _ in find_faults(question, response))
    return Grade(not caught, caught)


def _code(question, response):
    return Grade(error=f'Write the function in a cell and run check("{question.id}", it).')


GRADERS = {
    "single": _single,
    "multi": _multi,
    "numeric": _numeric,
    "recall": _recall,
    "predict": _predict,
    "code": _code,
    "match": _match,
    "order": _order,
    "cloze": _cloze,
    "sketch": _sketch,
}
