"""How the course's figures look, and how one gets onto the page with its words."""

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
from PIL import Image

from bend.errors import BadInput

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
COURSE_STYLE = ["default", str(Path(__file__).with_name("course.mplstyle"))]
DIRECT_LABEL = "direct label"
in_course_style = style.context(COURSE_STYLE)


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
    display(to_bundle(fig, alt=alt, caption=caption), raw=True)
    # A figure of pyplot's would be drawn a second time at the end of the cell.
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)


def to_bundle(fig, *, alt, caption=None):
    """What `show` displays: the figure as HTML, as a PNG and in words."""
    png, width = _png(fig), round(96 * fig.get_figwidth())
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    words = f'<figcaption style="max-width:{width}px">{escape(caption or "")}</figcaption>'
    html = (
        f'<figure style="margin:0.5em 0"><img alt="{escape(alt)}" src="{source}" width="{width}" '
        f'style="max-width:100%;height:auto;border-radius:6px">{words if caption else ""}</figure>'
    )
    return {"text/html": html, "image/png": b64encode(png).decode(), "text/plain": alt}


@in_course_style
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


def note(ax, text, xy, **place):
    """Write `text` small and grey beside xy."""
    ax.annotate(text, xy, textcoords="offset points", color="#595959", fontsize=9, **place)


def label_end(ax, y, text, colour):
    """Write `text` in the right margin, level with the end of its line."""
    ax.annotate(
        text,
        (1, y),
        xycoords=ax.get_yaxis_transform(),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=dark(colour),
        annotation_clip=False,
        gid=DIRECT_LABEL,
    )


def tint(colour):
    """The colour for an area with points on it."""
    return to_hex(1 - 0.18 * (1 - np.array(to_rgb(colour))))


def dark(colour):
    """The colour for text: 4.5:1 on white, where lines need 3:1."""
    return to_hex(0.7 * np.array(to_rgb(colour)))


@in_course_style
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


def _spread_labels(ax):
    """Move direct labels that would overlap apart, some up and some down, beside the axes."""
    labels = [text for text in ax.texts if text.get_gid() == DIRECT_LABEL]
    if len(labels) < 2:
        return
    labels.sort(key=lambda text: text.xy[1])
    points = 72 / ax.get_figure(root=True).dpi
    y = points * ax.transData.transform([(1, text.xy[1]) for text in labels])[:, 1]
    apart = 1.25 * labels[0].get_fontsize() * np.arange(len(y))
    upwards = np.maximum.accumulate(y - apart)
    downwards = np.minimum.accumulate((y - apart)[::-1])[::-1]
    bottom, top = points * ax.bbox.y0, points * ax.bbox.y1
    places = np.clip((upwards + downwards) / 2, bottom, top - apart[-1]) + apart
    for text, shift in zip(labels, places - y, strict=True):
        text.set_position((text.get_position()[0], shift))
