import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bend import Apply, BatchNorm, Dense, Residual, leaky_relu, relu, tanh
from bend.errors import BadInput


def rng():
    return np.random.default_rng(0)


def test_dense_is_x_times_w_plus_b():
    layer = Dense(2, 3, rng=rng())
    layer.weights[:] = [[1, 2, 3], [4, 5, 6]]
    layer.bias[:] = [10, 20, 30]
    assert np.array_equal(layer(np.array([[1.0, 0], [0, 1]])), [[11, 22, 33], [14, 25, 36]])


def test_dense_sends_back_the_three_products():
    layer, x, grad = Dense(2, 3, rng=rng()), rng().normal(size=(5, 2)), rng().normal(size=(5, 3))
    layer.forward(x)
    assert np.allclose(layer.backward(grad), grad @ layer.weights.T)
    assert np.allclose(layer.grads[0], x.T @ grad)
    assert np.allclose(layer.grads[1], grad.sum(axis=0))


def test_apply_sends_back_the_gradient_times_the_slope():
    layer, z = Apply(tanh), rng().normal(size=(5, 3))
    assert np.array_equal(layer.forward(z), np.tanh(z))
    assert np.allclose(layer.backward(np.full((5, 3), 2.0)), 2 * (1 - np.tanh(z) ** 2))


def test_calling_a_layer_remembers_nothing():
    layer, x = Dense(2, 3, rng=rng()), rng().normal(size=(5, 2))
    layer.forward(x)
    layer(x + 1)
    assert layer.inputs is x


def test_what_a_layer_remembers_is_never_overwritten():
    dense, apply, x = Dense(2, 3, rng=rng()), Apply(relu), rng().normal(size=(5, 2))
    z = dense.forward(x)
    kept = z.copy()
    grad = apply.backward(np.ones_like(apply.forward(z)))
    dense.backward(grad)
    dense.forward(x + 1)
    assert np.array_equal(z, kept)
    assert dense.outputs_grad is grad


@pytest.mark.parametrize("width", [0, -1, 2.0, "2", None, True])
def test_a_width_is_a_whole_number_of_at_least_one(width):
    for widths in ((width, 3), (3, width)):
        with pytest.raises(BadInput, match="must be a whole number of at least 1"):
            Dense(*widths, rng=rng())


@pytest.mark.parametrize("x", [np.ones(2), np.ones((5, 3)), np.ones((1, 5, 2)), 1.0])
def test_an_input_of_the_wrong_shape_is_refused(x):
    with pytest.raises(BadInput, match=r"inputs of shape \(batch, 2\)"):
        Dense(2, 3, rng=rng())(x)


@pytest.mark.parametrize("not_rng", [0, None, np.random, np.random.RandomState(0)])
def test_only_a_generator_is_random(not_rng):
    with pytest.raises(BadInput, match="rng must be a generator"):
        Dense(2, 3, rng=not_rng)


@pytest.mark.parametrize("activation", [leaky_relu, np.tanh, "relu", None])
def test_apply_takes_an_activation_only(activation):
    with pytest.raises(BadInput, match="Apply takes an activation"):
        Apply(activation)


def skewed(n=50, width=3):
    """Columns of very different means and spreads."""
    return rng().normal(size=(n, width)) * 10.0 ** np.arange(width) + [5, -3, 200][:width]


def test_batch_norm_gives_each_column_mean_beta_and_spread_gamma():
    layer = BatchNorm(3)
    layer.gamma[:], layer.beta[:] = [1, 2, -3], [0, 10, 20]
    y = layer.forward(skewed())
    np.testing.assert_allclose(y.mean(axis=0), layer.beta, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), np.abs(layer.gamma), rtol=1e-4)


def test_epsilon_keeps_a_constant_column_at_beta():
    layer = BatchNorm(2)
    layer.beta[:] = [7, 8]
    assert np.array_equal(layer.forward(np.full((4, 2), 3.0)), np.full((4, 2), [7.0, 8]))
    assert np.isfinite(layer.backward(np.ones((4, 2)))).all()


def test_a_batch_that_is_seen_again_is_evaluated_as_it_was_trained():
    layer, x = BatchNorm(3), skewed()
    for _ in range(3):
        y = layer.forward(x)
    np.testing.assert_allclose(layer(x), y, rtol=1e-9)
    # And row by row, since nothing depends on the company any more.
    np.testing.assert_allclose(layer(x[:1]), y[:1], rtol=1e-9)


def test_running_averages_go_a_tenth_of_the_way_to_each_further_batch():
    layer, first, second = BatchNorm(3), skewed(), 2 * skewed(20) + 1
    layer.forward(first)
    layer.forward(second)
    for kept, of in ((layer.mean, np.mean), (layer.variance, np.var)):
        np.testing.assert_allclose(kept, 0.9 * of(first, axis=0) + 0.1 * of(second, axis=0))


def test_before_any_batch_a_call_changes_next_to_nothing():
    np.testing.assert_allclose(BatchNorm(3)(skewed()), skewed(), rtol=1e-5)


def test_calling_batch_norm_moves_no_average():
    layer = BatchNorm(3)
    layer(skewed())
    assert (layer.mean.tolist(), layer.variance.tolist()) == ([0] * 3, [1] * 3)


def test_the_parameters_of_batch_norm_are_moved_in_place():
    layer = BatchNorm(2)
    for param in layer.params:
        param += 5
    assert (layer.gamma.tolist(), layer.beta.tolist()) == ([6, 6], [5, 5])


@pytest.mark.parametrize("n", [0, 1])
def test_one_row_has_no_spread_to_divide_by(n):
    layer = BatchNorm(3)
    with pytest.raises(BadInput, match=f"at least 2 rows at once, not {n}"):
        layer.forward(np.ones((n, 3)))
    assert layer(np.ones((n, 3))).shape == (n, 3)


@pytest.mark.parametrize("x", [np.ones(2), np.ones((5, 3)), np.ones((1, 5, 2)), 1.0])
def test_batch_norm_refuses_another_width(x):
    layer = BatchNorm(2)
    for call in (layer, layer.forward):
        with pytest.raises(BadInput, match=r"inputs of shape \(batch, 2\)"):
            call(x)


@pytest.mark.parametrize("epsilon", [0, -1e-5, np.nan, "1e-5"])
def test_epsilon_is_a_number_above_zero(epsilon):
    with pytest.raises(BadInput, match="epsilon must be a number above 0"):
        BatchNorm(2, epsilon=epsilon)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 6), st.integers(2, 9), st.sampled_from([np.float32, np.float64]))
def test_batch_norm_and_residual_keep_shape_and_type(width, batch, dtype):
    x = rng().normal(size=(batch, width)).astype(dtype)
    inner = [Dense(width, width, rng=rng(), dtype=dtype), BatchNorm(width, dtype=dtype)]
    for layer in (BatchNorm(width, dtype=dtype), Residual(inner)):
        y = layer.forward(x)
        x_grad = layer.backward(y)
        assert y.shape == x_grad.shape == layer(x).shape == x.shape
        assert [p.shape for p in layer.params] == [g.shape for g in layer.grads]
        arrays = [y, x_grad, layer(x), *layer.params, *layer.grads]
        assert {a.dtype for a in arrays} == {np.dtype(dtype)}


def test_residual_adds_the_input_to_what_its_layers_make_of_it():
    inner, x = [Dense(3, 5, rng=rng()), Apply(tanh), Dense(5, 3, rng=rng())], skewed(4)
    layer = Residual(inner)
    expected = x + inner[2](np.tanh(inner[0](x)))
    assert np.array_equal(layer(x), expected)
    assert np.array_equal(layer.forward(x), expected)


def test_around_layers_that_pass_nothing_back_the_gradient_arrives_whole():
    dense, grad = Dense(3, 3, rng=rng()), rng().normal(size=(4, 3))
    dense.weights[:] = 0
    layer = Residual([dense])
    layer.forward(skewed(4))
    assert np.array_equal(layer.backward(grad), grad)


def test_residual_overwrites_nothing_that_is_remembered():
    dense = Dense(3, 3, rng=rng())
    layer, x = Residual([Residual([dense]), Apply(relu)]), skewed(4)
    kept, grad = x.copy(), np.ones((4, 3))
    layer.forward(x)
    z = dense.outputs.copy()
    layer.backward(grad)
    layer.forward(x)
    assert np.array_equal(x, kept)
    assert np.array_equal(grad, np.ones((4, 3)))
    assert np.array_equal(dense.outputs, z)


def test_residual_refuses_layers_that_change_the_width():
    with pytest.raises(BadInput, match="must keep the width: 3 in, 4 out"):
        Residual([Dense(3, 5, rng=rng()), Apply(relu), Dense(5, 4, rng=rng())])
    with pytest.raises(BadInput, match="made of layers"):
        Residual([relu])
