"""Lesson 08: what rescues a deep network, and where each remedy fails."""

from functools import cache

import numpy as np
import pytest
from seeds import FLOATS, SEEDS

from bend import (
    SGD,
    Adam,
    BatchNorm,
    Network,
    activation_stats,
    binary_cross_entropy,
    fit,
    glorot,
    gradient_norms,
    he,
    mlp,
    relu,
    rings,
    sigmoid,
    spirals,
    tanh,
    uniform_fan_in,
)
from bend.errors import TrainingDiverged

pytestmark = pytest.mark.soak


def tower(activation, start, seed, dtype, *, data=rings, depth=20, width=32, **remedies):
    rng = np.random.default_rng(seed)
    x, y = data(256, rng=rng, standardise=True)
    how = {"rng": rng, "initializer": start, "dtype": dtype} | remedies
    return mlp([2] + [width] * depth + [1], activation, **how), x, y


def ends(activation, start, optimizer, steps, dtype, *, stop=None, seeds=SEEDS, **how):
    """How the training ends in each seed: solved, slow or overflow."""
    stop = stop or {"stop_at": 0.1}
    found = []
    for seed in seeds:
        network, x, y = tower(activation, start, seed, dtype, **how)
        todo = {"loss": binary_cross_entropy, "optimizer": optimizer(), "steps": steps}
        try:
            found.append("solved" if fit(network, x, y, **stop, **todo).reached else "slow")
        except TrainingDiverged:
            found.append("overflow")
    return found


def solved(*what, **how):
    return ends(*what, **how).count("solved")


def sgd():
    return SGD(0.1)


def adam():
    return Adam(0.003)


def gradients(network, x, y):
    network.backward(binary_cross_entropy(network.forward(x), y)[1])
    return np.array([np.linalg.norm(g.astype(float)) for g in network.gradients[:-1]])


@cache
def left(activation, start, dtype):
    """(what is left of the spread, of the gradient), the median over the seeds."""
    start, found = {"PyTorch": uniform_fan_in(), "Glorot": glorot(), "He": he()}[start], []
    for seed in SEEDS:
        network, x, y = tower(activation, start, seed, dtype, width=100)
        back, spread = gradients(network, x, y), activation_stats(network, x).spread
        found.append((spread[-1] / spread[0], back[0] / back[-1]))
    return np.median(found, axis=0)


@FLOATS
@pytest.mark.parametrize(
    ("activation", "start"),
    [(tanh, "Glorot"), (tanh, "He"), (relu, "He")],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_c47_the_right_start_keeps_signal_and_gradient_within_a_factor_of_ten(
    activation, start, dtype
):
    assert ((left(activation, start, dtype) > 0.1) & (left(activation, start, dtype) < 10)).all()


@FLOATS
@pytest.mark.parametrize(
    ("activation", "start", "lost"),
    [(tanh, "PyTorch", 1e-4), (relu, "PyTorch", 1e-6), (relu, "Glorot", 1e-2)],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_c47_too_small_a_start_loses_both_by_powers_of_ten(activation, start, lost, dtype):
    assert (left(activation, start, dtype) < lost).all()


@FLOATS
def test_c48_batch_normalisation_rescues_twenty_sigmoid_layers(dtype):
    assert solved(sigmoid, glorot(), sgd, 400, dtype) == 0
    assert solved(sigmoid, glorot(), sgd, 600, dtype, normalise=True) >= 9
    assert solved(sigmoid, glorot(), sgd, 600, dtype, normalise=True, seeds=range(3)) == 3


@FLOATS
def test_c48_and_whatever_the_start_and_on_the_spirals(dtype):
    assert solved(sigmoid, uniform_fan_in(), sgd, 600, dtype, normalise=True) >= 9
    assert solved(relu, uniform_fan_in(), sgd, 600, dtype, normalise=True) >= 9
    assert solved(sigmoid, glorot(), sgd, 600, dtype, data=spirals, normalise=True) >= 9


@FLOATS
def test_c48_an_output_in_training_depends_on_its_company(dtype):
    norm = BatchNorm(1, dtype=dtype)
    firsts = [norm.forward(np.array(b, dtype)[:, None])[0, 0] for b in ([1, 2], [1, 2, 6])]
    np.testing.assert_allclose(firsts, [-1, -np.sqrt(6 / 7)], rtol=1e-4)


@FLOATS
def test_c49_residual_blocks_rescue_it_with_adam_and_not_with_sgd(dtype):
    around = {"residual": True}
    assert solved(sigmoid, glorot(), adam, 600, dtype, **around) >= 9
    assert solved(sigmoid, glorot(), adam, 600, dtype, **around, seeds=range(3)) == 3
    assert solved(sigmoid, glorot(), sgd, 600, dtype, **around) == 0


@FLOATS
def test_c49_relu_blocks_overflow_at_a_tenth_and_learn_at_a_hundredth(dtype):
    how = {"residual": True, "stop": {"stop_at_accuracy": 0.99}}
    assert ends(relu, uniform_fan_in(), sgd, 400, dtype, **how).count("overflow") >= 7
    slowly = ends(relu, uniform_fan_in(), lambda: SGD(0.01), 400, dtype, **how)
    assert slowly.count("solved") >= 9
    assert solved(relu, uniform_fan_in(), sgd, 400, dtype) == 0


@FLOATS
def test_c49_relu_blocks_let_the_signal_and_the_gradient_grow(dtype):
    for seed in SEEDS:
        network, x, y = tower(relu, uniform_fan_in(), seed, dtype, residual=True)
        first, last = (Network(network.layers[:end])(x).std() for end in (2, -1))
        back = gradients(network, x, y)
        assert last > 20 * first
        assert back[0] > 3 * back[-1]


@FLOATS
def test_c49_relu_blocks_multiply_the_gradient_of_the_last_layers(dtype):
    for seed in SEEDS:
        networks = [
            tower(relu, uniform_fan_in(), seed, dtype, residual=around) for around in (True, False)
        ]
        for network in networks:
            gradients(*network)
        around, plain = (gradient_norms(network)[-1] for network, _, _ in networks)
        assert around > 50 * plain


@FLOATS
def test_c49_on_the_spirals_sigmoid_blocks_take_thousands_of_steps(dtype):
    around = {"residual": True, "data": spirals}
    assert solved(sigmoid, glorot(), adam, 600, dtype, **around) == 0
    assert solved(sigmoid, glorot(), adam, 4000, dtype, **around) >= 6


@FLOATS
@pytest.mark.parametrize("data", [rings, spirals])
def test_c48_c49_all_together_need_a_few_dozen_steps(data, dtype):
    both = {"normalise": True, "residual": True, "data": data}
    assert solved(relu, he(), sgd, 60, dtype, **both) >= 9
    assert solved(relu, he(), sgd, 60, dtype, **both, seeds=range(3)) == 3


@FLOATS
def test_c50_four_times_the_gain_with_adam_rescues_the_rings(dtype):
    assert solved(sigmoid, glorot(4), adam, 600, dtype) >= 8
    assert solved(sigmoid, glorot(4), adam, 600, dtype, depth=10) >= 9
    assert solved(sigmoid, glorot(4), adam, 600, dtype, seeds=range(3)) == 3
    assert solved(sigmoid, glorot(2), adam, 600, dtype) == 0
    assert solved(sigmoid, glorot(4), sgd, 600, dtype) == 0


@FLOATS
def test_c50_and_the_spirals_at_ten_layers_only(dtype):
    assert solved(sigmoid, glorot(4), adam, 800, dtype, data=spirals, depth=10) >= 8
    assert solved(sigmoid, glorot(4), adam, 800, dtype, data=spirals) == 0


@FLOATS
def test_c48_c49_c50_with_one_optimiser_batch_normalisation_is_first(dtype):
    remedies = ((1, {"normalise": True}), (1, {"residual": True}), (4, {}))
    for seed in SEEDS:
        runs = []
        for gain, how in remedies:
            network, x, y = tower(sigmoid, glorot(gain), seed, dtype, **how)
            todo = {"loss": binary_cross_entropy, "optimizer": Adam(0.002), "steps": 500}
            runs.append(fit(network, x, y, stop_at=0.1, **todo))
        assert all(run.reached for run in runs) or seed > 2
        assert runs[0].steps < min(run.steps for run in runs[1:])
        left = [next(n for n, loss in enumerate(run.losses) if loss < 0.6) for run in runs]
        assert left[0] < 50 < 100 <= min(left[1:])


@FLOATS
def test_c48_c49_c50_each_remedy_lifts_the_first_gradient_over_adam_s_epsilon(dtype):
    for seed in SEEDS:
        first = []
        for gain, how in ((1, {}), (1, {"normalise": True}), (1, {"residual": True}), (4, {})):
            network, x, y = tower(sigmoid, glorot(gain), seed, dtype, **how)
            gradients(network, x, y)
            first.append(gradient_norms(network)[0])
        assert first[0] < 1e-8 < 1e-7 < min(first[1:])


@FLOATS
def test_c50_the_first_layer_still_gets_a_smaller_gradient_than_the_last(dtype):
    for seed in SEEDS:
        network, x, y = tower(sigmoid, glorot(4), seed, dtype)
        norms = gradients(network, x, y)
        assert norms[-1] / 1e6 < norms[0] < norms[-1] / 100
