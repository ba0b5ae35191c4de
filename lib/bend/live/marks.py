"""What a live figure is made of: a Picture of Panels of marks, as plain data.

The page draws it (static/canvas.js), and matplotlib draws the same for where no kernel runs
(still.py). Colours are names of `bend.figures.COLOURS`, or "quiet"; the page has its own shades
of them in a dark theme.
"""

from dataclasses import dataclass, fields

import numpy as np

from bend.errors import BadInput


@dataclass(frozen=True, eq=False)
class Line:
    """A line through the points; NaN lifts the pen. The label is written at its right end."""

    x: np.ndarray
    y: np.ndarray
    colour: str = "blue"
    label: str = ""
    dashes: bool = False
    width: float = 2.0
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Band:
    """The area between two lines over the same x."""

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    colour: str = "blue"
    opacity: float = 0.16


@dataclass(frozen=True, eq=False)
class Fill:
    """The polygon with these corners."""

    x: np.ndarray
    y: np.ndarray
    colour: str = "blue"
    opacity: float = 0.16


@dataclass(frozen=True, eq=False)
class Span:
    """A strip across the whole panel, from low to high along x, with a small word in it."""

    low: float
    high: float
    text: str = ""


@dataclass(frozen=True, eq=False)
class Image:
    """A heat map: orange where negative, blue where positive, full colour from ±reach on.

    values: (rows, columns), the lowest y first, as `plane_grid` runs.
    limits: ((left, right), (bottom, top)).
    """

    values: np.ndarray
    limits: tuple
    reach: float = 1.0
    opacity: float = 1.0
    smooth: bool = True


@dataclass(frozen=True, eq=False)
class Points:
    """Dots of one colour. marker: "o", "^", "s" or "D"; hollow ones show the paper inside."""

    x: np.ndarray
    y: np.ndarray
    colour: str = "blue"
    marker: str = "o"
    size: float = 5.0
    hollow: bool = False


@dataclass(frozen=True, eq=False)
class Arrow:
    """An arrow from one point to another."""

    start: tuple
    end: tuple
    colour: str = "ink"
    width: float = 2.5


@dataclass(frozen=True, eq=False)
class Text:
    """Words at a place. align: "left", "center" or "right"."""

    x: float
    y: float
    text: str
    colour: str = "ink"
    align: str = "left"
    size: float = 12.0


@dataclass(frozen=True, eq=False)
class Handle:
    """A dot to be dragged, or moved with the arrow keys.

    label: its accessible name, with its value in words.
    moves: the controls (of x, of y) that a drag sets, or None.
    origin: where the controls are 0: they are set to how far from it the handle is.
    tip: shown beside it while it is hovered over or has the focus.
    size: its diameter in pixels.
    """

    x: float
    y: float
    label: str
    moves: tuple
    origin: tuple = (0.0, 0.0)
    tip: str = ""
    colour: str = "blue"
    size: float = 18.0


@dataclass(frozen=True, eq=False)
class Axis:
    """limits: (from, to). A log axis takes the numbers themselves and shows powers of ten."""

    limits: tuple
    label: str = ""
    log: bool = False
    shown: bool = True
    integer: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """Marks on axes, drawn in their order.

    title: above it, and what a screen reader calls it.
    equal: whether a step along x is as long as one along y.
    height: in pixels. width: the least before panels go below each other, also their shares.
    name: what the style sheet knows it by.
    """

    marks: list
    x: Axis
    y: Axis
    title: str = ""
    equal: bool = False
    height: int = 280
    width: int = 280
    name: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """Panels side by side, and one line that says what they show."""

    panels: list
    summary: str


# Which fields of a mark are places along x and along y.
ALONG_X = {"x"}
ALONG_Y = {"y", "low", "high"}


def to_message(picture):
    """The picture as what the page takes: float32 bytes for arrays, log axes already log10."""
    return {"panels": [_panel(panel) for panel in picture.panels], "summary": picture.summary}


def _panel(panel):
    plain = {
        field.name: getattr(panel, field.name)
        for field in fields(panel)
        if field.name not in ("marks", "x", "y")
    }
    marks = [_mark(mark, panel) for mark in panel.marks]
    return plain | {"x": _axis(panel.x), "y": _axis(panel.y), "marks": marks}


def _axis(axis):
    low, high = (float(place(axis, limit)) for limit in axis.limits)
    if not np.isfinite([low, high]).all() or low == high:
        raise BadInput(f"an axis needs two different finite limits, not {axis.limits}")
    return {
        "limits": [low, high],
        "label": axis.label,
        "log": axis.log,
        "shown": axis.shown,
        "integer": axis.integer,
    }


def _mark(mark, panel):
    message = {"kind": type(mark).__name__.lower()}
    for field in fields(mark):
        value = getattr(mark, field.name)
        if isinstance(mark, Span) and field.name in ("low", "high"):
            value = float(place(panel.x, value))
        elif field.name in ("start", "end"):
            value = [float(place(panel.x, value[0])), float(place(panel.y, value[1]))]
        elif field.name == "limits":
            value = [[float(limit) for limit in limits] for limits in value]
        elif field.name in ALONG_X:
            value = _lengths(place(panel.x, value))
        elif field.name in ALONG_Y:
            value = _lengths(place(panel.y, value))
        elif field.name == "values":
            message["shape"] = list(np.shape(value))
            value = _lengths(value)
        elif isinstance(value, np.generic):
            value = value.item()
        message[field.name] = value
    return message


def place(axis, value):
    """Where along the axis a number lies: itself, or its logarithm."""
    if not axis.log:
        return np.asarray(value, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.asarray(value, float))


def _lengths(value):
    value = np.asarray(value)
    if not value.ndim:
        return float(value) if np.isfinite(value) else None
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(value, np.float32).tobytes()
