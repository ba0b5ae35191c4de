"""Figures that say what they show: in colour, in line style, in words beside the line, in alt text.

Every helper draws into `ax`, or makes its own figure where `ax` is None, and returns the axes.
None of them displays anything, and the course's style holds only while it draws: `show` displays.
"""

import sys
from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import numpy as np
from IPython.display import display
from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from PIL import Image

from bend.errors import BadInput
from bend.nn.diagnostics import SATURATED_BELOW, plane_grid
from bend.nn.inputs import finite
from bend.nn.network import Network

# Each holds 3:1 on white, and each pair keeps apart for colour-blind eyes and in grey: the test
# measures it.
COLOURS = MappingProxyType(
    {
        "blue": "#1b53e0",
        "orange": "#ea6900",
        "green": "#0b5731",
        "pink": "#c548a6",
        "purple": "#4e0693",
        "ink": "#1f1f1f",
    }
)
MARKERS = ("o", "^", "s", "D", "P", "X")
COURSE_STYLE = ["default", str(Path(__file__).with_name("course.mplstyle"))]
RESOLUTION = 200
DIRECT_LABEL = "direct label"


def show(fig, *, alt, caption=None):
    """Display a figure with its alternative text, and with a caption under it.

    Args:
        fig: a matplotlib figure, or any axes of it.
        alt: what the figure shows, in words, for whoever cannot see it.
        caption: plain text.

    Raises:
        BadInput: no figure, or an empty alt.
    """
    if not isinstance(fig, Artist):
        raise BadInput(f"show takes a figure or its axes, not {fig!r}")
    if not isinstance(alt, str) or not alt.strip():
        raise BadInput('show needs alt="…", a sentence that says what the figure shows')
    fig = fig.get_figure(root=True)
    png, width = _png(fig), round(96 * fig.get_figwidth())
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    caption = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    html = (
        f'<figure style="margin:0"><img alt="{escape(alt)}" src="{source}" width="{width}" '
        f'style="max-width:100%;height:auto;border-radius:6px">{caption}</figure>'
    )
    bundle = {"text/html": html, "image/png": b64encode(png).decode(), "text/plain": alt}
    display(bundle, raw=True)
    # A figure of pyplot's would be drawn a second time at the end of the cell.
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)


@style.context(COURSE_STYLE)
def panels(columns=1, rows=1, *, width=5.6, height=3.4, **options):
    """An empty figure in the course's style: (fig, axes), as plt.subplots returns them.

    Args:
        columns: axes beside each other.
        rows: axes below each other.
        width: of the whole figure, in inches, 96 pixels on the screen.
        height: likewise.
        options: handed on to Figure.subplots, sharey=True say.
    """
    fig = Figure(figsize=(width, height))
    return fig, fig.subplots(rows, columns, **options)


@style.context(COURSE_STYLE)
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
        _label_end(ax, curve[-1], name, colour)
    for kink in activation.kinks:
        _mark_kink(ax, activation, kink)
    for side, edge in flat.items():
        _shade(ax, *((low, min(edge, high)) if side == "left" else (max(edge, low), high)))
    ax.set(title=activation.name, xlabel="pre-activation z", xlim=(low, high))
    return ax


@style.context(COURSE_STYLE)
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


@style.context(COURSE_STYLE)
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


@style.context(COURSE_STYLE)
def plot_losses(runs, *, label=None, ax=None):
    """Loss by step: every run thin, the median over the runs thick.

    A run that stopped early counts on with its last loss. Call it again with the same axes to
    compare.

    Args:
        runs: one run for each seed, each a History or a list of losses.
        label: written at the end of the line.
        ax: where to draw.

    Raises:
        BadInput: no runs, an empty one, or a loss that is not finite.
    """
    losses = [np.ravel(finite("losses", getattr(run, "losses", run))) for run in runs]
    if not losses or not all(map(len, losses)):
        raise BadInput("plot_losses needs a list of runs, each with at least one loss")
    ax = ax or panels()[1]
    steps = np.arange(1, max(map(len, losses)) + 1)
    padded = [np.pad(run, (0, len(steps) - len(run)), mode="edge") for run in losses]
    median = np.median(padded, axis=0)
    (line,) = ax.plot(steps, median)
    for run in losses if len(losses) > 1 else []:
        ax.plot(steps[: len(run)], run, "-", color=line.get_color(), alpha=0.4, linewidth=0.8)
    if label:
        _label_end(ax, median[-1], label, line.get_color())
    ax.margins(x=0.01)
    ax.set(xlabel="step", ylabel="loss")
    return ax


@style.context(COURSE_STYLE)
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
        _label_end(ax, median[there][-1], label, colour)


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
            ax.contourf(ticks, ticks, lead, levels=[0, lead.max() + 1], colors=[_tint(colour)])
            if lead.min() < 0:
                ax.contour(ticks, ticks, lead, levels=[0], colors=[COLOURS["ink"]], linewidths=1.5)
    for k, colour, marker in zip(np.unique(labels), COLOURS.values(), MARKERS, strict=False):
        ax.scatter(
            *x[labels == k].T,
            s=28,
            color=colour,
            marker=marker,
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
    near = 1e-6
    used = activation.derivative(kink)
    left, right = activation.derivative(kink - near), activation.derivative(kink + near)
    other = left if abs(used - right) < abs(used - left) else right
    dots = {"marker": "o", "linestyle": "none", "zorder": 4}
    ax.plot(kink, activation(kink), color=COLOURS["blue"], markersize=8, **dots)
    ax.plot(kink, used, color=COLOURS["orange"], **dots)
    ax.plot(kink, other, markerfacecolor="white", color=COLOURS["orange"], **dots)
    _note(ax, "kink", (kink, activation(kink)), va="center", xytext=(9, -1))


def _shade(ax, low, high):
    if low < high:
        ax.axvspan(low, high, color="#f0f0f0", zorder=0)
        place = {"xycoords": ax.get_xaxis_transform(), "va": "center", "xytext": (0, 0)}
        _note(ax, "flat", ((low + high) / 2, 0.4), ha="center", **place)


def _note(ax, text, xy, **place):
    ax.annotate(text, xy, textcoords="offset points", color="#595959", fontsize=9, **place)


def _label_end(ax, y, text, colour):
    """Write `text` in the right margin, level with the end of its line."""
    ax.annotate(
        text,
        (1, y),
        xycoords=ax.get_yaxis_transform(),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=_dark(colour),
        annotation_clip=False,
        gid=DIRECT_LABEL,
    )


def _spread_labels(ax):
    """Move direct labels that would overlap apart, some up and some down."""
    labels = [text for text in ax.texts if text.get_gid() == DIRECT_LABEL]
    if len(labels) < 2:
        return
    labels.sort(key=lambda text: text.xy[1])
    places = ax.transData.transform([(1, text.xy[1]) for text in labels])[:, 1]
    y = places * 72 / ax.get_figure(root=True).dpi
    apart = 1.25 * labels[0].get_fontsize() * np.arange(len(y))
    upwards = np.maximum.accumulate(y - apart)
    downwards = np.minimum.accumulate((y - apart)[::-1])[::-1]
    for text, shift in zip(labels, (upwards + downwards) / 2 + apart - y, strict=True):
        text.set_position((text.get_position()[0], shift))


@style.context(COURSE_STYLE)
def _png(fig):
    fig.draw_without_rendering()
    for ax in fig.axes:
        _spread_labels(ax)
    drawn, small = BytesIO(), BytesIO()
    fig.savefig(drawn, format="png")
    # 256 colours are as good to the eye and a third of the bytes; and nothing but pixels is kept,
    # since matplotlib's name and version would change the bytes from release to release.
    image = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
    image.save(small, format="png", optimize=True)
    return small.getvalue()


def _tint(colour):
    return to_hex(1 - 0.18 * (1 - np.array(to_rgb(colour))))


def _dark(colour):
    """The colour for text: 4.5:1 on white, where lines need 3:1."""
    return to_hex(0.7 * np.array(to_rgb(colour)))
