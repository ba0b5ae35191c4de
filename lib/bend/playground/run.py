"""A network of the playground being trained: step by step, and measured whenever it is asked."""

import math
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bend.nn import (
    ACTIVATIONS,
    Apply,
    BatchNorm,
    Dense,
    Network,
    Residual,
    binary_cross_entropy,
    gradient_norms,
    plane_grid,
    shared_cross_entropy,
    sigmoid,
    softmax,
    squared_error,
    weight_penalty,
)
from bend.nn.diagnostics import SATURATED_BELOW
from bend.playground.data import RAW, make_points
from bend.playground.names import INPUTS, OPTIMIZERS, STARTS
from bend.playground.settings import Settings
from bend.playground.words import explain_stop, summarise

# What may change while a network trains; everything else needs another start.
LIVE = {"optimizer", "lr", "batch", "l1", "l2"}
# Losses kept for the curve. When they are twice as many, every other one goes.
KEPT = 400
# Points of the picture of the plane along each side, and every how many a unit's picture has.
FINE, COARSE, EVERY = 100, 50, 5
# Multiplications beyond which the picture of the plane is made of fewer points.
COSTLY = 5e7


def squared_on_probability(logits, y):
    """(σ(z) − y)², averaged. The gradient is 2 (σ(z) − y) σ′(z), divided by the batch size."""
    value, grad = squared_error(sigmoid(logits), y)
    return value, grad * sigmoid.derivative(logits)


LOSSES = {"cross-entropy": binary_cross_entropy, "squared": squared_on_probability}


@dataclass(frozen=True)
class Measured:
    """What a network does now. By layer, the one nearest the input first.

    Attributes:
        step: how many steps were taken.
        loss, accuracy: on the points trained on, the penalty on weights not counted.
        test_loss, test_accuracy: on the others; NaN where there are none.
            Where the answer is a number there is no accuracy: NaN.
        norms: ‖∂loss/∂W‖ of each Dense layer.
        flat: the share of pre-activations where the slope is below a hundredth of its largest.
        dead: the share of units where that is so for every point trained on.
        slopes: for each hidden layer the mean of |g′(z)| of each unit.
        off: for each hidden layer which units are dead.
    """

    step: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    norms: np.ndarray
    flat: np.ndarray
    dead: np.ndarray
    slopes: list
    off: list


@dataclass(frozen=True)
class Plane:
    """What the network makes of every point of the plane, a square of size × size points.

    outputs: (size, size, outputs), the lowest x2 first: logits, or the number itself.
    units: for each hidden layer (units, small, small), or None where units have no pictures.
    """

    outputs: np.ndarray
    units: list | None


class Run:
    """One network with its data. `step` trains it, `measure` and `plane` look at it.

    Attributes:
        settings: what decides it.
        steps: how many were taken.
        stopped: why it can go no further, and what to try; "" while it can.
        losses: (step, training loss, test loss) now and then, up to now.
    """

    def __init__(self, settings=None):
        self.settings = settings = settings or Settings()
        self.points, self.y = make_points(settings)
        self.limit = float(np.abs(self.points).max()) * 1.08
        rng = np.random.default_rng([settings.seed, 1])
        order = rng.permutation(settings.points)
        cut = max(1, round(settings.train * settings.points))
        self.train_rows, self.test_rows = np.sort(order[:cut]), np.sort(order[cut:])
        self.x = self._features(self.points)
        self.blocks, self.last = _layers(settings, np.random.default_rng([settings.seed, 2]))
        self.network = Network([layer for block in self.blocks for layer in block] + self.last)
        self.rng, self.order = np.random.default_rng([settings.seed, 3]), np.empty(0, int)
        self.steps, self.stopped, self.losses, self.stride = 0, "", [], 1
        self.set_optimizer()
        self.note()

    def _features(self, points):
        columns = [INPUTS[name](points) for name in self.settings.inputs]
        return np.stack(columns, axis=1).astype(np.float32)

    def set_optimizer(self):
        """A new optimiser, of which nothing has been remembered yet."""
        self.optimizer = OPTIMIZERS[self.settings.optimizer](self.settings.lr)

    def change(self, settings):
        """Go on with other settings of those in LIVE, the weights as they are."""
        before, self.settings = self.settings, settings
        if settings.optimizer != before.optimizer:
            self.set_optimizer()
        self.optimizer.rate = settings.lr

    def step(self, steps=1, *, seconds=math.inf):
        """Train for so many steps, or until the time is over; at least one. Returns how many."""
        end = time.perf_counter() + seconds
        with np.errstate(over="ignore", invalid="ignore"):
            for taken in range(1, steps + 1):
                if self.stopped or not self._step():
                    return taken - 1
                if time.perf_counter() >= end:
                    return taken
        return steps

    def _step(self):
        rows = self._batch()
        loss, grad = self._loss(self.network.forward(self.x[rows]), self.y[rows])
        if not math.isfinite(loss):
            self.stopped = explain_stop(self.settings, self.steps)
            return False
        self.network.backward(grad)
        self.optimizer.step(self.network.params, self._regularised())
        self.steps += 1
        if self.steps % self.stride == 0:
            self.note()
        return True

    def _batch(self):
        batch = self.settings.batch
        if not 0 < batch < len(self.train_rows):
            return self.train_rows
        if len(self.order) < batch:
            self.order = self.rng.permutation(self.train_rows)
        rows, self.order = self.order[:batch], self.order[batch:]
        return rows

    @property
    def _loss(self):
        if self.settings.asks == "number":
            return squared_error
        if self.settings.out == "softmax":
            return shared_cross_entropy
        return LOSSES[self.settings.loss]

    def _regularised(self):
        """The gradients, with those of the penalty on weights added; biases go free."""
        l1, l2 = self.settings.l1, self.settings.l2
        if l1 or l2:
            weights = [layer.weights for layer in self.network.dense]
            penalties = weight_penalty(weights, l1=l1, l2=l2)[1]
            for layer, penalty in zip(self.network.dense, penalties, strict=True):
                layer.grads[0] = layer.grads[0] + penalty
        return self.network.grads

    def score(self, rows):
        """(loss, accuracy) on these points; NaN for what there is not."""
        if not len(rows):
            return math.nan, math.nan
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self._outputs(self.x[rows])
            loss = self._loss(outputs, self.y[rows])[0]
        if self.settings.asks == "number":
            return loss, math.nan
        right = (self.shades(outputs) > 0) == (self.y[rows] > 0.5)
        return loss, float(np.mean(right.all(axis=1)))

    def _outputs(self, x):
        for layer in self.network.layers:
            x = layer(x)
        return x

    def note(self):
        """Add the losses as they are to the curve."""
        pair = self.score(self.train_rows)[0], self.score(self.test_rows)[0]
        self.losses.append((self.steps, *pair))
        if len(self.losses) >= 2 * KEPT:
            self.losses = self.losses[::2]
            self.stride *= 2

    def measure(self):
        """What the network does now. A pass there and back on all points trained on."""
        rows = self.train_rows
        kept = [(norm, norm.mean, norm.variance, norm.step) for norm in self._inside(BatchNorm)]
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            grad = self._loss(self.network.forward(self.x[rows]), self.y[rows])[1]
            self.network.backward(grad)
            # Looking is no training: the running averages stay what they were.
            for norm, mean, variance, step in kept:
                norm.mean, norm.variance, norm.step = mean, variance, step
            loss, accuracy = self.score(rows)
            bends = self._inside(Apply)
            slopes = [np.abs(bend.activation.derivative(bend.inputs)) for bend in bends]
            flat = [
                slope < SATURATED_BELOW * bend.activation.max_slope
                for slope, bend in zip(slopes, bends, strict=True)
            ]
            off = [layer.all(axis=0) for layer in flat]
            test_loss, test_accuracy = self.score(self.test_rows)
            return Measured(
                step=self.steps,
                loss=loss,
                accuracy=accuracy,
                test_loss=test_loss,
                test_accuracy=test_accuracy,
                norms=gradient_norms(self.network),
                flat=np.array([np.mean(layer) for layer in flat]),
                dead=np.array([np.mean(layer) for layer in off]),
                slopes=[slope.mean(axis=0) for slope in slopes],
                off=off,
            )

    def _inside(self, kind):
        """The layers of a kind, first to last, those inside a Residual too."""
        parts = [part for block in self.blocks for layer in block
                 for part in getattr(layer, "layers", [layer])]  # fmt: skip
        return [part for part in parts if isinstance(part, kind)]

    def plane(self, size=None):
        """What the network makes of the plane around the data."""
        if size is None:
            size = FINE if FINE**2 * self._work() < COSTLY else COARSE
        limits = (-self.limit, self.limit)
        a = self._features(plane_grid(limits, size))
        units = [] if self.settings.pictured else None
        with np.errstate(over="ignore", invalid="ignore"):
            for block in self.blocks:
                for layer in block:
                    a = layer(a)
                if units is not None:
                    small = a.reshape(size, size, -1)[EVERY // 2 :: EVERY, EVERY // 2 :: EVERY]
                    units.append(np.moveaxis(small, 2, 0))
            for layer in self.last:
                a = layer(a)
            return Plane(a.reshape(size, size, -1), units)

    def shades(self, outputs):
        """What outputs (…, outputs) say, from −1 to 1: a number in its usual range, or 2 p − 1.

        p is the probability of class 1, or of each label.
        """
        if self.settings.asks == "number":
            middle, reach = RAW if self.settings.raw else (0, 1)
            return np.clip((outputs - middle) / reach, -1, 1)
        if self.settings.out == "softmax":
            return 2 * softmax(outputs) - 1
        return np.tanh(outputs / 2)

    def _work(self):
        """Multiplications for one point, an activation counted as ten."""
        widths = self.settings.widths
        return sum(a * b + 10 * b for a, b in pairwise(widths))

    def summary(self, measured=None):
        """One line that says how it stands."""
        return summarise(self, measured or self.measure())


def _layers(settings, rng):
    """A list of layers for each hidden layer, and one for the output."""
    start = STARTS[settings.start](settings.gain)
    blocks, n_in = [], len(settings.inputs)
    for width, name in zip(settings.hidden, settings.activations, strict=True):
        dense = Dense(n_in, width, rng=rng, initializer=start, dtype=np.float32)
        dense.bias += settings.bias
        between = [BatchNorm(width, dtype=np.float32)] if settings.batchnorm else []
        block = [dense, *between, Apply(ACTIVATIONS[name])]
        blocks.append([Residual(block)] if settings.residual and n_in == width else block)
        n_in = width
    last = Dense(n_in, settings.outputs, rng=rng, initializer=start, dtype=np.float32)
    last.bias += settings.outbias
    # The losses of classes and labels take logits.
    bends = settings.asks == "number" and settings.out != "identity"
    return blocks, [last, Apply(ACTIVATIONS[settings.out])] if bends else [last]
