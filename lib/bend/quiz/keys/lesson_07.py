"""The keys and exercises of lesson 07, worked out again: what a gradient meets on its way back."""

from functools import cache
from itertools import permutations

import numpy as np

from bend.errors import TrainingDiverged
from bend.nn import (
    SGD,
    Adam,
    activation_stats,
    binary_cross_entropy,
    fit,
    glorot,
    he,
    leaky_relu,
    mlp,
    normal,
    relu,
    rings,
    sigmoid,
    tanh,
    uniform_fan_in,
    update_to_weight,
)
from bend.quiz.checks import agrees
from bend.quiz.keys import curve, exercise, key

DEFAULT, GLOROT, HE, NORMAL = uniform_fan_in(), glorot(), he(), normal(1.0)


def _deep(activation, start, depth, width=32, dtype=np.float32, n=256):
    rng = np.random.default_rng(0)
    x, y = rings(n, rng=rng, standardise=True)
    widths = [2] + [width] * depth + [1]
    return mlp(widths, activation, rng=rng, initializer=start, dtype=dtype), x, y


@cache
def _fall(activation, start, depth=20):
    """The gradient at the first hidden layer over that at the last."""
    network, x, y = _deep(activation, start, depth, 100, np.float64)
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    first, *_, last, _ = map(np.linalg.norm, network.gradients)
    return first / last


@cache
def _learns(activation, start, depth, optimizer, rate, steps):
    network, x, y = _deep(activation, start, depth, n=128)
    how = {"loss": binary_cross_entropy, "optimizer": optimizer(rate), "stop_at": 0.1}
    try:
        return fit(network, x, y, steps=steps, **how).reached
    except TrainingDiverged:
        return False


@key
def one_layer_back():
    """The only order of the products that gives the gradient of the weights of a layer."""
    network, x, y = _deep(tanh, GLOROT, 2, width=4, dtype=np.float64)
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    lower, upper = network.dense[1:]
    steps = {
        "weights": lambda g: g @ upper.weights.T,
        "slope": lambda g: g * tanh.derivative(lower.outputs),
        "inputs": lambda g: lower.inputs.T @ g,
    }
    for order in permutations(steps):
        try:
            gradient = upper.outputs_grad
            for step in order:
                gradient = steps[step](gradient)
        except ValueError:  # shapes that do not fit
            continue
        if np.shape(gradient) == (4, 4) and np.allclose(gradient, lower.grads[0]):
            return list(order)
    return []


@key
def layers_to_zero():
    return _quarters(np.float32)


def _quarters(dtype):
    """How many factors of a quarter make exactly 0."""
    return int(np.argmax(np.multiply.accumulate(np.full(600, 0.25, dtype)) == 0)) + 1


@key
def noise_floor():
    tenth = np.multiply.accumulate(np.full(10, 0.25, np.float32))[-1]
    above_epsilon = tenth > np.finfo(np.float32).eps
    spacing_is_relative = np.spacing(tenth) < 2 * np.finfo(np.float32).eps * tenth
    return {"relative"} if above_epsilon and spacing_is_relative else {"sixteen-bits"}


@key
def sigmoid_wide_start():
    fall = _fall(sigmoid, NORMAL)
    return {"slopes" if fall < 1e-9 else "thousandth" if fall < 0.02 else "same"}


@key
def factor_over_layers(n, s, g, k):
    # A gradient of random signs goes through k layers; its squared norm is followed exactly.
    squared = 1.0
    for _ in range(k):
        squared *= n * s**2 * g**2
    return squared**0.5


@key
def relu_default_factor():
    factor = _fall(relu, DEFAULT) ** (1 / 19)
    named = {"one": 1.0, "seventy": 0.7, "forty": 0.4}
    return {min(named, key=lambda name: abs(named[name] - factor))}


@key
def vanish_keep_explode():
    pairs = {
        "sigmoid-he": (sigmoid, HE),
        "sigmoid-normal": (sigmoid, NORMAL),
        "tanh-glorot": (tanh, GLOROT),
        "relu-default": (relu, DEFAULT),
        "relu-he": (relu, HE),
        "relu-normal": (relu, NORMAL),
    }
    return {name: _becomes(_fall(*pair)) for name, pair in pairs.items()}


def _becomes(fall):
    if 0.1 < fall < 10:
        return "stays"
    return "vanishes" if fall < 1e-3 else "explodes" if fall > 1e3 else None


@key
def loss_of_twenty_sigmoids():
    network, x, y = _deep(sigmoid, GLOROT, 20)
    how = {"loss": binary_cross_entropy, "optimizer": SGD(0.1)}
    return fit(network, x, y, steps=300, **how).losses[-1]


@key
def what_gets_sigmoid_moving():
    tried = {
        "he-four": (HE, 4, SGD, 1.0, 1500),
        "wide-adam-twenty": (NORMAL, 20, Adam, 0.003, 400),
        "he-twenty": (HE, 20, SGD, 1.0, 200),
        "adam-twenty": (GLOROT, 20, Adam, 0.003, 400),
    }
    return {name for name, how in tried.items() if _learns(sigmoid, *how)}


@key
def where_the_harm_is():
    network, x, y = _deep(sigmoid, GLOROT, 10)
    before, *_ = _deep(sigmoid, GLOROT, 10)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=SGD(0.1), steps=1)
    correct = np.abs(network.dense[0].grads[0]).min() > np.finfo(np.float32).smallest_normal
    lost = update_to_weight(before, network)[0] < np.finfo(np.float32).eps
    return {"ratio"} if correct and lost else {"zero"}


@key
def is_relu_the_fix():
    without = _learns(tanh, GLOROT, 20, SGD, 0.1, 300)
    failing = not _learns(relu, DEFAULT, 20, SGD, 0.1, 100)
    return {"tanh-glorot"} if without and failing else set()


@key
def spread_after_ten():
    network, x, _ = _deep(sigmoid, GLOROT, 10, dtype=np.float64)
    first, *_, tenth = activation_stats(network, x).spread
    left = tenth / first
    return {"same" if left > 0.1 else "hundredth" if left > 1e-5 else "millionth"}


@key
def a_fifth_too_wide():
    growth = _fall(relu, he(1.2))
    named = {"fifth": 1.2, "four": 4.0, "forty": 40.0}
    return {min(named, key=lambda name: abs(np.log(named[name] / growth)))}


# Looking back


@key
def two_saturated_layers():
    return float(sigmoid.derivative(5.0)) ** 2


@curve
def slope_of_tanh(z):
    return tanh.derivative(z)


@key
def typical_slope_of_relu():
    z = np.random.default_rng(0).normal(size=200_000)
    return np.sqrt(np.mean(relu.derivative(z) ** 2))


@key
def tiny_nought_or_whole():
    slopes = {
        "dead-relu": relu.derivative(-1.0),
        "saturated-sigmoid": sigmoid.derivative(10.0),
        "leaky": leaky_relu(0.01).derivative(-3.0),
        "active-relu": relu.derivative(0.001),
    }
    return {
        name: "nothing" if slope == 0 else "all" if slope == 1 else "little"
        for name, slope in slopes.items()
    }


# Functions to write


def carry_back(gradient, weights, slopes):
    """A right answer."""
    return gradient @ weights.T * slopes


CARRY_MISTAKES = {
    "forgot-the-weights": lambda gradient, weights, slopes: gradient * slopes,
    "forgot-the-slopes": lambda gradient, weights, slopes: gradient @ weights.T,
    "forgot-the-transpose": lambda gradient, weights, slopes: gradient @ weights * slopes,
    "slopes-first": lambda gradient, weights, slopes: (gradient * slopes) @ weights.T,
}


@exercise(model=carry_back, mistakes=CARRY_MISTAKES)
def write_carry_back(function):
    # The square layer comes first: there no shape gives a mistake away.
    cases = [_going_back(activation, n, m) for activation in (sigmoid, relu) for n, m in SHAPES]
    return agrees(function, carry_back, cases, mistakes=CARRY_MISTAKES)


SHAPES = ((4, 4), (5, 3), (3, 1))


def _going_back(activation, n, m):
    rng = np.random.default_rng(7)
    slopes = activation.derivative(rng.normal(size=(6, n)))
    return rng.normal(size=(6, m)), rng.normal(size=(n, m)), slopes


def layer_factor(weights, slopes):
    """A right answer."""
    return np.sqrt(len(weights)) * weights.std() * np.sqrt(np.mean(slopes**2))


FACTOR_MISTAKES = {
    "forgot-the-weights": lambda weights, slopes: np.sqrt(np.mean(slopes**2)),
    "forgot-the-width": lambda weights, slopes: weights.std() * np.sqrt(np.mean(slopes**2)),
    "mean-slope": lambda weights, slopes: np.sqrt(len(weights)) * weights.std() * slopes.mean(),
    "width-without-root": lambda weights, slopes: (
        len(weights) * weights.std() * np.sqrt(np.mean(slopes**2))
    ),
    "other-width": lambda weights, slopes: (
        np.sqrt(weights.shape[1]) * weights.std() * np.sqrt(np.mean(slopes**2))
    ),
    "spread-of-slopes": lambda weights, slopes: (
        np.sqrt(len(weights)) * weights.std() * slopes.std()
    ),
}


@exercise(model=layer_factor, mistakes=FACTOR_MISTAKES)
def write_layer_factor(function):
    cases = []
    for activation, n, m in ((relu, 100, 100), (sigmoid, 32, 32), (tanh, 16, 48)):
        rng = np.random.default_rng(n)
        weights = rng.normal(0, 0.3, size=(n, m))
        # No mean, so that the root mean square of the weights will do as well.
        cases.append((weights - weights.mean(), activation.derivative(rng.normal(size=(8, n)))))
    return agrees(function, layer_factor, cases, mistakes=FACTOR_MISTAKES)


def _norm(arrays):
    return np.sqrt(sum((a**2).sum() for a in arrays))


def clip_together(gradients, limit):
    """A right answer."""
    factor = min(1.0, limit / _norm(gradients))
    return tuple(factor * g for g in gradients)


CLIP_MISTAKES = {
    "each-array": lambda gradients, limit: tuple(
        min(1.0, limit / _norm([g])) * g for g in gradients
    ),
    "each-entry": lambda gradients, limit: tuple(np.clip(g, -limit, limit) for g in gradients),
    "always": lambda gradients, limit: tuple(limit / _norm(gradients) * g for g in gradients),
    "norms-added": lambda gradients, limit: tuple(
        min(1.0, limit / sum(_norm([h]) for h in gradients)) * g for g in gradients
    ),
}


@exercise(model=clip_together, mistakes=CLIP_MISTAKES)
def write_clip(function):
    rng = np.random.default_rng(3)
    gradients = [5 * rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 1))]
    cases = [(gradients, 2.0), (gradients, 100.0), (gradients[1:], 0.5)]
    return agrees(function, clip_together, cases, mistakes=CLIP_MISTAKES)


@curve
def fading_gradient(z):
    return z / 19 * np.log10(_fall(sigmoid, GLOROT))
