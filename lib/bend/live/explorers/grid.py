"""A grid carried through a layer of two units, whose weights are dragged."""

from functools import cache

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Action, Choice, Slider
from bend.live.explorers.collapse import SIZE, grid, plane, through
from bend.live.marks import Arrow, Handle, Image, Line, Picture, Points
from bend.nn import (
    ACTIVATIONS,
    Apply,
    Dense,
    Network,
    best_line_accuracy,
    plane_grid,
    rings,
    xor,
)

FINE = 90
SQUARE = plane_grid((-SIZE, SIZE), FINE)
GRID = grid(2.0)
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
    stages = [[], [layer], [layer, bend]]
    panels = [
        plane(title, _lines(layers), name)
        for title, name, layers in zip(titles, names, stages, strict=True)
    ]
    if values["data"] != "none":
        _draw_points(panels, stages, *points(values["data"]))
    panels[1].marks.extend(_handles(layer))
    return Picture(panels, _said(values, [layer, bend]))


@cache
def points(data):
    """The points to part: x (80, 2) and their classes (80,)."""
    make = {"xor": xor, "rings": rings}[data]
    x, y = make(80, rng=np.random.default_rng(0))
    return 1.2 * x, y[:, 0]


def best_cut(x, y, directions=180):
    """The straight line that parts the most points, midway where it can be: (normal, middle).

    Class 0 lies where x · normal > middle.

    Args:
        x: (n, 2).
        y: (n,), classes 0 and 1.
        directions: how many directions to try in the half circle.
    """
    angles = np.linspace(0, 2 * np.pi, 2 * directions, endpoint=False)
    normals = np.array([np.cos(angles), np.sin(angles)])
    heights = x @ normals
    order = np.argsort(heights, axis=0)
    heights = np.take_along_axis(heights, order, axis=0)
    # How many points are right with class 1 up to each height and class 0 from there on.
    right = (y == 0).sum() + np.cumsum(np.where(y[order] > 0, 1, -1), axis=0)[:-1]
    gaps = np.diff(heights, axis=0)
    right[gaps < 1e-12] = 0
    # Among equals the one with the most room.
    row, column = np.unravel_index(np.argmax(right + gaps / (1 + gaps)), right.shape)
    return normals[:, column], heights[row : row + 2, column].mean()


def _draw_points(panels, stages, x, y):
    """The points in each panel, and the best cut: straight after the layer, bent before it."""
    normal, middle = best_cut(through(stages[-1], x), y)
    for panel, rest in ((panels[0], stages[-1]), (panels[2], [])):
        heights = Network(rest)(SQUARE) @ normal - middle
        side = np.tanh(12 * heights).reshape(FINE, FINE)
        panel.marks.insert(0, Image(side, ((-SIZE, SIZE), (-SIZE, SIZE)), opacity=0.22))
    for panel, layers in zip(panels, stages, strict=True):
        at = through(layers, x)
        panel.marks.append(Points(*at[y == 0].T, "blue", "o"))
        panel.marks.append(Points(*at[y == 1].T, "orange", "^"))
    along = 9 * np.array([-normal[1], normal[0]])
    ends = np.array([middle * normal - along, middle * normal + along])
    panels[2].marks.append(Line(*ends.T, "ink", dashes=True, width=2.5))


def _lines(layers):
    return [Line(*through(layers, lines).T, "ink", width=1, opacity=0.4) for lines in GRID]


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
    x, y = points(values["data"])
    before = best_line_accuracy(x, y, directions=180)
    after = best_line_accuracy(Network(layers)(x), y, directions=180)
    better = "no more than" if after <= before else "against"
    return (
        f"{words} Then the best straight cut through {DATA[values['data']]} gets {after:.0%} "
        f"right, {better} {before:.0%} before."
    )
