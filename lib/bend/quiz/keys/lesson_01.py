"""The keys and exercises of lesson 01, worked out again: why non-linearity matters."""

from itertools import pairwise, permutations

import numpy as np

from bend.nn import (
    SGD,
    Adam,
    accuracy,
    affine_residual,
    best_line_accuracy,
    binary_cross_entropy,
    collapse,
    fit,
    glorot,
    identity,
    mlp,
    relu,
    sigmoid,
    spirals,
    squared_error,
    tanh,
    uniform_fan_in,
    xor,
)
from bend.quiz.checks import Verdict, agrees, wrong
from bend.quiz.keys import curve, exercise, key
from bend.quiz.keys.arrays import weights_of


@key
def neuron_additivity_gap():
    def neuron(x):
        return x @ np.array([2.0, -1.0]) + 3.0

    u, v = np.array([0.5, 2.0]), np.array([-1.0, 4.0])
    return neuron(u + v) - neuron(u) - neuron(v)


@key
def affine_not_linear():
    x, f = np.linspace(-2, 2, 9), lambda x: 2 * x + 3
    kept = {
        "additive": np.allclose(f(x + 1), f(x) + f(1.0)),
        "straight": affine_residual(x, f(x)) < 1e-12,
        "constant-slope": np.ptp(np.diff(f(x))) < 1e-12,
        "invertible": len(np.unique(f(x))) == len(x),
    }
    return {name for name, holds in kept.items() if not holds}


@key
def linear_affine_neither():
    functions = {
        "two-inputs": lambda x: 2 * x[0] - x[1],
        "straight-line": lambda x: 3 * x[0] - 1,
        "constant": lambda x: 5.0,
        "absolute-value": lambda x: abs(x[0]),
        "product": lambda x: x[0] * x[1],
    }
    u, v = np.random.default_rng(0).normal(size=(2, 2))

    def kind(f):
        constant = f(0 * u)
        # Additive but for the constant, and to both sides: |x| is additive where signs agree.
        affine = np.isclose(f(u) + f(v), f(u + v) + constant)
        affine &= np.isclose(f(u) + f(-u), 2 * constant)
        return "linear" if affine and constant == 0 else "affine" if affine else "neither"

    return {name: kind(f) for name, f in functions.items()}


@key
def forward_pass_steps():
    """The only order of the steps that computes what the network does."""
    network = mlp([2, 16, 1], relu, rng=np.random.default_rng(0), initializer=uniform_fan_in())
    first, _, second = network.layers
    x = np.random.default_rng(1).normal(size=(50, 2))
    steps = {
        "first-weights": lambda a: a @ first.weights,
        "first-bias": lambda a: a + first.bias,
        "activation": relu,
        "second-weights": lambda a: a @ second.weights,
        "second-bias": lambda a: a + second.bias,
    }
    return next(list(order) for order in permutations(steps) if _computes(order, steps, x, network))


def _computes(order, steps, x, network):
    a = x
    try:
        for name in order:
            a = steps[name](a)
    except ValueError:  # the shapes do not fit
        return False
    return a.shape == (len(x), 1) and np.allclose(a, network(x))


@key
def fifty_affine_layers():
    stack = mlp([64] * 51, identity, rng=np.random.default_rng(0), initializer=uniform_fan_in(1.7))
    x = np.random.default_rng(1).normal(size=(100, 64))
    return {"exact" if affine_residual(x, stack(x)) < 1e-9 else "badly"}


@key
def collapse_offset():
    return -3 * (2 * 0 + 1) + 4


@key
def collapse_three_layers(w1, b1, w2, b2, w3, b3):
    return np.polyval([w3, b3], np.polyval([w2, b2], np.polyval([w1, b1], 0.0)))


@key
def collapse_in_words():
    weights, _ = collapse(mlp([64, 5, 64, 64], identity, rng=np.random.default_rng(0)))
    return {"rank": np.linalg.matrix_rank(weights)}


@key
def narrow_rank():
    weights, _ = collapse(mlp([64, 3, 64], identity, rng=np.random.default_rng(0)))
    return np.linalg.matrix_rank(weights)


@key
def what_depth_changes():
    x = np.random.default_rng(0).normal(size=(200, 4))
    y = x @ np.array([[1.0], [-2.0], [0.5], [3.0]]) + np.random.default_rng(1).normal(size=(200, 1))
    shallow, deep = (_descend(widths, x, y) for widths in ([4, 1], [4, 4, 4, 1]))
    changed = {
        "path": not np.allclose(shallow[1].losses, deep[1].losses, rtol=0.1),
        "rank": narrow_rank() < 64,
        "boundary": affine_residual(x, deep[0](x)) > 1e-9,
        "optimum": deep[1].losses[-1] < 0.99 * shallow[1].losses[-1],
    }
    return {name for name, holds in changed.items() if holds}


def _descend(widths, x, y):
    network = mlp(widths, identity, rng=np.random.default_rng(0), initializer=glorot())
    return network, fit(network, x, y, loss=squared_error, optimizer=SGD(0.02), steps=400)


def _accuracy(data, widths, steps, activation=identity):
    rng = np.random.default_rng(0)
    x, y = data(400, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.03), steps=steps)
    return accuracy(network, x, y), best_line_accuracy(x, y)


@key
def linear_xor_accuracy():
    return _accuracy(xor, [2, 16, 16, 16, 1], 300)[0]


@key
def half_yet_three_quarters():
    trained, best = _accuracy(xor, [2, 1], 300)
    tempting = {
        "train-longer": _accuracy(xor, [2, 1], 3000)[0] > trained + 0.05,
        "deeper": linear_xor_accuracy() > trained + 0.05,
        "chance": abs(_accuracy(spirals, [2, 1], 300)[0] - 0.5) < 0.05,
    }
    held = {name for name, holds in tempting.items() if holds}
    return held or {"different-goals"} if best > trained + 0.2 else set()


@key
def three_linear_outputs():
    rng = np.random.default_rng(0)
    x, middles = rng.normal(size=(2000, 2)), []
    for _ in range(20):
        network = mlp([2, 8, 3], identity, rng=rng, initializer=uniform_fan_in())
        found = network(x).argmax(axis=1)
        for k in np.unique(found):
            inside = x[found == k]
            between = (inside + inside[::-1]) / 2
            middles.append((network(between).argmax(axis=1) == k).all())
    # A dent or a hole would leave some midpoint outside; three classes cannot all be half-planes.
    return {"convex" if all(middles) else "any-polygon"}


@key
def tiny_tanh():
    missed = affine_residual(np.linspace(-3, 3, 401), tanh(0.01 * np.linspace(-3, 3, 401)))
    return {"tenth" if missed > 0.03 else "hundredth" if missed > 1e-3 else "below-thousandth"}


@key
def nearly_affine():
    z = np.linspace(-1, 1, 201)
    activations = {
        "relu-shifted": relu(z + 5),
        "sigmoid-small": sigmoid(z / 100),
        "relu": relu(z),
        "tanh-large": tanh(3 * z),
    }
    return {name for name, a in activations.items() if affine_residual(z, a) < 1e-3}


@key
def can_linear_undo():
    x = np.random.default_rng(0).normal(size=(500, 4))
    lost = affine_residual(relu(x @ np.random.default_rng(1).normal(size=(4, 4))), x)
    mirrored = affine_residual(np.hstack([relu(x), relu(-x)]), x)
    curved = affine_residual(tanh(x), x)
    if lost > 0.1 and mirrored < 1e-9:
        return {"in-general"}
    return {"never" if lost < 1e-9 else "smooth-only" if curved < 1e-9 else "always"}


@curve
def two_hinges(z):
    return relu(z + 1) - relu(z - 1)


@curve
def three_hinges(z):
    return relu(z + 1) - 2 * relu(z) + relu(z - 1)


@key
def double_the_hinges():
    factors = {"two": 2, "four": 4, "eight": 8, "not": 1}
    measured = _hinge_error(20) / _hinge_error(40)
    return {min(factors, key=lambda name: abs(factors[name] - measured))}


@key
def hinges_needed():
    """The number of hinges whose error on a smooth curve is a hundredth of that with ten."""
    goal = _hinge_error(10) / 100
    return next(n for n in range(10, 1000) if _hinge_error(n) <= goal)


def _hinge_error(n):
    x, knots = np.linspace(0, 1, 5001), np.linspace(0, 1, n + 1)
    return np.abs(np.interp(x, knots, np.sin(2 * np.pi * knots)) - np.sin(2 * np.pi * x)).max()


@key
def squaring_units():
    x = np.linspace(-1, 1, 201)[:, None]
    wide = mlp([1, 64], identity, rng=np.random.default_rng(0), initializer=uniform_fan_in())
    squares = wide(x) ** 2
    computed = [affine_residual(squares, x**degree) < 1e-6 for degree in (1, 2, 3)]
    if affine_residual(squares, np.sin(9 * x)) < 1e-6:
        return {"everything"}
    return {{1: "affine", 2: "quadratics", 3: "higher-degrees"}[sum(computed)]}


def collapse_stack(weights, biases):
    """A right answer."""
    W, b = weights[0], biases[0]
    for w, c in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ w, b @ w + c
    return W, b


def _reversed_stack(weights, biases):
    W, b = weights[0], biases[0]
    for w, c in zip(weights[1:], biases[1:], strict=True):
        W, b = w @ W, w @ b + c
    return W, b


def _updated_too_early(weights, biases):
    W, b = weights[0], biases[0]
    for w, c in zip(weights[1:], biases[1:], strict=True):
        W = W @ w
        b = b @ W + c
    return W, b


COLLAPSE_MISTAKES = {
    "forgot-the-biases": lambda weights, biases: (
        np.linalg.multi_dot([*weights, np.eye(len(biases[-1]))]),
        np.zeros_like(biases[-1]),
    ),
    "added-the-biases-up": lambda weights, biases: (
        collapse_stack(weights, biases)[0],
        np.sum(biases, axis=0),
    ),
    "kept-only-the-last-bias": lambda weights, biases: (
        collapse_stack(weights, biases)[0],
        biases[-1],
    ),
    "multiplied-in-reverse": _reversed_stack,
    "updated-too-early": _updated_too_early,
    "first-layer-twice": lambda weights, biases: collapse_stack(
        [weights[0], *weights], [biases[0], *biases]
    ),
    "stopped-after-two": lambda weights, biases: collapse_stack(weights[:2], biases[:2]),
}


@exercise(model=collapse_stack, mistakes=COLLAPSE_MISTAKES)
def collapse_affine(function):
    # The square stacks come first: in them every mistake still runs, so it can be named.
    stacks = [(1, 1, 1), (3, 3, 3), (3, 3, 3, 3), (4, 2, 5), (2, 6, 1, 3, 4), (3, 2)]
    cases = [_random_stack(widths, seed) for seed, widths in enumerate(stacks)]
    return agrees(
        function, collapse_stack, cases, mistakes=COLLAPSE_MISTAKES, names=("W", "b"), dtype=False
    )


def _random_stack(widths, seed):
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(widths))
    # Whole numbers without 0 and ±1, which would hide a mistake.
    whole = rng.choice([-3.0, -2.0, 2.0, 3.0], size=sum(n * m + m for n, m in pairs)).tolist()
    weights = [np.array([[whole.pop() for _ in range(m)] for _ in range(n)]) for n, m in pairs]
    return weights, [np.array([whole.pop() for _ in range(m)]) for _, m in pairs]


def _pair(weights_in, bias_in, weights_out, bias_out=0.0):
    """A function that returns two ReLU units and the linear layer after them."""
    arrays = [weights_in], bias_in, [[w] for w in weights_out], [bias_out]
    return lambda: tuple(np.array(a, dtype=float) for a in arrays)


MIRROR_MISTAKES = {
    "absolute-value": _pair([1, -1], [0, 0], [1, 1]),
    "shifted-not-mirrored": _pair([1, 0], [1000, 0], [1, 0], -1000),
    "plain-relu": _pair([1, 1], [0, 0], [0.5, 0.5]),
    "wrong-way-round": _pair([1, -1], [0, 0], [-1, 1]),
}
SHAPES = {"W1": (1, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}


@exercise(model=_pair([1, -1], [0, 0], [1, -1]), mistakes=MIRROR_MISTAKES)
def mirrored_pair(function):
    W1, b1, W2, b2 = weights_of(function, SHAPES)
    x = np.array([[0.0], [0.5], [-0.5], [2.0], [-2.0], [1e4], [-1e4], [1e12], [-1e12]])
    y = relu(x @ W1 + b1) @ W2 + b2
    wanted = {
        "absolute-value": np.abs(x),
        "plain-relu": relu(x),
        "wrong-way-round": -x,
        "shifted-not-mirrored": x,
    }
    near = {"shifted-not-mirrored": np.abs(x) < 1}
    for (given,), (got,) in zip(x, y, strict=True):
        if not np.isclose(got, given, rtol=1e-6, atol=1e-9):
            same = (
                id for id, due in wanted.items() if np.allclose((y - due)[near.get(id, x == x)], 0)
            )
            wrong(f"For x = {given:g} your pair gives {got:g}.", next(same, None))
    return Verdict(True, f"Your pair gives back all {len(x)} hidden numbers, from -1e12 to 1e12.")


@curve
def squeezed_tanh(z):
    return tanh(z / 8)
