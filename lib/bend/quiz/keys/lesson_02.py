"""The keys and exercises of lesson 02, worked out again: borders, hidden space, pieces."""

from functools import cache
from itertools import product

import numpy as np

from bend.nn import (
    Adam,
    Apply,
    Dense,
    Network,
    accuracy,
    affine_residual,
    binary_cross_entropy,
    boundary_pieces,
    breakpoints,
    fit,
    glorot,
    he,
    identity,
    leaky_relu,
    linear_regions,
    mlp,
    plane_grid,
    relu,
    rings,
    softplus,
    tanh,
    uniform_fan_in,
)
from bend.quiz.checks import Verdict, agrees, wrong
from bend.quiz.keys import curve, exercise, key
from bend.quiz.keys.arrays import weights_of


@cache
def _on_rings(widths, activation, seed=0):
    rng, start = np.random.default_rng(seed), he() if activation is relu else glorot()
    x, y = rings(300, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng, initializer=start)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.03), steps=1000)
    return network, accuracy(network, x, y)


@key
def layers_for_a_loop():
    return {"one" if _on_rings((2, 24, 1), relu)[1] >= 0.99 else "two"}


@key
def what_closes_a_loop():
    several_bent = _on_rings((2, 24, 1), relu)[1] >= 0.99
    one_bent = _on_rings((2, 1, 1), relu)[1] >= 0.99
    several_straight = _on_rings((2, 24, 1), identity)[1] >= 0.99
    if several_straight:
        return {"depth"}
    return {"one-unit"} if one_bent else {"bend"} if several_bent else set()


@key
def count_the_parameters():
    return sum(param.size for param in mlp([2, 24, 1], relu, rng=np.random.default_rng(0)).params)


@key
def sides_of_a_loop():
    sides = boundary_pieces(_on_rings((2, 6, 1), relu)[0], (-2.5, 2.5))
    return {"few" if sides < 6 else "many" if sides < 30 else "circle"}


@key
def smooth_or_straight():
    rng, t = np.random.default_rng(0), np.linspace(-3, 3, 2001)
    networks = {
        "relu": mlp([2, 64, 1], relu, rng=rng),
        "deep-leaky": mlp([2, 8, 8, 8, 8, 8, 1], leaky_relu(0.01), rng=rng),
        "tanh": mlp([2, 3, 1], tanh, rng=rng),
        "softplus": mlp([2, 8, 1], softplus, rng=rng),
    }
    line = np.stack([t, 0.3 + 0.7 * t], axis=1)
    curved = {name: np.abs(np.diff(f(line)[:, 0], 2)) > 1e-9 for name, f in networks.items()}
    # Straight pieces: the second difference vanishes but at the kinks.
    return {name for name, bends in curved.items() if bends.mean() < 0.1}


@key
def flattened_quadrants():
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) + 0.5
    flat = 0
    for signs in ([1, 1], [1, -1], [-1, 1], [-1, -1]):
        square = relu(corners * signs)
        flat += np.linalg.matrix_rank(square - square[0]) < 2
    return flat


@key
def units_for_a_loop():
    best = {n: max(_on_rings((2, n, 2, 1), tanh, seed)[1] for seed in range(3)) for n in (1, 2, 3)}
    return min(n for n, score in best.items() if score >= 0.99)


@key
def why_three_units():
    return {"topology"} if units_for_a_loop() == 3 else set()


@key
def pieces_of_sixteen():
    plane = plane_grid((-5, 5), 200)
    widths = {"wide": [2, 16, 1], "middle": [2, 8, 8, 1], "deep": [2, 4, 4, 4, 4, 1]}
    counts = {name: _median_pieces(shape, plane) for name, shape in widths.items()}
    return {max(counts, key=counts.get)}


def _median_pieces(widths, plane):
    rngs = map(np.random.default_rng, range(5))
    networks = [mlp(widths, relu, rng=rng, initializer=uniform_fan_in()) for rng in rngs]
    return np.median([linear_regions(network, plane) for network in networks])


def _tents(depth):
    layers = []
    for _ in range(depth):
        hinge, join = (Dense(n, m, rng=np.random.default_rng(0)) for n, m in ((1, 2), (2, 1)))
        hinge.weights[:], hinge.bias[:] = 1, [0, -0.5]
        join.weights[:] = [[2], [-4]]
        layers += [hinge, Apply(relu), join]
    return Network(layers)


def _pieces(network):
    return len(breakpoints(network, [0.0], [1.0])) + 1


@key
def pieces_of_five_tents():
    return _pieces(_tents(5))


@key
def hinges_for_ten_tents():
    """A unit for each kink, and one for the first slope if no way of facing makes up for it."""
    x, kinks = np.linspace(0, 1, 101)[:, None], np.array([0.25, 0.5, 0.75])
    facing = [relu(np.array(side) * (x - kinks)) for side in product((1, -1), repeat=3)]
    more = all(affine_residual(units, two_tents(x)) > 0.1 for units in facing)
    return _pieces(_tents(10)) - 1 + more


@key
def depth_and_pieces():
    shallow = mlp([1, 20, 1], relu, rng=np.random.default_rng(0), initializer=uniform_fan_in())
    deep_wins = _pieces(_tents(10)) > 21 >= _pieces(shallow)
    wide_wins = pieces_of_sixteen() == {"wide"}
    return {name for name, holds in (("ceiling", deep_wins), ("random", wide_wins)) if holds}


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LOGIC = {
    "xor": [0, 1, 1, 0],
    "or-not-xor": [0, 1, 1, 1],
    "count": [0, 1, 1, 2],
    "and": [0, 0, 0, 1],
}
SHAPES = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}


def _two_units(first, second, out):
    """Weights of two ReLU units, each (w1, w2, b), and of the output after them."""
    arrays = np.array([first[:2], second[:2]]).T, [first[2], second[2]], [[w] for w in out], [0]
    return lambda: tuple(np.array(a, dtype=float) for a in arrays)


@exercise(
    model=_two_units((1, 1, 0), (1, 1, -1), (1, -2)),
    mistakes={
        "or-not-xor": _two_units((1, 1, 0), (1, 1, -1), (1, -1)),
        "count": _two_units((1, 0, 0), (0, 1, 0), (1, 1)),
        "and": _two_units((1, 1, -1), (0, 0, 0), (1, 0)),
    },
)
def xor_by_hand(function):
    W1, b1, W2, b2 = weights_of(function, SHAPES)
    y = (relu(CORNERS @ W1 + b1) @ W2 + b2)[:, 0]
    named = next((name for name, due in LOGIC.items() if np.allclose(y, due)), None)
    for (p, q), got, due in zip(CORNERS, y, LOGIC["xor"], strict=True):
        if not np.isclose(got, due):
            wrong(f"For ({p:g}, {q:g}) it gives {got:g} and should give {due}.", named)
    return Verdict(True, "Right at all four corners.")


def tent(x):
    """A right answer."""
    return 2 * relu(x) - 4 * relu(x - 0.5)


@curve
def two_tents(z):
    return tent(tent(z))


TENT_MISTAKES = {
    "levels-off": lambda x: 2 * relu(x) - 2 * relu(x - 0.5),
    "half-as-high": lambda x: relu(x) - 2 * relu(x - 0.5),
    "kink-at-one": lambda x: 2 * relu(x) - 4 * relu(x - 1),
}


@exercise(model=tent, mistakes=TENT_MISTAKES)
def write_tent(function):
    x = np.linspace(0, 1, 9)
    cases = [(x,), (0.75,), (0.25,), (x[:, None],), (x.astype(np.float32),)]
    return agrees(function, tent, cases, mistakes=TENT_MISTAKES)
