import numpy as np
import pytest
from tests.pytorch import pytorch

from bend import (
    binary_cross_entropy,
    shared_cross_entropy,
    softmax,
    softmax_cross_entropy,
    squared_error,
    weight_penalty,
)
from bend.errors import BadInput

Z = np.random.default_rng(0).normal(0, 3, (8, 1))
Y = np.array([[0.0, 1.0]] * 4).reshape(8, 1)
LOGITS = np.random.default_rng(1).normal(0, 3, (8, 4))
LABELS = np.arange(8) % 4
# From no label to all four.
SEVERAL = np.tril(np.ones((8, 4)), -1)
CASES = [
    (binary_cross_entropy, Z, Y),
    (softmax_cross_entropy, LOGITS, LABELS),
    (shared_cross_entropy, LOGITS, SEVERAL),
    (squared_error, LOGITS, LOGITS[::-1]),
]
each_loss = pytest.mark.parametrize(("loss", "outputs", "y"), CASES, ids=lambda c: "")


@each_loss
def test_the_gradient_is_that_of_the_loss(loss, outputs, y):
    h, grad = 1e-5, loss(outputs, y)[1]
    for i in np.ndindex(outputs.shape):
        step = np.zeros_like(outputs)
        step[i] = h
        difference = loss(outputs + step, y)[0] - loss(outputs - step, y)[0]
        assert difference / (2 * h) == pytest.approx(grad[i], abs=1e-9)


def test_squared_error_is_the_mean_of_the_squares():
    assert squared_error(np.array([[1.0, 2.0]]), [[0, 4]])[0] == 2.5


@each_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_keep_the_float_type_and_leave_their_input_alone(loss, outputs, y, dtype):
    outputs = outputs.astype(dtype)
    before = outputs.copy()
    value, grad = loss(outputs, y)
    assert type(value) is float
    assert grad.dtype == dtype
    assert grad.shape == outputs.shape
    assert np.array_equal(outputs, before)


@each_loss
def test_pytorch_agrees(loss, outputs, y):
    torch = pytorch()
    theirs = {
        binary_cross_entropy: torch.nn.functional.binary_cross_entropy_with_logits,
        softmax_cross_entropy: torch.nn.functional.cross_entropy,
        # Its targets may be probabilities.
        shared_cross_entropy: torch.nn.functional.cross_entropy,
        squared_error: torch.nn.functional.mse_loss,
    }[loss]
    tensor = torch.tensor(outputs, requires_grad=True)
    targets = y / np.maximum(y.sum(axis=1, keepdims=True), 1) if y is SEVERAL else y.copy()
    value = theirs(tensor, torch.tensor(targets))
    value.backward()
    ours, grad = loss(outputs, y)
    assert ours == pytest.approx(value.item(), rel=1e-6)
    assert np.allclose(grad, tensor.grad.numpy(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand_are_no_trouble(dtype):
    z = np.array([[1e4], [-1e4]], dtype)
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        right, _ = binary_cross_entropy(z, [[1], [0]])
        wrong, grad = binary_cross_entropy(z, [[0], [1]])
        sure, _ = softmax_cross_entropy(np.hstack([z, -z]), [0, 1])
    assert (right, wrong, sure) == (0, 1e4, 0)
    assert np.array_equal(grad, [[0.5], [-0.5]])


def test_a_sure_and_right_answer_still_has_a_loss_and_a_gradient():
    tail = 4.248354255291589e-18
    for z, y in ((40.0, 1), (-40.0, 0)):
        loss, grad = binary_cross_entropy(np.array([[z]]), [[y]])
        assert loss == pytest.approx(tail, rel=1e-12)
        assert abs(grad[0, 0]) == pytest.approx(tail, rel=1e-12)
    loss, grad = softmax_cross_entropy(np.array([[40.0, 0.0]]), [0])
    assert loss == pytest.approx(tail, rel=1e-12)
    assert np.allclose(grad, [[-tail, tail]], rtol=1e-12, atol=0)


def test_the_gradients_are_p_minus_y():
    p = 1 / (1 + np.exp(-Z))
    assert np.allclose(binary_cross_entropy(Z, Y)[1] * 8, p - Y)
    assert np.allclose(
        softmax_cross_entropy(LOGITS, LABELS)[1] * 8, softmax(LOGITS) - np.eye(4)[LABELS]
    )


def test_knowing_nothing_costs_ln_2():
    assert binary_cross_entropy(np.zeros((4, 1)), Y[:4])[0] == pytest.approx(np.log(2))


def test_bool_and_integer_targets_will_do():
    for y in (Y.astype(int), Y.astype(bool)):
        assert binary_cross_entropy(Z, y)[0] == binary_cross_entropy(Z, Y)[0]


@pytest.mark.parametrize("loss", [binary_cross_entropy, shared_cross_entropy, squared_error])
def test_targets_of_another_shape_are_refused(loss):
    with pytest.raises(BadInput, match=r"outputs have shape \(8, 1\) and targets \(8,\)"):
        loss(Z, Y.ravel())


@pytest.mark.parametrize("y", [2, -1, 0.5, np.nan])
def test_binary_targets_are_0_or_1(y):
    with pytest.raises(BadInput, match="must be 0 or 1"):
        binary_cross_entropy(Z, np.full((8, 1), y))
    with pytest.raises(BadInput, match="must be 0 or 1"):
        shared_cross_entropy(LOGITS, np.full((8, 4), y))


def test_labels_that_apply_get_a_share_each_and_no_label_teaches_nothing():
    y = np.array([[1, 1, 0], [0, 0, 0]])
    loss, grad = shared_cross_entropy(np.zeros((2, 3)), y)
    assert loss == pytest.approx(np.log(3) / 2)
    assert np.allclose(grad, [[-1 / 12, -1 / 12, 1 / 6], [0, 0, 0]])


@pytest.mark.parametrize(
    "labels", [LABELS - 1, LABELS + 1, LABELS[:-1], LABELS.reshape(8, 1), LABELS * 1.0]
)
def test_labels_are_the_classes_numbers(labels):
    with pytest.raises(BadInput, match="labels must"):
        softmax_cross_entropy(LOGITS, labels)


def test_logits_have_a_row_for_each_example():
    with pytest.raises(BadInput, match=r"logits must have shape \(batch, classes\), not \(3,\)"):
        softmax_cross_entropy(np.zeros(3), [0])


def test_the_gradient_of_the_weight_penalty_is_that_of_its_value():
    rng, h = np.random.default_rng(0), 1e-6
    weights = [rng.normal(size=(3, 2)), rng.normal(size=(2, 1))]
    grads = weight_penalty(weights, l1=0.3, l2=0.7)[1]
    for w, grad in zip(weights, grads, strict=True):
        for i in np.ndindex(w.shape):
            w[i] += h
            above = weight_penalty(weights, l1=0.3, l2=0.7)[0]
            w[i] -= 2 * h
            below = weight_penalty(weights, l1=0.3, l2=0.7)[0]
            w[i] += h
            assert (above - below) / (2 * h) == pytest.approx(grad[i], abs=1e-8)


def test_no_weight_is_penalised_unless_it_is_asked_for():
    value, (grad,) = weight_penalty([np.array([2.0, -1.0])])
    assert (value, grad.tolist()) == (0, [0, 0])


def test_the_weight_penalty_keeps_the_float_type_and_pulls_no_zero():
    value, (grad,) = weight_penalty([np.array([0, 2, -1], np.float32)], l1=1, l2=1)
    assert value == 3 + 2.5
    assert grad.dtype == np.float32
    assert grad.tolist() == [0, 3, -2]
