"""Lesson 01: why a network needs a bend."""

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    SGD,
    Adam,
    Dense,
    Network,
    accuracy,
    affine_residual,
    best_line_accuracy,
    binary_cross_entropy,
    collapse,
    fit,
    glorot,
    identity,
    mlp,
    relu,
    rings,
    spirals,
    squared_error,
    tanh,
    uniform_fan_in,
    xor,
)

pytestmark = pytest.mark.soak


def linear_stack(depth, rng, dtype):
    """Its scale is kept: 1.7 times the default start of PyTorch has a variance of 1/n_in."""
    return mlp([64] * (depth + 1), identity, rng=rng, initializer=uniform_fan_in(1.7), dtype=dtype)


@FLOATS
@pytest.mark.parametrize("depth", [2, 5, 10, 20, 50])
def test_c02_a_linear_stack_is_one_layer_up_to_rounding(depth, dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        stack = linear_stack(depth, rng, dtype)
        x = rng.normal(size=(100, 64)).astype(dtype)
        weights, bias = collapse(stack)
        y = stack(x)
        gap = np.abs(x @ weights + bias - y).max() / np.abs(y).max()
        assert gap < {np.float32: 1e-5, np.float64: 1e-14}[dtype]


@FLOATS
def test_c03_a_narrow_layer_limits_the_rank(dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        weights, _ = collapse(mlp([64, 3, 64], identity, rng=rng, dtype=dtype))
        assert np.linalg.matrix_rank(weights) == 3


@FLOATS
def test_c03_fifty_layers_lose_rank_to_rounding(dtype):
    for seed in SEEDS:
        weights, _ = collapse(linear_stack(50, np.random.default_rng(seed), dtype))
        assert np.linalg.matrix_rank(weights) < 50


@FLOATS
def test_c03_every_depth_ends_at_the_loss_of_the_best_affine_map(dtype):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 8))
    y = x @ rng.normal(size=(8, 1)) + rng.normal(size=(200, 1))
    floor = (affine_residual(x, y) * y.std()) ** 2
    for depth in (1, 2, 4):
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            network = mlp(
                [8] * depth + [1], identity, rng=rng, initializer=glorot(0.3), dtype=dtype
            )
            run = fit(network, x, y, loss=squared_error, optimizer=SGD(0.02), steps=150)
            assert run.losses[-1] == pytest.approx(floor, rel=0.01)
            # One layer falls at once, four linger and then drop.
            left = (run.losses[20] - floor) / (run.losses[0] - floor)
            assert left < 0.5 if depth == 1 else depth == 2 or left > 0.9


def trained(widths, activation, data, seed, dtype):
    rng = np.random.default_rng(seed)
    x, y = data(400, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng, dtype=dtype)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.03), steps=300)
    return accuracy(network, x, y), best_line_accuracy(x, y)


@FLOATS
@pytest.mark.parametrize("data", [xor, rings, spirals])
def test_c04_depth_does_not_help_a_linear_network_past_the_best_line(data, dtype):
    for seed in SEEDS:
        shallow, best = trained([2, 1], identity, data, seed, dtype)
        deep, _ = trained([2, 16, 16, 16, 1], identity, data, seed, dtype)
        assert abs(shallow - deep) <= 0.02
        assert max(shallow, deep) <= best < 0.8
        if data is xor:
            assert max(shallow, deep) < 0.6 < 0.7 < best


@FLOATS
@pytest.mark.parametrize("data", [xor, rings, spirals])
def test_c04_one_hidden_relu_layer_separates_what_no_line_does(data, dtype):
    assert all(trained([2, 64, 1], relu, data, seed, dtype)[0] >= 0.99 for seed in SEEDS)


@FLOATS
def test_c05_an_activation_is_affine_where_its_bend_is_out_of_reach(dtype):
    x = np.linspace(-3, 3, 401, dtype=dtype)
    assert affine_residual(x, tanh(x)) > 0.2
    assert affine_residual(x, tanh(dtype(0.01) * x)) < 1e-4
    assert affine_residual(x, relu(x + dtype(5))) < 1e-6


@FLOATS
def test_c51_no_affine_map_recovers_the_input_of_a_random_relu_layer(dtype):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(500, 4)).astype(dtype)
        hidden = relu(Network([Dense(4, 4, rng=rng, dtype=dtype)])(x))
        assert affine_residual(hidden, x) > 0.2


@FLOATS
def test_c51_mirrored_relus_give_every_input_back_exactly(dtype):
    x = np.random.default_rng(0).normal(size=1000).astype(dtype)
    assert np.array_equal(relu(x) - relu(-x), x)


def hinge_residual(n, dtype):
    x = np.linspace(0, 1, 1001, dtype=dtype)[:, None]
    hinges = relu(x - np.linspace(0, 1, n, endpoint=False, dtype=dtype))
    return affine_residual(hinges, np.sin(2 * np.pi * x))


@FLOATS
def test_c06_twice_the_hinges_leave_a_quarter_of_the_error(dtype):
    for n in (8, 16, 32):
        assert hinge_residual(n, dtype) / hinge_residual(2 * n, dtype) == pytest.approx(4, abs=0.5)


@FLOATS
def test_c06_squaring_units_gain_nothing_from_width(dtype):
    x = np.linspace(0, 1, 1001, dtype=dtype)[:, None]
    target = np.sin(2 * np.pi * x)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        units = [Dense(1, n, rng=rng, initializer=uniform_fan_in(), dtype=dtype) for n in (4, 64)]
        few, many = (affine_residual(unit(x) ** 2, target) for unit in units)
        assert few == pytest.approx(many, rel=1e-3)
        assert many > 0.3
