"""Lesson 07: what becomes of the gradient on its way back."""

import copy
from functools import cache

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    ACTIVATIONS,
    SGD,
    Adam,
    Clipped,
    Dense,
    Momentum,
    Network,
    activation_stats,
    binary_cross_entropy,
    digits,
    fit,
    glorot,
    he,
    mlp,
    normal,
    relu,
    rings,
    sigmoid,
    softmax_cross_entropy,
    spirals,
    tanh,
    uniform_fan_in,
    update_to_weight,
)
from bend.errors import TrainingDiverged

pytestmark = pytest.mark.soak

STARTS = {"PyTorch": uniform_fan_in(), "Glorot": glorot(), "He": he(), "N(0, 1)": normal(1.0)}
STUCK = pytest.approx(np.log(2), abs=1e-3)


def deep(activation, start, depth, seed, dtype, *, width=32, data=rings, n=256):
    rng = np.random.default_rng(seed)
    x, y = data(n, rng=rng, standardise=True)
    start = STARTS.get(start, start)
    widths = [2] + [width] * depth + [1]
    return mlp(widths, activation, rng=rng, initializer=start, dtype=dtype), x, y


def trained(activation, start, depth, seed, dtype, optimizer, steps, **data):
    """The last loss, inf where it diverged, and whether it fell to 0.1."""
    network, x, y = deep(activation, start, depth, seed, dtype, n=128, **data)
    how = {"loss": binary_cross_entropy, "optimizer": optimizer, "stop_at": 0.1}
    try:
        run = fit(network, x, y, steps=steps, **how)
    except TrainingDiverged:
        return np.inf, False
    return run.losses[-1], run.reached


@cache
def runs(activation, start, depth, dtype, rate, steps):
    return [trained(activation, start, depth, seed, dtype, SGD(rate), steps) for seed in SEEDS]


def stuck(results):
    return sum(loss == STUCK for loss, _ in results)


def solved(results):
    return sum(reached for _, reached in results)


def backward(network, x, y):
    _, gradient = binary_cross_entropy(network.forward(x), y)
    network.backward(gradient)
    return np.array([np.linalg.norm(g.astype(float)) for g in network.gradients])


def fall(activation, start, depth, dtype=np.float64, width=100):
    """The gradient at the first hidden layer over that at the last, for each seed."""
    nets = [deep(activation, start, depth, seed, dtype, width=width) for seed in SEEDS]
    norms = np.array([backward(*net) for net in nets])
    return norms[:, 0] / norms[:, -2]


def factor(activation, start, depth, dtype=np.float64, width=100):
    return np.median(fall(activation, start, depth, dtype, width) ** (1 / (depth - 1)))


@FLOATS
def test_c39_backpropagation_is_the_product_of_weights_and_slopes(dtype):
    for seed in SEEDS:
        network, x, y = deep(sigmoid, "Glorot", 10, seed, dtype)
        backward(network, x, y)
        carried = network.gradients[-1]
        for layer in reversed(range(10)):
            slope = sigmoid.derivative(network.pre_activations[layer])
            carried = carried @ network.dense[layer + 1].weights.T * slope
            gap = np.abs(carried - network.gradients[layer]).max()
            assert gap < 10 * np.finfo(dtype).eps * np.abs(carried).max()


@pytest.mark.parametrize(
    ("start", "low", "high"),
    [("PyTorch", 0.13, 0.15), ("Glorot", 0.22, 0.25), ("He", 0.29, 0.33), ("N(0, 1)", 0.9, 1.3)],
)
@pytest.mark.parametrize("depth", [5, 10, 20, 50])
def test_c40_the_weights_multiply_too(depth, start, low, high):
    assert low < factor(sigmoid, start, depth) < high


@pytest.mark.parametrize(("depth", "times"), [(10, 5), (20, 40)])
def test_c40_he_s_start_exceeds_the_product_of_the_slopes_alone(depth, times):
    excess = fall(sigmoid, "He", depth) / 0.25 ** (depth - 1)
    assert (excess > times).all()


@pytest.mark.parametrize("start", STARTS)
def test_c40_the_norms_of_the_weights_bound_the_gradient(start):
    for seed in SEEDS:
        network, x, y = deep(sigmoid, start, 10, seed, np.float64, width=100)
        norms = backward(network, x, y)
        bound = np.prod([0.25 * np.linalg.norm(d.weights, 2) for d in network.dense[1:-1]])
        assert norms[0] / norms[-2] <= bound


@pytest.mark.parametrize(
    ("dtype", "subnormal", "gone"),
    [(np.float16, 8, 13), (np.float32, 64, 75), (np.float64, 512, 538)],
)
def test_c41_a_quarter_to_a_power_is_far_from_nothing(dtype, subnormal, gone):
    powers = np.multiply.accumulate(np.full(600, sigmoid.max_slope, dtype))
    assert np.argmax(powers < np.finfo(dtype).smallest_normal) + 1 == subnormal
    assert np.argmax(powers == 0) + 1 == gone


def test_c41_ten_layers_are_above_the_epsilon_of_float32():
    assert 7 < sigmoid.max_slope**10 / np.finfo(np.float32).eps < 9


def first_step(depth, dtype, seed):
    network, x, y = deep(sigmoid, "Glorot", depth, seed, dtype)
    before = copy.deepcopy(network)
    fit(network, x, y, loss=binary_cross_entropy, optimizer=SGD(0.1), steps=1)
    pairs = zip(before.dense, network.dense, strict=True)
    return update_to_weight(before, network), [np.mean(a.weights != b.weights) for a, b in pairs]


@FLOATS
def test_c41_the_first_layers_move_by_a_billionth_of_their_weights(dtype):
    steps = [first_step(10, dtype, seed) for seed in SEEDS]
    assert np.median([ratios[0] for ratios, _ in steps]) < 1e-8
    assert min(ratios[-1] for ratios, _ in steps) > 1e-3
    changed = [shares[0] for _, shares in steps]
    assert np.median(changed) < 0.1 if dtype == np.float32 else min(changed) == 1
    assert sum(ratios[-1] > 1e5 * ratios[0] for ratios, _ in steps) >= 9


def test_c41_twenty_layers_deep_float32_does_not_move_at_all():
    assert all(first_step(20, np.float32, seed)[1][0] == 0 for seed in SEEDS)


@FLOATS
@pytest.mark.parametrize("rate", [0.1, 1.0])
@pytest.mark.parametrize("depth", [4, 10, 20])
@pytest.mark.parametrize("start", ["PyTorch", "Glorot"])
def test_c42_a_deep_sigmoid_network_stays_at_ln_2(start, depth, rate, dtype):
    assert stuck(runs(sigmoid, start, depth, dtype, rate, 500)) == 10


@FLOATS
def test_c42_four_layers_are_stuck_for_two_thousand_steps(dtype):
    assert stuck(runs(sigmoid, "Glorot", 4, dtype, 1.0, 2000)) == 10


@FLOATS
@pytest.mark.parametrize("depth", [10, 20])
def test_c42_he_s_start_does_not_rescue_a_deep_sigmoid_network(depth, dtype):
    assert stuck(runs(sigmoid, "He", depth, dtype, 1.0, 500)) == 10


@FLOATS
def test_c42_at_four_layers_he_s_start_is_enough(dtype):
    assert solved(runs(sigmoid, "He", 4, dtype, 1.0, 2000)) >= 9


@FLOATS
def test_c42_adam_fails_at_twenty_layers_too_but_not_with_wide_weights(dtype):
    def adam(start, steps):
        return [trained(sigmoid, start, 20, s, dtype, Adam(0.003), steps) for s in SEEDS]

    assert stuck(adam("Glorot", 400)) == 10
    assert solved(adam("N(0, 1)", 400)) >= 8


def test_c42_with_a_smaller_epsilon_adam_leaves_ln_2_in_most_seeds():
    def ends(epsilon):
        how = (sigmoid, "Glorot", 20)
        return [trained(*how, s, np.float64, Adam(0.003, epsilon=epsilon), 400) for s in SEEDS]

    assert stuck(ends(1e-8)) == 10
    moved = ends(1e-20)
    assert stuck(moved) <= 4
    assert solved(moved) <= 1


@FLOATS
def test_c42_four_sigmoid_layers_learn_digits_with_momentum(dtype):
    x, y = digits()
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        network = mlp([64, 32, 32, 32, 32, 10], sigmoid, rng=rng, initializer=glorot(), dtype=dtype)
        how = {"loss": softmax_cross_entropy, "optimizer": Momentum(0.3)}
        assert fit(network, x, y, steps=600, stop_at_accuracy=0.9, **how).reached


GRID = {
    ("sigmoid", "PyTorch"): (0.13, 0.15),
    ("sigmoid", "Glorot"): (0.22, 0.25),
    ("sigmoid", "He"): (0.29, 0.33),
    ("sigmoid", "N(0, 1)"): (0.9, 1.1),
    ("tanh", "PyTorch"): (0.53, 0.60),
    ("tanh", "Glorot"): (0.9, 1.0),
    ("tanh", "He"): (1.0, 1.15),
    ("tanh", "N(0, 1)"): (2.1, 2.8),
    ("relu", "PyTorch"): (0.37, 0.43),
    ("relu", "Glorot"): (0.67, 0.75),
    ("relu", "He"): (0.95, 1.05),
    ("relu", "N(0, 1)"): (6.7, 7.4),
}


@FLOATS
@pytest.mark.parametrize(("name", "start"), GRID)
def test_c43_start_and_activation_decide_together(name, start, dtype):
    low, high = GRID[name, start]
    assert low < factor(ACTIVATIONS[name], start, 20, dtype) < high


LEARN = {("tanh", "Glorot"), ("tanh", "He"), ("relu", "Glorot"), ("relu", "He")}


@FLOATS
@pytest.mark.parametrize(("name", "start"), GRID)
def test_c43_c44_where_the_factor_is_near_1_twenty_layers_learn(name, start, dtype):
    learnt = solved(runs(ACTIVATIONS[name], start, 20, dtype, 0.08, 300))
    assert learnt >= 7 if (name, start) in LEARN else learnt <= 1


@FLOATS
@pytest.mark.parametrize(("name", "start"), [("sigmoid", "Glorot"), ("relu", "PyTorch")])
def test_c42_c43_two_pairs_stay_at_ln_2_in_short_steps(name, start, dtype):
    assert stuck(runs(ACTIVATIONS[name], start, 20, dtype, 0.01, 350)) == 10


@FLOATS
@pytest.mark.parametrize(("name", "start"), GRID)
def test_c40_the_factor_follows_from_width_weights_and_slopes(name, start, dtype):
    g, rules = ACTIVATIONS[name], []
    for seed in SEEDS:
        network, x, _ = deep(g, start, 20, seed, dtype, width=100)
        network.forward(x)
        slopes = g.derivative(network.pre_activations[9])
        rules.append(10 * network.dense[10].weights.std() * np.sqrt(np.mean(slopes**2)))
    assert np.median(rules) == pytest.approx(factor(g, start, 20, dtype), rel=0.15)


@FLOATS
def test_c43_equal_factors_do_not_make_equal_runs(dtype):
    pairs = ((relu, "Glorot"), (sigmoid, "N(0, 1)"))
    narrow = [factor(*pair, 20, dtype, width=32) for pair in pairs]
    assert all(0.65 < f < 0.75 for f in narrow)
    learns, stays = (solved(runs(*pair, 20, dtype, 0.08, 300)) for pair in pairs)
    assert learns >= 7
    assert stays <= 1


@FLOATS
def test_c43_relu_with_pytorch_s_default_is_stuck_unless_adam_helps(dtype):
    assert stuck(runs(relu, "PyTorch", 10, dtype, 0.1, 500)) == 10
    rescued = [trained(relu, "PyTorch", 10, s, dtype, Adam(0.003), 200) for s in SEEDS]
    assert solved(rescued) >= 9


@FLOATS
@pytest.mark.parametrize("depth", [10, 20])
def test_c43_relu_with_he_trains(depth, dtype):
    assert solved(runs(relu, "He", depth, dtype, 0.1, 500)) >= 9


@FLOATS
@pytest.mark.parametrize(("activation", "start"), [(tanh, "Glorot"), (relu, "He")])
def test_c43_the_good_pairs_reach_a_tenth_in_short_steps_too(activation, start, dtype):
    assert solved(runs(activation, start, 20, dtype, 0.01, 350)) >= 7


@FLOATS
def test_c44_tanh_with_glorot_trains_twenty_layers(dtype):
    assert solved(runs(tanh, "Glorot", 20, dtype, 0.1, 500)) >= 9


@FLOATS
def test_c44_spirals_at_twenty_layers_want_relu(dtype):
    def on_spirals(activation, start):
        how = (dtype, SGD(0.03), 800)
        return solved([trained(activation, start, 20, s, *how, data=spirals) for s in SEEDS])

    assert on_spirals(relu, "He") >= 7
    assert on_spirals(tanh, "Glorot") <= 3


@FLOATS
def test_c45_thirty_relu_layers_learn_with_he_s_start_alone(dtype):
    assert solved(runs(relu, "Glorot", 30, dtype, 0.03, 300)) <= 1
    assert solved(runs(relu, "He", 30, dtype, 0.03, 300)) >= 8


@FLOATS
def test_c46_a_start_a_fifth_too_wide_explodes_and_clipping_holds_it(dtype):
    start, how = he(1.2), (20, dtype)
    assert 1.15 < factor(relu, start, *how) < 1.25
    plain = runs(relu, start, *how, 0.1, 300)
    assert sum(np.isinf(loss) for loss, _ in plain) >= 9
    clipped = [trained(relu, start, 20, s, dtype, Clipped(SGD(0.1), 1.0), 300) for s in SEEDS]
    assert solved(clipped) >= 9


@FLOATS
def test_c46_relu_with_wide_weights_overflows_within_a_few_steps(dtype):
    assert all(np.isinf(loss) for loss, _ in runs(relu, "N(0, 1)", 20, dtype, 0.1, 10))


@FLOATS
def test_c52_the_spread_of_the_activations_shrinks_with_the_gradient(dtype):
    for seed in SEEDS:
        network, x, _ = deep(sigmoid, "Glorot", 10, seed, dtype)
        spread = activation_stats(network, x).spread
        assert spread[0] > 0.05
        assert spread[-1] < 1e-6


def test_c52_a_last_layer_fitted_to_what_is_left_is_right_everywhere():
    for seed in SEEDS:
        network, x, y = deep(sigmoid, "Glorot", 10, seed, np.float64)
        hidden = Network(network.layers[:-1])(x)
        left = np.linalg.svd(hidden - hidden.mean(axis=0), full_matrices=False)[0] * 16
        last = Network([Dense(32, 1, rng=np.random.default_rng(0))])
        how = {"loss": binary_cross_entropy, "optimizer": Adam(0.1), "stop_at_accuracy": 1.0}
        assert fit(last, left, y, steps=300, **how).reached
