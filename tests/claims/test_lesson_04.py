"""Lesson 04: ReLU and its family."""

from functools import cache
from timeit import timeit

import numpy as np
import pytest
from seeds import FLOATS, SEEDS
from tests.rates import RATES

from bend import (
    ACTIVATIONS,
    SGD,
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
from bend.errors import TrainingDiverged

pytestmark = pytest.mark.soak

STARTS = {"tanh": (tanh, glorot()), "sigmoid": (sigmoid, glorot()), "relu": (relu, he())}
STARTS |= {f"leaky {alpha}": (leaky_relu(alpha), he()) for alpha in (0.01, 0.1, 0.3)}


def task(name, rng):
    if name == "spirals":
        return *spirals(200, rng=rng, standardise=True), 1, binary_cross_entropy, 1500
    x, labels = digits()
    rows = rng.permutation(len(x))[:500]
    return (x[rows] - x.mean()) / x.std(), labels[rows], 10, softmax_cross_entropy, 600


@cache
def steps(name, hidden, activation, dtype, rate=None):
    """Steps to 95 of 100 right for each seed, at the tuned rate where none is given."""
    return np.array([_run(name, hidden, activation, dtype, rate, seed) for seed in SEEDS])


def _run(name, hidden, activation, dtype, rate, seed):
    g, start = STARTS[activation]
    rng = np.random.default_rng(seed)
    x, y, outputs, loss, patience = task(name, rng)
    widths = [x.shape[1]] + [32] * hidden + [outputs]
    network = mlp(widths, g, rng=rng, initializer=start, dtype=dtype)
    optimizer = Momentum(rate or RATES[name, hidden, activation])
    goal = {"steps": patience, "stop_at_accuracy": 0.95}
    try:
        history = fit(network, x, y, loss=loss, optimizer=optimizer, **goal)
    except TrainingDiverged:
        return np.inf
    return history.steps if history.reached else np.inf


def shortest(*functions):
    """As in the lesson: the shortest time of each, while they take turns."""
    return np.min([[timeit(f, number=1) for f in functions] for _ in range(60)], axis=0)


def pixels():
    x = digits()[0]
    return (x - x.mean()) / x.std()


def training_step(g, dtype):
    x, labels = pixels(), digits()[1]
    network = mlp([64, 64, 64, 10], g, rng=np.random.default_rng(0), dtype=dtype)
    plan = {"loss": softmax_cross_entropy, "optimizer": SGD(0.01), "steps": 1}
    return lambda: fit(network, x[:64], labels[:64], **plan)


@FLOATS
def test_c19_relu_is_zero_or_unchanged_and_its_slope_at_zero_is_zero(dtype):
    z = np.array([-2, -1e-9, 0, 1e-9, 2], dtype=dtype)
    assert np.array_equal(relu(z), np.array([0, 0, 0, 1e-9, 2], dtype=dtype))
    assert np.array_equal(relu.derivative(z), [0, 0, 0, 1, 1])


@FLOATS
def test_c20_relu_costs_a_few_copies_and_a_step_with_sigmoid_less_than_two_with_relu(dtype):
    z = pixels()[:250].astype(dtype)
    copy, plain, curved = shortest(z.copy, lambda: relu(z), lambda: sigmoid(z))
    assert plain < 10 * copy
    assert curved > plain
    quick, slow = shortest(training_step(relu, dtype), training_step(sigmoid, dtype))
    assert slow < 2 * quick


@FLOATS
def test_c21_sigmoid_over_relu_grows_with_depth_from_one_to_never(dtype):
    ratios = {
        hidden: np.median(
            steps("digits", hidden, "sigmoid", dtype) / steps("digits", hidden, "relu", dtype)
        )
        for hidden in (1, 2, 3, 4)
    }
    assert 0.5 < ratios[1] < 1.5
    assert ratios[2] < 2
    assert 1.5 < ratios[3] < 3.5
    assert 4 < ratios[4] < 8
    assert np.isinf(steps("digits", 6, "sigmoid", dtype)).sum() >= 9
    plain = steps("digits", 6, "relu", dtype)
    assert np.isfinite(plain).sum() >= 9
    assert np.median(plain) < 60


@FLOATS
@pytest.mark.parametrize("hidden", [1, 2, 3, 4, 6])
def test_c21_tanh_takes_fewer_steps_than_relu_on_the_digits(hidden, dtype):
    quicker = steps("digits", hidden, "tanh", dtype) < steps("digits", hidden, "relu", dtype)
    assert quicker.sum() >= 9


@FLOATS
def test_c21_on_the_spirals_tanh_is_slower_than_relu_and_sigmoid_much_slower(dtype):
    plain = steps("spirals", 2, "relu", dtype)
    assert (steps("spirals", 2, "sigmoid", dtype) >= 8 * plain).sum() >= 9
    assert (steps("spirals", 2, "tanh", dtype) >= 2 * plain).sum() >= 8


@FLOATS
def test_c21_one_rate_for_both_makes_a_large_ratio_where_tuning_leaves_little(dtype):
    slow, quick = (steps("digits", 2, name, dtype, 0.1) for name in ("sigmoid", "relu"))
    assert np.isfinite(quick).sum() >= 9
    assert (slow >= 4 * quick).sum() >= 8


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("hidden", [1, 2, 3, 4])
def test_c21_half_or_twice_the_tuned_rate_is_not_much_quicker(hidden, activation):
    tuned = RATES["digits", hidden, activation]
    best = np.median(steps("digits", hidden, activation, np.float64))
    for rate in (tuned / 2, tuned * 2):
        assert np.median(steps("digits", hidden, activation, np.float64, rate)) > 0.75 * best


@FLOATS
@pytest.mark.parametrize("name", ["digits", "spirals"])
def test_c22_half_of_the_outputs_are_zero_at_the_start_and_more_or_fewer_when_trained(name, dtype):
    before, after = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x, y, outputs, loss, _ = task(name, rng)
        network = mlp([x.shape[1], 32, 32, outputs], relu, rng=rng, dtype=dtype)
        before.extend(zero_fraction(network, x))
        fit(network, x, y, loss=loss, optimizer=Momentum(0.2), steps=300)
        after.extend(zero_fraction(network, x))
    assert np.mean(before) == pytest.approx(0.5, abs=0.05)
    assert sum(0.4 < share < 0.8 for share in after) >= 18
    assert np.ptp(after) > 0.1


@FLOATS
def test_c23_relu_is_not_centred_either_if_less_far_off_than_sigmoid(dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        z = rng.normal(size=(10_000, 64)).astype(dtype)
        assert relu(z).mean() == pytest.approx(0.4, abs=0.01)
        assert tanh(z).mean() == pytest.approx(0, abs=0.01)
        assert off_centre(relu(z)) == pytest.approx(0.7, abs=0.05)
        assert off_centre(sigmoid(z)) == pytest.approx(2.4, abs=0.05)
        assert one_sign(sigmoid(z[:1]), rng) == one_sign(relu(z[:1]), rng) == 32
        assert one_sign(tanh(z[:1]), rng) == 0


def off_centre(outputs):
    """The mean, measured by the spread."""
    return outputs.mean() / outputs.std()


def one_sign(inputs, rng):
    """Of 32 units, those whose 64 incoming weights one example pushes in one direction."""
    layer = Dense(64, 32, rng=rng, dtype=inputs.dtype)
    layer.forward(inputs)
    layer.backward(rng.normal(size=(1, 32)).astype(inputs.dtype))
    gradient = layer.grads[0]
    return ((gradient >= 0).all(axis=0) | (gradient <= 0).all(axis=0)).sum()


@FLOATS
@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.3, 0.9])
def test_c24_leaky_relu_is_the_larger_of_z_and_alpha_z(alpha, dtype):
    z = np.linspace(-5, 5, 1001, dtype=dtype)
    g = leaky_relu(alpha)
    assert np.array_equal(g(z), np.where(z > 0, z, dtype(alpha) * z))
    assert np.array_equal(g.derivative(z), np.where(z > 0, dtype(1), dtype(alpha)))


@FLOATS
def test_c25_a_step_with_leaky_relu_costs_what_one_with_relu_does(dtype):
    plain, leaky = shortest(training_step(relu, dtype), training_step(leaky_relu(0.01), dtype))
    assert leaky < 1.5 * plain


@FLOATS
def test_c26_a_large_alpha_wins_on_one_task_and_loses_on_the_other(dtype):
    deep, deep_leaky = (steps("digits", 6, name, dtype) for name in ("relu", "leaky 0.3"))
    flat, flat_leaky = (steps("spirals", 2, name, dtype) for name in ("relu", "leaky 0.3"))
    assert (deep_leaky < deep).sum() >= 9
    assert (flat_leaky > flat).sum() >= 9
    assert np.median(deep) > 1.5 * np.median(deep_leaky)
    assert np.median(flat_leaky) > 1.5 * np.median(flat)


@FLOATS
@pytest.mark.parametrize(("name", "hidden"), [("digits", 6), ("spirals", 2)])
def test_c26_the_usual_alpha_hardly_differs_from_relu(name, hidden, dtype):
    plain, leaky = (steps(name, hidden, activation, dtype) for activation in ("relu", "leaky 0.01"))
    assert ((leaky < 2 * plain) & (plain < 2 * leaky)).sum() >= 8


@FLOATS
@pytest.mark.parametrize("g", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_c27_what_is_stated_of_an_activation_is_what_is_measured(g, dtype):
    z = np.linspace(-50, 50, 100_001, dtype=dtype)
    value, slope = g(z), g.derivative(z)
    flat = {side for side, end in (("left", 0), ("right", -1)) if abs(slope[end]) < 1e-6}
    assert flat == g.saturates
    low, high = g.bounds
    assert value.min() == pytest.approx(low, abs=0.005) if "left" in flat else low == -np.inf
    assert value.max() == pytest.approx(high, abs=0.005) if "right" in flat else high == np.inf
    assert np.abs(slope).max() == pytest.approx(g.max_slope, abs=0.005)
    jump = np.abs(np.diff(slope))
    assert (jump.max() > 0.1) == bool(g.kinks)
    normal = g(np.random.default_rng(0).normal(size=100_000).astype(dtype))
    assert (abs(normal.mean()) < 0.02) == g.zero_centred


@FLOATS
def test_c28_kinks_dips_and_steep_slopes_of_the_family(dtype):
    z = np.linspace(-6, 6, 12_001, dtype=dtype)
    slopes = {g.name: g.derivative(z) for g in (elu, selu, gelu, silu, softplus, leaky_relu())}
    jumps = {name for name, slope in slopes.items() if np.abs(np.diff(slope)).max() > 0.1}
    assert jumps == {"selu", "leaky_relu"}
    assert {name for name, slope in slopes.items() if slope.min() < -0.01} == {"gelu", "silu"}
    assert {name for name, slope in slopes.items() if slope.max() > 1.01} == {
        "selu",
        "gelu",
        "silu",
    }
    assert np.allclose(slopes["softplus"], sigmoid(z), atol=1e-6)


@FLOATS
def test_c28_selu_keeps_mean_and_variance_through_ten_layers_and_elu_does_not(dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        kept, lost = (rng.normal(size=(1000, 256)).astype(dtype) for _ in range(2))
        for _ in range(10):
            weights = (rng.normal(size=(256, 256)) / 16).astype(dtype)
            kept, lost = selu(kept @ weights), elu(lost @ weights)
        assert kept.mean() == pytest.approx(0, abs=0.1)
        assert kept.std() == pytest.approx(1, abs=0.2)
        assert lost.std() < 0.7


def test_c28_the_gradient_of_alpha_is_z_on_the_left_and_nothing_on_the_right():
    z, h = np.array([-2.0, 1.0, -3.0]), 1e-6
    change = (leaky_relu(0.25 + h)(z) - leaky_relu(0.25 - h)(z)) / (2 * h)
    assert change == pytest.approx([-2, 0, -3])
