"""The keys and exercises of lesson 04, worked out again: ReLU and its family."""

import numpy as np

from bend.nn import (
    Dense,
    Momentum,
    binary_cross_entropy,
    digits,
    elu,
    fit,
    gelu,
    glorot,
    he,
    leaky_relu,
    mlp,
    plane_grid,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_cross_entropy,
    softplus,
    spirals,
    tanh,
    zero_fraction,
)
from bend.quiz.checks import agrees, takes_arrays
from bend.quiz.keys import curve, exercise, key


@key
def relu_slope_at_zero():
    return {{0.0: "zero", 0.5: "half", 1.0: "one"}.get(float(relu.derivative(0.0)), "nan")}


# What an exponential and a division cost at most, in multiplications.
CURVED = 50


@key
def sigmoid_step_cost():
    """From the operations, since a clock depends on what else the machine does."""
    layers = mlp([64, 64, 64, 10], relu, rng=np.random.default_rng(0)).dense
    # A product on the way forward and two on the way back; a value and a slope for each unit.
    products = 3 * sum(layer.weights.size for layer in layers)
    units = sum(layer.bias.size for layer in layers[:-1])
    ratio = (products + 2 * units * CURVED) / (products + 2 * units)
    return {"below-two" if ratio < 2 else "two-to-five" if ratio < 5 else "more"}


@key
def multiplications_per_activation():
    layer = Dense(256, 256, rng=np.random.default_rng(0))
    # For one example the product multiplies once by each weight.
    return layer.weights.size / layer(np.ones((1, 256))).size


@key
def activations_after_a_filter():
    windows = np.lib.stride_tricks.sliding_window_view(np.zeros((8, 8)), (3, 3))
    return windows.shape[0] * windows.shape[1]


STEEP = leaky_relu(0.3)


def _steps(g, hidden, rate, task="digits", *, shuffled=False, dtype=np.float64):
    """Steps to 95 of 100 right, as in the lesson, for one seed."""
    rng = np.random.default_rng(1)
    if task == "digits":
        x, y = digits()
        rows = rng.permutation(len(x))[:500]
        x, y, outputs, loss = (x[rows] - x.mean()) / x.std(), y[rows], 10, softmax_cross_entropy
    else:
        x, y = spirals(200, rng=rng, standardise=True)
        outputs, loss = 1, binary_cross_entropy
    widths, start = (
        [x.shape[1], *[32] * hidden, outputs],
        glorot() if g in (sigmoid, tanh) else he(),
    )
    network = mlp(widths, g, rng=rng, initializer=start, dtype=dtype)
    if shuffled:
        order = np.random.default_rng(2).permutation(len(x))
        x, y = x[order], y[order]
    goal = {"steps": 600, "stop_at_accuracy": 0.95}
    return fit(network, x, y, loss=loss, optimizer=Momentum(rate), **goal).steps


@key
def sigmoid_one_hidden_layer():
    ratio = _steps(sigmoid, 1, 2) / _steps(relu, 1, 0.5)
    return {"as-many" if ratio < 2 else "three" if ratio < 4 else "six" if ratio < 10 else "many"}


@key
def what_moves_the_ratio():
    def ratio(hidden, sigmoid_rate, relu_rate, task="digits", **how):
        slow = _steps(sigmoid, hidden, sigmoid_rate, task, **how)
        return slow / _steps(relu, hidden, relu_rate, task, **how)

    one, two = ratio(1, 2, 0.5), ratio(2, 2, 0.2)
    changes = {
        "depth": ratio(4, 1, 0.1) / one,
        "task": ratio(2, 1, 1, "spirals") / two,
        "rate": ratio(2, 0.1, 0.1) / two,
        "order": ratio(2, 2, 0.2, shuffled=True) / two,
        "float": ratio(2, 2, 0.2, dtype=np.float32) / two,
    }
    return {id for id, change in changes.items() if not 0.5 < change < 2}


@key
def zeros_at_the_start():
    x = np.random.default_rng(0).normal(size=(500, 64))
    network = mlp([64, 256, 256, 10], relu, rng=np.random.default_rng(1))
    return zero_fraction(network, x).mean()


@key
def mean_of_relu():
    z = np.linspace(-8, 8, 16001)
    weights = np.exp(-z * z / 2)
    return (relu(z) * weights).sum() / weights.sum()


@key
def which_alpha_wins():
    tuned = {("digits", 6): (0.05, 0.05), ("spirals", 2): (1, 0.2)}
    wins = set()
    for (task, hidden), (plain, leaky) in tuned.items():
        wins.add(_steps(STEEP, hidden, leaky, task) < _steps(relu, hidden, plain, task))
    return {"depends"} if len(wins) == 2 else {"leaky"} if wins.pop() else {"relu"}


@key
def prelu_gradient():
    z, above, h = np.array([-2.0, 1.0, -3.0]), np.array([0.5, 1.0, -1.0]), 1e-6
    higher, lower = leaky_relu(0.25 + h)(z), leaky_relu(0.25 - h)(z)
    return (above * (higher - lower)).sum() / (2 * h)


@key
def kink_smooth_or_dip():
    z = np.linspace(-6, 6, 12001)
    family = {"leaky": leaky_relu(), "elu": elu, "selu": selu, "gelu": gelu}
    family |= {"softplus": softplus, "silu": silu}

    def shape(g):
        slope = g.derivative(z)
        jumps = np.abs(np.diff(slope)).max() > 0.1
        return "kink" if jumps else "dips" if slope.min() < -0.01 else "rises"

    return {id: shape(g) for id, g in family.items()}


@key
def flat_on_the_left_only():
    family = {"relu": relu, "elu": elu, "silu": silu, "leaky": leaky_relu(), "tanh": tanh}
    ends = {id: np.abs(g.derivative(np.array([-50.0, 50.0]))) > 1e-6 for id, g in family.items()}
    return {id for id, (left, right) in ends.items() if right and not left}


@key
def family_borders():
    rng, plane = np.random.default_rng(0), plane_grid((-3, 3), 50)
    family = {"gelu": gelu, "softplus": softplus}
    family |= {"leaky": leaky_relu(0.5), "prelu": leaky_relu(0.25)}
    networks = {id: mlp([2, 8, 1], g, rng=rng) for id, g in family.items()}
    return {id for id, network in networks.items() if not _has_pieces(network, plane)}


def _has_pieces(network, plane):
    """Whether the network is affine around nearly every point of the plane."""
    step = 1e-3 * np.array([1.0, 0.5])
    bend = network(plane + step) + network(plane - step) - 2 * network(plane)
    return np.mean(np.abs(bend) < 1e-12) > 0.9


@key
def order_by_slope_at_three():
    slopes = {
        "tanh-three": tanh.derivative(3.0),
        "sigmoid-three": sigmoid.derivative(3.0),
        "sigmoid-zero": sigmoid.derivative(0.0),
        "tanh-zero": tanh.derivative(0.0),
    }
    return sorted(slopes, key=slopes.get)


@curve
def leaky_slope(z):
    return leaky_relu(0.5).derivative(z)


@curve
def relu_and_mirror(z):
    return relu(z) + relu(-z)


SLOPE_MISTAKES = {
    "relu-itself": lambda z: np.maximum(z, z.dtype.type(0)),
    "true-and-false": lambda z: z > 0,
    "whole-numbers": lambda z: (z > 0).astype(int),
    "one-at-zero": lambda z: (z >= 0).astype(z.dtype),
    "half-at-zero": lambda z: np.heaviside(z, z.dtype.type(0.5)),
    "always-float64": lambda z: np.where(z > 0, 1.0, 0.0),
    "one-number": lambda z: 1.0 if z > 0 else 0.0,
}


@exercise(model=lambda z: (z > 0).astype(z.dtype), mistakes=SLOPE_MISTAKES)
def write_relu_slope(function):
    z = np.array([-3.0, -0.5, 0.25, 2.0])
    takes_arrays(function, z, caught="one-number")
    cases = [z, np.append(z, 0.0), np.array([[0.0, -0.0], [1e4, -1e4]]), z.astype(np.float32)]
    return agrees(function, relu.derivative, [(z,) for z in cases], mistakes=SLOPE_MISTAKES)


def leaky(z, alpha):
    """A right answer."""
    return np.maximum(z, alpha * z)


LEAKY_MISTAKES = {
    "minimum": lambda z, alpha: np.minimum(z, alpha * z),
    "alpha-alone": lambda z, alpha: np.where(z > 0, z, alpha),
    "plain-relu": lambda z, alpha: np.maximum(z, 0),
    "mirrored-up": lambda z, alpha: np.where(z > 0, z, -alpha * z),
    "lost-the-type": lambda z, alpha: leaky(z, alpha).astype(np.float64),
    "lost-the-shape": lambda z, alpha: leaky(z, alpha).ravel(),
    "one-number": lambda z, alpha: max(z, alpha * z),
}


@exercise(model=leaky, mistakes=LEAKY_MISTAKES)
def write_leaky_relu(function):
    z = np.array([-3.0, -0.5, 0.0, 0.25, 2.0, -1e4, 1e4])
    takes_arrays(function, z, 0.1, caught="one-number")
    matrix = np.array([[-2.0, 3.0], [0.5, -0.25]])
    cases = [(z, 0.1), (z, 0.3), (matrix, 0.01), (matrix.astype(np.float32), 0.25)]
    return agrees(function, leaky, cases, mistakes=LEAKY_MISTAKES)


def straight_again(up, down, alpha):
    """A right answer."""
    return (up - down) / (1 + alpha)


STRAIGHT_MISTAKES = {
    "too-much": lambda up, down, alpha: up - down,
    "absolute-value": lambda up, down, alpha: up + down,
    "divided-by-the-rest": lambda up, down, alpha: (up - down) / (1 - alpha),
    "halved": lambda up, down, alpha: (up - down) / 2,
}


@exercise(model=straight_again, mistakes=STRAIGHT_MISTAKES)
def write_straight_again(function):
    z = np.array([-2.0, -0.5, 0.0, 0.75, 3.0])
    inputs = [(z, 0.25), (z, 0.01), (z[:, None], 0.9), (np.array([-1e4, 1e4]), 0.1)]
    cases = [(leaky_relu(alpha)(z), leaky_relu(alpha)(-z), alpha) for z, alpha in inputs]
    return agrees(function, straight_again, cases, mistakes=STRAIGHT_MISTAKES)
