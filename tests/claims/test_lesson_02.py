"""Lesson 02: what a bend buys."""

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    Adam,
    accuracy,
    arc,
    binary_cross_entropy,
    boundary_pieces,
    corner,
    fit,
    glorot,
    he,
    linear_regions,
    mlp,
    plane_grid,
    relu,
    rings,
    spirals,
    tanh,
    uniform_fan_in,
)

pytestmark = pytest.mark.soak


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
    assert solved([2, 2, 1], tanh, rings, dtype) == 0
    assert solved([2, 3, 1], tanh, rings, dtype) >= 8


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
