"""The keys and exercises of lesson 06, worked out again: outputs, their losses, and gates."""

from functools import cache

import numpy as np

from bend.nn import (
    ACTIVATIONS,
    Adam,
    Apply,
    Network,
    accuracy,
    affine_residual,
    binary_cross_entropy,
    collapse,
    digits,
    fit,
    glorot,
    identity,
    mlp,
    relu,
    sigmoid,
    silu,
    softmax,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
)
from bend.quiz.checks import Judged, Verdict, agrees, run, wrong
from bend.quiz.compare import brief, compare
from bend.quiz.keys import curve, exercise, key


@cache
def _on_digits(widths, activation, loss, steps=60):
    x, labels = digits()
    y = labels if loss is softmax_cross_entropy else np.eye(10)[labels]
    network = mlp([64, *widths], activation, rng=np.random.default_rng(0), dtype=np.float32)
    fit(network, x[:1200], y[:1200], loss=loss, optimizer=Adam(0.01), steps=steps)
    return network, x[1200:], labels[1200:]


@key
def hidden_choice_on_digits():
    runs = [_on_digits((32, 32, 10), g, softmax_cross_entropy) for g in (relu, silu, tanh)]
    gap = np.ptp([accuracy(*run) for run in runs])
    return {"close" if gap < 0.05 else "apart" if gap < 0.2 else "worlds"}


@key
def logit_to_probability():
    return sigmoid(np.log(3))


@key
def naive_loss_at_twenty():
    with np.errstate(divide="ignore"):
        loss = -np.log(1 - sigmoid(np.float32(20)))
    return {"infinity" if np.isinf(loss) else "twenty" if abs(loss - 20) < 0.1 else "roughly"}


def _gradients(z):
    """By z, of the cross-entropy and of the squared error, where the right answer is 1."""
    z, one = np.array([[z]]), np.ones((1, 1))
    _, cross_entropy = binary_cross_entropy(z, one)
    _, by_p = squared_error(sigmoid(z), one)
    return cross_entropy.item(), (by_p * sigmoid.derivative(z)).item()


@key
def squared_error_gradient():
    cross_entropy, squared = _gradients(-10.0)
    ratio = squared / cross_entropy
    return {
        "larger" if ratio > 2 else "same" if ratio > 0.1 else "smaller" if ratio > 1e-3 else "tiny"
    }


@key
def why_squared_error_stalls():
    z = np.float32(-10)
    p = sigmoid(z)
    reasons = {
        "flat": sigmoid.derivative(z) < 1e-3,
        "bounded": abs(2 * (p - 1)) < 0.1,
        "rounding": p == 0,
        "rate": abs(_gradients(-10.0)[0]) < 0.1,
    }
    return {name for name, holds in reasons.items() if holds}


@key
def softmax_by_hand(a, b, c):
    return softmax(np.log([a, b, c]))[1]


@key
def one_sigmoid_or_two_outputs():
    z = np.random.default_rng(0).normal(0, 5, (100, 2))
    p = softmax(z)
    gains = {
        "sum": not np.allclose(sigmoid(z[:, 0]) + sigmoid(-z[:, 0]), 1),
        "curved": affine_residual(z, np.log(p[:, 0] / p[:, 1])) > 1e-9,
        "unsure": (p.max(axis=1) < 0.5).any(),
    }
    same = np.allclose(p[:, 0], sigmoid(z[:, 0] - z[:, 1]))
    return {name for name, holds in gains.items() if holds} or ({"nothing"} if same else set())


@key
def softmax_gradient():
    return softmax_cross_entropy(np.zeros((1, 4)), np.array([2]))[1][0, 2]


@key
def softmax_twice():
    sure_and_right = softmax(1000 * np.eye(10)[:1])
    return softmax_cross_entropy(sure_and_right, np.array([0]))[0]


@key
def naive_softmax_of_hundred():
    with np.errstate(all="ignore"):
        e = np.exp(np.array([100, 99], np.float32))
        p = e / e.sum()
    return {"nan" if np.isnan(p).all() else "shares" if p[1] > 0.1 else "winner"}


@key
def sum_of_ten_sigmoids():
    network, x, _ = _on_digits((32, 10), relu, binary_cross_entropy, 150)
    sums = sigmoid(network(x)).sum(axis=1)
    if sums.min() < 0.5 and sums.max() > 1.5:
        return {"anything"}
    return {"one" if np.abs(sums - 1).max() < 0.05 else "five"}


@key
def share_for_three_labels():
    logits = np.random.default_rng(0).normal(size=(2000, 3))
    return softmax(np.vstack([logits, np.zeros(3)])).min(axis=1).max()


@cache
def _regression(target, output, steps=500):
    t = np.linspace(-2, 2, 100)[:, None]
    y = {"wave": 3 + np.sin(2 * t), "price": 250_000 + 80_000 * t}[target]
    hidden = mlp([1, 16, 1], tanh, rng=np.random.default_rng(0), initializer=glorot())
    network = Network([*hidden.layers, Apply(output)])
    fit(network, t, y, loss=squared_error, optimizer=Adam(0.01), steps=steps)
    return y, network(t)


def _r_squared(y, guess):
    return 1 - ((y - guess) ** 2).mean() / y.var()


@key
def sigmoid_around_three():
    _, guess = _regression("wave", sigmoid)
    return {"right" if guess.max() > 1 else "one" if guess.mean() > 0.9 else "half"}


@key
def raw_house_prices():
    score = _r_squared(*_regression("price", identity))
    return {"good" if score > 0.9 else "mean" if score > -0.5 else "below"}


@key
def why_raw_prices_fail():
    y, guess = _regression("price", identity)
    t = np.linspace(-2, 2, 100)[:, None]
    hidden = tanh(t * [0.01])
    reasons = {
        "far": np.abs(guess).max() < 1000 < y.mean(),
        # The same hidden layer, with large weights after it, does reach the prices.
        "hidden": affine_residual(hidden, y) > 0.1,
        "positive": (guess < 0).mean() > 0.5,
        "identity": affine_residual(t, np.tanh(t) @ [[1.0]]) < 1e-3,
    }
    return {name for name, holds in reasons.items() if holds}


@key
def half_open_gate():
    left = sigmoid(0.0) ** 50
    return {"half" if left > 0.1 else "thousandth" if left > 1e-9 else "nothing"}


@key
def lstm_in_words():
    left, cell, forget, enter, candidate = 1.0, 0.0, 1.0, 1.0, 0.9
    for _ in range(100):
        left *= 0.99
    for _ in range(50):
        cell = forget * cell + enter * candidate
    return {"left": left, "cell": cell}


# (what the answers can be, how many outputs there are, whether exactly one of them is right)
INF = np.inf
QUESTIONS = {
    "spam": ((0, 1), 1, False),
    "species": ((0, 1), 120, True),
    "ingredients": ((0, 1), 40, False),
    "profit": ((-INF, INF), 1, False),
    "duration": ((0, INF), 1, False),
    "gate": ((0, 1), 1, False),
    "steering": ((-1, 1), 1, False),
}


@key
def decision_table():
    # An output has no kink, and its range is that of the answers.
    smooth = {g.bounds: name for name, g in ACTIVATIONS.items() if not g.kinks}
    table = {}
    for name, (bounds, outputs, exclusive) in QUESTIONS.items():
        fits = smooth[bounds].replace("identity", "none") + "s" * (outputs > 1)
        table[name] = "softmax" if exclusive else fits
    # Inside, what is active is passed on in full, and what is not costs nothing.
    full = (n for n, g in ACTIVATIONS.items() if g.derivative(9.0) == 1 and g(-9.0) == 0)
    return table | {"hidden": next(full)}


@key
def name_the_failure():
    tasks = {
        "line-for-yes": (identity, (0, 1)),
        "sigmoid-for-degrees": (sigmoid, (-INF, INF)),
        "line-for-price": (identity, (0, INF)),
        "tanh-for-age": (tanh, (0, INF)),
    }
    failures = {}
    for name, (activation, (low, high)) in tasks.items():
        reached_low, reached_high = activation.bounds
        falls_short = reached_high < high
        failures[name] = "falls-short" if falls_short else "leaves" if reached_low < low else ""
    z = np.random.default_rng(0).normal(size=(100, 3))
    if np.allclose(softmax(z).sum(axis=1), 1):
        failures["softmax-for-topics"] = "competes"
    if not np.allclose(sigmoid(z).sum(axis=1), 1, atol=0.1):
        failures["sigmoids-for-digit"] = "no-distribution"
    return failures


@key
def softmax_without_bends():
    network = mlp([2, 8, 8, 3], identity, rng=np.random.default_rng(0))
    weights, bias = collapse(network)
    x = np.random.default_rng(1).normal(size=(500, 2))
    affine = affine_residual(x, np.diff(np.log(softmax(network(x))), axis=1)) < 1e-6
    moved = (softmax(network(x)).argmax(axis=1) != (x @ weights + bias).argmax(axis=1)).any()
    return {"straight" if affine and not moved else "curved"}


@key
def slope_behind_the_stall():
    return sigmoid.derivative(-10.0)


@key
def slope_of_softplus():
    return softplus.derivative(np.log(3))


@key
def ranges_of_outputs():
    ranges = {(0, 1): "unit", (-1, 1): "symmetric", (-INF, INF): "all"}
    found = {}
    for name in ("sigmoid", "tanh", "relu", "softplus", "leaky-relu"):
        g = ACTIVATIONS[name.replace("-", "_")]
        reaches_zero = "half-line" if g(-10.0) == 0 else "positive"
        found[name] = ranges.get(g.bounds, reaches_zero)
    return found


@key
def tanh_made_of_sigmoid():
    stretch = np.ptp(tanh.bounds) / np.ptp(sigmoid.bounds)
    inner = tanh.derivative(0.0) / (stretch * sigmoid.derivative(0.0))
    return {"stretch": stretch, "inner": inner, "shift": tanh(0.0) - stretch * sigmoid(0.0)}


@curve
def bounded_output(z):
    return 1 + 2 * tanh(z)


@curve
def cross_entropy_pull(z):
    return sigmoid(z) - 1


def bce_from_logits(z, y):
    """A right answer."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def _naive_bce(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


SMALL_BCE_MISTAKES = {
    "sign": lambda z, y: -bce_from_logits(z, y),
    "swapped": lambda z, y: bce_from_logits(z, 1 - y),
    "answers-ignored": lambda z, y: np.mean(softplus(z)),
    "no-mean": lambda z, y: softplus(z) - z * y,
    "summed": lambda z, y: bce_from_logits(z, y) * np.size(z),
}
BCE_MISTAKES = SMALL_BCE_MISTAKES | {
    "log-of-zero": lambda z, y: _naive_bce(sigmoid(z), y),
    "clipped": lambda z, y: _naive_bce(np.clip(sigmoid(z), 1e-7, 1 - 1e-7), y),
}


@exercise(model=bce_from_logits, mistakes=BCE_MISTAKES)
def stable_bce(function):
    small = [([0.5, -1.0, 2.0], [1, 0, 1]), ([-2.0, 3.0], [1, 0]), ([0.0], [1])]
    small = [(np.array(z), np.array(y, float)) for z, y in small]
    small += [(z[:, None], y[:, None]) for z, y in small]
    agrees(function, bce_from_logits, small, mistakes=SMALL_BCE_MISTAKES, rtol=1e-5, dtype=False)
    for size in (50.0, 1e3, 1e4):
        for z, y in (([size, -size], [0, 1]), ([size, -size], [1, 0]), ([size, 0.0], [0, 1])):
            case = np.array(z), np.array(y, float)
            _extreme(function, bce_from_logits, case, _how_bce_fails)
    return Verdict(True, "Right for small logits, and for logits up to 10000.")


def _how_bce_fails(got):
    return "clipped" if np.isfinite(got).all() else "log-of-zero"


def _extreme(function, model, case, mistake):
    """Ends the exercise where the function fails on this case; `mistake` names how it does."""
    try:
        got = run(function, *case)
    except Judged as end:
        wrong(end.verdict.message, mistake(np.nan))
    what = f"{getattr(function, '__name__', 'your function')}() gives"
    if said := compare(got, model(*case), what=what, rtol=1e-5, dtype=False):
        wrong(f"{said}, for z = {brief(case[0])}.", mistake(got))


def stable_softmax(z):
    """A right answer."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _shares(e, axis=1):
    return e / e.sum(axis=axis, keepdims=True)


def _maximum_by_column(z):
    return _shares(np.exp(z - z.max(axis=0)))


def _how_rows_fail(z):
    """By what adds up to 1, whether the largest logit was taken away before or not."""

    def named(got):
        if np.allclose(np.sum(got), 1):
            return "sum-of-all"
        if np.allclose(np.sum(got, axis=0), 1):
            return "wrong-axis"
        return None if compare(got, _maximum_by_column(z)) else "maximum-by-column"

    return named


SOFTMAX_MISTAKES = {
    "maximum-by-column": _maximum_by_column,
    "wrong-axis": lambda z: _shares(np.exp(z), axis=0),
    "sum-of-all": lambda z: _shares(np.exp(z - z.max(axis=1, keepdims=True)), axis=None),
    "no-maximum": lambda z: _shares(np.exp(z)),
    "one-maximum": lambda z: _shares(np.exp(z - z.max())),
    "mean-in-its-place": lambda z: _shares(np.exp(z - z.mean(axis=1, keepdims=True))),
}


@exercise(model=stable_softmax, mistakes=SOFTMAX_MISTAKES)
def stable_softmax_rows(function):
    z = np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 3.0]])
    for small in (z, z.T, z[:1], np.zeros((4, 5))):
        _extreme(function, stable_softmax, (small,), _how_rows_fail(small))
    alike = 1000 + z
    _extreme(function, stable_softmax, (alike,), lambda got: "no-maximum")
    _extreme(function, stable_softmax, (np.vstack([z, alike, -alike]),), lambda got: "one-maximum")
    # Far apart within a row: only the largest leaves no positive exponent.
    _extreme(function, stable_softmax, (1000 * z,), lambda got: "mean-in-its-place")
    return Verdict(True, "Right on all hidden inputs, with logits up to 3000.")


def _lstm(gate=sigmoid, squash=tanh, carry=identity, out=tanh):
    def step(c, z_forget, z_input, z_output, z_candidate):
        c = carry(gate(z_forget) * c + gate(z_input) * squash(z_candidate))
        return c, gate(z_output) * out(c)

    return step


def _old_state_out(c, z_forget, z_input, z_output, z_candidate):
    new, _ = _lstm()(c, z_forget, z_input, z_output, z_candidate)
    return new, sigmoid(z_output) * tanh(c)


def _one_gate(c, z_forget, z_input, z_output, z_candidate):
    return _lstm()(c, z_forget, -z_forget, z_output, z_candidate)


def _output_first(*case):
    return _lstm()(*case)[::-1]


LSTM_MISTAKES = {
    "tanh-gates": _lstm(gate=tanh),
    "sigmoid-candidate": _lstm(squash=sigmoid),
    "squashed-state": _lstm(carry=tanh),
    "bare-output": _lstm(out=identity),
    "old-state-out": _old_state_out,
    "one-gate": _one_gate,
    "bare-gates": _lstm(gate=identity),
    "bare-candidate": _lstm(squash=identity),
    "output-first": _output_first,
}


@exercise(model=_lstm(), mistakes=LSTM_MISTAKES)
def lstm_step(function):
    rng = np.random.default_rng(0)
    cases = [tuple(rng.normal(0, 2, (5, *shape))) for shape in ((3,), (2, 4))]
    cases.append(tuple(np.array([[30.0], [9.0], [9.0], [9.0], [-1.0]])))
    return agrees(function, _lstm(), cases, mistakes=LSTM_MISTAKES, names=("c", "h"), dtype=False)
