import itertools
from base64 import b64decode
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import same_color, to_rgb
from PIL import Image

from bend import page
from bend.errors import BadInput
from bend.figures import (
    COLOURS,
    mark_prediction,
    panels,
    plot_above_slope,
    plot_activation,
    plot_boundary,
    plot_curves,
    plot_hidden,
    plot_losses,
    plot_norms,
    plot_ratios,
    plot_seeds,
    plot_warped_grid,
    show,
)
from bend.nn.activations import ACTIVATIONS, relu, selu, sigmoid, tanh
from bend.nn.datasets import rings
from bend.nn.layers import Apply
from bend.nn.network import Network, mlp
from bend.nn.training import History

X = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])
Y = np.array([[0.0], [1.0], [0.0], [1.0]])


def upright(x):
    """One logit: class 1 to the right of x₁ = 0.5."""
    return x[:, :1] - 0.5


PLOTS = {
    "activation": lambda **options: plot_activation(relu, **options),
    "boundary": lambda **options: plot_boundary(upright, X, Y, **options),
    "hidden": lambda **options: plot_hidden(two_wide(), X, Y, **options),
    "losses": lambda **options: plot_losses([[1, 0.5], [1, 0.7]], label="relu", **options),
    "curves": lambda **options: plot_curves([0, 1], {"up": [0, 1], "flat": [1, 1]}, **options),
    "seeds": lambda **options: plot_seeds({"relu": [1, 2], "tanh": [3, 3]}, **options),
    "ratios": lambda **options: plot_ratios([1, 2], {"tanh": np.ones((2, 3))}, **options),
    "norms": lambda **options: plot_norms({"he": np.ones((2, 3)), "zero": [1, 0, 0]}, **options),
}
every_plot = pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)


def two_wide():
    return mlp([2, 2, 1], tanh, rng=np.random.default_rng(0))


@pytest.fixture
def shown(monkeypatch):
    """The mime bundles that `show` hands to Jupyter."""
    bundles = []
    monkeypatch.setattr(page, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


# Every helper.


@every_plot
def test_a_helper_draws_into_the_axes_it_is_given(plot):
    _, (left, right) = panels(2)
    assert plot(ax=right) is right
    assert right.has_data()
    assert not left.has_data()


@pytest.mark.parametrize("name", ["activation", "boundary", "hidden", "losses", "norms"])
def test_a_helper_that_knows_what_it_draws_names_its_axes(name):
    assert PLOTS[name]().get_xlabel()


@every_plot
def test_no_helper_changes_a_setting_or_heeds_the_readers_own(plot, shown):
    show(plot(), alt="As it comes")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 30}):
        before = dict(mpl.rcParams)
        show(plot(), alt="As it comes")
        assert dict(mpl.rcParams) == before
    assert shown[0] == shown[1]


@every_plot
def test_a_picture_is_opaque_and_small(plot, shown):
    show(plot(), alt="Something")
    png = b64decode(shown[0]["image/png"])
    assert len(png) < 80_000
    assert Image.open(BytesIO(png)).convert("RGBA").getchannel("A").getextrema() == (255, 255)


@every_plot
def test_direct_labels_lie_inside_the_figure_and_apart(plot):
    ax = plot()
    fig = ax.figure
    page._png(fig)
    fig.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_gid()]
    for box in boxes:
        assert fig.bbox.x0 <= box.x0 < box.x1 <= fig.bbox.x1
        assert fig.bbox.y0 <= box.y0 < box.y1 <= fig.bbox.y1
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def test_labels_of_lines_that_end_together_are_moved_apart():
    ax = plot_norms({"one": [1, 2], "two": [1, 2], "three": [1, 2.01]})
    page._png(ax.figure)
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert np.diff(heights).min() > 10
    assert max(heights) < 10


# plot_activation.


def test_an_activation_is_drawn_with_its_slope():
    value, slope = plot_activation(sigmoid, limits=(-3, 3)).lines
    z = value.get_xdata()
    assert (z[0], z[-1]) == (-3, 3)
    np.testing.assert_array_equal(value.get_ydata(), sigmoid(z))
    np.testing.assert_array_equal(slope.get_ydata(), sigmoid.derivative(z))
    assert value.get_linestyle() != slope.get_linestyle()


@pytest.mark.parametrize(
    ("name", "left", "right"), [("sigmoid", -5.98, 5.98), ("tanh", -2.99, 2.99), ("relu", 0, None)]
)
def test_saturated_tails_are_shaded(name, left, right):
    ax = plot_activation(ACTIVATIONS[name])
    low, high = ax.get_xlim()
    spans = sorted((span.get_x(), span.get_x() + span.get_width()) for span in ax.patches)
    expected = [(low, left)] + ([(right, high)] if right else [])
    np.testing.assert_allclose(spans, expected, atol=0.01)


def test_limits_inside_the_steep_part_shade_nothing():
    assert not plot_activation(sigmoid, limits=(-1, 1)).patches


def test_a_kink_is_marked_filled_where_the_slope_is_used_and_open_where_not():
    _, slope, value, used, other = plot_activation(selu).lines
    assert np.isnan(slope.get_ydata()[slope.get_xdata() == 0]).all()
    assert value.get_xydata().tolist() == [[0, 0]]
    assert used.get_ydata() == selu.derivative(0.0)
    np.testing.assert_allclose(other.get_ydata(), selu.derivative(1e-9))
    assert other.get_markerfacecolor() == "white"


# plot_boundary and plot_hidden.


def cuts(ax):
    """The points of every cut line: the contours drawn in ink."""
    inked = [c for c in ax.collections if same_color(c.get_edgecolor()[:1], COLOURS["ink"])]
    return [path.vertices for lines in inked for path in lines.get_paths()]


def test_a_slope_stands_under_its_activation_on_the_scale_of_all():
    upper, lower = plot_above_slope(selu)
    z, value = upper.lines[0].get_data()
    assert np.allclose(value, selu(z))
    assert np.nanmax(lower.lines[0].get_ydata()) <= lower.get_ylim()[1]
    _, filled, open_dot = lower.lines
    assert filled.get_ydata() == pytest.approx(selu.derivative(-1e-9))
    assert open_dot.get_ydata() == pytest.approx(selu.derivative(1e-9))


def test_the_cut_runs_where_the_logit_is_zero():
    ax = plot_boundary(upright, X, Y)
    assert cuts(ax)
    for vertices in cuts(ax):
        np.testing.assert_allclose(vertices[:, 0], 0.5, atol=1e-6)


def test_each_side_has_the_tint_of_its_class(shown):
    ax = plot_boundary(upright, X, Y, limits=(-1, 2))
    show(ax, alt="Two halves")
    image = Image.open(BytesIO(b64decode(shown[0]["image/png"]))).convert("RGB")
    for x, colour in [(-0.5, COLOURS["blue"]), (1.5, COLOURS["orange"])]:
        column, row = 2 * ax.transData.transform((x, 1.5))
        there = np.array(image.getpixel((int(column), int(image.height - row)))) / 255
        np.testing.assert_allclose(there, to_rgb(page.tint(colour)), atol=0.03)


def test_classes_differ_in_colour_and_in_marker():
    points = [c for c in plot_boundary(upright, X, Y).collections if len(c.get_offsets()) == 2]
    zero, one = points
    assert not same_color(zero.get_facecolor(), one.get_facecolor())
    assert len(zero.get_paths()[0]) != len(one.get_paths()[0])


def test_a_class_keeps_its_colour_where_no_other_is():
    (one,) = [c for c in plot_boundary(upright, X, [1, 1, 1, 1][: len(X)]).collections
              if len(c.get_offsets()) == len(X)]  # fmt: skip
    assert same_color(one.get_facecolor()[0], list(COLOURS.values())[1])


def test_accuracy_is_rounded_down():
    y = np.arange(400) % 2
    x = np.stack([y, y], axis=1).astype(float)
    x[0] = 1
    assert plot_boundary(upright, x, y).get_title() == "accuracy 0.99"
    assert plot_boundary(upright, x[1:], y[1:]).get_title() == "accuracy 1.00"


def test_one_logit_a_class_gives_the_largest_its_region():
    ax = plot_boundary(lambda x: np.hstack([x, -x.sum(axis=1, keepdims=True)]), X, [0, 1, 2, 0])
    assert len(cuts(ax)) >= 3
    assert [text.get_text() for text in ax.get_legend().texts] == ["class 0", "class 1", "class 2"]


@pytest.mark.parametrize("logit", [-1, 0, 1])
def test_a_network_that_says_one_thing_everywhere_is_drawn_without_a_cut(logit):
    assert cuts(plot_boundary(lambda x: np.full(len(x), logit), X, Y)) == []


@pytest.mark.parametrize(
    ("x", "y"), [(X[:, :1], Y), (X, Y[:2]), (X * np.nan, Y), (X, Y - 1), (X, Y + 9), (X[:0], Y[:0])]
)
def test_data_that_no_picture_can_hold_are_refused(x, y):
    with pytest.raises(BadInput):
        plot_boundary(upright, x, y)


def test_the_hidden_view_shows_the_data_after_the_layers_and_a_straight_cut():
    network = two_wide()
    x, y = rings(40, rng=np.random.default_rng(0))
    network.layers[-1].bias += 0.1
    ax = plot_hidden(network, x, y)
    drawn = np.vstack([c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 20])
    hidden = Network(network.layers[:2])(x)
    np.testing.assert_allclose(drawn, np.vstack([hidden[::2], hidden[1::2]]))
    weights, bias = network.layers[-1].weights, network.layers[-1].bias
    for vertices in cuts(ax):
        np.testing.assert_allclose(vertices @ weights + bias, 0, atol=1e-9)


def test_the_hidden_view_can_stop_at_any_plane():
    network = Network([Apply(relu), *two_wide().layers])
    ax = plot_hidden(network, X, Y, layer=1)
    assert ax.get_xlim()[0] > -0.5
    with pytest.raises(BadInput, match="after 4 layers"):
        plot_hidden(network, X, Y, layer=4)


# plot_losses and plot_norms.


def test_the_median_over_runs_is_thick_and_each_run_thin():
    runs = [History([3, 2], False), [5.0, 4.0], [1.0, 0.0]]
    median, *each = plot_losses(runs).lines
    assert median.get_ydata().tolist() == [3, 2]
    assert [line.get_ydata().tolist() for line in each] == [[3, 2], [5, 4], [1, 0]]
    assert all(line.get_linewidth() < median.get_linewidth() for line in each)


def test_what_was_before_the_first_step_stands_at_0():
    assert plot_losses([[3, 2]]).lines[0].get_xdata().tolist() == [1, 2]
    assert plot_losses([[3, 2]], first=0).lines[0].get_xdata().tolist() == [0, 1]


def test_a_run_that_stopped_counts_on_with_its_last_loss():
    assert plot_losses([[4, 3], [4, 3, 2]]).lines[0].get_ydata().tolist() == [4, 3, 2.5]


def test_a_second_call_compares_in_another_colour():
    ax = plot_losses([[3, 1]], label="one")
    plot_losses([[3, 2]], label="two", ax=ax)
    assert len({line.get_color() for line in ax.lines}) == 2
    assert [text.get_text() for text in ax.texts] == ["one", "two"]


@pytest.mark.parametrize("runs", [[], [[]], [[1, np.nan]], [["a"]]])
def test_runs_that_hold_no_losses_are_refused(runs):
    with pytest.raises(BadInput):
        plot_losses(runs)


def test_norms_show_the_median_and_the_band_over_seeds_on_a_log_axis():
    ax = plot_norms({"he": [[1, 10], [3, 30], [2, 20]]})
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_ydata().tolist() == [2, 20]
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1, 30)


def test_a_norm_of_zero_is_a_triangle_at_the_bottom():
    median, gone = plot_norms({"dead": [0, 0, 5]}).lines
    assert gone.get_xdata().tolist() == [1, 2]
    assert np.isnan(median.get_ydata()).tolist() == [True, True, False]


@pytest.mark.parametrize("norms", [{}, {"he": [-1.0]}, {"he": [np.inf]}])
def test_norms_that_no_log_axis_can_hold_are_refused(norms):
    with pytest.raises(BadInput):
        plot_norms(norms)


# plot_curves, plot_seeds, mark_prediction.


def test_ratios_show_the_median_and_a_dot_for_each_seed():
    ax = plot_ratios([1, 4], {"sigmoid": [[1, 2, 9], [3, 4, np.inf]]})
    line, first, second, gone = ax.lines
    assert list(line.get_ydata()) == [2, 4]
    assert list(first.get_ydata()) == [1, 2, 9]
    assert list(second.get_ydata()) == [3, 4]
    assert list(gone.get_xdata()) == []


def test_a_ratio_that_is_infinite_is_an_arrow_at_the_top():
    ax = plot_ratios([1, 4], {"sigmoid": [[1, 2, 9], [3, np.inf, np.inf]]})
    assert list(ax.lines[0].get_xdata()) == [1]
    assert list(ax.lines[-1].get_xdata()) == [4]


def test_a_curve_is_labelled_level_with_its_end():
    ax = plot_curves([0, 1, 2], {"up": [0, 1, 5], "down": [0, -1, -2]})
    assert {text.get_text(): text.xy[1] for text in ax.texts} == {"up": 5, "down": -2}


def test_each_seed_is_a_dot_on_the_row_of_its_label():
    ax = plot_seeds({"relu": [1, 2], "tanh": [3]})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["relu", "tanh"]
    relu_dots, tanh_dots = ax.lines
    assert relu_dots.get_xydata().tolist() == [[1, 0], [2, 0]]
    assert tanh_dots.get_xydata().tolist() == [[3, 1]]


@pytest.mark.parametrize(("along", "start", "end"), [("y", (0, 2), (1, 2)), ("x", (2, 0), (2, 1))])
def test_a_prediction_is_a_line_at_the_number_that_was_given(along, start, end):
    ax = mark_prediction(2.0, ax=panels()[1], along=along)
    assert ax.lines[0].get_xydata().tolist() == [[*start], [*end]]
    assert ax.texts[0].get_text() == "you predicted 2"


def test_a_prediction_off_the_scale_leaves_the_figure_as_it_is():
    ax = panels()[1]
    ax.set_xlim(0, 1)
    show(mark_prediction(50.0, ax=ax, along="x"), alt="A truth between 0 and 1.")
    assert ax.get_position().width > 0.5


def test_without_a_prediction_nothing_is_drawn():
    assert not mark_prediction(None, ax=panels()[1]).has_data()


def test_a_warped_grid_lies_where_the_layers_put_it():
    lines = [line.get_xydata() for line in plot_warped_grid([Apply(relu)]).lines]
    assert min(line.min() for line in lines) == 0
    assert max(line.max() for line in lines) == 2


def test_a_warped_grid_has_to_stay_in_the_plane():
    with pytest.raises(BadInput, match="2 units"):
        plot_warped_grid(mlp([2, 3], relu, rng=np.random.default_rng(0)))
