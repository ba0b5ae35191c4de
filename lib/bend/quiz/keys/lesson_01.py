"""The keys and exercises of lesson 01, worked out again: why non-linearity matters."""

from itertools import pairwise

import numpy as np

from bend.nn import affine_residual, collapse, identity, mlp, relu, sigmoid, tanh
from bend.quiz.checks import Verdict, agrees, not_yet, run, wrong
from bend.quiz.keys import exercise, key


@key
def neuron_additivity_gap():
    def neuron(x):
        return x @ np.array([2.0, -1.0]) + 3.0

    u, v = np.array([0.5, 2.0]), np.array([-1.0, 4.0])
    return neuron(u + v) - neuron(u) - neuron(v)


@key
def collapse_offset():
    return -3 * (2 * 0 + 1) + 4


@key
def narrow_rank():
    weights, _ = collapse(mlp([64, 3, 64], identity, rng=np.random.default_rng(0)))
    return np.linalg.matrix_rank(weights)


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
def hinges_needed():
    """The number of hinges whose error on a smooth curve is a hundredth of that with ten."""
    goal = _hinge_error(10) / 100
    return next(n for n in range(10, 1000) if _hinge_error(n) <= goal)


def _hinge_error(n):
    x, knots = np.linspace(0, 1, 5001), np.linspace(0, 1, n + 1)
    return np.abs(np.interp(x, knots, np.sin(2 * np.pi * knots)) - np.sin(2 * np.pi * x)).max()


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
}
SHAPES = {"W1": (1, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}


@exercise(model=_pair([1, -1], [0, 0], [1, -1]), mistakes=MIRROR_MISTAKES)
def mirrored_pair(function):
    W1, b1, W2, b2 = _arrays(run(function))
    if not W1.any() and not W2.any():
        not_yet("All weights are still zero: choose them, and run the cell again.")
    x = np.array([[0.0], [0.5], [-0.5], [2.0], [-2.0], [1e4], [-1e4], [1e12], [-1e12]])
    y = relu(x @ W1 + b1) @ W2 + b2
    wanted = {"absolute-value": np.abs(x), "plain-relu": relu(x), "shifted-not-mirrored": x}
    near = {"shifted-not-mirrored": np.abs(x) < 1}
    for (given,), (got,) in zip(x, y, strict=True):
        if not np.isclose(got, given, rtol=1e-6, atol=1e-9):
            same = (
                id for id, due in wanted.items() if np.allclose((y - due)[near.get(id, x == x)], 0)
            )
            wrong(f"For x = {given:g} your pair gives {got:g}.", next(same, None))
    return Verdict(True, f"Your pair gives back all {len(x)} hidden numbers, from -1e12 to 1e12.")


def _arrays(answer):
    if not isinstance(answer, tuple | list) or len(answer) != len(SHAPES):
        wrong("Return four arrays: `return W1, b1, W2, b2`.")
    for (name, shape), part in zip(SHAPES.items(), answer, strict=True):
        if np.shape(part) != shape:
            wrong(f"{name} must have shape {shape}, not {np.shape(part)}.")
    return [np.asarray(part, dtype=float) for part in answer]
