"""A curve that the learner draws, judged by what is wrong with it.

The true curve is computed, and only to be shown or audited: the faults alone judge.
"""

import math
from typing import Annotated, Literal

from pydantic import Field

from bend.quiz.curves import AnyFault, Curve, Interval, spread
from bend.quiz.keys import find_curve
from bend.quiz.questions import Name, Question, Text, repeated, tables


class Sketch(Question):
    """A curve to draw over `z` and between `y`, right where it has none of the faults.

    The true curve is the activation called `truth`, or the lesson's function called `check`;
    `answer` says it in words. `name` is what stands at the upright axis.
    """

    type: Literal["sketch"]
    z: Interval
    y: Interval
    columns: Annotated[int, Field(ge=9, le=33)] = 17
    name: Text = "g(z)"
    truth: Name | None = None
    answer: Text
    faults: Annotated[tuple[AnyFault, ...], Field(strict=False, min_length=1, alias="fault")]

    @classmethod
    def _across(cls, raw):
        known = len({"truth", "check"} & raw.keys())
        missing = [] if known == 1 else [("truth", "is required, or check, and not both")]
        return missing + _backwards(raw) + _outside(raw) + repeated(raw, "fault")

    def curve(self, heights):
        """These heights over the columns of the plot."""
        low, high = self.z
        return Curve(spread(low, high, self.columns), tuple(heights))


def _pair(found):
    numbers = isinstance(found, list) and all(type(end) in (int, float) for end in found)
    return found if numbers and len(found) == 2 else None


def _backwards(raw):
    pairs = ((name, _pair(raw.get(name))) for name in ("z", "y"))
    return [(name, "the smaller number comes first") for name, p in pairs if p and p[0] >= p[1]]


def _outside(raw):
    """A fault that looks where there is no curve, or at too little of one to tell."""
    plot, columns = _pair(raw.get("z")), raw.get("columns", 17)
    if not plot or type(columns) is not int or columns < 9:
        return []
    least, found = 2 * (plot[1] - plot[0]) / (columns - 1), []
    for fault in tables(raw, "fault"):
        low, high = _pair(fault.get("window")) or _pair([fault.get("z")] * 2) or plot
        if not plot[0] <= low <= high <= plot[1]:
            found.append(("fault", f'"{fault.get("id")}" looks beyond the plot'))
        elif "window" in fault and high - low < least:
            found.append(("fault", f'"{fault.get("id")}": its window is less than {least:g} wide'))
    return found


def unusable(question, response):
    """Why these heights are no curve yet, in words, or "" where they are one."""
    whole = isinstance(response, list) and len(response) == question.columns
    if not whole or any(y is None for y in response):
        ends = (f"z\u00a0=\u00a0{said(end)}" for end in question.z)
        return f"Draw the whole curve first, from {' to '.join(ends)}."
    bottom, top = question.y
    if not all(type(y) in (int, float) and bottom <= y <= top for y in response):
        return f"Draw between {said(bottom)} and {said(top)}, inside the plot."
    return ""


def said(number):
    """A number as one writes it."""
    return f"{number:g}".replace("-", "−")


def find_faults(question, response):
    """The faults of a usable response, in the order of the bank, each with its column."""
    curve = question.curve(response)
    found = ((fault, fault.broken_at(curve)) for fault in question.faults)
    return [(fault, column) for fault, column in found if column is not None]


def axes_in_words(question):
    """What to draw it on, for where it cannot be drawn on a card."""
    return f"Draw it with {_words(question)}."


def _words(question):
    across, up = (f"from {said(low)} to {said(high)}" for low, high in (question.z, question.y))
    return f"z {across}, {question.name} {up}"


def plot(question):
    """What the page needs to be drawn on; it tells nothing of the curve."""
    bottom, top = question.y
    return {
        "z": list(question.curve(()).z),
        "low": bottom,
        "high": top,
        "step": _step((top - bottom) / 50),
        "name": question.name,
        "words": _words(question),
    }


def _step(about):
    """The number 1, 2 or 5 times a power of ten next above."""
    power = 10 ** math.floor(math.log10(about))
    return next(round(n * power, 12) for n in (1, 2, 5, 10) if n * power >= about * (1 - 1e-9))


def true_heights(question, z):
    """The true curve there. Raises: ImportError where there is no NumPy to compute it."""
    function = find_curve(question)
    return [float(function(place)) for place in z]


def true_curve(question):
    """The true curve as points to draw, ten to a column; none where there is no NumPy."""
    low, high = question.z
    z = spread(low, high, 10 * (question.columns - 1) + 1)
    try:
        heights = true_heights(question, z)
    except ImportError:  # as in a browser's Python; what is wrong was found without it
        return []
    return [[round(at, 6), round(y, 6)] for at, y in zip(z, heights, strict=True)]


def bad_curves(question, truth):
    """Curves that differ much from the true one: its mirror images, lines, and spikes."""
    bottom, top = question.y
    count = len(truth)
    curves = [truth[::-1], [bottom + top - y for y in truth]]
    curves += [[level] * count for level in spread(bottom, top, 9)]
    curves += [spread(bottom, top, count), spread(top, bottom, count)]
    spikes = [(n, end) for n in range(count) for end in (bottom, top)]
    curves += [[*truth[:n], end, *truth[n + 1 :]] for n, end in spikes]
    return [list(curve) for curve in curves if _differs(curve, truth, (top - bottom) / 4)]


def _differs(curve, truth, much):
    return max(abs(y - true) for y, true in zip(curve, truth, strict=True)) > much
