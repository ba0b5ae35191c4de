"""A Picture drawn with matplotlib, for where no kernel runs."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from bend.page import COLOURS, dark, in_course_style, label_end, note, panels

QUIET = "#8a8a8a"
TWO_WAYS = LinearSegmentedColormap.from_list(
    "two ways", [COLOURS["orange"], "white", COLOURS["blue"]]
)
WIDEST = 9.6  # inches
PIXELS = 96
# What the axes' numbers take beside a panel, and these, title and label above and below, in inches.
BESIDE, AROUND = 0.4, 0.75


@in_course_style
def draw(picture):
    """The figure; panels that the page would put side by side stand side by side."""
    parts = picture.panels
    inches = [panel.width / PIXELS + BESIDE for panel in parts]
    scale = min(WIDEST / sum(inches), 1.5)
    width = scale * sum(inches)
    heights = [_height(panel, scale * wide) for panel, wide in zip(parts, inches, strict=True)]
    size = {"width": width, "height": max(heights)}
    shares = {"width_ratios": inches}
    fig, axes = panels(len(parts), **size, squeeze=False, gridspec_kw=shares)
    for panel, ax in zip(parts, axes[0], strict=True):
        _panel(ax, panel)
    return fig


def _height(panel, wide):
    if not panel.equal:
        return panel.height / PIXELS + AROUND
    low, high = panel.y.limits
    left, right = panel.x.limits
    labels = 0.2 * bool(panel.x.label)
    return (wide - BESIDE) * (high - low) / (right - left) + 0.7 * AROUND + labels


def _panel(ax, panel):
    for name, axis in (("x", panel.x), ("y", panel.y)):
        if axis.log:
            getattr(ax, f"set_{name}scale")("log")
        getattr(ax, f"set_{name}lim")(axis.limits)
        getattr(ax, f"set_{name}label")(axis.label)
        if not axis.shown:
            getattr(ax, f"set_{name}ticks")([])
            ax.spines["bottom" if name == "x" else "left"].set_visible(False)
        elif axis.integer:
            getattr(ax, f"{name}axis").set_major_locator(MaxNLocator(6, integer=True))
    if panel.equal:
        ax.set_aspect("equal")
    ax.set_title(panel.title)
    if not panel.x.shown and not panel.y.shown:
        ax.grid(False)
    for mark in panel.marks:
        DRAW[type(mark).__name__](ax, mark)


def _colour(name):
    return COLOURS.get(name, QUIET)


def _line(ax, mark):
    colour = _colour(mark.colour)
    style = {"linewidth": mark.width, "alpha": mark.opacity}
    ax.plot(mark.x, mark.y, "--" if mark.dashes else "-", color=colour, **style)
    there = np.flatnonzero(np.isfinite(np.asarray(mark.y, float)))
    if mark.label and len(there):
        label_end(ax, mark.y[there[-1]], mark.label, colour)


def _band(ax, mark):
    style = {"color": _colour(mark.colour), "alpha": mark.opacity, "linewidth": 0}
    ax.fill_between(mark.x, mark.low, mark.high, **style)


def _fill(ax, mark):
    ax.fill(mark.x, mark.y, color=_colour(mark.colour), alpha=mark.opacity, linewidth=0)


def _span(ax, mark):
    ax.axvspan(mark.low, mark.high, color="#f0f0f0", zorder=0)
    style = {"xycoords": ax.get_xaxis_transform(), "va": "center", "xytext": (0, 0)}
    if mark.text:
        note(ax, mark.text, ((mark.low + mark.high) / 2, 0.4), ha="center", **style)


def _image(ax, mark):
    extent = [limit for limits in mark.limits for limit in limits]
    ax.imshow(
        np.clip(np.asarray(mark.values, float) / mark.reach, -1, 1),
        cmap=TWO_WAYS,
        vmin=-1,
        vmax=1,
        origin="lower",
        extent=extent,
        alpha=mark.opacity,
        interpolation="bilinear" if mark.smooth else "nearest",
        aspect=ax.get_aspect(),
    )
    ax.grid(False)


def _points(ax, mark):
    colour = _colour(mark.colour)
    style = {"markerfacecolor": "white" if mark.hollow else colour, "markersize": 1.3 * mark.size}
    edge = colour if mark.hollow else "white"
    ax.plot(mark.x, mark.y, mark.marker, linestyle="none", markeredgecolor=edge, zorder=3, **style)


def _arrow(ax, mark):
    style = {"color": _colour(mark.colour), "linewidth": mark.width}
    style |= {"shrinkA": 0, "shrinkB": 0}
    ax.annotate("", mark.end, mark.start, arrowprops={"arrowstyle": "-|>", **style})


def _text(ax, mark):
    style = {"ha": mark.align, "va": "center", "fontsize": 0.75 * mark.size}
    ax.text(mark.x, mark.y, mark.text, color=dark(_colour(mark.colour)), clip_on=True, **style)


def _handle(ax, mark):
    style = {"color": _colour(mark.colour), "markeredgecolor": "white", "zorder": 4}
    ax.plot(mark.x, mark.y, "o", markersize=8, **style)


DRAW = {
    "Line": _line,
    "Band": _band,
    "Fill": _fill,
    "Span": _span,
    "Image": _image,
    "Points": _points,
    "Arrow": _arrow,
    "Text": _text,
    "Handle": _handle,
}
