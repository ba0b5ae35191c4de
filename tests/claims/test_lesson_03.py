"""Lesson 03: sigmoid and tanh."""

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    SGD,
    Momentum,
    accuracy,
    digits,
    fit,
    gelu,
    glorot,
    he,
    identity,
    mlp,
    normal,
    relu,
    sigmoid,
    silu,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
    time_ratio,
)

pytestmark = pytest.mark.soak

X, LABELS = digits()


def start_of(activation):
    return he() if activation is relu else glorot()


def test_c12_the_slope_of_sigma_peaks_at_a_quarter_at_0_only():
    z = np.linspace(-10, 10, 2001)
    slope, h = sigmoid.derivative(z), 1e-5
    assert np.allclose((sigmoid(z + h) - sigmoid(z - h)) / (2 * h), slope, atol=1e-9)
    assert np.allclose(slope, sigmoid(z) * (1 - sigmoid(z)), rtol=1e-10)
    assert list(z[slope >= 0.25]) == [0]


@pytest.mark.parametrize(("dtype", "reached"), [(np.float32, 16.64), (np.float64, 36.74)])
def test_c12_sigma_reaches_1_in_floating_point_only(dtype, reached):
    z = np.arange(0, 40, 0.01).astype(dtype)
    assert z[sigmoid(z) == 1].min() == pytest.approx(reached, abs=0.02)
    assert (sigmoid(-z) > 0).all()


@FLOATS
def test_c13_sigma_saturates(dtype):
    slope = sigmoid.derivative(np.array([0, 5, 10], dtype=dtype))
    assert slope[1] == pytest.approx(0.00665, abs=5e-6)
    assert slope[1] / slope[0] == pytest.approx(0.027, abs=5e-4)
    assert slope[2] == pytest.approx(4.5e-5, abs=5e-7)
    assert sigmoid.derivative(5.98) > 0.0025 > sigmoid.derivative(6.0)


def gradient(activation, batch, seed, dtype):
    rng = np.random.default_rng(seed)
    network = mlp(
        [64, 32, 32, 10], activation, rng=rng, initializer=start_of(activation), dtype=dtype
    )
    rows = rng.permutation(len(X))[:batch]
    network.backward(softmax_cross_entropy(network.forward(X[rows]), LABELS[rows])[1])
    return network.dense[1].grads[0]


def one_signed(gradient):
    moving = gradient[:, (gradient != 0).any(axis=0)]
    return np.mean((moving >= 0).all(axis=0) | (moving <= 0).all(axis=0))


def mean_share(activation, batch, dtype):
    return np.mean([one_signed(gradient(activation, batch, s, dtype)) for s in range(50)])


@FLOATS
@pytest.mark.parametrize(("activation", "share"), [(sigmoid, 1), (relu, 1), (tanh, 0)])
def test_c14_for_one_example_and_one_neuron_the_sign_is_shared(activation, share, dtype):
    shares = {one_signed(gradient(activation, 1, seed, dtype)) for seed in range(50)}
    assert shares == {share}


@FLOATS
def test_c14_over_a_batch_it_is_a_tendency(dtype):
    assert 0.7 < mean_share(sigmoid, 32, dtype) < 0.85
    assert 0.1 < mean_share(relu, 32, dtype) < 0.2
    assert mean_share(tanh, 32, dtype) == 0


@FLOATS
def test_c14_from_neuron_to_neuron_the_sign_changes(dtype):
    for seed in SEEDS:
        up = (gradient(sigmoid, 1, seed, dtype) > 0).all(axis=0).sum()
        assert 6 <= up <= 26


def descend_on(features, target, dtype):
    a = np.column_stack([features, np.ones(len(features))])
    curvatures = np.linalg.eigvalsh(2 * a.T @ a / len(a))
    rng = np.random.default_rng(0)
    network = mlp([20, 1], identity, rng=rng, initializer=normal(1e-9), dtype=dtype)
    how = {"loss": squared_error, "optimizer": SGD(1 / curvatures[-1]), "steps": 5000}
    run = fit(network, features, target, stop_at=np.mean(target**2) / 1000, **how)
    assert run.reached
    return curvatures[-1] / curvatures[0], run.steps


@FLOATS
def test_c15_centring_makes_descent_quicker_by_far(dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        z, goal = rng.normal(size=(500, 20)), rng.normal(size=(20, 1))
        target = tanh(z / 2) @ goal
        kinds = (sigmoid(z), sigmoid(z) - 0.5, tanh(z / 2))
        (plain, slow), (_, centred), (round_, quick) = (descend_on(k, target, dtype) for k in kinds)
        assert plain > 700
        assert round_ < 11
        assert slow > 5 * centred
        assert slow > 20 * quick


@FLOATS
def test_c15_single_examples_can_only_push_both_weights_the_same_way(dtype):
    z = np.random.default_rng(0).normal(size=(200, 2)).astype(dtype)
    assert (sigmoid(z).prod(axis=1) > 0).all()
    assert 0.3 < np.mean(tanh(z / 2).prod(axis=1) > 0) < 0.7


def way(inputs):
    """How far the two weights travel from (-1, 1) to (1, -1), as in the lesson."""
    w = [np.array([-1, 1], dtype=inputs.dtype)]
    for a in inputs:
        w.append(w[-1] - (a @ w[-1] - (a[0] - a[1])) * a)
    assert np.allclose(w[-1], [1, -1], atol=0.01)
    return np.hypot(*np.diff(np.transpose(w))).sum()


@FLOATS
def test_c15_the_zigzag_is_a_longer_way(dtype):
    for seed in SEEDS:
        z = np.random.default_rng(seed).normal(size=(200, 2)).astype(dtype)
        assert 1.7 < way(sigmoid(z)) / way(tanh(z / 2)) < 2.8


def one_step(activation, dtype):
    rng = np.random.default_rng(0)
    network = mlp([64, 256, 256, 1], activation, rng=rng, dtype=dtype)
    inputs = rng.normal(size=(256, 64)).astype(dtype)
    return lambda: network.backward(network.forward(inputs))


def by_mask(z):
    out, right = np.empty_like(z), z >= 0
    out[right] = 1 / (1 + np.exp(-z[right]))
    out[~right] = np.exp(z[~right]) / (1 + np.exp(z[~right]))
    return out


@FLOATS
def test_c16_sigma_costs_more_than_relu_and_less_so_in_a_step(dtype):
    z = np.random.default_rng(0).normal(size=100_000).astype(dtype)
    element = time_ratio(lambda: sigmoid(z), lambda: relu(z))
    assert element > 1
    assert time_ratio(one_step(sigmoid, dtype), one_step(relu, dtype)) < element


@FLOATS
def test_c16_a_mask_costs_more_than_the_exponential(dtype):
    z = np.random.default_rng(0).normal(size=100_000).astype(dtype)
    assert time_ratio(lambda: by_mask(z), lambda: sigmoid(z)) > 2


def test_c16_the_tanh_form_has_no_precision_far_left():
    def wrong_by(z):
        return abs((1 + tanh(np.float32(z) / 2)) / 2 / sigmoid(float(z)) - 1)

    assert wrong_by(-5) < 1e-5
    assert wrong_by(-17) > 0.25


def test_c17_tanh_is_a_sigmoid_stretched_squeezed_and_centred():
    z = np.linspace(-20, 20, 4001)
    assert np.abs(tanh(z) - (2 * sigmoid(2 * z) - 1)).max() < 1e-14
    assert np.abs(tanh.derivative(z) - (1 - tanh(z) ** 2)).max() < 1e-14
    assert tanh.derivative(z).max() == tanh.derivative(0.0) == 1
    assert tanh.derivative(3.0) == pytest.approx(0.0099, abs=5e-5)
    assert abs(tanh(z).mean()) < 1e-15


def passes_needed(activation, rate, seed, dtype):
    rng = np.random.default_rng(seed)
    widths, start = [64, 64, 64, 64, 64, 10], start_of(activation)
    network = mlp(widths, activation, rng=rng, initializer=start, dtype=dtype)
    how = {"loss": softmax_cross_entropy, "optimizer": Momentum(rate), "steps": 28}
    for done in range(1, 11):
        fit(network, X, LABELS, batch_size=64, rng=rng, **how)
        if accuracy(network, X, LABELS) >= 0.95:
            return done
    return np.inf


def tuned(activation, dtype):
    rates = (0.01, 0.03, 0.1)
    runs = [[passes_needed(activation, rate, seed, dtype) for rate in rates] for seed in SEEDS]
    return np.min(runs, axis=1)


@FLOATS
def test_c18_tanh_is_no_slower_than_relu_at_four_layers_and_sigmoid_is(dtype):
    quick = tuned(tanh, dtype)
    assert (quick <= tuned(relu, dtype)).sum() >= 9
    assert (quick <= 4).all()
    assert np.isinf(tuned(sigmoid, dtype)).all()


def test_c53_sigma_is_inside_silu_and_softplus_and_nearly_gelu():
    z = np.linspace(-6, 4, 401)
    assert np.allclose(silu(z), z * sigmoid(z))
    assert np.allclose(softplus.derivative(z), sigmoid(z))
    assert 0.015 < np.abs(gelu(z) - z * sigmoid(1.702 * z)).max() < 0.025
