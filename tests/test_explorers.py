"""What each explorer computes, and what it says about it."""

import itertools

import numpy as np
import pytest
from tests.displayed import catch_displays

from bend import live
from bend.errors import BadInput
from bend.live import explorers
from bend.live.canvas import Live
from bend.live.controls import Choice, Slider
from bend.live.explorers.collapse import collapse_picture, turning
from bend.live.explorers.depth import build, factors, gradients_picture
from bend.live.explorers.grid import best_cut, grid_picture
from bend.live.explorers.output import (
    LOSSES,
    OUTPUTS,
    PAIRS,
    QUESTIONS,
    loss_along,
    output_picture,
)
from bend.live.explorers.remedies import passages, remedies_picture
from bend.live.explorers.units import dying_picture, short, slope_picture
from bend.live.marks import Handle, Line, to_message
from bend.nn import ACTIVATIONS, best_line_accuracy, collapse

NAMES = live.__all__


@pytest.fixture
def explore(monkeypatch):
    found = catch_displays(monkeypatch)

    def explore(name, *arguments):
        getattr(live, name)(*arguments)
        return found[-1]

    return explore


def marks(picture, kind, panel=0):
    return [mark for mark in picture.panels[panel].marks if isinstance(mark, kind)]


# All of them


@pytest.mark.parametrize("name", NAMES)
def test_an_explorer_is_one_call_that_shows_a_live_figure(explore, name):
    live = explore(name)
    assert isinstance(live, Live)
    assert live.shown.summary.endswith(".")
    assert "reset" in live.controls


@pytest.mark.parametrize("name", NAMES)
def test_every_corner_of_the_controls_has_a_picture(explore, name):
    live = explore(name)
    ends = {}
    for control in live.controls.values():
        if isinstance(control, Slider):
            ends[control.name] = (control.low, control.value, control.high)
        elif isinstance(control, Choice):
            ends[control.name] = tuple(control.options)
        elif control.name in live.values:
            ends[control.name] = (False, True)
    for one, other in itertools.combinations(ends, 2):
        for first, second in itertools.product(ends[one], ends[other]):
            values = live.first() | {one: first, other: second}
            picture = live.compute(values)
            to_message(picture)
            assert "nan" not in picture.summary.lower()


# 01


COLLAPSE = {"turn1": 30, "stretch1": 1.4, "shift1": 0.3, "turn2": -60, "stretch2": 0.8}
COLLAPSE |= {"shift2": 0.4, "bend": False}


def test_two_layers_and_the_one_they_make_draw_the_same_letter():
    two, one = marks(collapse_picture(COLLAPSE), Line, 2)[-2:]
    np.testing.assert_allclose([two.x, two.y], [one.x, one.y], atol=1e-12)


def test_the_summary_names_the_product_of_the_matrices():
    layers = [turning(30, 1.4, 0.3), turning(-60, 0.8, 0.4)]
    weights, bias = collapse(layers)
    summary = collapse_picture(COLLAPSE).summary.replace("−", "-")
    for number in (*weights.ravel(), *bias):
        assert f"{number:.2f}" in summary


def test_with_a_relu_between_them_no_one_layer_follows():
    picture = collapse_picture(COLLAPSE | {"bend": True})
    two, one = marks(picture, Line, 2)[-2:]
    assert np.abs(np.subtract([two.x, two.y], [one.x, one.y])).max() > 0.1
    assert "the best that one layer can do" in picture.summary.lower()


# 02


GRID = {"activation": "relu", "data": "xor"} | explorers.grid.FIRST


def test_the_weights_alone_never_part_xor():
    for seed in range(10):
        drawn = np.random.default_rng(seed).uniform(-2, 2, 6)
        weights = dict(zip(explorers.grid.FIRST, drawn, strict=True))
        picture = grid_picture(GRID | weights | {"activation": "identity"})
        assert "gets 75% right, no more than 75% before" in picture.summary


def test_the_weights_that_are_shown_part_xor():
    assert "gets 100% right" in grid_picture(GRID | explorers.grid.SOLVED).summary


def test_two_relu_units_do_not_part_a_ring():
    picture = grid_picture(GRID | explorers.grid.SOLVED | {"data": "rings"})
    assert "gets 100% right" not in picture.summary


@pytest.mark.parametrize("seed", range(5))
def test_the_cut_that_is_drawn_is_as_good_as_the_best(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    normal, middle = best_cut(x, y)
    share = ((x @ normal < middle) == y).mean()
    assert share == pytest.approx(best_line_accuracy(x, y, directions=180))


def test_handles_stand_where_the_layer_puts_the_axes():
    picture = grid_picture(GRID | {"b1": 0.5, "b2": -0.5})
    first, second, origin = marks(picture, Handle, 1)
    assert (first.x, first.y) == pytest.approx((1.5, -0.1))
    assert (second.x, second.y) == pytest.approx((0.1, 0.5))
    assert (origin.x, origin.y) == (0.5, -0.5)


# 03, 04


@pytest.mark.parametrize("name", explorers.units.WORDS)
@pytest.mark.parametrize("z", [-6, -0.7, 0.3, 4.0])
def test_the_tangent_touches_the_curve_with_its_slope(name, z):
    g = ACTIVATIONS[name]
    picture = slope_picture({"activation": name, "alpha": 0.01, "z": z})
    tangent = marks(picture, Line)[1]
    rise, run = np.diff(tangent.y)[0], np.diff(tangent.x)[0]
    assert rise / run == pytest.approx(g.derivative(z), abs=1e-9)
    assert np.mean(tangent.y) == pytest.approx(g(z), abs=1e-9)


def test_the_sigmoid_is_steepest_at_0_with_a_quarter():
    summary = slope_picture({"activation": "sigmoid", "alpha": 0.1, "z": 0.0}).summary
    assert "value 0.500, slope 0.250, 100% of the steepest" in summary


def test_leaky_relu_has_its_alpha_on_the_left():
    summary = slope_picture({"activation": "leaky_relu", "alpha": 0.3, "z": -2.0}).summary
    assert "value −0.600, slope 0.300" in summary


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "0"), (-0.0049, "-0.005"), (1, "1.000"), (-5.94e-9, "-5.9e-9")]
)
def test_numbers_are_short_and_never_a_row_of_zeros(value, words):
    assert short(value) == words


def test_a_kink_is_named():
    summary = slope_picture({"activation": "relu", "alpha": 0.1, "z": 0}).summary
    assert "the kink" in summary


# 05


DYING = {"activation": "relu", "alpha": 0.1, "bias": -3.5, "steps": 2000, "rate": 0.1}


def test_a_relu_unit_off_the_edge_never_comes_back():
    picture = dying_picture(DYING)
    assert "0 of 40 inputs have z > 0. The unit is dead" in picture.summary
    loss = marks(picture, Line, 1)[0].y
    assert np.ptp(loss) == 0


@pytest.mark.parametrize("activation", ["leaky_relu", "elu"])
def test_a_unit_with_a_slope_on_the_left_comes_back(activation):
    assert "the unit is back" in dying_picture(DYING | {"activation": activation}).summary


def test_a_small_leak_takes_longer():
    slow = dying_picture(DYING | {"activation": "leaky_relu", "alpha": 0.01, "steps": 300})
    assert "it is on its way" in slow.summary


def test_a_unit_on_the_slope_learns():
    assert "the loss has gone from 0.34 to 0.00" in dying_picture(DYING | {"bias": 0}).summary


# 06


Z = np.linspace(-8, 8, 33)


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_output_and_loss_fit_the_question_the_worse_the_steeper(question):
    wanted = explorers.output.WANTED[question]
    losses = loss_along(*PAIRS[question], Z, wanted)
    assert (np.diff(losses, 2) > -1e-9).all()  # a bowl


def test_sigmoid_with_squared_error_goes_flat_where_it_is_wrong():
    right = loss_along("sigmoid", "cross_entropy", Z, np.array([1.0]))
    flat = loss_along("sigmoid", "squared", Z, np.array([1.0]))
    assert abs(flat[1] - flat[0]) < 0.001 < abs(right[1] - right[0])


def test_a_sigmoid_never_says_three():
    assert loss_along("sigmoid", "squared", Z, np.array([3.0])).min() >= 4


def test_softmax_of_one_output_is_always_1():
    summary = output_picture({"question": "yes", "output": "softmax", "loss": "squared", "z": -9.0})
    assert "The output is 1.00" in summary.summary
    assert "There is nothing to learn" in summary.summary


def test_sigmoids_need_not_add_up_and_softmax_does():
    values = {"question": "which", "loss": "cross_entropy", "z": 2.0}
    assert "in sum 1.00" in output_picture(values | {"output": "softmax"}).summary
    assert "in sum 1.00" not in output_picture(values | {"output": "sigmoid"}).summary


def test_every_combination_is_judged_and_the_fitting_ones_as_fitting():
    for question, output, loss in itertools.product(QUESTIONS, OUTPUTS, LOSSES):
        words = explorers.output.verdict(question, output, loss)
        assert words.endswith(".")
        assert words.startswith("These fit") == (PAIRS[question] == (output, loss))


# 07, 08


DEEP = {"activation": "sigmoid", "start": "glorot", "depth": 20, "gain": 1.0, "width": 32}
DEEP |= {"seed": 0}


@pytest.mark.parametrize("activation", explorers.depth.BENDS)
def test_slopes_times_weights_is_the_gradient_of_backpropagation(activation):
    values = DEEP | {"activation": activation, "depth": 6, "start": "he"}
    network = build(values)
    slopes, weights = factors(network, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    x, grad = rng.normal(size=(2, explorers.depth.BATCH, 32))
    network.forward(x)
    network.backward(grad)
    norms = np.array([np.linalg.norm(each) for each in network.gradients])
    np.testing.assert_allclose(slopes * weights, norms[:-1] / norms[1:], rtol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_sigmoids_slopes_alone_lose_a_factor_of_four_a_layer(seed):
    slopes, _ = factors(build(DEEP | {"seed": seed}), np.random.default_rng(seed))
    assert (slopes <= 0.25).all()
    assert "it vanishes" in gradients_picture(DEEP | {"seed": seed}).summary


@pytest.mark.parametrize("seed", range(10))
def test_relu_with_he_holds_the_gradient(seed):
    summary = gradients_picture(DEEP | {"activation": "relu", "start": "he", "seed": seed}).summary
    assert "it holds" in summary


def test_a_remedy_without_which_nothing_comes_through_is_told_so():
    narrow = DEEP | {"activation": "relu", "start": "he", "width": 2, "depth": 50}
    remedies = dict.fromkeys(explorers.remedies.REMEDIES, False)
    summaries = [
        remedies_picture(narrow | remedies | {remedy: True, "seed": seed}).summary
        for remedy in remedies
        for seed in range(5)
    ]
    assert any("Without it: nothing reaches layer 1." in summary for summary in summaries)
    assert not any("nan" in summary for summary in summaries)


def test_what_two_remedies_do_is_told_against_neither_of_them():
    both = dict.fromkeys(explorers.remedies.REMEDIES, True)
    assert "Without them: " in remedies_picture(DEEP | both).summary


def test_large_weights_make_it_explode():
    assert "it explodes" in gradients_picture(DEEP | {"activation": "relu", "gain": 3.0}).summary


def test_layers_through_which_nothing_comes_are_named():
    summary = gradients_picture(DEEP | {"activation": "relu", "width": 2}).summary
    assert "nothing reaches layer 1" in summary


@pytest.mark.parametrize("remedy", explorers.remedies.REMEDIES)
@pytest.mark.parametrize("seed", range(10))
def test_either_remedy_holds_the_gradient_of_twenty_sigmoid_layers(remedy, seed):
    off = dict.fromkeys(explorers.remedies.REMEDIES, False)
    plain = remedies_picture(DEEP | off | {"seed": seed}).summary
    helped = remedies_picture(DEEP | off | {remedy: True, "seed": seed}).summary
    assert "it vanishes" in plain
    assert "it holds" in helped


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("residual", [False, True])
def test_what_a_layer_multiplies_by_is_what_backpropagation_does(normalise, residual):
    network = build(DEEP | {"depth": 5}, normalise=normalise, residual=residual)
    found = passages(network, np.random.default_rng(1))["gradient"]
    rng = np.random.default_rng(1)
    x, grad = rng.normal(size=(2, explorers.depth.BATCH, 32))
    network.forward(x)
    norms = [np.linalg.norm(grad := layer.backward(grad)) for layer in network.layers[::-1]]
    assert np.prod(found) == pytest.approx(norms[-1] / norms[0])


@pytest.mark.parametrize(
    ("explore", "arguments"),
    [
        (live.explore_gradients, ["elu"]),
        (live.explore_gradients, ["sigmoid", "lecun"]),
        (live.explore_grid, ["sigmoid"]),
        (live.explore_dying, ["gelu"]),
        (live.explore_slope, ["sigmod"]),
        (live.explore_output, ["maybe"]),
        (live.explore_output, ["yes", "gelu"]),
    ],
)
def test_an_unknown_word_is_one_error_that_names_the_known(explore, arguments):
    with pytest.raises(BadInput, match=f"must be one of .+, not '{arguments[-1]}'"):
        explore(*arguments)
