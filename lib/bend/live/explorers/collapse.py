"""Two layers without a bend, and the one layer that they are."""

from itertools import pairwise

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Slider, Switch
from bend.live.marks import Axis, Fill, Line, Panel, Picture
from bend.nn import Apply, Dense, Network, affine_residual, collapse, relu

SIZE = 3.0
# The letter F, which shows how it was turned and mirrored; its edges in short steps, so that a
# ReLU can bend them.
CORNERS = [(-0.7, -1), (-0.3, -1), (-0.3, -0.2), (0.3, -0.2), (0.3, 0.2), (-0.3, 0.2)]
CORNERS += [(-0.3, 0.6), (0.7, 0.6), (0.7, 1), (-0.7, 1), (-0.7, -1)]


def _in_steps(corners, steps=12):
    share = np.linspace(0, 1, steps, endpoint=False)[:, None]
    edges = [(1 - share) * np.array(a) + share * np.array(b) for a, b in pairwise(corners)]
    return np.concatenate([*edges, [corners[-1]]])


def grid(reach, lines=9, steps=49):
    """Two families of lines as one array each, (n, 2), NaN between the lines."""
    along, places = np.linspace(-reach, reach, steps), np.linspace(-reach, reach, lines)
    gap = np.full((1, 2), np.nan)
    upright = [np.stack([np.full(steps, place), along], axis=1) for place in places]
    upright = np.concatenate([part for line in upright for part in (line, gap)])
    return upright, upright[:, ::-1]


SHAPE = _in_steps(CORNERS)
GRID = grid(1.5, lines=7)


def through(layers, points):
    """The points as the layers lay them out; gaps stay gaps."""
    out = np.full(points.shape, np.nan)
    there = np.isfinite(points[:, 0])
    out[there] = Network(layers)(points[there])
    return out


def plane(title, marks, name):
    """A square panel of the plane, its sides from −SIZE to SIZE."""
    axes = {"x": Axis((-SIZE, SIZE)), "y": Axis((-SIZE, SIZE))}
    return Panel(marks, **axes, title=title, name=name, equal=True, height=300, width=220)


def explore_collapse():
    """Two layers without a bend, and the one layer that does what they do."""
    controls = [Switch("bend", "ReLU between the two")]
    for layer, turn, stretch, shift in ((1, 30, 1.4, 0.3), (2, -60, 0.8, 0.4)):
        group = f"Layer {layer}"
        controls += [
            Slider(f"turn{layer}", "turns by (°)", turn, -180, 180, 5, group=group),
            Slider(f"stretch{layer}", "stretches by", stretch, -1.6, 1.6, 0.1, group=group),
            Slider(f"shift{layer}", "shifts by", shift, -1, 1, 0.1, group=group),
        ]
    display(Live("Two layers and the one they make", controls, collapse_picture))


def turning(turn, stretch, shift):
    """The Dense layer that stretches along x, then turns anticlockwise, then shifts along x."""
    layer, angle = Dense(2, 2, rng=np.random.default_rng(0)), np.deg2rad(turn)
    cos, sin = np.cos(angle), np.sin(angle)
    layer.weights[:] = np.diag([stretch, 1]) @ np.array([[cos, sin], [-sin, cos]])
    layer.bias[:] = [shift, 0]
    return layer


def collapse_picture(values):
    """A letter before, between and after two layers, and where one layer puts it."""
    first, second = (
        turning(*(values[f"{k}{n}"] for k in ("turn", "stretch", "shift"))) for n in "12"
    )
    between = [Apply(relu)] if values["bend"] else []
    stages = [[], [first, *between], [first, *between, second]]
    letters = [through(layers, SHAPE) for layers in stages]
    one, words = _one_layer([first, second], letters[2], bent=values["bend"])
    titles = ["Before", "After layer 1" + " and ReLU" * values["bend"], "After layer 2"]
    panels = []
    for layers, letter, title in zip(stages, letters, titles, strict=True):
        lines = [through(layers, family).T for family in GRID]
        marks = [Line(*line, "quiet", width=1, opacity=0.5) for line in lines]
        marks += [Fill(*letter.T, "blue", 0.35), Line(*letter.T, "blue")]
        panels.append(plane(title, marks, f"stage{len(panels)}"))
    panels[2].marks.append(Line(*one.T, "orange", dashes=True, width=2.5))
    return Picture(panels, words)


def _one_layer(layers, letter, *, bent):
    """Where one layer puts the letter, and what is to be said about it."""
    weights, bias = collapse(layers)
    if not bent:
        numbers = " ".join(f"{w:.2f}" for w in weights[0]), " ".join(f"{w:.2f}" for w in weights[1])
        words = (
            f"Dashed: the one layer with W = W₁W₂ = [{numbers[0]}; {numbers[1]}] and "
            f"b = b₁W₂ + b₂ = [{bias[0]:.2f} {bias[1]:.2f}]. It does what the two do."
        )
        return SHAPE @ weights + bias, words.replace("-", "−")
    missed = affine_residual(SHAPE, letter) if np.ptp(letter) > 1e-9 else 0.0
    extended = np.hstack([SHAPE, np.ones((len(SHAPE), 1))])
    best = extended @ np.linalg.lstsq(extended, letter, rcond=None)[0]
    if missed < 1e-9:
        return best, "Here the ReLU bends nothing that one layer could not do: dashed, that layer."
    return best, f"Dashed: the best that one layer can do. It misses {missed:.0%} of the spread."
