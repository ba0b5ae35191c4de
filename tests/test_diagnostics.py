from copy import deepcopy

import numpy as np
import pytest

from bend.errors import BadInput
from bend.nn.activations import ACTIVATIONS, identity, leaky_relu, relu, sigmoid, tanh
from bend.nn.diagnostics import (
    activation_stats,
    boundary_pieces,
    breakpoints,
    collapse,
    dead_units,
    gradient_norms,
    linear_regions,
    plane_grid,
    saturated_fraction,
    update_to_weight,
    zero_fraction,
)
from bend.nn.initializers import uniform_fan_in
from bend.nn.layers import Apply, BatchNorm, Dense, Residual
from bend.nn.network import Network, mlp


def rng(seed=0):
    return np.random.default_rng(seed)


def dense(weights, bias):
    layer = Dense(*np.shape(weights), rng=rng())
    layer.weights, layer.bias = np.array(weights, float), np.array(bias, float)
    return layer


def one_layer(bias, activation=relu):
    """Three units that see x itself, shifted."""
    return Network([dense([[1, 1, 1]], bias), Apply(activation)])


X = np.array([[-1.0], [0.0], [1.0]])


def test_gradient_norm_is_the_root_of_the_summed_squares():
    network = Network([dense([[1, 1]], [0, 0]), dense([[1], [2]], [0])])
    network.forward(np.array([[3.0]]))
    network.backward(np.array([[1.0]]))
    np.testing.assert_allclose(gradient_norms(network), [np.hypot(3, 6), np.hypot(3, 3)])


def test_a_float32_gradient_too_small_to_square_has_a_norm():
    network = mlp([2, 2], relu, rng=rng(), dtype=np.float32)
    network.forward(np.ones((1, 2)))
    network.backward(np.full((1, 2), 1e-30, np.float32))
    np.testing.assert_allclose(gradient_norms(network), [2e-30], rtol=1e-6)


def test_gradient_norms_before_any_backward_say_what_to_run():
    with pytest.raises(BadInput, match="backward"):
        gradient_norms(mlp([2, 3, 1], relu, rng=rng()))


def test_update_to_weight_is_relative_to_the_weights_before():
    before = Network([dense([[3.0, 4.0]], [0, 0])])
    after = deepcopy(before)
    after.layers[0].weights += [[0.3, 0.4]]
    np.testing.assert_allclose(update_to_weight(before, after), [0.1])


def test_update_to_weight_refuses_networks_of_other_shapes():
    with pytest.raises(BadInput, match="same layers"):
        update_to_weight(mlp([2, 3, 1], relu, rng=rng()), mlp([2, 4, 1], relu, rng=rng()))


def test_a_unit_is_dead_when_no_input_lifts_it_above_zero():
    (dead,) = dead_units(one_layer([0.5, -1.0, -2.0]), X)
    assert dead.tolist() == [False, True, True]


def test_a_dead_relu_unit_gets_no_gradient():
    network = one_layer([0.5, -1.0, -2.0])
    network.forward(X)
    network.backward(np.ones((3, 3)))
    assert (network.layers[0].grads[0] != 0).tolist() == [[True, False, False]]


def test_zero_fraction_counts_outputs_that_are_exactly_zero():
    np.testing.assert_allclose(zero_fraction(one_layer([0, 0, 5]), X), [4 / 9])
    np.testing.assert_allclose(zero_fraction(one_layer([0, 0, 5], leaky_relu()), X), [2 / 9])


@pytest.mark.parametrize(
    ("activation", "inside", "outside"), [(sigmoid, 5.98, 5.99), (tanh, 2.99, 3.0), (relu, 0.1, 0)]
)
def test_saturation_starts_at_a_hundredth_of_the_largest_slope(activation, inside, outside):
    network = Network([Apply(activation)])
    assert saturated_fraction(network, np.array([[inside, inside, outside]])) == 1 / 3


def test_activation_stats_are_the_mean_and_the_spread_across_inputs():
    mean, spread = activation_stats(one_layer([0, 3, -9], identity), X)
    np.testing.assert_allclose(mean, [-2])
    np.testing.assert_allclose(spread, [np.std([-1, 0, 1])])


def test_the_signal_of_ten_sigmoid_layers_fades():
    network = mlp([2] + [32] * 10 + [1], sigmoid, rng=rng(), initializer=uniform_fan_in())
    spread = activation_stats(network, rng().normal(size=(50, 2))).spread
    assert spread.shape == (10,)
    assert (spread[1:] < spread[:-1] / 2).all()


def test_diagnostics_leave_what_the_network_remembers_alone():
    network = mlp([1, 3, 1], relu, rng=rng())
    network.forward(X)
    remembered = network.pre_activations
    for look in (dead_units, zero_fraction, saturated_fraction, activation_stats, linear_regions):
        look(network, 2 * X)
    for before, after in zip(remembered, network.pre_activations, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("look", [dead_units, zero_fraction, saturated_fraction, activation_stats])
def test_inputs_that_are_not_finite_or_of_the_wrong_shape_are_refused(look):
    for wrong in (X * np.nan, np.ones((3, 2))):
        with pytest.raises(BadInput):
            look(one_layer([0, 0, 0]), wrong)


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_a_stack_of_affine_layers_collapses_into_one(depth):
    network = mlp([3] + [8] * depth + [2], identity, rng=rng(), initializer=uniform_fan_in())
    weights, bias = collapse(network)
    x = rng(1).normal(size=(10, 3))
    np.testing.assert_allclose(x @ weights + bias, network(x), rtol=1e-12, atol=1e-13)


def test_collapse_takes_a_list_and_changes_no_layer():
    layer = dense([[1.0]], [2.0])
    weights, bias = collapse([layer])
    weights += 1
    bias += 1
    assert (layer.weights, layer.bias) == ([[1.0]], [2.0])


def test_collapse_names_the_layer_that_bends():
    with pytest.raises(BadInput, match="layer 2 of 3 is relu"):
        collapse(mlp([2, 3, 1], relu, rng=rng()))
    with pytest.raises(BadInput, match="no Dense"):
        collapse([Apply(identity)])


def test_plane_grid_covers_the_square():
    assert plane_grid((0, 1), 2).tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]


def test_two_crossing_hinges_cut_the_plane_into_four_regions():
    network = Network([dense(np.eye(2), [0, 0]), Apply(relu)])
    assert linear_regions(network, plane_grid((-1, 1), 10)) == 4
    assert linear_regions(network, plane_grid((0.5, 1), 10)) == 1


def test_a_network_without_kinks_has_one_region():
    assert linear_regions(mlp([2, 4, 1], identity, rng=rng()), plane_grid()) == 1
    assert linear_regions(Network([dense([[1.0]], [0.0])]), X) == 1


def sawtooth(folds):
    """|…| of a tent map: 2 relu(x) - 4 relu(x - 1/2), composed."""
    fold = [dense([[1, 1]], [0, -0.5]), Apply(relu), dense([[2], [-4]], [0])]
    return Network(fold * folds)


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_a_composed_tent_has_two_to_the_depth_pieces(folds):
    expected = np.arange(1, 2**folds) / 2**folds
    np.testing.assert_allclose(breakpoints(sawtooth(folds), [0], [1]), expected)


def test_units_that_bend_at_one_place_make_one_breakpoint():
    together = Network([dense([[1, 3]], [-0.1, -0.3]), Apply(relu)])
    np.testing.assert_allclose(breakpoints(together, [0], [1]), [0.1])


def test_breakpoints_are_where_the_network_bends_and_nowhere_else():
    network = mlp([2, 8, 8, 1], leaky_relu(0.1), rng=rng(), initializer=uniform_fan_in())
    start, end = np.array([-3.0, -2.0]), np.array([3.0, 1.0])
    t = np.array([0, *breakpoints(network, start, end), 1])
    assert len(t) > 5
    # On each piece the middle lies exactly between the ends; across a breakpoint it does not.
    value = network(start + t[:, None] * (end - start))[:, 0]
    middle = network(start + (t[:-1, None] + t[1:, None]) / 2 * (end - start))[:, 0]
    np.testing.assert_allclose(middle, (value[:-1] + value[1:]) / 2, atol=1e-12)
    slopes = np.diff(value) / np.diff(t)
    assert (np.abs(np.diff(slopes)) > 1e-6).all()


def test_breakpoints_and_regions_see_the_kinks_inside_a_residual():
    """x + 2 relu(x - 1/2): one kink, that nothing outside the block shows."""
    block = Residual([dense([[1.0]], [-0.5]), Apply(relu), dense([[2.0]], [0])])
    network = Network([block])
    np.testing.assert_allclose(breakpoints(network, [0], [1]), [0.5])
    assert linear_regions(network, np.linspace(0, 1, 10)[:, None]) == 2
    twice = Network([block, block])
    np.testing.assert_allclose(breakpoints(twice, [-1], [1]), [0.75])


def test_diagnostics_see_the_layers_inside_a_residual():
    network = mlp([2, 4, 4, 4, 1], relu, rng=rng(), normalise=True, residual=True)
    x = rng(1).normal(size=(20, 2))
    network.forward(x)
    network.backward(np.ones((20, 1)))
    assert gradient_norms(network).shape == (4,)
    assert update_to_weight(network, deepcopy(network)).tolist() == [0] * 4
    for look in (zero_fraction, saturated_fraction):
        assert look(network, x).shape == (3,)
    assert [len(dead) for dead in dead_units(network, x)] == [4, 4, 4]
    mean, spread = activation_stats(network, x)
    assert mean.shape == spread.shape == (3,)


def test_collapse_says_that_it_takes_no_batch_norm():
    with pytest.raises(BadInput, match="layer 2 of 3 is BatchNorm"):
        collapse([dense([[1.0]], [0]), BatchNorm(1), dense([[1.0]], [0])])


def test_curved_activations_have_no_linear_pieces():
    for name in set(ACTIVATIONS) - {"identity", "relu", "leaky_relu"}:
        network = mlp([1, 2, 1], ACTIVATIONS[name], rng=rng())
        with pytest.raises(BadInput, match=f"{name} is curved"):
            linear_regions(network, X)
        with pytest.raises(BadInput, match=f"{name} is curved"):
            breakpoints(network, [0], [1])


def test_a_border_has_a_piece_on_each_side_of_every_kink_it_crosses():
    # relu(x) + relu(y) = 1/2: down from the top, across the corner, out to the right.
    network = Network([dense(np.eye(2), [0, 0]), Apply(relu), dense([[1], [1]], [-0.5])])
    assert boundary_pieces(network, (-1, 1)) == 3


@pytest.mark.parametrize("along", [[1, 0], [0, 1]])
def test_a_kink_that_the_border_does_not_cross_makes_no_piece(along):
    # relu(x) = 1/2, beside a unit that bends at x = 0.8; then the same with y.
    hidden = dense(np.outer(along, [1, 1]), [0, -0.8])
    network = Network([hidden, Apply(relu), dense([[1], [0]], [-0.5])])
    assert boundary_pieces(network, (-1, 1)) == 1


def test_a_network_that_never_changes_its_mind_has_no_border():
    network = Network([dense(np.eye(2), [0, 0]), Apply(relu), dense([[1], [1]], [1])])
    assert boundary_pieces(network) == 0
