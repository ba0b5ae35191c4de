from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pytorch import pytorch

from bend import (
    ACTIVATIONS,
    Apply,
    BatchNorm,
    Dense,
    Network,
    Residual,
    binary_cross_entropy,
    identity,
    mlp,
    relu,
    softmax_cross_entropy,
    squared_error,
    tanh,
    uniform_fan_in,
)
from bend.errors import BadInput

each_activation = pytest.mark.parametrize("g", ACTIVATIONS.values(), ids=ACTIVATIONS)
X = np.random.default_rng(5).normal(size=(4, 3))
TARGETS = {
    binary_cross_entropy: (1, np.array([[0], [1], [0], [1]])),
    softmax_cross_entropy: (3, np.array([0, 1, 2, 0])),
    squared_error: (2, np.array([[0, 1], [0.5, 0], [-1, 0], [0, -0.5]])),
}
each_loss = pytest.mark.parametrize("loss", TARGETS, ids=lambda loss: loss.__name__)


def net(g=tanh, n_out=1, dtype=np.float64):
    """Two hidden layers, biases that are not zero, no unit that X brings near its kink."""
    rng = np.random.default_rng(2996)
    return mlp([3, 5, 4, n_out], g, rng=rng, initializer=uniform_fan_in(), dtype=dtype)


def remedied(n_out=1, dtype=np.float64):
    """Normalised residual blocks, one of several layers and one inside another, γ and β drawn."""
    rng = np.random.default_rng(2)

    def dense(n_in, n_out):
        return Dense(n_in, n_out, rng=rng, initializer=uniform_fan_in(), dtype=dtype)

    several = [dense(5, 4), BatchNorm(4, dtype=dtype), Apply(tanh), dense(4, 5)]
    nested = [Residual([dense(5, 5), Apply(tanh)]), BatchNorm(5, dtype=dtype)]
    first = [dense(3, 5), BatchNorm(5, dtype=dtype)]
    blocks = [Residual(several), Residual(nested)]
    network = Network([*first, *blocks, Apply(tanh), dense(5, n_out)])
    for param in network.params:
        if len(param) == param.size:
            param += rng.normal(0, 0.5, param.shape).astype(dtype)
    return network


def backpropagate(network, x, loss, y):
    return network.backward(loss(network.forward(x), y)[1])


def numeric(array, loss_now, h):
    """Central differences of loss_now() in every entry of `array`, which is put back."""
    slopes = np.zeros(array.shape)
    for i in np.ndindex(array.shape):
        old = array[i]
        array[i] = old + h
        above, top = loss_now(), array[i]
        array[i] = old - h
        below, bottom = loss_now(), array[i]
        array[i] = old
        slopes[i] = (above - below) / (float(top) - float(bottom))
    return slopes


@each_activation
@each_loss
@pytest.mark.parametrize(
    ("dtype", "h", "error"), [("float64", 1e-5, 1e-9), ("float32", 1e-2, 1e-5)]
)
def test_every_gradient_is_that_of_finite_differences(g, loss, dtype, h, error):
    n_out, y = TARGETS[loss]
    network, x = net(g, n_out, dtype), X.astype(dtype)
    x_grad = backpropagate(network, x, loss, y)
    grads = np.concatenate([grad.ravel() for grad in [x_grad, *network.grads]])
    slopes = [
        numeric(array, lambda: loss(network.forward(x), y)[0], h) for array in [x, *network.params]
    ]
    slopes = np.concatenate([slope.ravel() for slope in slopes])
    assert grads.dtype == dtype
    assert np.sqrt(np.mean((grads - slopes) ** 2)) < error


@each_loss
@pytest.mark.parametrize(
    # Dividing by a spread bends more than a tanh does, so the steps are smaller.
    ("dtype", "h", "error"),
    [("float64", 3e-6, 1e-9), ("float32", 1e-3, 1e-4)],
)
def test_gradients_through_batch_norm_and_residual_are_those_of_finite_differences(
    loss, dtype, h, error
):
    n_out, y = TARGETS[loss]
    network, x = remedied(n_out, dtype), X.astype(dtype)
    grads = [backpropagate(network, x, loss, y), *network.grads]
    for array, grad in zip([x, *network.params], grads, strict=True):
        slopes = numeric(array, lambda: loss(network.forward(x), y)[0], h)
        assert grad.dtype == dtype
        assert np.sqrt(np.mean((grad - slopes) ** 2)) < error


@each_activation
@each_loss
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorch_agrees(g, loss, dtype):
    torch = pytorch()
    n_out, y = TARGETS[loss]
    ours = net(g, n_out, dtype)
    backpropagate(ours, X, loss, y)

    names = {"identity": "Identity", "relu": "ReLU", "leaky_relu": "LeakyReLU", "silu": "SiLU"}
    names |= {"elu": "ELU", "selu": "SELU", "gelu": "GELU"}
    layer = getattr(torch.nn, names.get(g.name, g.name.capitalize()))
    widths = [3, 5, 4, n_out]
    layers = [torch.nn.Linear(*pair) for pair in pairwise(widths)]
    theirs = torch.nn.Sequential(layers[0], layer(), layers[1], layer(), layers[2])
    theirs = theirs.to(getattr(torch, dtype))
    params = [p.T if p.ndim == 2 else p for p in theirs.parameters()]
    with torch.no_grad():
        for param, value in zip(params, ours.params, strict=True):
            param.copy_(torch.tensor(value))
    criterion = {
        binary_cross_entropy: torch.nn.BCEWithLogitsLoss(),
        softmax_cross_entropy: torch.nn.CrossEntropyLoss(),
        squared_error: torch.nn.MSELoss(),
    }[loss]
    target = torch.tensor(y) if y.ndim == 1 else torch.tensor(y.astype(dtype))
    criterion(theirs(torch.tensor(X.astype(dtype))), target).backward()
    grads = np.concatenate([grad.ravel() for grad in ours.grads])
    expected = np.concatenate([param.grad.numpy().T.ravel() for param in theirs.parameters()])
    assert np.linalg.norm(grads - expected) <= 1e-6 * np.linalg.norm(expected)


@each_loss
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorch_agrees_on_batch_norm_and_residual(loss, dtype):
    torch = pytorch()
    n_out, y = TARGETS[loss]
    ours, x = remedied(n_out, dtype), X.astype(dtype)
    y_grad = loss(ours.forward(x), y)[1]
    x_grad = ours.backward(y_grad)

    pairs = []

    def theirs(layer, a):
        """The same layer in PyTorch, with fresh parameters that are listed in `pairs`."""
        if isinstance(layer, (Residual, Network)):
            out = a
            for inner in layer.layers:
                out = theirs(inner, out)
            return a + out if isinstance(layer, Residual) else out
        if isinstance(layer, Apply):
            return torch.tanh(a)
        params = [torch.tensor(param, requires_grad=True) for param in layer.params]
        pairs.extend(zip(params, layer.grads, strict=True))
        if isinstance(layer, Dense):
            return a @ params[0] + params[1]
        return torch.nn.functional.batch_norm(a, None, None, *params, training=True, eps=1e-5)

    a = torch.tensor(x, requires_grad=True)
    theirs(ours, a).backward(torch.tensor(y_grad))
    pairs.append((a, x_grad))
    grads = np.concatenate([grad.ravel() for _, grad in pairs])
    expected = np.concatenate([param.grad.numpy().ravel() for param, _ in pairs])
    assert np.linalg.norm(grads - expected) <= 1e-6 * np.linalg.norm(expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorch_agrees_on_the_running_averages(dtype):
    torch = pytorch()
    ours, x = BatchNorm(3, dtype=dtype), X.astype(dtype)
    theirs = torch.nn.BatchNorm1d(3, dtype=getattr(torch, dtype))
    for k in range(3):
        theirs.momentum = 0.1 if k else 1.0
        ours.forward(x + k * x * x)
        theirs(torch.tensor(x + k * x * x))
    # PyTorch counts the variance by n - 1.
    theirs.running_var *= (len(x) - 1) / len(x)
    expected = theirs.eval()(torch.tensor(x)).detach().numpy()
    assert np.linalg.norm(ours(x) - expected) <= 1e-6 * np.linalg.norm(expected)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=6),
    st.integers(0, 5),
    st.sampled_from([np.float32, np.float64]),
)
def test_shapes_and_types_follow_the_widths(widths, batch, dtype):
    network = mlp(widths, relu, rng=np.random.default_rng(0), dtype=dtype)
    x = np.ones((batch, widths[0]))
    y = network.forward(x)
    assert network(x).shape == y.shape == (batch, widths[-1])
    assert network.backward(y).shape == x.shape
    assert [z.shape for z in network.pre_activations] == [(batch, n) for n in widths[1:]]
    assert [d.shape for d in network.gradients] == [(batch, n) for n in widths[1:]]
    assert [p.shape for p in network.params] == [g.shape for g in network.grads]
    assert {a.dtype for a in [y, *network.params, *network.grads]} == {np.dtype(dtype)}


def test_mlp_puts_no_activation_behind_its_last_layer():
    kinds = [type(layer) for layer in net().layers]
    assert kinds == [Dense, Apply, Dense, Apply, Dense]


def test_mlp_normalises_before_each_activation_and_goes_around_layers_that_keep_the_width():
    rng = np.random.default_rng(0)
    network = mlp([2, 4, 4, 3, 1], relu, rng=rng, normalise=True, residual=True)
    kinds = [Dense, BatchNorm, Apply]
    assert [type(layer) for layer in network.layers] == [*kinds, Residual, *kinds, Dense]
    assert [type(layer) for layer in network.layers[3].layers] == kinds
    assert [layer.weights.shape for layer in network.dense] == [(2, 4), (4, 4), (4, 3), (3, 1)]
    square = mlp([1, 1, 1], relu, rng=rng, residual=True)
    assert [type(layer) for layer in square.layers] == [Residual, Dense]


def test_remedies_change_no_weight_at_the_start():
    plain, remedied = (
        mlp([2, 4, 4, 1], relu, rng=np.random.default_rng(0), normalise=both, residual=both)
        for both in (False, True)
    )
    for a, b in zip(plain.dense, remedied.dense, strict=True):
        assert np.array_equal(a.weights, b.weights)


def test_layers_inside_a_residual_are_seen_from_outside():
    network = remedied()
    backpropagate(network, X, squared_error, np.ones((4, 1)))
    assert [z.shape[1] for z in network.pre_activations] == [5, 4, 5, 5, 1]
    assert [d.shape[1] for d in network.gradients] == [5, 4, 5, 5, 1]
    assert len(network.params) == len(network.grads) == 16


def test_a_network_of_several_chunks_normalises_all_rows_alike():
    network, x = remedied(), np.random.default_rng(0).normal(size=(3000, 3))
    network.forward(x)
    np.testing.assert_allclose(network(x), network.forward(x), rtol=1e-9)


def test_calling_equals_forward_but_remembers_nothing():
    network, many = net(), np.random.default_rng(0).normal(size=(3000, 3))
    outputs = network.forward(X)
    remembered = network.pre_activations
    assert np.allclose(network(many), np.vstack([network(row[None]) for row in many]), rtol=1e-12)
    assert np.array_equal(network(X), outputs)
    assert all(map(np.array_equal, network.pre_activations, remembered))


def test_pre_activations_and_gradients_are_copies_by_layer():
    network = net()
    backpropagate(network, X, squared_error, np.ones((4, 1)))
    for copies in (network.pre_activations, network.gradients):
        copies[0][:] = 99
    first = network.layers[0]
    assert np.allclose(network.pre_activations[0], X @ first.weights + first.bias)
    assert np.allclose(X.T @ network.gradients[0], first.grads[0])


def test_an_identity_layer_changes_nothing():
    network = net(identity)
    a, b, c = network.dense
    assert np.allclose(
        network(X), ((X @ a.weights + a.bias) @ b.weights + b.bias) @ c.weights + c.bias
    )


def test_integer_inputs_take_the_network_s_float_type():
    assert net(dtype=np.float32)([[1, 2, 3]]).dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_network_refuses_what_is_not_finite(value):
    with pytest.raises(BadInput, match="x holds 1 values that are NaN or infinite"):
        net()([[1, 2, value]])


def test_a_network_names_the_shape_that_it_takes():
    for call in (net(), net().forward):
        with pytest.raises(BadInput, match=r"takes inputs of shape \(batch, 3\), not \(2, 4\)"):
            call(np.ones((2, 4)))
        with pytest.raises(BadInput, match=r"takes inputs of shape \(batch, 3\), not \(\)"):
            call(0.5)


@pytest.mark.parametrize("widths", [[], [3]])
def test_widths_name_both_ends(widths):
    with pytest.raises(BadInput, match="at least inputs and outputs"):
        mlp(widths, relu, rng=np.random.default_rng(0))


def test_a_network_is_made_of_layers():
    with pytest.raises(BadInput, match="made of layers"):
        Network([relu])


def test_nothing_is_remembered_before_the_first_pass():
    with pytest.raises(BadInput, match=r"call network\.forward\(x\) first"):
        _ = net().pre_activations
    with pytest.raises(BadInput, match=r"call network\.backward\(grad\) first"):
        _ = net().gradients
