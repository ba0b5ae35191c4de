"""Training: measure the loss, send its gradient back, take a step; again and again."""

import math
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from bend.errors import BadInput, TrainingDiverged

from .inputs import count, finite, generator
from .progress import bar


@dataclass(frozen=True)
class History:
    """What a call of `fit` saw.

    Attributes:
        losses: the loss of each step, measured before the parameters moved.
        reached: whether the goal was met, `stop_at` or `stop_at_accuracy`.
    """

    losses: list[float]
    reached: bool

    @property
    def steps(self):
        """How many losses were measured."""
        return len(self.losses)

    def __repr__(self):
        return (
            f"History({self.steps} steps, last loss {self.losses[-1]:.4g}, reached={self.reached})"
        )


def fit(
    network,
    x,
    y,
    *,
    loss,
    optimizer,
    steps,
    rng=None,
    batch_size=None,
    stop_at=None,
    stop_at_accuracy=None,
    progress=None,
):
    """Train `network` in place: `steps` times loss, gradient, step. Returns a `History`.

    Args:
        network: what to train.
        x: (n, n_in), the inputs.
        y: (n, …), the targets, in the shape that `loss` takes.
        loss: binary_cross_entropy, softmax_cross_entropy or squared_error.
        optimizer: SGD, Momentum or Adam.
        steps: how many batches to take at most.
        rng: shuffles the examples; needed with batch_size only.
        batch_size: examples a step; all of them where it is None.
        stop_at: a loss at which to stop, before its step is taken.
        stop_at_accuracy: a share of the batch in its class, at which to stop likewise.
        progress: True or False to show a progress bar or not; None shows one to a person only.

    Raises:
        BadInput: for data that do not fit together or are not finite.
        TrainingDiverged: when the loss is no longer a number.
    """
    x = finite("x", x).astype(network.dtype, copy=False)
    y = finite("y", y)
    if len(x) != len(y) or not len(x):
        raise BadInput(f"x has {len(x)} rows and y {len(y)}: there must be as many, and some")
    if y.dtype.kind == "f":
        y = y.astype(network.dtype, copy=False)
    steps, stop_at = count("steps", steps), -np.inf if stop_at is None else stop_at
    params, losses, reached = network.params, [], False
    batches = bar(_batches(x, y, steps, batch_size, rng), steps, progress)
    # An overflow is on its way to NaN, which gets a sentence of its own.
    with np.errstate(over="ignore", invalid="ignore"):
        for x_batch, y_batch in batches:
            outputs = network.forward(x_batch)
            value, grad = loss(outputs, y_batch)
            losses.append(value)
            reached = value <= stop_at
            if stop_at_accuracy is not None:
                reached |= _share_right(outputs, y_batch) >= stop_at_accuracy
            if reached:
                break
            if not math.isfinite(value):
                raise TrainingDiverged(
                    f"the loss is {value} at step {len(losses)}: try a smaller learning rate, or "
                    "start with smaller weights"
                )
            network.backward(grad)
            optimizer.step(params, network.grads)
    return History(losses, reached)


def _batches(x, y, steps, batch_size, rng):
    """All data each time, or the full batches of one shuffle after another."""
    if batch_size is None:
        yield from repeat((x, y), steps)
        return
    batch_size, rng = min(count("batch_size", batch_size), len(x)), generator(rng)
    order = np.empty(0, int)
    for _ in range(steps):
        if len(order) < batch_size:
            order = rng.permutation(len(x))
        rows, order = order[:batch_size], order[batch_size:]
        yield x[rows], y[rows]


def accuracy(network, x, y):
    """The share of examples that `network` puts into their class.

    Args:
        network: one logit (above 0 means class 1) or one logit for each class (the largest wins).
        x: (n, n_in).
        y: (n, 1) of 0 and 1, or (n,) class numbers.
    """
    logits = network(x)
    y = np.ravel(y)
    if len(logits) != len(y):
        raise BadInput(f"x has {len(logits)} rows and y {len(y)}: there must be as many")
    return _share_right(logits, y)


def _share_right(logits, y):
    predicted = logits[:, 0] > 0 if logits.shape[1] == 1 else logits.argmax(axis=1)
    return float(np.mean(predicted == np.ravel(y)))
