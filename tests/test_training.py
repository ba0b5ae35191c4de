import re
import time

import numpy as np
import pytest

from bend import (
    SGD,
    Adam,
    Momentum,
    Network,
    accuracy,
    binary_cross_entropy,
    fit,
    mlp,
    relu,
    softmax_cross_entropy,
    squared_error,
    tanh,
)
from bend.errors import BadInput, TrainingDiverged

X = np.random.default_rng(0).normal(size=(64, 2))
Y = (X[:, :1] * X[:, 1:] > 0).astype(float)


def train(n_out=1, x=X, y=Y, *, dtype=np.float64, g=relu, seed=0, **settings):
    network = mlp([2, 16, n_out], g, rng=np.random.default_rng(seed), dtype=dtype)
    settings = {"loss": binary_cross_entropy, "optimizer": Adam(0.05), "steps": 200} | settings
    return network, fit(network, x, y, **settings)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [SGD(0.5), Momentum(0.1), Adam(0.05)])
def test_a_small_network_learns_xor(optimizer, dtype):
    network, history = train(optimizer=optimizer, steps=600, dtype=dtype)
    assert accuracy(network, X, Y) > 0.95
    assert history.losses[-1] < 0.2 < history.losses[0]
    assert {p.dtype for p in network.params} == {np.dtype(dtype)}


def test_classes_and_numbers_are_learnt_too():
    labels = (X[:, 0] > 0) + 2 * (X[:, 1] > 0)
    network, _ = train(4, X, labels, loss=softmax_cross_entropy)
    assert accuracy(network, X, labels) > 0.95
    _, history = train(2, X, X**2, loss=squared_error, g=tanh, steps=500)
    assert history.losses[-1] < 0.05


def test_the_history_holds_one_loss_a_step():
    _, history = train(steps=7)
    assert len(history.losses) == history.steps == 7
    assert not history.reached
    assert re.fullmatch(r"History\(7 steps, last loss 0\.\d+, reached=False\)", repr(history))
    assert (
        history.losses[0] == binary_cross_entropy(train(steps=1, optimizer=SGD(1e-300))[0](X), Y)[0]
    )


def test_training_stops_at_the_target_before_its_step():
    network, history = train(stop_at=0.3)
    assert history.reached
    assert history.losses[-1] <= 0.3 < min(history.losses[:-1])
    assert binary_cross_entropy(network(X), Y)[0] == pytest.approx(history.losses[-1])


def test_training_stops_once_enough_examples_are_right():
    network, history = train(stop_at_accuracy=0.9)
    assert history.reached
    assert history.steps < 200
    assert accuracy(network, X, Y) >= 0.9
    assert accuracy(train(steps=history.steps - 2)[0], X, Y) < 0.9


def test_a_target_that_is_met_exactly_is_reached():
    third = train(steps=3)[1].losses[-1]
    assert train(stop_at=third)[1].steps == 3
    assert train(y=(X[:, :1] > 0) * 1.0, stop_at_accuracy=1.0)[1].reached


def test_a_target_that_is_not_met_is_not_reached():
    assert not train(stop_at=0.0, steps=5)[1].reached
    assert not train(stop_at_accuracy=1.0, steps=5)[1].reached


def test_the_same_generator_gives_the_same_training():
    losses = [train(batch_size=8, rng=np.random.default_rng(seed))[1].losses for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_an_epoch_takes_every_example_once():
    seen = []

    def spy(outputs, y):
        seen.extend(y.ravel())
        return squared_error(outputs, y)

    numbers = np.arange(64.0).reshape(-1, 1)
    train(
        y=numbers,
        loss=spy,
        optimizer=SGD(1e-9),
        steps=8,
        batch_size=16,
        rng=np.random.default_rng(0),
    )
    assert sorted(seen[:64]) == sorted(seen[64:]) == list(range(64))
    assert seen[:64] != seen[64:]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [SGD(1e12), Momentum(1e12)])
def test_divergence_is_one_clear_error(optimizer, dtype):
    with pytest.raises(TrainingDiverged, match=r"the loss is \w+ at step \d+: try a smaller"):
        train(y=X[:, :1], loss=squared_error, optimizer=optimizer, dtype=dtype)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("which", ["x", "y"])
def test_data_that_are_not_finite_are_refused(which, value):
    data = {"x": X.copy(), "y": Y.copy()}
    data[which][3] = value
    with pytest.raises(BadInput, match=f"{which} holds . values that are NaN or infinite"):
        train(**data)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x": X[:5]}, "x has 5 rows and y 64"),
        ({"x": X[:0], "y": Y[:0]}, "x has 0 rows"),
        ({"x": X[:, :1]}, r"inputs of shape \(batch, 2\)"),
        ({"y": Y.ravel()}, r"targets \(64,\)"),
        ({"y": ["cat"] * 64}, "y must hold real numbers"),
        ({"steps": 0}, "steps must be a whole number"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"batch_size": 0, "rng": np.random.default_rng(0)}, "batch_size must be a whole number"),
        ({"batch_size": 8}, "rng must be a generator"),
        ({"batch_size": 8, "rng": 0}, "rng must be a generator"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(settings, message):
    with pytest.raises(BadInput, match=message):
        train(**settings)


def test_accuracy_counts_the_right_ones():
    network = Network([])  # its outputs are its inputs
    assert accuracy(network, [[2.0], [-1.0], [0.0], [3.0]], [[1], [0], [1], [0]]) == 0.5
    assert accuracy(network, [[1.0, 3.0], [5.0, 2.0], [0.0, 1.0]], [1, 1, 1]) == pytest.approx(
        2 / 3
    )


def test_accuracy_wants_a_target_for_each_row():
    with pytest.raises(BadInput, match="x has 2 rows and y 1"):
        accuracy(Network([]), [[1.0], [2.0]], [[1]])


def test_progress_can_be_shown_or_not(capfd):
    def slow(outputs, y):
        time.sleep(0.4)
        return squared_error(outputs, y)

    for progress in (True, False):
        train(loss=slow, steps=4, progress=progress)
        assert bool(capfd.readouterr().err) == progress
