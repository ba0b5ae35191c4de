"""Each effect that a lesson shows, in ten seeds and both float types, at the lesson's settings.

A test is named after its claim and holds the threshold that the lesson states.
"""

import numpy as np
import pytest

from bend import (
    SGD,
    Adam,
    Dense,
    Network,
    accuracy,
    affine_residual,
    arc,
    best_line_accuracy,
    binary_cross_entropy,
    boundary_pieces,
    collapse,
    corner,
    fit,
    glorot,
    he,
    identity,
    linear_regions,
    mlp,
    plane_grid,
    relu,
    rings,
    spirals,
    squared_error,
    tanh,
    uniform_fan_in,
    xor,
)

pytestmark = pytest.mark.soak

SEEDS = range(10)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


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
        weights, _ = collapse(mlp([64, 3, 64], identity, rng=np.random.default_rng(seed)))
        assert np.linalg.matrix_rank(weights.astype(np.float64)) == 3


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


@FLOATS
@pytest.mark.parametrize("data", [xor, rings, spirals])
def test_c04_one_hidden_relu_layer_separates_what_no_line_does(data, dtype):
    assert all(trained([2, 64, 1], relu, data, seed, dtype)[0] >= 0.99 for seed in SEEDS)


@FLOATS
def test_c05_an_activation_is_affine_where_its_bend_is_out_of_reach(dtype):
    x = np.linspace(-3, 3, 401, dtype=dtype)
    assert affine_residual(x, tanh(x)) > 0.2
    assert affine_residual(x, tanh(dtype(0.01) * x)) < 1e-3
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


def on_task(widths, activation, data, seed, dtype):
    rng, start = np.random.default_rng(seed), glorot() if activation is tanh else he()
    x, y = data(300, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng, initializer=start, dtype=dtype)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=Adam(0.03), steps=1000)
    return network, accuracy(network, x, y)


def solved(widths, activation, data, dtype):
    return sum(on_task(widths, activation, data, seed, dtype)[1] >= 0.99 for seed in SEEDS)


@FLOATS
@pytest.mark.parametrize("activation", [relu, tanh], ids=["relu", "tanh"])
@pytest.mark.parametrize("data", [arc, corner, rings, spirals])
def test_c07_c08_one_hidden_layer_draws_curve_bend_loop_and_wrap(data, activation, dtype):
    assert solved([2, 24, 1], activation, data, dtype) >= 9


@FLOATS
@pytest.mark.parametrize("width", [6, 16, 64])
def test_c08_a_relu_loop_is_a_polygon_with_as_many_sides_as_units_or_more(width, dtype):
    loops = [on_task([2, width, 1], relu, rings, seed, dtype)[0] for seed in SEEDS]
    assert sum(boundary_pieces(network, (-2.5, 2.5)) >= width for network in loops) >= 9


@FLOATS
def test_c10_a_loop_takes_three_tanh_units(dtype):
    assert solved([2, 2, 2, 1], tanh, rings, dtype) == 0
    assert solved([2, 3, 2, 1], tanh, rings, dtype) >= 8


@FLOATS
@pytest.mark.parametrize("data", [arc, corner, rings, spirals])
def test_c10_two_units_before_the_output_see_a_straight_cut(data, dtype):
    assert solved([2, 16, 2, 1], tanh, data, dtype) >= 8


@FLOATS
def test_c11_at_random_weights_depth_makes_fewer_pieces(dtype):
    plane = plane_grid((-5, 5), 400)
    medians = []
    for widths in ([2, 16, 1], [2, 8, 8, 1], [2, 4, 4, 4, 4, 1]):
        rngs = [np.random.default_rng(seed) for seed in SEEDS]
        networks = [
            mlp(widths, relu, rng=rng, initializer=uniform_fan_in(), dtype=dtype) for rng in rngs
        ]
        medians.append(np.median([linear_regions(network, plane) for network in networks]))
    assert medians == sorted(medians, reverse=True)
    assert medians[0] > 2 * medians[2]
