"""Lesson 06: choosing."""

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    SGD,
    Adam,
    Apply,
    Dense,
    Network,
    accuracy,
    binary_cross_entropy,
    digits,
    elu,
    fit,
    gelu,
    glorot,
    identity,
    leaky_relu,
    mlp,
    relu,
    shared_cross_entropy,
    sigmoid,
    silu,
    softmax,
    softmax_cross_entropy,
    softplus,
    spirals,
    squared_error,
    tanh,
)

pytestmark = pytest.mark.soak

SEEN, UNSEEN = slice(0, 1200), slice(1200, None)
X, LABELS = digits()
FACTS = np.stack([LABELS % 2 == 0, np.isin(LABELS, [0, 6, 8, 9]), LABELS > 4], axis=1) * 1.0
T = np.linspace(-2, 2, 200)[:, None]


def reader(widths, activation, loss, y, seed, dtype):
    network = mlp([64, *widths], activation, rng=np.random.default_rng(seed), dtype=dtype)
    fit(network, X[SEEN], y[SEEN], loss=loss, optimizer=Adam(0.01), steps=150)
    return network


def score(network):
    return accuracy(network, X[UNSEEN], LABELS[UNSEEN])


@FLOATS
@pytest.mark.parametrize("activation", [relu, leaky_relu(), gelu, silu, tanh], ids=lambda g: g.name)
def test_c34_on_a_small_problem_the_hidden_activation_hardly_matters(activation, dtype):
    loss, widths = softmax_cross_entropy, [32, 32, 10]
    scores = [score(reader(widths, activation, loss, LABELS, s, dtype)) for s in SEEDS]
    assert sum(0.90 <= right <= 0.95 for right in scores) >= 9


def solves_spirals(activation, seed, dtype):
    rng = np.random.default_rng(seed)
    x, y = spirals(300, rng=rng, standardise=True)
    network = mlp([2, 64, 1], activation, rng=rng, dtype=dtype)
    network.dense[0].bias[:] = -3
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.03), steps=1000)
    return accuracy(network, x, y) >= 0.98


@FLOATS
def test_c34_leaky_relu_and_elu_learn_from_dead_starts_that_relu_does_not(dtype):
    solved = {
        g.name: sum(solves_spirals(g, seed, dtype) for seed in SEEDS)
        for g in (relu, leaky_relu(), elu)
    }
    assert solved["relu"] <= 4
    assert min(solved["leaky_relu"], solved["elu"]) >= 9


@pytest.mark.parametrize(("dtype", "last", "first"), [(np.float32, 16, 17), (np.float64, 36, 37)])
def test_c35_the_naive_loss_is_infinite_from_17_and_37_on(dtype, last, first):
    with np.errstate(divide="ignore"):
        assert np.isfinite(-np.log(1 - sigmoid(dtype(last))))
        assert np.isinf(-np.log(1 - sigmoid(dtype(first))))
    assert softplus(dtype(first)) == pytest.approx(first, rel=1e-6)


@FLOATS
def test_c35_squared_error_hardly_pulls_where_the_unit_is_sure_and_wrong(dtype):
    z, y = np.full((1, 1), -10, dtype), np.ones((1, 1))
    squares = squared_error(sigmoid(z), y)[1] * sigmoid.derivative(z)
    assert binary_cross_entropy(z, y)[1].item() == pytest.approx(-1, abs=1e-3)
    assert squares.item() == pytest.approx(-9e-5, rel=0.05)


def steps_to_one_half(loss, layers, goal, optimizer, dtype):
    unit = Network([Dense(1, 1, rng=np.random.default_rng(0), dtype=dtype), *layers])
    unit.dense[0].bias[:] = -10
    x, y = np.zeros((1, 1)), np.ones((1, 1))
    return fit(unit, x, y, loss=loss, optimizer=optimizer, steps=20_000, stop_at=goal).steps


@FLOATS
@pytest.mark.parametrize(
    ("make", "low", "high"), [(lambda: SGD(1), 500, 2000), (lambda: Adam(0.1), 0, 2)]
)
def test_c35_with_sgd_the_squared_error_takes_ages_and_adam_hides_it(make, low, high, dtype):
    entropy = steps_to_one_half(binary_cross_entropy, [], np.log(2), make(), dtype)
    squares = steps_to_one_half(squared_error, [Apply(sigmoid)], 0.25, make(), dtype)
    assert low < squares / entropy < high


@FLOATS
def test_c36_two_outputs_are_one_sigmoid_and_the_gradient_is_p_minus_y(dtype):
    for seed in SEEDS:
        z = np.random.default_rng(seed).normal(0, 3, (100, 5)).astype(dtype)
        two = softmax(np.stack([z[:, 0], np.zeros(100, dtype)], axis=1))[:, 0]
        np.testing.assert_allclose(two, sigmoid(z[:, 0]), rtol=1e-5)
        labels = np.full(100, 2)
        h, gradient = 1e-5, softmax_cross_entropy(z, labels)[1] * 100
        assert np.allclose(gradient, softmax(z) - np.eye(5)[2], atol=1e-6)
        wide = z.astype(np.float64)[:1]
        for k, step in enumerate(h * np.eye(5)):
            up, down = (softmax_cross_entropy(wide + s, labels[:1])[0] for s in (step, -step))
            assert (up - down) / (2 * h) == pytest.approx(gradient[0, k], abs=1e-5)


@pytest.mark.parametrize(("dtype", "fine", "gone"), [(np.float32, 88, 89), (np.float64, 709, 710)])
def test_c36_naive_softmax_overflows_beyond_88_and_709(dtype, fine, gone):
    with np.errstate(over="ignore", invalid="ignore"):
        good, bad = (np.exp(np.array([z, z - 1], dtype)) for z in (fine, gone))
        assert (good / good.sum())[1] == pytest.approx(sigmoid(-1.0), abs=1e-6)
        assert np.isnan((bad / bad.sum())[0])
    assert softmax(np.array([gone, gone - 1], dtype))[1] == pytest.approx(sigmoid(-1.0), rel=1e-5)


@FLOATS
def test_c36_ten_sigmoids_classify_as_well_and_are_no_distribution(dtype):
    for seed in SEEDS:
        one = reader([32, 10], relu, softmax_cross_entropy, LABELS, seed, dtype)
        ten = reader([32, 10], relu, binary_cross_entropy, np.eye(10)[LABELS], seed, dtype)
        assert min(score(one), score(ten)) > 0.88
        assert abs(score(one) - score(ten)) < 0.04
        sums = sigmoid(ten(X[UNSEEN])).sum(axis=1)
        assert sums.min() < 0.5
        assert sums.max() > 1.5


@FLOATS
@pytest.mark.parametrize(
    ("output", "loss", "low", "high"),
    [(softmax, shared_cross_entropy, 0, 0.5), (sigmoid, binary_cross_entropy, 0.8, 1)],
)
def test_c36_several_labels_want_sigmoids(output, loss, low, high, dtype):
    for seed in SEEDS:
        p = output(reader([32, 3], relu, loss, FACTS, seed, dtype)(X[UNSEEN]))
        assert low < ((p > 0.5) == FACTS[UNSEEN]).all(axis=1).mean() < high


def curve_fit(y, output, seed, dtype, steps=500):
    rng = np.random.default_rng(seed)
    hidden = mlp([1, 16, 1], tanh, rng=rng, initializer=glorot(), dtype=dtype)
    network = Network([*hidden.layers, Apply(output)])
    fit(network, T, y, loss=squared_error, optimizer=Adam(0.01), steps=steps)
    return network(T)


def scores(y, output, dtype):
    guesses = [curve_fit(y, output, seed, dtype) for seed in SEEDS]
    return [1 - ((y - guess) ** 2).mean() / y.var() for guess in guesses]


@FLOATS
def test_c37_a_sigmoid_cannot_reach_targets_around_three(dtype):
    wave = 3 + np.sin(2 * T)
    assert -10 < min(scores(wave, sigmoid, dtype)) <= max(scores(wave, sigmoid, dtype)) < -5
    assert min(scores(wave, identity, dtype)) > 0.95


@FLOATS
def test_c37_raw_prices_are_out_of_reach_and_standardised_ones_are_not(dtype):
    price = 250_000 + 80_000 * T
    assert max(scores(price, identity, dtype)) < -5
    assert min(scores((price - price.mean()) / price.std(), identity, dtype)) > 0.95


@FLOATS
def test_c37_without_an_activation_positive_targets_get_negative_answers(dtype):
    rise = np.exp(2 * T - 2)
    plain, positive = (
        [curve_fit(rise, g, seed, dtype, steps=1000) for seed in SEEDS]
        for g in (identity, softplus)
    )
    assert sum((guess < 0).any() for guess in plain) >= 9
    assert not any((guess < 0).any() for guess in positive)
    assert min(1 - ((rise - guess) ** 2).mean() / rise.var() for guess in plain + positive) > 0.95
    by_log = [np.exp(curve_fit(np.log(rise), identity, seed, dtype)) for seed in SEEDS]
    assert min(1 - ((rise - guess) ** 2).mean() / rise.var() for guess in by_log) > 0.9


@FLOATS
def test_c38_a_bounded_state_stays_and_a_relu_state_explodes(dtype):
    for seed in SEEDS:
        W = np.abs(np.random.default_rng(seed).normal(size=(16, 16)))
        W = (W * 1.5 / np.abs(np.linalg.eigvals(W)).max()).astype(dtype)
        bounded = free = np.full(16, 0.1, dtype)
        for _ in range(50):
            bounded, free = tanh(bounded @ W), relu(free @ W)
        assert 1 < np.linalg.norm(bounded) < 4
        assert np.linalg.norm(free) > 1e8


@FLOATS
def test_c38_a_forget_gate_keeps_only_near_1(dtype):
    assert np.prod(np.full(50, sigmoid(dtype(0)))) == pytest.approx(8.9e-16, rel=0.01)
    assert np.prod(np.full(50, sigmoid(dtype(5)))) == pytest.approx(0.71, abs=0.01)
