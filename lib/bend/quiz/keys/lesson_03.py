"""The keys and exercises of lesson 03, worked out again: sigmoid and tanh."""

from functools import cache

import numpy as np

from bend.nn import (
    Adam,
    Apply,
    Dense,
    Momentum,
    Network,
    accuracy,
    affine_residual,
    best_line_accuracy,
    binary_cross_entropy,
    digits,
    fit,
    gelu,
    glorot,
    he,
    leaky_relu,
    mlp,
    relu,
    rings,
    sigmoid,
    silu,
    softmax_cross_entropy,
    softplus,
    tanh,
    time_ratio,
)
from bend.quiz.checks import Judged, agrees, run, takes_arrays, wrong
from bend.quiz.keys import curve, exercise, key

Z = np.linspace(-10, 10, 2001)


@key
def largest_slope_of_sigmoid():
    return sigmoid.derivative(Z).max()


@curve
def sigmoid_slope(z):
    return sigmoid.derivative(z)


@key
def slope_from_the_output(p):
    return sigmoid.derivative(np.log(p / (1 - p)))


@key
def sigmoid_reaches_one():
    reasons = {
        "below": 0 < np.exp(-40.0) < np.finfo(float).eps / 2 and 1 / (1 + np.exp(-40.0)) == 1,
        "reached": sigmoid(-40.0) == 0,  # what is missing to 1 at z is what there is at −z
        "underflow": np.exp(-40.0) == 0,
        "print": sigmoid(40.0) < 1,
    }
    return {name for name, holds in reasons.items() if holds}


def steady_sigmoid(z):
    """A right answer: e^−|z| never overflows."""
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, e) / (1 + e)


def _by_mask(z):
    out, right = np.empty_like(z), z >= 0
    out[right] = 1 / (1 + np.exp(-z[right]))
    e = np.exp(z[~right])
    out[~right] = e / (1 + e)
    return out


SIGMOID_MISTAKES = {
    "wrong-sign": lambda z: 1 / (1 + np.exp(z)),
    "half-tanh": lambda z: (1 + np.tanh(z / 2)) / 2,
}
MODERATE, FAR_LEFT = np.array([0.0, 1.0, -1.0, 3.0]), np.array([-30.0, -60.0])


@exercise(
    model=steady_sigmoid,
    mistakes={
        **SIGMOID_MISTAKES,
        "overflow": lambda z: 1 / (1 + np.exp(-z)),
        "both-branches": lambda z: np.where(
            z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))
        ),
        "mask-on-a-number": _by_mask,
        "clipped": lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        "one-number": lambda z: 1 / (1 + np.exp(-z)) if z >= 0 else np.exp(z) / (1 + np.exp(z)),
    },
)
def write_stable_sigmoid(function):
    how = {"mistakes": SIGMOID_MISTAKES, "rtol": 1e-5, "atol": 1e-300}
    takes_arrays(function, MODERATE, caught="one-number")
    agrees(function, steady_sigmoid, [(MODERATE,)], **how)
    # A warning has no value to recognise it by: what warns at +1000 computes the other branch too.
    _named(function, np.array([1000.0]), "both-branches")
    _named(function, np.array([-1000.0]), "overflow")
    _named(function, 2.0, "mask-on-a-number")
    if (far := np.ravel(run(function, np.array([-1000.0])))[0]) > 0:
        wrong(f"For z = -1000 it gives {far:.3g} and not 0, which e^-1000 rounds to.", "clipped")
    cases = [MODERATE, FAR_LEFT, np.array([[1000.0], [-1000.0]]), -2.0, 0.0]
    cases += [np.array([-17.0, 17.0], dtype=np.float32), np.array([-1000, 1000], dtype=np.float32)]
    return agrees(function, steady_sigmoid, [(z,) for z in cases], **how)


def _named(function, z, caught):
    """Run it for z; where that ends the exercise, the mistake has this name."""
    try:
        run(function, z)
    except Judged as end:
        wrong(end.verdict.message, caught)


def slope_of_sigmoid(z):
    """A right answer."""
    s = sigmoid(z)
    return s * (1 - s)


SLOPE_MISTAKES = {
    "slope-of-the-output": lambda z: z * (1 - z),
    "forgot-the-square": lambda z: np.exp(-z) / (1 + np.exp(-z)),
    "lost-a-minus": lambda z: -slope_of_sigmoid(z),
    "plus": lambda z: sigmoid(z) * (1 + sigmoid(z)),
    "slope-of-tanh": lambda z: 1 - sigmoid(z) ** 2,
    "the-value": lambda z: sigmoid(z),
}


@exercise(model=slope_of_sigmoid, mistakes=SLOPE_MISTAKES)
def write_sigmoid_slope(function):
    cases = [np.array([1.0, -2.0, 0.0, 5.0]), 0.0, np.array([[2.0], [-3.0]]), np.array([30.0])]
    cases += [np.array([0.5, -0.5], dtype=np.float32)]
    how = {"mistakes": SLOPE_MISTAKES, "rtol": 1e-5}
    return agrees(function, slope_of_sigmoid, [(z,) for z in cases], **how)


@key
def slope_left_at_five():
    left = sigmoid.derivative(5.0) / sigmoid.derivative(0.0)
    return {"half" if left > 0.3 else "tenth" if left > 0.06 else "thirtieth"}


@key
def slope_per_step():
    return sigmoid.derivative(9.0) / sigmoid.derivative(10.0)


@curve
def doubled_sigmoid(z):
    return 2 * sigmoid(2 * z) - 1


@key
def sigmoid_or_tanh():
    return {
        "above-zero": _who(lambda g: (g(Z) > 0).all()),
        "mean-zero": _who(lambda g: abs(g(Z).mean()) < 1e-9),
        "quarter": _who(lambda g: np.isclose(g.derivative(Z).max(), 0.25)),
        "flat-tails": _who(lambda g: (g.derivative(np.array([-9.0, 9.0])) < 1e-3).all()),
        "flat-at-four": _who(lambda g: g.derivative(4.0) < 0.01 * g.derivative(0.0)),
    }


def _who(holds):
    found = [g.name for g in (sigmoid, tanh) if holds(g)]
    return "both" if len(found) == 2 else found[0]


@key
def one_step_of_backprop():
    layer = Dense(1, 1, rng=np.random.default_rng(0))
    layer.weights[:] = 0
    unit = Network([layer, Apply(sigmoid)])
    unit.forward([[0.4]])
    unit.backward(np.array([[3.0]]))
    return layer.grads[0][0, 0]


def weight_gradient(inputs, delta):
    """A right answer."""
    return inputs.T @ delta


GRADIENT_MISTAKES = {
    "not-summed": lambda inputs, delta: inputs * delta[:, None],
    "summed-too-early": lambda inputs, delta: inputs.sum(axis=0) * delta.sum(),
    "downhill": lambda inputs, delta: -inputs.T @ delta,
    "averaged": lambda inputs, delta: inputs.T @ delta / len(delta),
    "inputs-only": lambda inputs, delta: inputs.sum(axis=0),
}


@exercise(model=weight_gradient, mistakes=GRADIENT_MISTAKES)
def write_weight_gradient(function):
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(n, m)), rng.normal(size=n)) for n, m in ((4, 3), (1, 5), (7, 2))]
    return agrees(function, weight_gradient, cases, mistakes=GRADIENT_MISTAKES)


def _gradient(activation, batch, seed):
    """∂loss/∂W of the second layer of a fresh network on digits: (inputs, neurons)."""
    rng, start = np.random.default_rng(seed), he() if activation is relu else glorot()
    x, labels = digits()
    rows = rng.permutation(len(x))[:batch]
    network = mlp([64, 32, 32, 10], activation, rng=rng, initializer=start)
    network.backward(softmax_cross_entropy(network.forward(x[rows]), labels[rows])[1])
    return network.dense[1].grads[0]


def _one_sign(gradient):
    alive = gradient[:, (gradient != 0).any(axis=0)]
    return (alive >= 0).all(axis=0) | (alive <= 0).all(axis=0)


@cache
def _shares(activation, batch):
    return np.mean([_one_sign(_gradient(activation, batch, seed)).mean() for seed in range(9)])


@key
def signs_of_one_example():
    share = _shares(sigmoid, 1)
    return {"all" if share == 1 else "most" if share > 0.6 else "half"}


@key
def one_sign_when():
    neurons = np.sign(_gradient(sigmoid, 1, 0).sum(axis=0))
    held = {
        "one-example": _shares(sigmoid, 1) == 1,
        "relu-too": _shares(relu, 1) == 1,
        "always": _shares(sigmoid, 32) == 1,
        "whole-layer": abs(neurons.sum()) == len(neurons),
        "tanh-too": _shares(tanh, 1) == 1,
    }
    return {name for name, holds in held.items() if holds}


def _descent_steps(features, target):
    """Steps of steepest descent until a thousandth of the first loss is left."""
    x = np.column_stack([features, np.ones(len(features))])
    hessian, w, first = x.T @ x / len(x), np.zeros(x.shape[1]), np.mean(target**2)
    rate = 1 / np.linalg.eigvalsh(hessian)[-1]
    for step in range(100_000):
        error = x @ w - target
        if np.mean(error**2) <= first / 1000:
            return step
        w -= rate * x.T @ error / len(x)
    return np.inf


@cache
def _both_descents():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(500, 20))
    target = tanh(z / 2) @ rng.normal(size=20)
    return _descent_steps(sigmoid(z), target), _descent_steps(tanh(z / 2), target)


@key
def steps_when_centred():
    plain, centred = _both_descents()
    return {"same" if plain < 1.5 * centred else "few" if plain < 10 * centred else "many"}


@key
def why_zig_zag():
    """Opposite moves of two weights: possible for one example with tanh inputs, not with σ."""
    z = np.random.default_rng(0).normal(size=(1000, 2))
    together = [(np.sign(g(z)).prod(axis=1) > 0).all() for g in (sigmoid, tanh)]
    reachable = np.linalg.matrix_rank(sigmoid(z)) == 2
    return {"one-quadrant"} if together == [True, False] and reachable else set()


@key
def step_against_element():
    z = np.random.default_rng(0).normal(size=20_000)
    element = time_ratio(lambda: sigmoid(z), lambda: relu(z), repeats=9)
    step = time_ratio(_one_step(sigmoid), _one_step(relu), repeats=9)
    return {"smaller" if step < 0.9 * element else "same" if step < 1.1 * element else "larger"}


def _one_step(activation):
    rng = np.random.default_rng(0)
    network, x = mlp([64, 256, 256, 1], activation, rng=rng), rng.normal(size=(256, 64))
    return lambda: network.backward(network.forward(x))


@key
def products_per_sigmoid():
    network = mlp([2, 64, 64, 1], sigmoid, rng=np.random.default_rng(0))
    hidden = [layer.bias.size for layer in network.dense[:-1]]
    return sum(layer.weights.size for layer in network.dense) / sum(hidden)


@key
def half_tanh_far_left():
    z = np.float32(-17)
    wrong_by = abs((1 + np.tanh(z / 2)) / 2 / sigmoid(np.float64(z)) - 1)
    sizes = {"rounding": 1e-6, "thousandth": 1e-3, "much": 0.4}
    return {min(sizes, key=lambda name: abs(np.log(wrong_by / sizes[name])))}


@key
def tanh_against_relu():
    slow, fast = (np.median([_passes(g, seed) for seed in range(3)]) for g in (relu, tanh))
    return {"slower" if fast > slow else "no-slower"}


def _passes(activation, seed, most=6):
    """Passes over the digits until 95 of 100 are right, at the best rate of both."""
    x, labels = digits()
    rng, start = np.random.default_rng(seed), he() if activation is relu else glorot()
    network = mlp([64, 64, 64, 64, 64, 10], activation, rng=rng, initializer=start)
    optimizer, how = Momentum(0.03), {"batch_size": 64, "rng": rng}
    for done in range(1, most + 1):
        fit(network, x, labels, loss=softmax_cross_entropy, optimizer=optimizer, steps=28, **how)
        if accuracy(network, x, labels) >= 0.95:
            return done
    return np.inf


@curve
def share_kept(z):
    return 1 - sigmoid(z)


@key
def sigma_in_disguise():
    s, z = sigmoid, Z
    pairs = {
        "tanh": (tanh(z), 2 * s(2 * z) - 1),
        "silu": (silu(z), z * s(z)),
        "softplus": (softplus.derivative(z), s(z)),
        "relu": (relu(z), z * s(z)),
        "gelu": (gelu(z), z * s(1.702 * z)),
    }
    return {name for name, (one, other) in pairs.items() if np.allclose(one, other, atol=1e-12)}


@key
def where_today():
    bounds = {g.name: g.bounds for g in (sigmoid, tanh, relu)}
    needs = {
        "probability": (0.0, 1.0),
        "gate": (0.0, 1.0),
        "candidate": (-1.0, 1.0),
        "steering": (-1.0, 1.0),
        "deep-hidden": None,  # nothing that saturates on both sides
    }
    unsaturated = next(g.name for g in (sigmoid, tanh, relu) if len(g.saturates) < 2)
    by_bounds = {bound: name for name, bound in bounds.items()}
    return {item: by_bounds[need] if need else unsaturated for item, need in needs.items()}


@key
def sigmoid_as_tanh(w, b):
    """What is left of w σ(z) + b when the multiple of tanh(z/2) in it is taken away."""
    features = np.column_stack([tanh(Z / 2), np.ones_like(Z)])
    return np.linalg.lstsq(features, w * sigmoid(Z) + b, rcond=None)[0][1]


@key
def loop_of_sigmoids():
    rng = np.random.default_rng(0)
    x, y = rings(300, rng=rng, standardise=True)
    network = mlp([2, 24, 1], sigmoid, rng=rng, initializer=glorot())
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.1), steps=600)
    if accuracy(network, x, y) < 0.99:
        return {"two-layers"}
    line = np.column_stack([np.linspace(-2, 2, 2001), np.full(2001, 0.3)])
    curved = np.abs(np.diff(network(line)[:, 0], 2)) > 1e-9
    return {"smooth" if curved.mean() > 0.5 else "polygon"}


@key
def box_of_two_sigmoids():
    low, high = sigmoid.bounds
    return (high - low) ** 2


@key
def enough_bends():
    x, rng = np.linspace(-1, 1, 201)[:, None], np.random.default_rng(0)
    z = x * rng.normal(0, 6, 200) + rng.normal(0, 6, 200)
    activations = {
        "sigmoid": sigmoid,
        "tanh": tanh,
        "leaky-relu": leaky_relu(0.01),
        "cube": lambda z: z**3,
        "identity": lambda z: z,
    }
    wave = np.sin(6 * x)
    return {name for name, g in activations.items() if affine_residual(g(z), wave) < 0.01}


@key
def sigmoid_at_the_output_of_xor():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    # σ never falls, so that its output is above ½ on one side of the neuron's line.
    assert (np.diff(sigmoid(Z)) > 0).all()
    return best_line_accuracy(x, np.array([0.0, 1.0, 1.0, 0.0]))
