"""The keys and exercises of lesson 08, worked out again: starts, normalisation, ways around."""

from functools import cache
from itertools import permutations

import numpy as np

from bend.errors import TrainingDiverged
from bend.nn import (
    SGD,
    Adam,
    Apply,
    BatchNorm,
    Dense,
    Network,
    Residual,
    activation_stats,
    affine_residual,
    binary_cross_entropy,
    dead_units,
    fit,
    glorot,
    gradient_norms,
    he,
    identity,
    mlp,
    normal,
    relu,
    rings,
    sigmoid,
    softmax_cross_entropy,
    spirals,
    tanh,
    uniform_fan_in,
)
from bend.quiz.checks import agrees
from bend.quiz.keys import curve, exercise, key


def _deep(activation, start, seed=0, *, data=rings, depth=20, width=32, **remedies):
    """Float32 is half the work, and the effects are the same."""
    rng = np.random.default_rng(seed)
    x, y = data(256, rng=rng, standardise=True)
    widths = [2] + [width] * depth + [1]
    how = {"rng": rng, "initializer": start, "dtype": np.float32} | remedies
    return mlp(widths, activation, **how), x, y


def _train(activation, start, optimizer, steps, seed=0, **how):
    """How the training ends: solved, stuck or overflow."""
    network, x, y = _deep(activation, start, seed, **how)
    how = {"loss": binary_cross_entropy, "optimizer": optimizer, "steps": steps}
    try:
        run = fit(network, x, y, stop_at=0.1, progress=False, **how)
    except TrainingDiverged:
        return "overflow"
    return "solved" if run.reached else "stuck"


def _normal_numbers(*shape):
    return np.random.default_rng(0).normal(size=shape)


@key
def spread_of_a_sum():
    return (2 * _normal_numbers(200_000, 25)).sum(axis=1).std()


def _spread_left(activation, start):
    network, x, _ = _deep(activation, start, width=100)
    spread = activation_stats(network, x).spread
    return spread[-1] / spread[0]


@key
def spread_after_twenty():
    left = _spread_left(relu, uniform_fan_in())
    return {"most" if left > 0.5 else "hundredth" if left > 1e-3 else "millionth"}


@key
def fades_holds_grows():
    starts = {
        "tanh-glorot": (tanh, glorot()),
        "relu-he": (relu, he()),
        "relu-glorot": (relu, glorot()),
        "tanh-fan-in": (tanh, uniform_fan_in()),
        "relu-normal": (relu, normal(1.0)),
    }
    left = {name: _spread_left(*start) for name, start in starts.items()}
    return {n: "fades" if s < 0.1 else "grows" if s > 10 else "holds" for n, s in left.items()}


def he_std(n_in, n_out):
    """A right answer."""
    return np.sqrt(2 / n_in)


HE_MISTAKES = {
    "variance": lambda n_in, n_out: 2 / n_in,
    "fan-out": lambda n_in, n_out: np.sqrt(2 / n_out),
    "glorot": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),
    "no-two": lambda n_in, n_out: np.sqrt(1 / n_in),
    "two-outside": lambda n_in, n_out: 2 / np.sqrt(n_in),
}


@exercise(model=he_std, mistakes=HE_MISTAKES)
def write_he_std(function):
    cases = [(50, 200), (200, 50), (8, 3), (1, 10), (784, 128)]
    return agrees(function, he_std, cases, mistakes=HE_MISTAKES)


@cache
def _batch_norm_run(seed):
    return _train(sigmoid, glorot(), SGD(0.1), 600, seed, normalise=True)


@key
def batch_norm_rescue():
    return sum(_batch_norm_run(seed) == "solved" for seed in range(3))


@key
def batch_norm_steps():
    """The only order of the steps that computes what BatchNorm does."""
    z, norm = 3 + 0.01 * _normal_numbers(20, 1), BatchNorm(1)
    norm.gamma[:], norm.beta[:] = 2.0, -0.7
    due = norm.forward(z)
    steps = {
        "mean": lambda a, v: (a - a.mean(), v),
        "variance": lambda a, v: (a, np.mean(a**2) + norm.epsilon),
        "divide": lambda a, v: (a / np.sqrt(v), v),
        "gamma": lambda a, v: (norm.gamma * a, v),
        "beta": lambda a, v: (a + norm.beta, v),
    }
    for order in permutations(steps):
        a, v = z, 1.0
        for name in order:
            a, v = steps[name](a, v)
        if np.allclose(a, due):
            return list(order)
    return []


def normalised(z, gamma, beta, epsilon=1e-5):
    """A right answer."""
    return gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + epsilon) + beta


def _scaled(z, spread, gamma, beta):
    return gamma * (z - z.mean(axis=0)) / spread + beta


BATCH_NORM_MISTAKES = {
    "wrong-axis": lambda z, gamma, beta, epsilon=1e-5: (
        normalised(z.T, 1, 0, epsilon).T * gamma + beta
    ),
    "one-mean-for-all": lambda z, gamma, beta, epsilon=1e-5: (
        gamma * (z - z.mean()) / np.sqrt(z.var() + epsilon) + beta
    ),
    "variance-not-root": lambda z, gamma, beta, epsilon=1e-5: _scaled(
        z, z.var(axis=0) + epsilon, gamma, beta
    ),
    "no-epsilon": lambda z, gamma, beta, epsilon=1e-5: _scaled(z, z.std(axis=0), gamma, beta),
    "epsilon-outside": lambda z, gamma, beta, epsilon=1e-5: _scaled(
        z, z.std(axis=0) + epsilon, gamma, beta
    ),
    "n-minus-one": lambda z, gamma, beta, epsilon=1e-5: _scaled(
        z, np.sqrt(z.var(axis=0, ddof=1) + epsilon), gamma, beta
    ),
    "not-centred": lambda z, gamma, beta, epsilon=1e-5: (
        gamma * z / np.sqrt(z.var(axis=0) + epsilon) + beta
    ),
    "no-scale-and-shift": lambda z, gamma, beta, epsilon=1e-5: normalised(z, 1, 0, epsilon),
}


@exercise(model=normalised, mistakes=BATCH_NORM_MISTAKES)
def write_batch_norm(function):
    # A column of small spread, so that epsilon counts; a constant one comes last, where a mistake
    # that divides 0 by 0 has its name already.
    z = _normal_numbers(3, 3) * [1.0, 0.003, 40.0] + [2.0, -1.0, 100.0]
    gamma, beta = np.array([1.0, 2.0, -0.5]), np.array([0.0, -3.0, 10.0])
    longer = np.repeat(z, 3, axis=0)[:8]
    cases = [
        (z, gamma, beta, 1e-5),
        (longer, gamma, beta, 0.1),
        (longer[:, :1], gamma[:1], beta[:1], 1e-5),
        (np.full((4, 3), 7.0), gamma, beta, 1e-5),
    ]
    return agrees(function, normalised, cases, mistakes=BATCH_NORM_MISTAKES)


@key
def company_of_one():
    rng = np.random.default_rng(0)
    norm, one = BatchNorm(8), rng.normal(5, 2, (2, 8))
    for _ in range(20):
        norm.forward(rng.normal(5, 2, (100, 8)))
    due = (one[0] - 5) / 2
    choices = {
        "running": norm(one[:1])[0],
        "own": normalised(one[:1], 1, 0)[0],
        "zero-one": one[0],
        "over-units": (one[0] - one[0].mean()) / one[0].std(),
    }
    return {min(choices, key=lambda name: np.abs(choices[name] - due).max())}


@key
def slopes_around(slope, count):
    def block():
        inner = Dense(1, 1, rng=np.random.default_rng(0))
        inner.weights[:] = slope
        return Residual([inner])

    network = Network([block() for _ in range(count)])
    network.forward(np.ones((1, 1)))
    return network.backward(np.ones((1, 1)))[0, 0]


@curve
def residual_relu(z):
    return Residual([Apply(relu)])(z)


def block(x, W, b):
    """A right answer."""
    return x + relu(x @ W + b)


BLOCK_MISTAKES = {
    "no-way-around": lambda x, W, b: relu(x @ W + b),
    "inside": lambda x, W, b: relu(x + x @ W + b),
    "around-the-weights": lambda x, W, b: x @ W + relu(x @ W + b),
    "no-bend": lambda x, W, b: x + x @ W + b,
}


@exercise(model=block, mistakes=BLOCK_MISTAKES)
def write_block(function):
    cases = [
        (_normal_numbers(n, width), _normal_numbers(width + 1, width)[1:], _normal_numbers(width))
        for n, width in ((5, 3), (4, 4), (1, 2), (6, 1))
    ]
    return agrees(function, block, cases, mistakes=BLOCK_MISTAKES)


@key
def around_with_relu():
    ends = [_train(relu, uniform_fan_in(), SGD(0.1), 100, seed, residual=True) for seed in range(3)]
    return {max(set(ends), key=ends.count)}


@key
def why_it_overflows():
    network, x, y = _deep(relu, uniform_fan_in(), residual=True)
    plain, *_ = _deep(relu, uniform_fan_in())
    around, without = (_gradients(net, x, y)[-1] for net in (network, plain))
    held = {
        "grows": around > 1000 * without,
        "dead": np.mean(np.hstack(dead_units(network, x))) > 0.9,
        "precision": _train(relu, uniform_fan_in(), SGD(0.1), 50, residual=True, dtype=np.float64)
        != "overflow",
        "width": len(network.params) > len(plain.params),
    }
    return {name for name, holds in held.items() if holds}


def _gradients(network, x, y):
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    return gradient_norms(network)


@key
def gain_for_sigmoid():
    return 1 / sigmoid.derivative(0.0)


@curve
def wide_sigmoid(z):
    return sigmoid(4 * z)


@key
def what_the_gain_does():
    wide, on_spirals = glorot(4), {"data": spirals, "steps": 400}
    norms = _gradients(*_deep(sigmoid, wide))
    ends = [_train(sigmoid, wide, Adam(0.003), depth=d, **on_spirals) for d in (10, 20)]
    held = {
        "adam-rings": _train(sigmoid, wide, Adam(0.003), 400) == "solved",
        "still-shrinks": norms[0] < norms[-1] / 100,
        "sgd-rings": _train(sigmoid, wide, SGD(0.1), 200) == "solved",
        "spirals": ends[0] == ends[1],
    }
    return {name for name, holds in held.items() if holds}


@key
def first_to_leave():
    remedies = {
        "batch-norm": (glorot(), {"normalise": True}),
        "residual": (glorot(), {"residual": True}),
        "gain": (glorot(4), {}),
    }
    steps = {}
    for name, (start, how) in remedies.items():
        network, x, y = _deep(sigmoid, start, **how)
        how = {"loss": binary_cross_entropy, "optimizer": Adam(0.002), "steps": 300}
        steps[name] = fit(network, x, y, stop_at=0.5, progress=False, **how).steps
    return {min(steps, key=steps.get)}


@key
def which_factor_changes():
    plain, *_ = _deep(sigmoid, glorot())
    changed = {
        "he-start": _deep(sigmoid, he())[0],
        "gain": _deep(sigmoid, glorot(4))[0],
        "relu": _deep(relu, glorot())[0],
        "batch-norm": _deep(sigmoid, glorot(), normalise=True)[0],
        "residual": _deep(sigmoid, glorot(), residual=True)[0],
    }
    return {name: _difference(plain, network) for name, network in changed.items()}


def _difference(plain, network):
    kinds = {type(layer) for layer in network.layers}
    if kinds & {BatchNorm, Residual}:
        return "factor" if BatchNorm in kinds else "one"
    same = np.array_equal(plain.params[2], network.params[2])
    return "slopes" if same else "weights"


@key
def norm_without_bend():
    network = mlp([3] + [8] * 20, identity, rng=np.random.default_rng(0), normalise=True)
    x = _normal_numbers(200, 3) + 5
    network.forward(x)
    if affine_residual(x, network(x)) > 1e-9:
        return {"curved"}
    return {"affine" if network(x).std() > 1e-3 else "constant"}


@key
def stuck_with_ten_classes():
    return softmax_cross_entropy(np.zeros((1000, 10)), np.arange(1000) % 10)[0]


@key
def a_leaky_block():
    left, right = residual_relu(np.array([-1.0, 1.0]))
    # Slopes through the origin: the left one as a share of the right one.
    return -left / right


@key
def handing_on_unchanged():
    # Any bias has inputs below it.
    x, eye = 1e4 * _normal_numbers(500, 32), np.eye(32)
    given = {
        "mirrored": relu(np.hstack([x, -x])) @ np.vstack([eye, -eye]),
        "identity-weights": relu(x @ eye) @ eye,
        "large-bias": relu(x + 1000) - 1000,
        "zero-weights": 0 * x,
    }
    return {name for name, y in given.items() if np.allclose(y, x)}


@key
def start_in_words():
    z = _normal_numbers(1_000_000)
    return {"share": np.mean(relu(z) ** 2) / np.mean(z**2)}


@curve
def residual_sigmoid_slope(z):
    return 1 + sigmoid.derivative(z)
