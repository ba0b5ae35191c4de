import numpy as np
import pytest

from bend import Apply, Dense, leaky_relu, relu, tanh
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
