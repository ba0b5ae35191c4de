import itertools
import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import same_color, to_rgb
from PIL import Image

from bend import page
from bend.errors import BadInput
from bend.figures import plot_activation
from bend.nn.activations import sigmoid
from bend.page import COLOURS, panels, show


@pytest.fixture
def shown(monkeypatch):
    """The mime bundles that `show` hands to Jupyter."""
    bundles = []
    monkeypatch.setattr(page, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


# Colours. Machado, Oliveira and Fernandes 2009: full severity, for linear RGB.
SEEN_BY = {
    "most": np.eye(3),
    "protanopes": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopes": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopes": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # IEC 61966-2-1


def linear(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast_on_white(colour):
    return 1.05 / (XYZ[1] @ linear(colour) + 0.05)


def lab(colour, eyes):
    xyz = XYZ @ np.clip(np.array(SEEN_BY[eyes]) @ linear(colour), 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_lines_hold_3_to_1_on_white_and_their_labels_4_and_a_half(colour):
    assert contrast_on_white(colour) >= 3
    assert contrast_on_white(page.dark(colour)) >= 4.5


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_any_two_colours_differ_for_all_eyes(eyes):
    # 2.3 is just noticeable side by side (Mahy et al. 1994); thin lines apart need far more.
    for one, other in itertools.combinations(COLOURS.values(), 2):
        assert np.linalg.norm(lab(one, eyes) - lab(other, eyes)) >= 20


def test_any_two_colours_differ_in_grey():
    lightness = sorted(lab(colour, "most")[0] for colour in COLOURS.values())
    assert np.diff(lightness).min() >= 8


def test_lines_take_the_palette_in_turn_each_with_its_own_style():
    _, ax = panels()
    lines = [ax.plot([0, 1])[0] for _ in COLOURS]
    assert all(map(same_color, [line.get_color() for line in lines], COLOURS.values()))
    with mpl.style.context(page.COURSE_STYLE):
        styles = mpl.rcParams["axes.prop_cycle"].by_key()["linestyle"]
    assert len(set(map(str, styles))) == len(COLOURS)


SHOW_ONE = """
import sys
import bend
from bend import figures, page
page.display = lambda bundle, raw: print(bundle["text/html"])
figures.show(figures.plot_activation(bend.sigmoid), alt="The sigmoid")
assert "matplotlib.pyplot" not in sys.modules
"""


def test_a_picture_has_the_same_bytes_in_every_process_and_needs_no_pyplot(shown):
    other = subprocess.run([sys.executable, "-c", SHOW_ONE], capture_output=True, check=True)
    show(plot_activation(sigmoid), alt="The sigmoid")
    assert other.stdout.decode().strip() == shown[0]["text/html"]


# show.


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.text = {}, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = dict(attrs)

    def handle_data(self, data):
        self.text += data


def test_show_carries_the_picture_its_alt_text_and_its_caption(shown):
    words = 'A <b>"bold"</b> claim & more'
    show(panels()[0], alt=words, caption=words)
    (bundle,) = shown
    html = Tags(bundle["text/html"])
    assert html.tags.keys() == {"figure", "img", "figcaption"}
    assert html.tags["img"]["alt"] == html.text == bundle["text/plain"] == words
    assert html.tags["img"]["src"] == "data:image/png;base64," + bundle["image/png"]


def test_a_picture_has_two_dots_for_each_pixel_of_the_page(shown):
    show(panels(width=4, height=2)[0], alt="Nothing yet")
    assert Image.open(BytesIO(b64decode(shown[0]["image/png"]))).size == (768, 384)
    assert Tags(shown[0]["text/html"]).tags["img"]["width"] == "384"


def test_a_figure_of_pyplots_is_closed(shown):
    mpl.use("agg")
    from matplotlib import pyplot

    show(pyplot.figure(), alt="Nothing yet")
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(BadInput, match="alt"):
        show(panels()[0], alt=alt)


def test_show_takes_figures_only():
    with pytest.raises(BadInput, match="figure"):
        show(panels(2)[1], alt="Two of them")
