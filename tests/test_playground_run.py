import math
import re

import numpy as np
import pytest

from bend.nn import (
    SGD,
    binary_cross_entropy,
    dead_units,
    fit,
    saturated_fraction,
    shared_cross_entropy,
    sigmoid,
    softmax,
)
from bend.playground.data import RAW, SURFACES, discs, make_points
from bend.playground.run import KEPT, Run, squared_on_probability
from bend.playground.settings import Settings


def run(text=""):
    return Run(Settings.parse(text))


def weights(run):
    return np.concatenate([param.ravel() for param in run.network.params])


def test_it_trains_as_fit_does():
    ours, theirs = run("rings 8 relu sgd lr=0.1"), run("rings 8 relu sgd lr=0.1")
    assert ours.step(50) == 50
    rows = theirs.train_rows
    fit(
        theirs.network,
        theirs.x[rows],
        theirs.y[rows],
        loss=binary_cross_entropy,
        optimizer=SGD(0.1),
        steps=50,
    )
    assert np.array_equal(weights(ours), weights(theirs))


def test_a_surface_is_learnt_by_the_squared_error_of_the_output_itself():
    surface = run("hills noise=0 8-8 tanh")
    rows = surface.train_rows
    outputs = surface.network.forward(surface.x[rows])
    assert surface.measure().loss == pytest.approx(np.mean((outputs - surface.y[rows]) ** 2))
    surface.step(400)
    assert surface.measure().loss < 0.02 < np.var(surface.y)


def test_without_a_bend_a_network_learns_the_ramp_and_not_the_hills():
    losses = []
    for data in ("ramp", "hills"):
        straight = run(f"{data} noise=0 8 identity")
        straight.step(400)
        losses.append(straight.measure().loss / np.var(straight.y))
    assert losses[0] < 0.001
    assert losses[1] > 0.9


def test_what_the_output_goes_through_bounds_the_number():
    bounded, free = run("hills 8-8 tanh out=sigmoid"), run("hills 8-8 tanh")
    for each in (bounded, free):
        each.step(200)
    assert bounded.plane().outputs.min() >= 0
    assert free.plane().outputs.min() < -0.5
    assert len(bounded.measure().flat) == len(free.measure().flat) == 2


def test_raw_heights_are_prices_in_euros():
    middle, reach = RAW
    prices, heights = run("hills raw"), run("hills")
    assert prices.y == pytest.approx(middle + reach * heights.y)
    assert prices.measure().loss == pytest.approx(np.mean(prices.y[prices.train_rows] ** 2), 0.01)


@pytest.mark.parametrize(
    ("out", "loss"), [("sigmoid", binary_cross_entropy), ("softmax", shared_cross_entropy)]
)
def test_a_point_is_right_when_both_of_its_labels_are(out, loss):
    labels = run(f"discs out={out}")
    labels.step(100)
    rows = labels.train_rows
    outputs, y = labels.network(labels.x[rows]), labels.y[rows]
    p = {"sigmoid": sigmoid, "softmax": softmax}[out](outputs)
    right = ((p > 0.5) == y).all(axis=1)
    assert labels.score(rows) == (pytest.approx(loss(outputs, y)[0]), np.mean(right))
    assert 0 < right.mean() < ((p > 0.5) == y).mean()


def test_the_discs_have_points_in_both_in_each_and_in_none():
    points, y = make_points(Settings(data="discs", points=2000))
    assert points.mean(axis=0) == pytest.approx(0, abs=0.1)
    assert points.std(axis=0) == pytest.approx(1, abs=0.05)
    kinds = [(y == kind).all(axis=1) for kind in ([0, 0], [1, 0], [0, 1], [1, 1])]
    assert [0.1 < kind.mean() < 0.55 for kind in kinds] == [True] * 4
    assert sum(kinds).all()
    # Both discs mirror each other.
    assert np.array_equal(y, discs(-points)[:, ::-1])


def test_where_the_answer_is_a_number_no_accuracy_is_said():
    surface = run("hills")
    assert math.isnan(surface.measure().accuracy)
    assert re.match(
        r"hills, 2-8-8-1, tanh; step 0; training loss [\d.]+; test loss [\d.]+; gradient norm",
        surface.summary(),
    )
    assert "accuracy" in run().summary()


@pytest.mark.parametrize("data", SURFACES)
def test_a_surface_is_standard_and_goes_from_minus_one_to_one(data):
    points, y = make_points(Settings(data=data, noise=0, points=2000))
    assert points.mean(axis=0) == pytest.approx(0, abs=0.1)
    assert points.std(axis=0) == pytest.approx(1, abs=0.05)
    assert (y.min(), y.max()) == pytest.approx((-1, 1), abs=0.05)
    noisy = make_points(Settings(data=data, noise=0.5, points=2000))[1]
    assert np.std(noisy - y) == pytest.approx(0.5, rel=0.1)


def test_one_seed_is_one_run():
    first, second, other = run("batch=10"), run("batch=10"), run("batch=10 seed=1")
    for each in (first, second, other):
        each.step(20)
    assert np.array_equal(weights(first), weights(second))
    assert not np.array_equal(weights(first), weights(other))


def test_the_points_are_split_once_and_all_are_used():
    split = run("points=100 train=0.7")
    assert (len(split.train_rows), len(split.test_rows)) == (70, 30)
    assert sorted([*split.train_rows, *split.test_rows]) == [*range(100)]


def test_without_a_test_part_there_is_no_test_loss():
    all_train = run("train=1")
    assert math.isnan(all_train.measure().test_loss)
    assert "test" not in all_train.summary()


def test_batches_go_through_every_point_before_one_comes_again():
    batches = run("points=100 train=0.8 batch=20")
    seen = [batches._batch() for _ in range(4)]
    assert sorted(np.concatenate(seen)) == [*batches.train_rows]


def test_the_time_ends_a_slice_after_one_step_at_least():
    assert run().step(10**6, seconds=0) == 1


@pytest.mark.parametrize("text", ["batch=10 adam", "batch=10 batchnorm residual"])
def test_measuring_and_drawing_change_nothing(text):
    watched, alone = run(text), run(text)
    for _ in range(10):
        watched.step()
        watched.measure()
        watched.plane()
    alone.step(10)
    assert np.array_equal(weights(watched), weights(alone))
    assert watched.score(watched.test_rows) == alone.score(alone.test_rows)


@pytest.mark.parametrize("more", ["", "residual"])
def test_shares_by_layer_are_those_of_the_lessons(more):
    dying = run(f"rings 16-16 relu he bias=-2 adam lr=0.03 {more}")
    dying.step(20)
    m, x = dying.measure(), dying.x[dying.train_rows]
    assert m.dead == pytest.approx([units.mean() for units in dead_units(dying.network, x)])
    assert m.flat == pytest.approx(saturated_fraction(dying.network, x))
    assert 0 < m.dead[0] < 1
    assert m.dead[0] == m.off[0].mean()


def test_the_gradient_norms_are_those_of_the_loss_of_all_points():
    whole = run("batch=5")
    norms = whole.measure().norms
    whole.network.backward(
        binary_cross_entropy(
            whole.network.forward(whole.x[whole.train_rows]), whole.y[whole.train_rows]
        )[1]
    )
    assert norms[0] == pytest.approx(np.linalg.norm(whole.network.dense[0].grads[0]))


@pytest.mark.parametrize("penalty", ["l1=0.01", "l2=0.05"])
def test_the_penalty_is_added_to_the_gradient_of_weights_and_not_of_biases(penalty):
    plain, held = run("sgd lr=1"), run(f"sgd lr=1 {penalty}")
    before = [(layer.weights.copy(), layer.bias.copy()) for layer in plain.network.dense]
    plain.step()
    held.step()
    for (w, _), a, b in zip(before, plain.network.dense, held.network.dense, strict=True):
        pull = 0.01 * np.sign(w) if "l1" in penalty else 0.05 * w
        assert a.weights - b.weights == pytest.approx(pull, abs=1e-5)
        assert np.array_equal(a.bias, b.bias)


def test_a_penalty_makes_the_weights_smaller():
    sizes = []
    for penalty in ("", "l2=0.1"):
        held = run(f"rings 8 tanh {penalty}")
        held.step(200)
        sizes.append(np.abs(held.network.dense[0].weights).mean())
    assert sizes[1] < sizes[0] / 2


def test_the_gradient_of_the_squared_error_of_a_probability_is_that_of_its_value():
    z, y, h = np.array([[-3.0], [0.2], [2.0]]), np.array([[1.0], [0.0], [1.0]]), 1e-6
    grad = squared_on_probability(z, y)[1]
    for i in range(3):
        step = np.zeros_like(z)
        step[i] = h
        up, down = squared_on_probability(z + step, y)[0], squared_on_probability(z - step, y)[0]
        assert (up - down) / (2 * h) == pytest.approx(grad[i, 0], rel=1e-6)


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("rings 32x10 relu normal sgd lr=0.1", "he or glorot"),
        ("rings 8 relu he sgd lr=1000 l2=1", "a smaller learning rate (lr=100)"),
    ],
)
def test_a_loss_that_is_no_number_stops_the_run_and_says_what_to_try(text, tip):
    diverging = run(text)
    diverging.step(200)
    assert tip in diverging.stopped
    assert diverging.step(5) == 0
    assert diverging.stopped in diverging.summary()
    assert diverging.plane().outputs.shape


def test_no_smaller_rate_is_advised_where_the_start_is_too_large_for_any():
    diverging = run("rings 32x10 relu normal sgd lr=0.003")
    diverging.step(200)
    assert "learning rate" not in diverging.stopped
    assert "batch normalisation" in diverging.stopped


def test_the_learning_rate_can_change_while_it_trains():
    living = run("momentum lr=0.1")
    living.step(5)
    velocities = living.optimizer.velocities
    living.change(living.settings.change(lr=0.5))
    assert (living.optimizer.rate, living.optimizer.velocities is velocities) == (0.5, True)
    living.change(living.settings.change(optimizer="adam"))
    living.step(5)
    assert living.steps == 10


def test_the_curve_thins_out_and_reaches_the_present():
    long = run("blobs 0 points=20")
    long.step(20 * KEPT)
    steps = [step for step, *_ in long.losses]
    assert KEPT <= len(steps) < 2 * KEPT
    assert steps[0] == 0
    assert len(set(np.diff(steps))) == 1
    assert steps[-1] > 19 * KEPT


def test_each_unit_has_a_picture_where_the_network_is_small():
    plane = run("8-3 tanh-relu").plane()
    assert [units.shape for units in plane.units] == [(8, 20, 20), (3, 20, 20)]
    assert (plane.units[1] >= 0).all()
    assert run("32x2").plane().units is None


def test_the_picture_of_the_plane_is_what_the_network_answers():
    seen = run("8-8 in=x1,x1x2,sin(3x2)")
    plane = seen.plane(size=20)
    ticks = np.linspace(-seen.limit, seen.limit, 20, dtype=np.float32)
    point = np.array([[ticks[3], ticks[15]]])
    assert plane.outputs[15, 3, 0] == pytest.approx(
        seen.network(seen._features(point))[0, 0], abs=1e-5
    )


def test_the_summary_says_how_it_stands():
    assert run("rings 32x20 sigmoid").summary().startswith("rings, 2-32×20-1, sigmoid; step 0; ")
    assert "gradient norm" in run("0").summary()


def test_no_hidden_layer_is_a_straight_line():
    straight = run("blobs 0")
    straight.step(100)
    m = straight.measure()
    assert m.accuracy > 0.95
    assert len(m.norms) == 1
    assert len(m.dead) == 0


def test_a_residual_connection_goes_around_each_layer_that_keeps_the_width():
    plain, around = run("6-6-3 tanh batchnorm"), run("6-6-3 tanh batchnorm residual")
    # What a layer does itself comes out the same for every point: the way around it is left.
    for net in (plain, around):
        net.network.dense[1].weights[:] = 0
    first = plain.blocks[0][0](plain.x[:5])
    first = plain.blocks[0][2](first)
    assert np.ptp(plain.blocks[1][0](first), axis=0).max() == 0
    through = around.blocks[1][0](first) - first
    assert np.ptp(through, axis=0).max() < 1e-6
    assert len(around.blocks[2]) == 3
