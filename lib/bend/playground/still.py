"""The playground as matplotlib draws it, for where no kernel runs."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from bend.page import COLOURS, in_course_style, panels

TWO_WAYS = LinearSegmentedColormap.from_list(
    "two ways", [COLOURS["blue"], "white", COLOURS["orange"]]
)


@in_course_style
def draw(run):
    """Network, border and gradient norms of the run side by side."""
    fig, axes = panels(3, width=9.6, height=3.3, gridspec_kw={"width_ratios": [1.5, 1.15, 1]})
    measured, plane = run.measure(), run.plane(60)
    (draw_units if plane.units is not None else draw_slopes)(axes[0], run, measured, plane)
    draw_border(axes[1], run, measured, plane)
    draw_norms(axes[2], measured)
    return fig


def draw_border(ax, run, measured, plane):
    """The data on what the network makes of the plane."""
    shades = run.shades(np.nan_to_num(plane.outputs))
    style = {"origin": "lower", "interpolation": "bilinear", "extent": (-run.limit, run.limit) * 2}
    asked = run.settings.asks
    if asked == "labels":
        ax.imshow(mixed(shades), **style)
    else:
        ax.imshow(shades[..., 0], cmap=TWO_WAYS, vmin=-1.8, vmax=1.8, **style)
    ticks = np.linspace(-run.limit, run.limit, len(shades))
    line = {"colors": [COLOURS["ink"]], "linewidths": 1.2}
    for output in np.moveaxis(shades, 2, 0):
        if asked != "number" and output.min() < 0 < output.max():
            ax.contour(ticks, ticks, output, levels=[0], **line)
    {"class": draw_classes, "labels": draw_labels, "number": draw_heights}[asked](ax, run)
    ax.set(xticks=[], yticks=[], title=f"output at step {measured.step}")
    ax.grid(False)


def draw_heights(ax, run):
    """The data in the colours that their answers have."""
    style = {"cmap": TWO_WAYS, "vmin": -1, "vmax": 1, "s": 12, "linewidths": 0.6}
    ax.scatter(*run.points.T, c=run.shades(run.y)[:, 0], edgecolors=COLOURS["ink"], **style)


def mixed(shades):
    """Two labels' shades (…, 2) as colours (…, 3): orange times blue, so that both are dark."""
    share = 0.55 * (shades[..., None] + 1) / 2
    full = np.array([to_rgb(COLOURS[name]) for name in ("orange", "blue")])
    return (1 - share * (1 - full)).prod(axis=-2)


def one_sided(shades, asked):
    """A picture of each output; of labels each in its own colour, and blank where it says no."""
    pictures = np.moveaxis(shades, 2, 0)
    if asked != "labels":
        return [*pictures]
    return [sign * (picture + 1) / 2 for sign, picture in zip((1, -1), pictures, strict=True)]


def draw_classes(ax, run):
    """The data, with a marker for each class."""
    _draw_kinds(ax, run, {(0,): ("blue", "o"), (1,): ("orange", "^")})


def draw_labels(ax, run):
    """The data, with a marker for no label, each of the two, and both."""
    kinds = {(0, 0): ("grey", "s"), (1, 0): ("orange", "^"), (0, 1): ("blue", "o")}
    _draw_kinds(ax, run, kinds | {(1, 1): ("ink", "D")})


def _draw_kinds(ax, run, kinds):
    """The points of each kind in its colour; hollow are those that test."""
    for rows, hollow in ((run.train_rows, False), (run.test_rows, True)):
        for kind, (name, marker) in kinds.items():
            colour = COLOURS.get(name, name)
            x, y = run.points[rows][(run.y[rows] == kind).all(axis=1)].T
            face = {"markerfacecolor": "white"} if hollow else {"markeredgecolor": "white"}
            ax.plot(x, y, marker, color=colour, markersize=3.5, markeredgewidth=0.6, **face)


def draw_units(ax, run, measured, plane):
    """A picture of each unit, and the weights between them."""
    shades = run.shades(np.nan_to_num(plane.outputs[1::3, 1::3]))
    columns = [[*_inputs(run)], *plane.units, one_sided(shades, run.settings.asks)]
    places = [np.arange(len(c)) - (len(c) - 1) / 2 for c in columns]
    for n, dense in enumerate(run.network.dense):
        for (i, j), w in np.ndenumerate(dense.weights):
            share = _share(w)
            colour = COLOURS["orange" if w > 0 else "blue"]
            line = {"linewidth": 0.3 + 3 * share, "alpha": 0.25 + 0.75 * share, "zorder": 1}
            ax.plot([n, n + 1], [places[n][i], places[n + 1][j]], "-", color=colour, **line)
    most = max(len(column) for column in columns)
    # Square on the page, whatever the number of rows and columns.
    half = min(0.4, 0.4 * (2.8 / most) / (3.8 / len(columns)))
    for n, column in enumerate(columns):
        for y, picture in zip(places[n], column, strict=True):
            picture = np.nan_to_num(picture)
            reach = np.abs(picture).max() or 1
            box = (n - half, n + half, y - 0.4, y + 0.4)
            style = {"cmap": TWO_WAYS, "vmin": -reach, "vmax": reach, "zorder": 2}
            style |= {"origin": "lower", "interpolation": "bilinear", "aspect": "auto"}
            ax.imshow(picture, extent=box, **style)
            frame = {"fill": False, "linewidth": 0.6, "zorder": 3}
            ax.add_patch(Rectangle((n - half, y - 0.4), 2 * half, 0.8, **frame))
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-most / 2 - 0.1, most / 2 + 0.1))
    ax.set(xticks=[], yticks=[], title=run.settings.shape)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def draw_slopes(ax, run, measured, plane):
    """Each unit as a square: white for slope 0, full colour for 1, a cross where it is dead."""
    units = np.full((max(run.settings.hidden), len(measured.slopes)), np.nan)
    for n, slopes in enumerate(measured.slopes):
        units[: len(slopes), n] = slopes
        dead = np.flatnonzero(measured.off[n])
        ax.plot(np.full(len(dead), n), dead, "x", color=COLOURS["pink"], markersize=4)
    green = LinearSegmentedColormap.from_list("green", ["white", COLOURS["green"]])
    ax.imshow(units, cmap=green, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.set(
        xlabel="layer",
        ylabel="unit",
        yticks=[],
        title="slope of each unit: white 0, full 1, × dead",
    )
    ax.set_xticks(range(0, len(measured.slopes), 5), range(1, len(measured.slopes) + 1, 5))
    ax.grid(False)


def draw_norms(ax, measured):
    """The gradient norm of each layer, on a log axis."""
    layers = np.arange(1, len(measured.norms) + 1)
    there = np.isfinite(measured.norms) & (measured.norms > 0)
    ax.set_yscale("log")
    ax.plot(layers[there], measured.norms[there], "-o", color=COLOURS["purple"])
    ax.set(xlabel="layer (1 is nearest the input)", title="gradient norm")
    if there.any():
        # Far below the largest, what is left of a norm in float32 is rounding.
        powers = np.log10(np.maximum(measured.norms[there], 1e-10 * measured.norms[there].max()))
        ax.set_ylim(10 ** (np.floor(powers.min()) - 0.1), 10 ** (np.ceil(powers.max()) + 0.1))
    ax.set_xlim(0.5, len(layers) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _inputs(run, size=20):
    ticks = np.linspace(-2, 2, size)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    return np.moveaxis(run._features(plane).reshape(size, size, -1), 2, 0)


def _share(weight):
    """How thick an edge is, from 0 to 1, as the page draws it."""
    return abs(weight) / (abs(weight) + 0.7) if np.isfinite(weight) else 1.0
