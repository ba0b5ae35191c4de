"""All that decides what the playground does, as one value and as one line of text.

    rings noise=0.1 8-8 relu he adam lr=0.03

A word stands for itself (a data set, widths, an activation, a start, an optimiser), a number for
what is named before it. What is left out is as in `Settings()`, and the noise is the data set's.
"""

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from inspect import signature
from itertools import groupby
from types import MappingProxyType

import numpy as np

from bend.errors import BadInput
from bend.nn import ACTIVATIONS, SGD, Adam, Momentum, datasets, glorot, he, normal, uniform_fan_in

DATASETS = tuple(datasets.DATASETS)
STARTS = MappingProxyType({"he": he, "glorot": glorot, "pytorch": uniform_fan_in, "normal": normal})
OPTIMIZERS = MappingProxyType({"sgd": SGD, "momentum": Momentum, "adam": Adam})
LOSSES = ("cross-entropy", "squared")
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
WIDTHS = re.compile(r"\d+([x×*][1-9]\d*)?(-\d+([x×*][1-9]\d*)?)*")


def usual_noise(data):
    """The noise that a data set has where none is asked for."""
    return signature(getattr(datasets, data)).parameters["noise"].default


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run. Raises: BadInput, naming the field and what it may be.

    Attributes:
        data: a name of DATASETS.
        noise: standard deviation added to each coordinate; None stands for the data set's own.
        points: how many. train: the share of them that is trained on, the rest tests.
        seed: of the data, the split, the start and the batches.
        inputs: names of INPUTS, what the first layer is given.
        hidden: widths of the hidden layers. activations: a name of ACTIVATIONS for each.
        start: a name of STARTS, with its gain. bias: added to every hidden bias at the start.
        outbias: added to the output's.
        batchnorm: whether each hidden layer normalises over the batch before it bends.
        residual: whether a layer that keeps the width adds its input to its output.
        loss: a name of LOSSES. optimizer: a name of OPTIMIZERS. lr: its learning rate.
        batch: examples a step, 0 for all.
        l1, l2: how strongly large weights are held down.
    """

    data: str = "rings"
    noise: float | None = None
    points: int = 500
    train: float = 0.8
    seed: int = 0
    inputs: tuple[str, ...] = ("x1", "x2")
    hidden: tuple[int, ...] = (8, 8)
    activations: tuple[str, ...] = ("tanh", "tanh")
    start: str = "glorot"
    gain: float = 1.0
    bias: float = 0.0
    outbias: float = 0.0
    batchnorm: bool = False
    residual: bool = False
    loss: str = "cross-entropy"
    optimizer: str = "adam"
    lr: float = 0.03
    batch: int = 0
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self):
        _one_of("data", self.data, DATASETS)
        if self.noise is None:
            object.__setattr__(self, "noise", usual_noise(self.data))
        for name, number in NUMBERS.items():
            value = getattr(self, name)
            if fault := number.fault(value):
                raise BadInput(f"{name} {fault}")
            # 0.0 for −0.0, and Python's own numbers for NumPy's.
            object.__setattr__(self, name, int(value) if number.whole else float(value) + 0.0)
        for name, known in (
            ("start", STARTS),
            ("loss", LOSSES),
            ("optimizer", OPTIMIZERS),
        ):
            _one_of(name, getattr(self, name), known)
        if self.batchnorm and self.batch == 1:
            raise BadInput("batch must be 2 or more, or all, where batchnorm takes its mean")
        self._check_inputs()
        self._check_layers()

    def _check_inputs(self):
        inputs = tuple(self.inputs)
        for name in inputs:
            _one_of("in", name, INPUTS)
        if not inputs or len(set(inputs)) < len(inputs):
            raise BadInput("in must name at least one input, each once: in=x1,x2")
        # In one order, so that a set of inputs is one setting.
        object.__setattr__(self, "inputs", tuple(name for name in INPUTS if name in inputs))

    def _check_layers(self):
        hidden, activations = tuple(self.hidden), tuple(self.activations)
        for width in hidden:
            if fault := Number(1, WIDEST, whole=True).fault(width):
                raise BadInput(f"the units of a layer {fault}")
        if len(hidden) > DEEPEST:
            raise BadInput(f"there may be {DEEPEST} hidden layers at most, not {len(hidden)}")
        for name in activations:
            _one_of("activation", name, ACTIVATIONS)
        if len(activations) != len(hidden):
            raise BadInput(
                f"{len(hidden)} hidden layers need one activation, or {len(hidden)} joined by -, "
                f"not {len(activations)}"
            )
        object.__setattr__(self, "hidden", tuple(map(int, hidden)))
        object.__setattr__(self, "activations", activations)

    def change(self, **fields):
        """These settings with other fields; a new number of layers copies the last activation."""
        hidden = fields.get("hidden", self.hidden)
        if "activations" not in fields and len(hidden) != len(self.activations):
            kept = self.activations or (Settings.activations[0],)
            more = (kept[-1],) * (len(hidden) - len(kept))
            fields["activations"] = (kept + more)[: len(hidden)]
        return replace(self, **fields)

    @property
    def widths(self):
        """Inputs, hidden layers and the one output: (2, 8, 8, 1)."""
        return (len(self.inputs), *self.hidden, 1)

    @property
    def shape(self):
        """The widths in short: 2-32×20-1."""
        return f"{len(self.inputs)}-{_join_widths(self.hidden)}-1".replace("x", "×").replace(
            "-0-", "-"
        )

    @property
    def pictured(self):
        """Whether the network is small enough to draw each unit."""
        deep, wide = PICTURED
        return len(self.hidden) <= deep and max(self.hidden, default=0) <= wide

    def __str__(self):
        words = [self.data, f"noise={_short(self.noise)}"]
        words += [_numbered(self, name) for name in ("points", "train", "seed")]
        if self.inputs != Settings.inputs:
            words.append(f"in={','.join(self.inputs)}")
        words += [_join_widths(self.hidden), _join_names(self.activations), self.start]
        words += [_numbered(self, name) for name in ("gain", "bias", "outbias")]
        words += [name for name in ("batchnorm", "residual") if getattr(self, name)]
        words += [self.loss] if self.loss != Settings.loss else []
        words += [self.optimizer, f"lr={_short(self.lr)}"]
        words += [_numbered(self, name) for name in ("batch", "l1", "l2")]
        return " ".join(filter(None, words))

    @classmethod
    def parse(cls, text):
        """The settings that a text says. Raises: BadInput, naming the field and what it may be."""
        fields = {}
        for word in str(text).split():
            name, value = _read(word)
            if name in fields:
                raise BadInput(f"{name} is there twice: leave out {word!r} or the one before")
            fields[name] = value
        activations = fields.get("activations")
        hidden = fields.get("hidden", cls.hidden if not activations else None)
        if hidden is None:
            hidden = cls.hidden if len(activations) == 1 else (8,) * len(activations)
        fields["hidden"] = hidden
        if activations and len(activations) == 1:
            fields["activations"] = activations * len(hidden)
        elif not activations:
            fields["activations"] = cls.activations[:1] * len(hidden)
        return cls(**fields)


def _one_of(name, value, known):
    if value not in known:
        raise BadInput(f"{name} must be one of {', '.join(known)}, not {value!r}")


def _short(number):
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _numbered(settings, name):
    value = getattr(settings, name)
    return "" if value == getattr(Settings, name) else f"{name}={_short(value)}"


def _runs(things):
    return [(thing, len([*run])) for thing, run in groupby(things)]


def _join_widths(hidden):
    parts = [f"{w}x{n}" if n > 2 else "-".join([str(w)] * n) for w, n in _runs(hidden)]
    return "-".join(parts) or "0"


def _join_names(activations):
    if len(set(activations)) < 2:
        return activations[0] if activations else ""
    return "-".join(f"{a}*{n}" if n > 2 else "-".join([a] * n) for a, n in _runs(activations))


FLAGS = ("batchnorm", "residual")


def _read(word):
    """(field, value) of one word of the text."""
    name, equals, value = word.partition("=")
    if equals:
        return _read_named(name.lower(), value)
    lower = word.lower()
    for field, known in (
        ("data", DATASETS),
        ("start", STARTS),
        ("optimizer", OPTIMIZERS),
        ("loss", LOSSES),
    ):
        if lower in known:
            return field, lower
    if lower in FLAGS:
        return lower, True
    if WIDTHS.fullmatch(lower):
        return "hidden", _split_widths(lower)
    if re.split("[-*]", lower)[0] in ACTIVATIONS:
        return "activations", _split_names(lower)
    words = [*DATASETS, *STARTS, *OPTIMIZERS, *LOSSES, *FLAGS, *ACTIVATIONS]
    near = get_close_matches(lower, words, 1)
    hint = f"did you mean {near[0]}?" if near else f"the words are {', '.join(words)}"
    raise BadInput(f"{word!r} is no word of a playground: {hint}")


def _read_named(name, value):
    if name == "in":
        return "inputs", tuple(value.replace("²", "^2").lower().split(","))
    if name not in NUMBERS:
        near = get_close_matches(name, [*NUMBERS, "in"], 1)
        hint = f"did you mean {near[0]}=?" if near else f"there are {', '.join([*NUMBERS, 'in'])}"
        raise BadInput(f"there is nothing called {name!r} to set: {hint}")
    if name == "batch" and value == "all":
        return "batch", 0
    try:
        number = float(value)
    except ValueError:
        raise BadInput(f"{name} {NUMBERS[name].fault(value)}") from None
    return name, number


def _split_widths(text):
    if text == "0":
        return ()
    widths = []
    for part in text.split("-"):
        width, _, times = re.sub("[×*]", "x", part).partition("x")
        # More than are allowed are told from too many without making a list of them.
        widths += [int(width[:9])] * min(int(times[:9] or 1), DEEPEST + 1)
    return tuple(widths)


def _split_names(text):
    names = []
    for part in text.split("-"):
        name, star, times = part.partition("*")
        if star and not re.fullmatch("[1-9][0-9]*", times):
            raise BadInput(f"activation {part!r} must be a name, or a name and a number: relu*3")
        names += [name] * min(int(times[:9] or 1), DEEPEST + 1)
    return tuple(names)
