"""Figures that say what they show: in colour, in line style, in words beside the line, in alt text.

Every helper draws into `ax`, or makes its own figure where `ax` is None, and returns the axes.
None of them displays anything, and the course's style holds only while it draws: `show` displays.
"""

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from bend.errors import BadInput
from bend.nn.diagnostics import SATURATED_BELOW, plane_grid
from bend.nn.inputs import finite
from bend.nn.network import Network
from bend.page import COLOURS, in_course_style, label_end, note, panels, show, tint

__all__ = [
    "COLOURS",
    "mark_prediction",
    "panels",
    "plot_above_slope",
    "plot_activation",
    "plot_boundary",
    "plot_curves",
    "plot_hidden",
    "plot_losses",
    "plot_norms",
    "plot_ratios",
    "plot_seeds",
    "show",
]

MARKERS = ("o", "^", "s", "D", "P", "X")
RESOLUTION = 200


@in_course_style
def plot_activation(activation, *, limits=None, ax=None):
    """g(z) and its slope g′(z); a kink is marked, tails where the slope is gone are shaded.

    At a kink the filled dot is the slope that is used there and the open one the other side's.

    Args:
        activation: an Activation.
        limits: (from, to) in z; by default as far as its tails need.
        ax: where to draw.
    """
    ax = ax or panels()[1]
    flat = _flat_tails(activation)
    reach = max([4.0] + [1.34 * abs(z) for z in flat.values()])
    low, high = limits or (-reach, reach)
    z = np.linspace(low, high, 801)
    value, slope = activation(z), activation.derivative(z)
    slope[np.isin(z, activation.kinks)] = np.nan
    for name, curve, colour, line in (
        ("value g(z)", value, COLOURS["blue"], "-"),
        ("slope g′(z)", slope, COLOURS["orange"], "--"),
    ):
        ax.plot(z, curve, line, color=colour)
        label_end(ax, curve[-1], name, colour)
    for kink in activation.kinks:
        _mark_kink(ax, activation, kink)
    for side, edge in flat.items():
        _shade(ax, *((low, min(edge, high)) if side == "left" else (max(edge, low), high)))
    ax.set(title=activation.name, xlabel="pre-activation z", xlim=(low, high))
    return ax


@in_course_style
def plot_above_slope(activation, *, axes=None):
    """g(z) above g′(z), for z from -4 to 4, small enough to stand beside others on the same scale.

    Args:
        activation: an Activation.
        axes: (upper, lower), where to draw.
    """
    upper, lower = axes = panels(1, 2, width=2.4, height=3.6)[1] if axes is None else axes
    z = np.linspace(-4, 4, 801)
    slope = activation.derivative(z)
    slope[np.isin(z, activation.kinks)] = np.nan
    upper.plot(z, activation(z), "-", color=COLOURS["blue"])
    lower.plot(z, slope, "--", color=COLOURS["orange"])
    for kink in activation.kinks:
        _mark_slopes(lower, activation, kink)
    upper.set(title=activation.name, ylim=(-2, 4.2), yticks=(-2, 0, 2, 4))
    lower.set(ylim=(-0.2, 1.9), yticks=(0, 1))
    for ax in axes:
        ax.set(xlim=(-4, 4), xticks=(-4, 0, 4))
    upper.tick_params(labelbottom=False)
    return axes


@in_course_style
def plot_boundary(network, x, y, *, limits=None, ax=None):
    """The class that the network gives to every point of the plane, with the data on top.

    Args:
        network: a Network, or any function of (n, 2) that returns logits: one, where class 1 is
            above 0, or one a class, where the largest wins.
        x: (n, 2).
        y: (n, 1) or (n,), class numbers.
        limits: (from, to) of both axes; by default as far as the data reach.
        ax: where to draw.

    Raises:
        BadInput: x or y of another shape.
    """
    ax = _decisions(network, x, y, limits, ax)
    ax.set_xlabel("$x_1$", loc="left")
    ax.set_ylabel("$x_2$")
    return ax


@in_course_style
def plot_hidden(network, x, y, *, layer=None, ax=None):
    """The data as the first layers of the network lay them out, and how the rest cuts that plane.

    Where one Dense layer is left the cut is a straight line.

    Args:
        network: a Network.
        x: (n, n_in).
        y: (n, 1) or (n,), class numbers.
        layer: how many of network.layers to go through; by default all but the last.
        ax: where to draw.

    Raises:
        BadInput: the plane after these layers is none: it has not 2 dimensions.
    """
    layers = network.layers
    layer = len(layers) - 1 if layer is None else layer
    hidden, rest = Network(layers[:layer])(x), Network(layers[layer:])
    if hidden.ndim != 2 or hidden.shape[1] != 2:
        raise BadInput(f"after {layer} layers the data have shape {hidden.shape}, not (n, 2)")
    ax = _decisions(rest, hidden, y, None, ax)
    ax.set_xlabel("hidden unit 1", loc="left")
    ax.set_ylabel("hidden unit 2")
    return ax


@in_course_style
def plot_warped_grid(layers, *, limits=(-2, 2), ax=None):
    """A square grid as the layers lay it out: what a layer does to the plane.

    Args:
        layers: a Network or a list of layers, from 2 numbers to 2; none at all leave the square.
        limits: (from, to) of the grid in both directions.
        ax: where to draw.

    Raises:
        BadInput: the layers do not end in a plane.
    """
    ticks, along = np.linspace(*limits, 17), np.linspace(*limits, 201)
    network = Network(getattr(layers, "layers", layers))
    upright = [np.stack([np.full_like(along, tick), along], axis=1) for tick in ticks]
    level = [line[:, ::-1] for line in upright]
    ax = ax or panels(width=4.2, height=4.2)[1]
    for lines, name, dashes in ((upright, "blue", "-"), (level, "orange", "--")):
        for line in map(network, lines):
            if line.shape[1:] != (2,):
                raise BadInput(f"the layers must end in 2 units, not in shape {line.shape[1:]}")
            ax.plot(*line.T, color=COLOURS[name], linestyle=dashes, linewidth=1)
    ax.set_aspect("equal")
    return ax


@in_course_style
def plot_losses(runs, *, label=None, first=1, ax=None):
    """Loss by step: every run thin, the median over the runs thick.

    A run that stopped early counts on with its last loss. Call it again with the same axes to
    compare.

    Args:
        runs: one run for each seed, each a History or a list of losses.
        label: written at the end of the line.
        first: the step of the first number, 0 where that was before any.
        ax: where to draw.

    Raises:
        BadInput: no runs, an empty one, or a loss that is not finite.
    """
    losses = [np.ravel(finite("losses", getattr(run, "losses", run))) for run in runs]
    if not losses or not all(map(len, losses)):
        raise BadInput("plot_losses needs a list of runs, each with at least one loss")
    ax = ax or panels()[1]
    steps = first + np.arange(max(map(len, losses)))
    padded = [np.pad(run, (0, len(steps) - len(run)), mode="edge") for run in losses]
    median = np.median(padded, axis=0)
    (line,) = ax.plot(steps, median)
    for run in losses if len(losses) > 1 else []:
        ax.plot(steps[: len(run)], run, "-", color=line.get_color(), alpha=0.4, linewidth=0.8)
    if label:
        label_end(ax, median[-1], label, line.get_color())
    ax.margins(x=0.01)
    ax.set(xlabel="step", ylabel="loss")
    return ax


@in_course_style
def plot_norms(norms, *, ax=None):
    """A norm by layer on a log axis: the median over the seeds, and a band from least to largest.

    A norm of exactly 0 has no place on a log axis; a triangle at the bottom stands for it.

    Args:
        norms: {label: (seeds, layers) or (layers,)}, what `gradient_norms` returned for each seed.
        ax: where to draw.

    Raises:
        BadInput: nothing to draw, or a norm that is negative or not finite.
    """
    if not norms:
        raise BadInput("plot_norms needs at least one {label: norms}")
    ax = ax or panels()[1]
    ax.set_yscale("log")
    for (label, values), marker in zip(norms.items(), MARKERS * len(norms), strict=False):
        values = np.atleast_2d(finite(label, values)).astype(float)
        if (values < 0).any():
            raise BadInput(f"{label} holds a negative norm")
        _draw_norms(ax, label, values, marker)
    deepest = max(np.shape(values)[-1] for values in norms.values())
    ax.set(
        xlabel="layer (1 is nearest the input)", ylabel="gradient norm", xlim=(0.5, deepest + 0.5)
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


@in_course_style
def plot_curves(x, curves, *, ax=None):
    """Curves over the same x, each with its label at the end.

    Args:
        x: (n,).
        curves: {label: (n,)}.
        ax: where to draw.
    """
    ax = ax or panels()[1]
    for label, y in curves.items():
        (line,) = ax.plot(x, y)
        label_end(ax, y[-1], label, line.get_color())
    return ax


@in_course_style
def plot_ratios(depths, ratios, *, ax=None):
    """Ratios by depth on a log axis: a dot for each seed, a line through the medians.

    An infinite ratio has no place on an axis; an arrow at the top stands for it.

    Args:
        depths: (depths,), whole numbers.
        ratios: {label: (depths, seeds)}.
        ax: where to draw.
    """
    ax = ax or panels()[1]
    ax.set_yscale("log")
    depths = np.array(depths)
    for (label, values), marker in zip(ratios.items(), MARKERS, strict=False):
        values = np.array(values, dtype=float)
        median = np.median(values, axis=1)
        there = np.isfinite(median)
        (line,) = ax.plot(depths[there], median[there])
        colour = line.get_color()
        for depth, row in zip(depths, values, strict=True):
            row = row[np.isfinite(row)]
            ax.plot(np.full(len(row), depth), row, marker, color=colour, markersize=5, alpha=0.6)
        gone = depths[~there]
        top = ax.get_xaxis_transform()
        arrow = {"linestyle": "", "marker": r"$\uparrow$", "markersize": 11}
        ax.plot(gone, 0 * gone + 0.95, color=colour, transform=top, **arrow)
        below = {"xycoords": top, "xytext": (0, -8), "ha": "center", "va": "top"}
        below["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        for depth in gone:
            note(ax, "not reached", (depth, 0.97), **below)
        label_end(ax, median[there][-1], label, colour)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set(xlabel="hidden layers", xticks=depths)
    return ax


@in_course_style
def plot_seeds(values, *, ax=None):
    """One dot for each seed and label, so that the spread is seen and not only said.

    Args:
        values: {label: (seeds,)}.
        ax: where to draw.
    """
    ax = ax or panels()[1]
    for row, numbers in enumerate(values.values()):
        colour, marker = [*COLOURS.values()][row], MARKERS[row]
        ax.plot(numbers, np.full(len(numbers), row), marker, color=colour, markersize=7, alpha=0.7)
    ax.set_yticks(range(len(values)), values)
    ax.set(ylim=(len(values) - 0.5, -0.5))
    return ax


@in_course_style
def mark_prediction(value, *, ax, along="y"):
    """The learner's prediction beside the truth: a dotted line, or nothing where there is none.

    Args:
        value: what `prediction` returned, a number or None.
        ax: where to draw.
        along: "y" where the number is a height, "x" where it is a place on the x axis.
    """
    if value is None:
        return ax
    line, place = (ax.axhline, (0, value)) if along == "y" else (ax.axvline, (value, 1))
    line(value, color=COLOURS["ink"], linestyle=(0, (1, 3)))
    ax.annotate(
        f"you predicted {value:g}",
        place,
        xycoords=("axes fraction", "data") if along == "y" else ("data", "axes fraction"),
        xytext=(4, 3 if along == "y" else -10),
        textcoords="offset points",
        # A prediction far off the scale would otherwise leave no room for the axes.
        annotation_clip=True,
    )
    return ax


def _draw_norms(ax, label, values, marker):
    layers, median = np.arange(1, values.shape[1] + 1), np.median(values, axis=0)
    there = median > 0
    (line,) = ax.plot(layers, np.where(there, median, np.nan), marker=marker)
    colour = line.get_color()
    least = np.where(values > 0, values, np.inf).min(axis=0)
    ax.fill_between(layers, least, values.max(axis=0), where=there, color=colour, alpha=0.15, lw=0)
    gone = layers[~there]
    ax.plot(gone, 0 * gone + 0.02, "v", color=colour, transform=ax.get_xaxis_transform())
    if there.any():
        label_end(ax, median[there][-1], label, colour)


def _decisions(decide, x, y, limits, ax):
    x, labels = finite("x", x), np.ravel(finite("y", y)).astype(int)
    if x.shape != (len(labels), 2) or not x.size:
        raise BadInput(f"a picture needs n points and n classes, not {x.shape} and {labels.shape}")
    if not 0 <= labels.min() <= labels.max() < len(MARKERS):
        raise BadInput(f"y must hold class numbers from 0 to {len(MARKERS) - 1}")
    ax = ax or panels(width=4.2, height=4.2)[1]
    margin = 0.08 * np.ptp(x) or 1
    low, high = limits or (x.min() - margin, x.max() + margin)
    ticks = np.linspace(low, high, RESOLUTION)
    scores = _scores(decide, plane_grid((low, high), RESOLUTION))
    for k, colour in zip(range(scores.shape[1]), COLOURS.values(), strict=False):
        lead = scores[:, k] - np.delete(scores, k, axis=1).max(axis=1)
        if lead.max() > 0:
            lead = lead.reshape(RESOLUTION, RESOLUTION)
            ax.contourf(ticks, ticks, lead, levels=[0, lead.max() + 1], colors=[tint(colour)])
            if lead.min() < 0:
                ax.contour(ticks, ticks, lead, levels=[0], colors=[COLOURS["ink"]], linewidths=1.5)
    colours = list(COLOURS.values())
    for k in np.unique(labels):
        ax.scatter(
            *x[labels == k].T,
            s=28,
            color=colours[k],
            marker=MARKERS[k],
            edgecolor="white",
            linewidth=0.5,
            label=f"class {k}",
            zorder=3,
        )
    right = (_scores(decide, x).argmax(axis=1) == labels).sum()
    # Rounded down, so that 1.00 means that no point is missed.
    ax.set(title=f"accuracy {100 * right // len(x) / 100:.2f}", xlim=(low, high), ylim=(low, high))
    ax.set_aspect("equal")
    ax.grid(False)
    # Below on the right, beside the label of the axis, it leaves the title all its room.
    below = ax.transAxes + ScaledTranslation(0, -24 / 72, ax.get_figure(root=True).dpi_scale_trans)
    place = {"loc": "upper right", "bbox_to_anchor": (1, 0), "bbox_transform": below}
    ax.legend(**place, ncols=len(MARKERS), borderpad=0, handlelength=1, columnspacing=1)
    return ax


def _scores(decide, x):
    """(n, classes): one logit becomes two, 0 for class 0 and itself for class 1."""
    scores = np.reshape(decide(x), (len(x), -1))
    return np.hstack([np.zeros_like(scores), scores]) if scores.shape[1] == 1 else scores


def _flat_tails(activation):
    """{side: z} beyond which the slope stays below a hundredth of its peak."""
    z = np.linspace(0, 20, 20001)
    edges = {}
    for side in sorted(activation.saturates):
        sign = -1 if side == "left" else 1
        steep = np.abs(activation.derivative(sign * z)) >= SATURATED_BELOW * activation.max_slope
        edges[side] = sign * z[np.flatnonzero(steep)[-1]] if steep.any() else 0.0
    return edges


def _mark_kink(ax, activation, kink):
    ax.plot(kink, activation(kink), "o", color=COLOURS["blue"], markersize=8, zorder=4)
    _mark_slopes(ax, activation, kink)
    note(ax, "kink", (kink, activation(kink)), va="center", xytext=(9, -1))


def _mark_slopes(ax, activation, kink):
    near = 1e-6
    used = activation.derivative(kink)
    left, right = activation.derivative(kink - near), activation.derivative(kink + near)
    other = left if abs(used - right) < abs(used - left) else right
    ax.plot(kink, used, "o", color=COLOURS["orange"], zorder=4)
    ax.plot(kink, other, "o", markerfacecolor="white", color=COLOURS["orange"], zorder=4)


def _shade(ax, low, high):
    if low < high:
        ax.axvspan(low, high, color="#f0f0f0", zorder=0)
        place = {"xycoords": ax.get_xaxis_transform(), "va": "center", "xytext": (0, 0)}
        note(ax, "flat", ((low + high) / 2, 0.4), ha="center", **place)
