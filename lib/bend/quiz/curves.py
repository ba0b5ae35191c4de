"""Curves over evenly spaced columns, and what can be wrong with one.

A curve is its heights, with straight lines between them. Each kind of fault measures by how much a
curve misses and in which column; it has the fault where the worst miss is beyond the tolerance.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from bend.quiz.questions import Frozen, Id, Text, Tolerance

Interval = Annotated[tuple[FiniteFloat, FiniteFloat], Field(strict=False)]


@dataclass(frozen=True)
class Curve:
    """Heights `y` over the columns `z`, straight in between."""

    z: tuple[float, ...]
    y: tuple[float, ...]

    def at(self, z):
        """The height at any z within the plot."""
        column = min(int((z - self.z[0]) / self.step), len(self.z) - 2)
        part = (z - self.z[column]) / self.step
        return (1 - part) * self.y[column] + part * self.y[column + 1]

    def nearest(self, z):
        """The column nearest to z."""
        return min(range(len(self.z)), key=lambda column: abs(self.z[column] - z))

    def within(self, window):
        """The columns from the one end of the window to the other."""
        low, high = window
        near = self.step * 1e-9
        return [c for c, z in enumerate(self.z) if low - near <= z <= high + near]

    @cached_property
    def step(self):
        """From a column to the next."""
        return (self.z[-1] - self.z[0]) / (len(self.z) - 1)


class Fault(Frozen):
    """What can be wrong with a curve. `misses`: in the unit of `tol`, each with its column."""

    id: Id
    tol: Tolerance
    feedback: Text

    def broken_at(self, curve):
        """The column in which the curve has this fault most, or None where it has not."""
        miss, column = max(self.misses(curve), key=lambda found: found[0])
        return column if miss > self.tol * (1 + 1e-9) else None


class LeftLimit(Fault):
    """The two leftmost heights are to be `value`."""

    kind: Literal["left-limit"]
    value: FiniteFloat

    def misses(self, curve):
        """How far off each is."""
        return [(abs(curve.y[column] - self.value), column) for column in (0, 1)]


class RightLimit(Fault):
    """The two rightmost heights are to be `value`."""

    kind: Literal["right-limit"]
    value: FiniteFloat

    def misses(self, curve):
        """How far off each is."""
        last = len(curve.y) - 1
        return [(abs(curve.y[column] - self.value), column) for column in (last, last - 1)]


class PassesThrough(Fault):
    """The curve is to go through the point (z, value)."""

    kind: Literal["passes-through"]
    z: FiniteFloat
    value: FiniteFloat

    def misses(self, curve):
        """How far above or below the point it goes."""
        return [(abs(curve.at(self.z) - self.value), curve.nearest(self.z))]


class Range(Fault):
    """The curve is to stay between `low` and `high`."""

    kind: Literal["range"]
    low: FiniteFloat = -math.inf
    high: FiniteFloat = math.inf

    def misses(self, curve):
        """How far beyond them it is."""
        return [(max(self.low - y, y - self.high), column) for column, y in enumerate(curve.y)]


class NeverFalls(Fault):
    """The curve is never to be lower than further left, within the window if there is one."""

    kind: Literal["never-falls"]
    window: Interval | None = None

    def misses(self, curve):
        """How far below its highest point so far it is."""
        columns = curve.within(self.window or (curve.z[0], curve.z[-1]))
        highest, found = -math.inf, []
        for column in columns:
            highest = max(highest, curve.y[column])
            found.append((highest - curve.y[column], column))
        return found


class Flat(Fault):
    """The curve is to be level within the window."""

    kind: Literal["flat"]
    window: Interval

    def misses(self, curve):
        """By how much its heights differ there."""
        columns = curve.within(self.window)
        heights = [curve.y[column] for column in columns]
        middle = (min(heights) + max(heights)) / 2
        return [(2 * abs(curve.y[column] - middle), column) for column in columns]


class Slope(Fault):
    """From one end of the window to the other the curve is to rise by `value` per unit of z."""

    kind: Literal["slope"]
    window: Interval
    value: FiniteFloat

    def misses(self, curve):
        """How far off the mean slope is."""
        low, high = self.window
        slope = (curve.at(high) - curve.at(low)) / (high - low)
        return [(abs(slope - self.value), curve.nearest((low + high) / 2))]


class Smooth(Fault):
    """The curve is to have no kink, within the window if there is one."""

    kind: Literal["smooth"]
    window: Interval | None = None

    def misses(self, curve):
        """How much the slope changes at each column."""
        slopes = [(after - before) / curve.step for before, after in pairwise(curve.y)]
        seen = curve.within(self.window or (curve.z[0], curve.z[-1]))
        turns = enumerate(pairwise(slopes), start=1)
        return [(abs(after - before), c) for c, (before, after) in turns if c in seen]


AnyFault = Annotated[
    LeftLimit | RightLimit | PassesThrough | Range | NeverFalls | Flat | Slope | Smooth,
    Field(discriminator="kind"),
]


def spread(low, high, count):
    """Evenly spaced numbers, both ends included."""
    return tuple(low + (high - low) * n / (count - 1) for n in range(count))
