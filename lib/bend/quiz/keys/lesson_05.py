"""The keys and exercises of lesson 05, worked out again: dead units, and what a leak does."""

from functools import cache

import numpy as np

from bend.nn import (
    SGD,
    Adam,
    Apply,
    Dense,
    Network,
    accuracy,
    affine_residual,
    binary_cross_entropy,
    breakpoints,
    dead_units,
    elu,
    fit,
    he,
    identity,
    leaky_relu,
    mlp,
    relu,
    rings,
    sigmoid,
    spirals,
    squared_error,
    tanh,
    uniform_fan_in,
    zero_fraction,
)
from bend.quiz.checks import agrees
from bend.quiz.keys import curve, exercise, key

# One unit

INPUTS = np.linspace(-1, 1, 21)[:, None]
TARGET = np.ones_like(INPUTS)


def _lone_unit(activation, bias, weight=1.0):
    dense = Dense(1, 1, rng=np.random.default_rng(0))
    dense.weights[:], dense.bias[:] = weight, bias
    return Network([dense, Apply(activation)])


def _taught(unit, rate=0.1, steps=1000):
    run = fit(unit, INPUTS, TARGET, loss=squared_error, optimizer=SGD(rate), steps=steps)
    return unit.dense[0].bias[0], run.losses


@key
def bias_after_thousand_steps():
    return _taught(_lone_unit(relu, -2.0))[0]


@key
def why_nothing_moves():
    bias, losses = _taught(_lone_unit(relu, -2.0))
    # Output 0 on every input too, but with slope 1.
    silent = _taught(_lone_unit(identity, 0.0, weight=0.0), steps=1)[0]
    told = {
        "slope": bias == -2,
        "output": silent == 0,
        "minimum": _taught(_lone_unit(relu, 0.0))[1][-1] >= losses[-1],
        "rate": _taught(_lone_unit(relu, -2.0), rate=1000.0)[0] != -2,
    }
    return {name for name, holds in told.items() if holds}


@curve
def loss_of_one_relu(z):
    return (relu(z) - 1) ** 2 / 2


@key
def quiet_or_dead():
    """By all that the words allow: dead in each case, in none, or in some."""
    row = np.linspace(-3.0, -1.0, 100)
    fires = np.append(row, 2.0)
    allowed = {
        "all-but-one": [fires],
        "one-batch": [row, fires],
        "largest-is-zero": [np.append(row, 0.0)],
        "mean-minus-five": [z - z.mean() - 5 for z in (row, 20 * fires)],
        "zero-everywhere": [row, np.append(row, 0.0)],
    }
    verdicts = {name: {bool(find_dead_units(z[:, None])[0]) for z in zs}
                for name, zs in allowed.items()}  # fmt: skip
    names = {frozenset({True}): "dead", frozenset({False}): "alive"}
    return {name: names.get(frozenset(found), "open") for name, found in verdicts.items()}


@key
def bias_that_kills(w1, w2, r):
    corners = np.array([[r, r], [r, -r], [-r, r], [-r, -r]])
    return -(corners @ [w1, w2]).max()


@key
def steps_with_a_smaller_leak():
    unit, steps = _lone_unit(leaky_relu(0.01), -2.0), 0
    while dead_units(unit, INPUTS)[0].all():
        _taught(unit, steps=1)
        steps += 1
    return steps


@key
def adam_without_gradient():
    moved = {}
    for name, optimizer in (("sgd", SGD(0.1)), ("adam", Adam(0.1))):
        weight, places = np.zeros(1), []
        for step in range(400):
            optimizer.step([weight], [np.array([-1.0 if step < 100 else 0.0])])
            places.append(weight[0])
        after = np.abs(np.diff(places[99:]))
        moved[name] = after[0] > 1e-3, after[-1] > 1e-3
    found = {
        ((False, False), (True, False)): "adam-coasts",
        ((False, False), (False, False)): "both-stop",
        ((True, False), (False, False)): "sgd-coasts",
        ((False, False), (True, True)): "adam-for-ever",
    }
    return {found.get((moved["sgd"], moved["adam"]), "none of these")}


# Networks


def _beginning(seed, activation=relu, data=rings, widths=(2, 64, 1), bias=0.0):
    rng = np.random.default_rng(seed)
    x, y = data(300, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng)
    network.dense[0].bias[:] = bias
    return network, x, y


def _train(start, optimizer, steps):
    network, x, y = start
    fit(network, x, y, loss=binary_cross_entropy, optimizer=optimizer, steps=steps)
    return network, x, y


@cache
def _came_back(layer, optimizer, rate, widths, later_rate=None):
    """The share of the units of that layer that were dead and fired again, within 60 steps."""
    network, x, y = _beginning(2, widths=widths)
    steps, seen = optimizer(rate), [dead_units(network, x)[layer]]
    for step in range(60):
        if step == 20 and later_rate:
            steps = optimizer(later_rate)
        _train((network, x, y), steps, 1)
        seen.append(dead_units(network, x)[layer])
    dead = np.array(seen)
    return (dead[:-1] & ~dead[1:]).any(axis=0).sum() / dead.any(axis=0).sum()


@key
def dead_at_rate_seven():
    network, x, _ = _train(_beginning(0), SGD(7), 30)
    dead = dead_units(network, x)[0].sum()
    return {"few" if dead < 10 else "some" if dead <= 32 else "most"}


@key
def dead_and_right():
    network, x, y = _train(_beginning(0), SGD(7), 1000)
    (dead,), (first, last) = dead_units(network, x), network.dense
    before = network(x)
    quiet = np.ptp(relu(first(x))[:, dead], axis=0).max()
    constant = np.abs(relu(first(x))[:, dead]).max()
    last.weights[dead] = 0
    told = {
        "enough": accuracy(network, x, y) == 1,
        "miscounted": dead.mean() < 0.6,
        "stored": not np.array_equal(network(x), before),
        "constant": quiet == 0 and constant > 0,
    }
    return {name for name, holds in told.items() if holds}


@key
def who_comes_back():
    first, second = (_came_back(layer, SGD, 3, (2, 32, 32, 1)) > 0 for layer in (0, 1))
    return {"both" if first and second else "second" if second else "none"}


@key
def who_can_come_back():
    deep, shallow = (2, 32, 32, 1), (2, 64, 1)
    back = {
        "second-sgd": _came_back(1, SGD, 3, deep),
        "first-adam": _came_back(0, Adam, 0.3, shallow),
        "first-sgd": _came_back(0, SGD, 5, shallow),
        "smaller-rate": _came_back(0, SGD, 5, shallow, later_rate=0.5),
    }
    return {name for name, share in back.items() if share > 0}


def _mixed(weights, biases):
    return lambda n, m, rng: (weights(n, m, rng)[0], biases(n, m, rng)[1])


@cache
def _dead_in_the_fourth():
    x, _ = spirals(300, rng=np.random.default_rng(0), standardise=True)
    starts = {
        "default": uniform_fan_in(),
        "weights": _mixed(uniform_fan_in(), he()),
        "biases": _mixed(he(), uniform_fan_in()),
        "he": he(),
    }
    shares = {}
    for name, start in starts.items():
        rngs = map(np.random.default_rng, range(20))
        nets = [mlp([2, 32, 32, 32, 32, 1], relu, rng=rng, initializer=start) for rng in rngs]
        shares[name] = np.mean([dead_units(network, x)[3].mean() for network in nets])
    return shares


@key
def dead_in_the_fourth_layer():
    return _dead_in_the_fourth()["default"]


@key
def blame_for_the_dead():
    dead = _dead_in_the_fourth()
    as_many = {name for name, share in dead.items() if share > 0.8 * dead["default"]}
    blamed = {"weights", "biases"} & as_many
    return {"depth"} if "he" in as_many else blamed or {"together"}


@key
def fewest_left():
    cases = {
        "relu-adam": (relu, Adam(0.03)),
        "large-leak-sgd": (leaky_relu(0.1), SGD(1)),
        "small-leak-adam": (leaky_relu(0.01), Adam(0.03)),
    }
    left = {}
    for name, (activation, optimizer) in cases.items():
        start = _beginning(0, activation, spirals, bias=-3)
        network, x, _ = _train(start, optimizer, 300)
        left[name] = dead_units(network, x)[0].sum()
    return {min(left, key=left.get)}


@key
def border_from_minus_ten():
    starts = [_beginning(seed, leaky_relu(0.01), bias=-10) for seed in range(3)]
    ends = [_train(start, Adam(0.03), 300) for start in starts]
    straight = [affine_residual(x, network(x)) < 1e-6 for network, x, _ in ends]
    return {"line" if all(straight) else "some" if any(straight) else "loop"}


@key
def leak_limits():
    network, x, y = _train(_beginning(0, leaky_relu(0.01), bias=-10), Adam(0.03), 200)
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    busy, spiral, _ = _train(_beginning(0, leaky_relu(0.01), spirals), Adam(1.0), 200)
    told = {
        "negative": dead_units(busy, spiral)[0].any(),
        "gradient": dead_units(network, x)[0].all() and network.grads[0].all(),
        "bent": affine_residual(x, network(x)) > 1e-9,
        "more-leak": _still_negative(0.1) < _still_negative(0.01),
    }
    return {name for name, holds in told.items() if holds}


def _still_negative(slope):
    starts = [_beginning(seed, leaky_relu(slope), spirals, bias=-3) for seed in range(3)]
    ended = [_train(start, Adam(0.03), 200) for start in starts]
    return np.median([dead_units(network, x)[0].sum() for network, x, _ in ended])


# Looking back


@key
def half_zero_not_dead():
    network, x, y = _beginning(0)
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    zero, dead = zero_fraction(network, x)[0], dead_units(network, x)[0].mean()
    told = {
        "each-half": abs(zero - 0.5) < 0.1 and dead == 0,
        "half-dead": dead > 0.3,
        "half-removable": dead > 0.3,
        "half-gradient": np.mean(network.grads[0] == 0) > 0.3,
    }
    return {name for name, holds in told.items() if holds}


@key
def slopes_at_minus_five():
    units = {"relu": relu, "tanh": tanh, "sigmoid": sigmoid, "leaky": leaky_relu(0.01)}
    return sorted(units, key=lambda name: units[name].derivative(-5.0))


@curve
def slope_of_elu(z):
    return elu.derivative(z)


@key
def pieces_left():
    """24 units with kinks spread over the walk from 0 to 1, and 40 that are dead on it."""
    network = mlp([1, 64, 1], relu, rng=np.random.default_rng(0))
    kinks = np.append((np.arange(24) + 0.5) / 24, np.full(40, 2.0))
    network.dense[0].weights[:], network.dense[0].bias[:] = 1, -kinks
    return len(breakpoints(network, [0.0], [1.0])) + 1


# Exercises


def find_dead_units(z):
    """A right answer."""
    return (z <= 0).all(axis=0)


DEAD_MISTAKES = {
    "any-not-all": lambda z: (z <= 0).any(axis=0),
    "wrong-axis": lambda z: (z <= 0).all(axis=1),
    "strictly-below": lambda z: (z < 0).all(axis=0),
    "alive-instead": lambda z: (z > 0).any(axis=0),
    "mean-below": lambda z: z.mean(axis=0) <= 0,
    "counted": lambda z: (z <= 0).all(axis=0).sum(),
    "indices": lambda z: np.flatnonzero((z <= 0).all(axis=0)),
    "every-entry": lambda z: z <= 0,
}


@exercise(model=find_dead_units, mistakes=DEAD_MISTAKES)
def find_dead(function):
    # In the first every mistake gives another answer: dead, dead at 0, quiet mostly, alive.
    square = np.array(
        [
            [-1.0, -2.0, -9.0, 1.0],
            [-2.0, 0.0, -9.0, 3.0],
            [-0.5, -1.0, 1.0, 2.0],
            [-4.0, -3.0, -9.0, -1.0],
        ]
    )
    draw = np.random.default_rng(0).normal(size=(50, 8)) + np.linspace(-5, 1, 8)
    cases = [(square,), (draw,), (draw[:1],), (draw[:, :1],), (draw.astype(np.float32),)]
    return agrees(function, find_dead_units, cases, mistakes=DEAD_MISTAKES)


def _unit_step(w, b, x, y, rate, alpha, *, slope=None, output=None, down=1, mean=True, two=2):
    z = w * x + b
    a = np.maximum(z, alpha * z) if output is None else output(z)
    slope = np.where(z > 0, 1, alpha) if slope is None else slope(z, alpha)
    dz = two * (a - y) * slope / (len(x) if mean else 1)
    return w - down * rate * (dz * x).sum(), b - down * rate * dz.sum()


def leaky_unit_step(w, b, x, y, rate, alpha):
    """A right answer."""
    return _unit_step(w, b, x, y, rate, alpha)


def _input_forgotten(w, b, x, y, rate, alpha):
    moved = leaky_unit_step(w, b, x, y, rate, alpha)[1] - b
    return w + moved, b + moved


def _gradient_alone(w, b, x, y, rate, alpha):
    moved = leaky_unit_step(w, b, x, y, 1.0, alpha)
    return w - moved[0], b - moved[1]


STEP_MISTAKES = {
    "gradient-alone": _gradient_alone,
    "slope-forgotten": lambda *case: _unit_step(*case, slope=lambda z, alpha: 1),
    "slope-at-zero": lambda *case: _unit_step(
        *case, slope=lambda z, alpha: np.where(z >= 0, 1, alpha)
    ),
    "uphill": lambda *case: _unit_step(*case, down=-1),
    "input-forgotten": _input_forgotten,
    "summed": lambda *case: _unit_step(*case, mean=False),
    "factor-two": lambda *case: _unit_step(*case, two=1),
    "relu-slope": lambda *case: _unit_step(*case, slope=lambda z, alpha: z > 0),
    "plain-relu": lambda *case: _unit_step(*case, output=relu),
}


@exercise(model=leaky_unit_step, mistakes=STEP_MISTAKES)
def unit_step(function):
    x, y = np.array([-1.0, 0.5, 2.0]), np.array([1.0, -1.0, 3.0])
    cases = [
        (1.5, 0.25, x, y, 0.1, 0.2),
        (1.0, -9.0, x, y, 0.1, 0.1),
        (1.0, -9.0, x, y, 0.1, 0.0),
        (1.0, -0.5, x, y, 0.5, 0.0),
        (-2.0, 0.0, np.linspace(-1, 1, 8), np.ones(8), 0.01, 0.01),
    ]
    return agrees(
        function, leaky_unit_step, cases, mistakes=STEP_MISTAKES, names=("w", "b"), dtype=False
    )


def collapse_leak(W1, b1, W2, b2, alpha):
    """A right answer."""
    return alpha * W1 @ W2, alpha * b1 @ W2 + b2


LEAK_MISTAKES = {
    "leak-forgotten": lambda W1, b1, W2, b2, alpha: (W1 @ W2, b1 @ W2 + b2),
    "leak-on-weights-alone": lambda W1, b1, W2, b2, alpha: (alpha * W1 @ W2, b1 @ W2 + b2),
    "first-bias-forgotten": lambda W1, b1, W2, b2, alpha: (alpha * W1 @ W2, b2),
    "leak-on-everything": lambda W1, b1, W2, b2, alpha: (alpha * W1 @ W2, alpha * (b1 @ W2 + b2)),
}


@exercise(model=collapse_leak, mistakes=LEAK_MISTAKES)
def collapsed_leak(function):
    rng, cases = np.random.default_rng(0), []
    for (n, m, k), alpha in (((2, 4, 1), 0.1), ((3, 3, 3), 0.01), ((1, 5, 2), 0.3)):
        shapes = (n, m), m, (m, k), k
        cases.append((*(rng.normal(size=shape) for shape in shapes), alpha))
    return agrees(function, collapse_leak, cases, mistakes=LEAK_MISTAKES, names=("W", "b"))
