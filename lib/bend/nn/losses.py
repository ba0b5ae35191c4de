"""What training makes small: each loss returns (loss, ∂loss/∂outputs), averaged over the batch."""

import numpy as np

from bend.errors import BadInput

from .activations import log_softmax, softmax, softplus


def _matched(y, outputs):
    """`y` in the float type of `outputs`. Raises: BadInput unless their shapes agree."""
    if np.shape(outputs) != np.shape(y):
        raise BadInput(
            f"outputs have shape {np.shape(outputs)} and targets {np.shape(y)}: they must agree"
        )
    return np.asarray(y, outputs.dtype)


def _zero_or_one(y, logits, name):
    y = _matched(y, logits)
    if np.count_nonzero(y * y - y):
        raise BadInput(f"targets of {name} must be 0 or 1")
    return y


def binary_cross_entropy(logits, y):
    """−log σ(z) where y = 1 and −log(1 − σ(z)) where y = 0, from the logits z.

    The gradient is σ(z) − y, divided by the batch size.

    Args:
        logits: (batch, 1), z.
        y: (batch, 1), 0 or 1.

    Raises: BadInput for shapes that differ or a target other than 0 and 1.
    """
    y = _zero_or_one(y, logits, "binary_cross_entropy")
    sign = 1 - 2 * y
    # log σ and σ − y would lose their digits where the answer is sure and right; softplus keeps
    # them, and so does its slope, 1 − e^(−softplus).
    losses = softplus(sign * logits)
    return float(losses.sum() / y.size), sign * np.expm1(-losses) / -y.size


def softmax_cross_entropy(logits, labels):
    """−log softmax(z)_label, from the logits z.

    The gradient is softmax(z) − onehot(label), divided by the batch size.

    Args:
        logits: (batch, classes), z.
        labels: (batch,), whole numbers from 0 to classes − 1.

    Raises: BadInput for another shape, or labels of another type or range.
    """
    if np.ndim(logits) != 2:
        raise BadInput(f"logits must have shape (batch, classes), not {np.shape(logits)}")
    n, classes = np.shape(logits)
    if np.shape(labels) != (n,) or np.asarray(labels).dtype.kind not in "iu":
        raise BadInput(f"labels must be {n} whole numbers, of shape ({n},)")
    if not 0 <= np.min(labels) <= np.max(labels) < classes:
        raise BadInput(f"labels must lie between 0 and {classes - 1}, one below the classes")
    log_p = log_softmax(logits)
    rows = np.arange(n)
    grad = np.exp(log_p)
    # p − 1 at the label, without losing the digits of a p that is nearly 1.
    grad[rows, labels] = np.expm1(log_p[rows, labels])
    return float(-log_p[rows, labels].sum() / n), grad / n


def shared_cross_entropy(logits, y):
    """−Σ_k share_k log softmax(z)_k, share_k = y_k / Σ_j y_j: one softmax for several labels.

    The labels that apply share one unit of probability; where none applies there is no loss. The
    gradient is softmax(z) − share, divided by the batch size, and 0 where no label applies.

    Args:
        logits: (batch, labels), z.
        y: (batch, labels), 0 or 1.

    Raises: BadInput for shapes that differ or a target other than 0 and 1.
    """
    y = _zero_or_one(y, logits, "shared_cross_entropy")
    applies = y.sum(axis=1, keepdims=True)
    share = y / np.maximum(applies, 1)
    grad = softmax(logits) * (applies > 0) - share
    return float(-(share * log_softmax(logits)).sum() / len(y)), grad / len(y)


def squared_error(outputs, y):
    """(output − y)², averaged over batch and columns.

    The gradient is 2 (output − y), divided by the number of entries.

    Raises: BadInput for shapes that differ.
    """
    difference = outputs - _matched(y, outputs)
    return float((difference**2).sum() / difference.size), 2 / difference.size * difference


def weight_penalty(weights, *, l1=0.0, l2=0.0):
    """l1 Σ |w| + l2/2 Σ w², what is added to a loss to keep weights small.

    The gradient is l1 sign(w) + l2 w, with 0 for the sign of 0.

    Args:
        weights: arrays of any shapes.
        l1: how strongly every weight is pulled towards 0, whatever its size; from 0 up.
        l2: how strongly in proportion to its size; from 0 up.

    Returns:
        The penalty, and its gradient for each array.
    """
    value = sum(l1 * np.abs(w).sum() + l2 / 2 * (w * w).sum() for w in weights)
    return float(value), [l1 * np.sign(w) + l2 * w for w in weights]
