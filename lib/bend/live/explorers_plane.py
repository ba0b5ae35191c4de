"""What layers do to the plane: two that are one, and a grid that an activation bends."""

from itertools import pairwise

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Action, Choice, Slider, Switch
from bend.live.marks import Arrow, Axis, Fill, Handle, Line, Panel, Picture, Points
from bend.nn import (
    ACTIVATIONS,
    Apply,
    Dense,
    Network,
    affine_residual,
    best_line_accuracy,
    collapse,
    relu,
    rings,
    xor,
)

SIZE = 3.0
# The letter F, which shows how it was turned and mirrored; its edges in short steps, so that a
# ReLU can bend them.
CORNERS = [(-0.7, -1), (-0.3, -1), (-0.3, -0.2), (0.3, -0.2), (0.3, 0.2), (-0.3, 0.2)]
CORNERS += [(-0.3, 0.6), (0.7, 0.6), (0.7, 1), (-0.7, 1), (-0.7, -1)]


def _in_steps(corners, steps=12):
    share = np.linspace(0, 1, steps, endpoint=False)[:, None]
    edges = [(1 - share) * np.array(a) + share * np.array(b) for a, b in pairwise(corners)]
    return np.concatenate([*edges, [corners[-1]]])


def _grid(reach, lines=9, steps=49):
    """Two families of lines as one array each, (n, 2), NaN between the lines."""
    along, places = np.linspace(-reach, reach, steps), np.linspace(-reach, reach, lines)
    gap = np.full((1, 2), np.nan)
    upright = [np.stack([np.full(steps, place), along], axis=1) for place in places]
    upright = np.concatenate([part for line in upright for part in (line, gap)])
    return upright, upright[:, ::-1]


SHAPE = _in_steps(CORNERS)
GRID = _grid(1.5, lines=7)
WIDE_GRID = _grid(2.0)


def _through(layers, points):
    """The points as the layers lay them out; gaps stay gaps."""
    out = np.full(points.shape, np.nan)
    there = np.isfinite(points[:, 0])
    out[there] = Network(layers)(points[there])
    return out


def _plane(title, marks, name):
    axes = {"x": Axis((-SIZE, SIZE)), "y": Axis((-SIZE, SIZE))}
    return Panel(marks, **axes, title=title, name=name, equal=True, height=300, width=220)


def explore_collapse():
    """Two layers without a bend, and the one layer that does what they do."""
    controls = [Switch("bend", "ReLU between the two")]
    for layer, turn, stretch, shift in ((1, 30, 1.4, 0.3), (2, -60, 0.7, 0.4)):
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
    letters = [_through(layers, SHAPE) for layers in stages]
    one, words = _one_layer([first, second], letters[2], bent=values["bend"])
    titles = ["Before", "After layer 1" + " and ReLU" * values["bend"], "After layer 2"]
    panels = []
    for layers, letter, title in zip(stages, letters, titles, strict=True):
        lines = [_through(layers, family).T for family in GRID]
        marks = [Line(*line, "quiet", width=1, opacity=0.5) for line in lines]
        marks += [Fill(*letter.T, "blue", 0.35), Line(*letter.T, "blue")]
        panels.append(_plane(title, marks, f"stage{len(panels)}"))
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


BENDS = {"identity": "none", "relu": "ReLU", "leaky_relu": "Leaky ReLU", "tanh": "tanh"}
DATA = {"xor": "XOR", "rings": "a ring", "none": "none"}
FIRST = {"w11": 1.0, "w12": 0.4, "w21": -0.4, "w22": 1.0, "b1": 0.0, "b2": 0.0}
# Both units look along the same diagonal, one forwards and one backwards.
SOLVED = {"activation": "relu", "data": "xor", "w11": 1.0, "w12": -1.0, "w21": 1.0, "w22": -1.0}
SOLVED |= {"b1": 0.0, "b2": 0.0}


def explore_grid(activation="relu"):
    """A grid carried through a layer of two units, its weights dragged."""
    numbers = [
        Slider(name, label, FIRST[name], -2, 2, 0.05, group="Weights and biases")
        for name, label in zip(FIRST, ("w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂"), strict=True)
    ]
    controls = [
        Choice("activation", "Activation", activation, BENDS, pills=True),
        Choice("data", "Points", "xor", DATA, pills=True),
        Action("solve", "Show weights that solve XOR", lambda live: live.set(**SOLVED)),
        *numbers,
    ]
    title = "A grid carried through a layer"
    display(Live(title, controls, grid_picture, below=("Weights and biases",)))


def grid_picture(values):
    """The plane before, after the weights, and after the activation."""
    layer = Dense(2, 2, rng=np.random.default_rng(0))
    layer.weights[:] = [[values["w11"], values["w12"]], [values["w21"], values["w22"]]]
    layer.bias[:] = [values["b1"], values["b2"]]
    bend = Apply(ACTIVATIONS[values["activation"]])
    name = BENDS[values["activation"]]
    titles = ["The plane", "After weights and bias", f"After the activation ({name})"]
    names = ["plane", "affine", "bent"]
    stages = zip(titles, names, ([], [layer], [layer, bend]), strict=True)
    panels = [_grid_panel(title, name, layers, values["data"]) for title, name, layers in stages]
    panels[1].marks.extend(_handles(layer))
    if values["data"] != "none":
        x, y = _points(values["data"])
        ends = best_cut(_through([layer, bend], x), y)
        panels[2].marks.append(Line(*ends.T, "ink", dashes=True, width=2.5))
    return Picture(panels, _said(values, [layer, bend]))


def _points(data):
    make = {"xor": xor, "rings": rings}[data]
    x, y = make(80, rng=np.random.default_rng(0))
    return 1.2 * x, y[:, 0]


def best_cut(x, y, directions=180):
    """Two points, far out, on a straight line that parts the most points; midway where it can be.

    Args:
        x: (n, 2).
        y: (n,), classes 0 and 1.
        directions: how many directions to try.
    """
    angles = np.linspace(0, np.pi, directions, endpoint=False)
    normals = np.array([np.cos(angles), np.sin(angles)])
    heights = x @ normals
    order = np.argsort(heights, axis=0)
    heights = np.take_along_axis(heights, order, axis=0)
    surplus = np.cumsum(np.where(y[order] > 0, 1, -1), axis=0)[:-1]
    # How many points are right, with class 1 below the line or above it.
    gains = np.maximum(surplus + (y == 0).sum(), (y == 1).sum() - surplus)
    gaps = np.diff(heights, axis=0)
    gains[gaps < 1e-12] = 0
    row, column = np.unravel_index(np.argmax(gains + gaps / (1 + gaps)), gains.shape)
    normal, middle = normals[:, column], heights[row : row + 2, column].mean()
    along = np.array([-normal[1], normal[0]])
    return np.array([middle * normal - 9 * along, middle * normal + 9 * along])


def _grid_panel(title, name, layers, data):
    marks = [
        Line(*_through(layers, family).T, colour, width=1.2, opacity=0.55)
        for family, colour in zip(WIDE_GRID, ("quiet", "ink"), strict=True)
    ]
    if data != "none":
        x, y = _points(data)
        x = _through(layers, x)
        marks += [Points(*x[y == 0].T, "blue", "o"), Points(*x[y == 1].T, "orange", "^")]
    return _plane(title, marks, name)


def _handles(layer):
    """Where the layer puts the origin and a step along each axis: to drag."""
    bias = layer.bias
    marks = []
    for row, colour in ((0, "pink"), (1, "green")):
        tip = bias + layer.weights[row]
        marks += [
            Arrow(tuple(bias), tuple(tip), colour),
            Handle(
                *tip,
                f"Where a step along x{'₁₂'[row]} leads: {_pair(layer.weights[row])}",
                moves=(f"w{row + 1}1", f"w{row + 1}2"),
                origin=tuple(bias),
                tip=_pair(layer.weights[row]),
                colour=colour,
                size=16,
            ),
        ]
    words = f"Where the origin goes, the bias: {_pair(bias)}"
    here = Handle(*bias, words, ("b1", "b2"), tip=_pair(bias), colour="ink", size=14)
    return [*marks, here]


def _pair(numbers):
    return f"({numbers[0]:.2f}, {numbers[1]:.2f})".replace("-", "−")


def _said(values, layers):
    weights, bias = layers[0].weights, layers[0].bias
    ways = f"A step along x₁ goes to {_pair(weights[0])}, along x₂ to {_pair(weights[1])}"
    words = f"{ways}, the origin to {_pair(bias)}; activation: {BENDS[values['activation']]}."
    if np.linalg.matrix_rank(weights) < 2:
        words += " The weights flatten the plane."
    if values["data"] == "none":
        return words
    x, y = _points(values["data"])
    before = best_line_accuracy(x, y, directions=180)
    after = best_line_accuracy(Network(layers)(x), y, directions=180)
    better = "no more than" if after <= before else "against"
    return (
        f"{words} Then the best straight cut through {DATA[values['data']]} gets {after:.0%} "
        f"right, {better} {before:.0%} before."
    )
