"""Lesson 05: units that die, for how long, and what a leak changes."""

import copy

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
    affine_residual,
    binary_cross_entropy,
    dead_units,
    elu,
    fit,
    he,
    leaky_relu,
    mlp,
    relu,
    rings,
    spirals,
    squared_error,
    uniform_fan_in,
)
from bend.errors import TrainingDiverged

pytestmark = pytest.mark.soak

ONE, TWO = (2, 64, 1), (2, 32, 32, 1)
LEAK, MORE = leaky_relu(0.01), leaky_relu(0.1)


def beginning(seed, dtype, activation=relu, data=rings, widths=ONE, bias=0.0):
    rng = np.random.default_rng(seed)
    x, y = data(300, rng=rng, standardise=True)
    network = mlp(widths, activation, rng=rng, dtype=dtype)
    network.dense[0].bias[:] = bias
    return network, x, y


def train(start, optimizer, steps):
    network, x, y = start
    fit(network, x, y, loss=binary_cross_entropy, optimizer=optimizer, steps=steps)
    return network, x, y


def dead_by_step(start, optimizer, steps, layer=0):
    network, x, _ = start
    seen = [dead_units(network, x)[layer]]
    for _ in range(steps):
        train(start, optimizer, 1)
        seen.append(dead_units(network, x)[layer])
    return np.array(seen)


def share_that_came_back(dead):
    return (dead[:-1] & ~dead[1:]).any(axis=0).sum() / dead.any(axis=0).sum()


def solved(starts):
    return sum(accuracy(*start) >= 0.99 for start in starts)


def lone_unit(activation, bias, dtype):
    dense = Dense(1, 1, rng=np.random.default_rng(0), dtype=dtype)
    dense.weights[:], dense.bias[:] = 1, bias
    return Network([dense, Apply(activation)])


INPUTS = np.linspace(-1, 1, 21)[:, None]


def teach(unit, steps):
    target = np.ones_like(INPUTS)
    fit(unit, INPUTS, target, loss=squared_error, optimizer=SGD(0.1), steps=steps)


@FLOATS
@pytest.mark.parametrize(("bias", "moved"), [(0.0, True), (-0.5, True), (-2.0, False)])
def test_c29_a_unit_that_fires_nowhere_does_not_move(bias, moved, dtype):
    unit = lone_unit(relu, bias, dtype)
    teach(unit, 1000)
    weight, end = unit.dense[0].weights.item(), unit.dense[0].bias.item()
    assert end > 0.9 if moved else (weight, end) == (1, bias)


@FLOATS
def test_c29_in_the_first_layer_with_plain_sgd_the_dead_stay_dead(dtype):
    dead = [dead_by_step(beginning(seed, dtype), SGD(5), 200) for seed in SEEDS]
    assert all(d.any() for d in dead)
    assert [share_that_came_back(d) for d in dead] == [0] * len(SEEDS)


@FLOATS
def test_c29_in_the_second_layer_many_come_back(dtype):
    starts = [beginning(seed, dtype, widths=TWO) for seed in SEEDS]
    back = [share_that_came_back(dead_by_step(start, SGD(3), 200, layer=1)) for start in starts]
    assert sum(share > 0.3 for share in back) >= 9


@FLOATS
def test_c29_adam_revives_units_of_the_first_layer(dtype):
    starts = [beginning(seed, dtype) for seed in SEEDS]
    back = [share_that_came_back(dead_by_step(start, Adam(0.3), 200)) for start in starts]
    assert sum(share > 0.3 for share in back) >= 9


@FLOATS
def test_c29_adam_without_its_memory_revives_none(dtype):
    starts = [beginning(seed, dtype) for seed in SEEDS]
    dead = [dead_by_step(start, Adam(0.3, beta1=0.0), 200) for start in starts]
    assert all(d.any() for d in dead)
    assert [share_that_came_back(d) for d in dead] == [0] * len(SEEDS)


@FLOATS
def test_c30_too_large_a_step_kills_and_a_usual_one_does_not(dtype):
    ends = {}
    for rate in (1, 3, 7):
        dead = [dead_by_step(beginning(seed, dtype), SGD(rate), 30)[-1] for seed in SEEDS]
        ends[rate] = np.mean(dead, axis=1)
    assert ends[1].max() == 0
    assert ends[3].max() < 0.05
    assert ends[7].min() > 0.5
    by_step = [dead_by_step(beginning(seed, dtype), SGD(7), 30).sum(axis=1) for seed in SEEDS]
    assert sum(dead[10] > 0.8 * dead[-1] for dead in by_step) >= 9


@FLOATS
@pytest.mark.parametrize(
    ("bias", "least", "most"), [(-2, 0.35, 0.6), (-3, 0.6, 0.85), (-4, 0.8, 1)]
)
def test_c30_biases_far_below_zero_kill_before_training(bias, least, most, dtype):
    starts = [beginning(seed, dtype, data=spirals, bias=bias) for seed in SEEDS]
    shares = [dead_units(network, x)[0].mean() for network, x, _ in starts]
    assert least < min(shares) <= max(shares) < most


@FLOATS
def test_c31_with_many_units_dead_every_point_can_still_be_right(dtype):
    ends = [train(beginning(seed, dtype), SGD(5), 1000) for seed in SEEDS]
    shares = [dead_units(network, x)[0].mean() for network, x, _ in ends]
    assert min(shares) > 0.1
    assert max(shares) > 0.5
    assert solved(ends) == 10


@FLOATS
def test_c31_training_survives_where_three_units_or_more_are_left(dtype):
    ends = [train(beginning(seed, dtype), SGD(7), 1000) for seed in SEEDS]
    left = [(~dead_units(network, x)[0]).sum() for network, x, _ in ends]
    assert min(left) < 3 < max(left)
    assert [accuracy(*end) == 1 for end in ends] == [n >= 3 for n in left]


@FLOATS
def test_c32_a_smaller_leak_frees_a_unit_later_and_relu_never(dtype):
    steps = {}
    for alpha, most in ((0.3, 20), (0.1, 60), (0.01, 600)):
        unit = lone_unit(leaky_relu(alpha), -2.0, dtype)
        steps[alpha] = 0
        while dead_units(unit, INPUTS)[0].all() and steps[alpha] < most:
            teach(unit, 1)
            steps[alpha] += 1
        assert steps[alpha] < most
    unit = lone_unit(relu, -2.0, dtype)
    teach(unit, 5000)
    assert dead_units(unit, INPUTS)[0].all()
    assert 8 < steps[0.01] / steps[0.1] < 13


def still_negative(activation, optimizer, dtype):
    starts = [beginning(seed, dtype, activation, spirals, bias=-3) for seed in SEEDS]
    ends = [train(start, optimizer(), 300) for start in starts]
    return np.array([dead_units(network, x)[0].sum() for network, x, _ in ends])


@FLOATS
def test_c32_a_small_leak_frees_units_with_adam_and_hardly_with_sgd(dtype):
    for optimizer in (SGD(1), Adam(0.03)):
        for seed in SEEDS:
            start = beginning(seed, dtype, relu, spirals, bias=-3)
            dead = dead_units(*start[:2])[0]
            assert dead.sum() >= 38
            network, x, _ = train(start, copy.deepcopy(optimizer), 300)
            assert dead_units(network, x)[0][dead].all()
    relu_sgd = still_negative(relu, lambda: SGD(1), dtype)
    leak_sgd, leak_adam = (
        still_negative(LEAK, optimizer, dtype) for optimizer in (lambda: SGD(1), lambda: Adam(0.03))
    )
    more_sgd = still_negative(MORE, lambda: SGD(1), dtype)
    assert np.median(leak_sgd) > 0.85 * np.median(relu_sgd)
    assert np.median(more_sgd) > 0.85 * np.median(relu_sgd)
    assert np.median(leak_adam) < 10
    assert np.median(still_negative(MORE, lambda: Adam(0.03), dtype)) > np.median(leak_adam)
    assert np.median(still_negative(elu, lambda: SGD(1), dtype)) < 20


@FLOATS
def test_c32_from_the_same_dead_state_a_leak_or_elu_solves_what_relu_does_not(dtype):
    runs = {}
    for g in (relu, LEAK, MORE, elu):
        starts = [beginning(seed, dtype, g, spirals, bias=-3) for seed in SEEDS]
        runs[g] = solved(train(start, Adam(0.03), 1000) for start in starts)
    assert runs[relu] <= 3
    assert runs[LEAK] >= 9
    assert runs[elu] >= 9
    assert runs[relu] < runs[MORE] < 10


@FLOATS
@pytest.mark.parametrize("activation", [LEAK, MORE], ids=["0.01", "0.1"])
def test_c32_a_net_of_always_negative_units_stays_affine(activation, dtype):
    starts = [beginning(seed, dtype, activation, bias=-10) for seed in SEEDS]
    ends = [train(start, Adam(0.03), 600) for start in starts]
    # In float32 the rounding of 64 terms of size 1 shows.
    limit = 1e-6 if dtype is np.float64 else 1e-3
    assert all(affine_residual(x, network(x)) < limit for network, x, _ in ends)
    assert solved(ends) == 0


@FLOATS
def test_c32_elu_learns_the_rings_from_where_a_leak_stays_affine(dtype):
    starts = [beginning(seed, dtype, elu, bias=-10) for seed in SEEDS]
    assert solved(train(start, Adam(0.03), 600) for start in starts) >= 9


@FLOATS
@pytest.mark.parametrize("activation", [relu, LEAK, MORE], ids=["0", "0.01", "0.1"])
def test_c32_a_leak_does_not_keep_units_from_being_always_negative(activation, dtype):
    starts = [beginning(seed, dtype, activation, spirals) for seed in SEEDS]
    ends = [train(start, Adam(1.0), 200) for start in starts]
    assert sum(dead_units(network, x)[0].mean() > 0.33 for network, x, _ in ends) >= 9


def diverged(activation, rate, dtype):
    count = 0
    for seed in SEEDS:
        try:
            train(beginning(seed, dtype, activation), SGD(rate), 1000)
        except TrainingDiverged:
            count += 1
    return count


@FLOATS
@pytest.mark.parametrize(("rate", "slope"), [(10, 0.3), (100, 0.01)])
def test_c32_at_very_large_steps_a_leak_diverges_where_relu_does_not(rate, slope, dtype):
    assert diverged(relu, rate, dtype) == 0
    assert diverged(leaky_relu(slope), rate, dtype) >= 9


def fourth_layer(start, dtype):
    x, _ = spirals(300, rng=np.random.default_rng(0), standardise=True)
    rngs = [np.random.default_rng(seed) for seed in range(20)]
    nets = [mlp((2, 32, 32, 32, 32, 1), relu, rng=rng, initializer=start, dtype=dtype)
            for rng in rngs]  # fmt: skip
    return np.mean([dead_units(network, x)[3].mean() for network in nets])


@FLOATS
def test_c33_the_default_start_kills_by_its_biases_beside_its_small_weights(dtype):
    def mixed(weights, biases):
        return lambda n, m, rng: (weights(n, m, rng)[0], biases(n, m, rng)[1])

    default = fourth_layer(uniform_fan_in(), dtype)
    others = he(), mixed(uniform_fan_in(), he()), mixed(he(), uniform_fan_in())
    shares = [fourth_layer(start, dtype) for start in others]
    assert default > 0.33
    assert 0.05 < min(shares) <= max(shares) < min(0.2, default / 2)
