"""All that decides what the playground does, as one value."""

from dataclasses import dataclass, replace

from bend.errors import BadInput
from bend.nn import ACTIVATIONS
from bend.playground.data import DATASETS, LABELS, asks, usual_noise
from bend.playground.names import (
    DEEPEST,
    INPUTS,
    LOSSES,
    NUMBERS,
    OPTIMIZERS,
    OUTPUTS,
    PICTURED,
    STARTS,
    WIDEST,
    Number,
    usual_loss,
    usual_out,
)
from bend.playground.text import join_widths, read, write


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run. Raises: BadInput, naming the field and what it may be.

    Attributes:
        data: a name of DATASETS.
        noise: standard deviation added to each coordinate, or to the height of a surface;
            None stands for the data set's own.
        points: how many. train: the share of them that is trained on, the rest tests.
        seed: of the data, the split, the start and the batches.
        inputs: names of INPUTS, what the first layer is given.
        hidden: widths of the hidden layers. activations: a name of ACTIVATIONS for each.
        start: a name of STARTS, with its gain. bias: added to every hidden bias at the start.
        outbias: added to the output's.
        batchnorm: whether each hidden layer normalises over the batch before it bends.
        residual: whether a layer that keeps the width adds its input to its output.
        loss: a name of LOSSES; None stands for the data set's own.
        out: what the output goes through, one of OUTPUTS; None stands for the data set's own.
        raw: whether the heights of a surface are prices in euros, not from −1 to 1.
        optimizer: a name of OPTIMIZERS. lr: its learning rate.
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
    loss: str | None = None
    out: str | None = None
    raw: bool = False
    optimizer: str = "adam"
    lr: float = 0.03
    batch: int = 0
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self):
        _one_of("data", self.data, DATASETS)
        if self.noise is None:
            object.__setattr__(self, "noise", usual_noise(self.data))
        if self.loss is None:
            object.__setattr__(self, "loss", usual_loss(self.data))
        if self.out is None:
            object.__setattr__(self, "out", usual_out(self.data))
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
        self._check_output()
        if self.batchnorm and self.batch == 1:
            raise BadInput("batch must be 2 or more, or all, where batchnorm takes its mean")
        self._check_inputs()
        self._check_layers()

    def _check_output(self):
        asked, data = self.asks, f"where {self.data} asks for"
        what = {"class": "a class", "labels": "labels", "number": "a number"}[asked]
        if self.out not in OUTPUTS[asked]:
            known = ", ".join(OUTPUTS[asked])
            raise BadInput(f"out must be one of {known} {data} {what}, not {self.out!r}")
        if asked == "number" and self.loss != "squared":
            raise BadInput(f"loss must be squared {data} a number")
        if asked != "number" and self.raw:
            raise BadInput(f"raw must be left out {data} {what} and no number")
        if self.out == "softmax" and self.loss != "cross-entropy":
            raise BadInput("loss must be cross-entropy where the output goes through softmax")

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
        fields.setdefault("activations", for_layers(self.activations, len(hidden)))
        return replace(self, **fields)

    @property
    def asks(self):
        """What the output is asked for: "class", "labels" or "number"."""
        return asks(self.data)

    @property
    def outputs(self):
        """How many outputs there are: one, or one a label."""
        return len(LABELS.get(self.data, [""]))

    @property
    def widths(self):
        """Inputs, hidden layers and outputs: (2, 8, 8, 1)."""
        return (len(self.inputs), *self.hidden, self.outputs)

    @property
    def shape(self):
        """The widths in short: 2-32×20-1."""
        inputs, outputs = len(self.inputs), self.outputs
        hidden = f"-{join_widths(self.hidden)}-".replace("x", "×").replace("-0-", "-")
        return f"{inputs}{hidden}{outputs}"

    @property
    def pictured(self):
        """Whether the network is small enough to draw each unit."""
        deep, wide = PICTURED
        return len(self.hidden) <= deep and max(self.hidden, default=0) <= wide

    def __str__(self):
        return write(self)

    @classmethod
    def parse(cls, text):
        """The settings that a text says. Raises: BadInput, naming the field and what it may be."""
        fields = read(text)
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


def for_layers(activations, layers):
    """As many names as there are layers: the first ones, or the last one again and again."""
    kept = tuple(activations) or Settings.activations[:1]
    return (kept + kept[-1:] * (layers - len(kept)))[:layers]


def _one_of(name, value, known):
    if value not in known:
        raise BadInput(f"{name} must be one of {', '.join(known)}, not {value!r}")
