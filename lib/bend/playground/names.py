"""What the playground offers: a name for each thing to choose, and how far each number goes."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bend.nn import ACTIVATIONS, SGD, Adam, Momentum, glorot, he, normal, uniform_fan_in
from bend.playground.data import asks

STARTS = MappingProxyType({"he": he, "glorot": glorot, "pytorch": uniform_fan_in, "normal": normal})
OPTIMIZERS = MappingProxyType({"sgd": SGD, "momentum": Momentum, "adam": Adam})
LOSSES = ("cross-entropy", "squared")
# What the output may go through, by what it is asked for; the usual first.
OUTPUTS = MappingProxyType(
    {
        "class": ("sigmoid",),
        "labels": ("sigmoid", "softmax"),
        "number": ("identity", *(name for name in ACTIVATIONS if name != "identity")),
    }
)
# On top of x1 and x2 themselves; two waves fit into the width of the data.
INPUTS = MappingProxyType(
    {
        "x1": lambda x: x[:, 0],
        "x2": lambda x: x[:, 1],
        "x1^2": lambda x: x[:, 0] ** 2,
        "x2^2": lambda x: x[:, 1] ** 2,
        "x1x2": lambda x: x[:, 0] * x[:, 1],
        "sin(3x1)": lambda x: np.sin(3 * x[:, 0]),
        "sin(3x2)": lambda x: np.sin(3 * x[:, 1]),
    }
)
DEEPEST, WIDEST = 50, 64
FLAGS = ("batchnorm", "residual", "raw")
# As deep and as wide as units get a picture of their own.
PICTURED = (6, 8)


@dataclass(frozen=True)
class Number:
    """What a number may be. low, high: both allowed. zero: 0 is allowed below `low`."""

    low: float
    high: float
    whole: bool = False
    zero: bool = False

    def fault(self, value):
        """What is wrong with the value, and what to write instead; "" where nothing is."""
        kind = "a whole number" if self.whole else "a number"
        real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not real or not np.isfinite(value) or (self.whole and value != int(value)):
            return f"must be {kind}, {self._span()}, not {value!r}"
        if not (self.low <= value <= self.high or (self.zero and value == 0)):
            return f"must be {kind} {self._span()}, not {value:g}"
        return ""

    def _span(self):
        return f"{'0 or ' if self.zero else ''}from {self.low:g} to {self.high:g}"


NUMBERS = MappingProxyType(
    {
        "noise": Number(0, 2),
        "points": Number(20, 2000, whole=True),
        "train": Number(0.1, 1),
        "seed": Number(0, 9999, whole=True),
        "gain": Number(0.001, 100),
        "bias": Number(-100, 100),
        "outbias": Number(-100, 100),
        "lr": Number(1e-6, 1000),
        "batch": Number(1, 2000, whole=True, zero=True),
        "l1": Number(1e-7, 10, zero=True),
        "l2": Number(1e-7, 10, zero=True),
    }
)


def usual_loss(data):
    """The loss that a data set has where none is asked for."""
    return "squared" if asks(data) == "number" else "cross-entropy"


def usual_out(data):
    """What the output goes through where nothing else is asked for."""
    return OUTPUTS[asks(data)][0]
