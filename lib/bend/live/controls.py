"""What a learner sets in a live figure. The page draws each as a native control with a name.

A control is data: its name, under which `values` holds what is set, its label and its first value.
`clean` takes what the page sends, and answers with a value that can be used. Every control may have
a `group`, the heading it stands under, and `when=("activation", "leaky_relu")`, the control and
the values with which alone it is shown.
"""

from dataclasses import dataclass, field, fields
from numbers import Real

import numpy as np

from bend.errors import BadInput


@dataclass(frozen=True)
class Slider:
    """A number, by a slider and by a field to type it in.

    log: the slider moves by factors, and `step` is not used.
    step: 1 makes whole numbers.
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float = 0.01
    log: bool = False
    group: str = ""
    when: tuple = ()

    def clean(self, value, before):
        """The nearest value that the slider has; `before` for what is no number."""
        if not isinstance(value, Real) or isinstance(value, bool) or not np.isfinite(value):
            return before
        value = min(max(value, self.low), self.high)
        if self.log:
            return float(f"{value:.3g}")
        if self.step == 1:
            return round(value)
        # Typed numbers may be finer than the slider's own.
        return float(f"{value:.10g}")


@dataclass(frozen=True)
class Choice:
    """One of several. options: {value: the words for it}. pills: side by side, not in a list.

    Raises: BadInput for a first value that is not among the options.
    """

    name: str
    label: str
    value: str
    options: dict
    pills: bool = False
    group: str = ""
    when: tuple = ()

    def __post_init__(self):
        if self.value not in list(self.options):
            known = ", ".join(self.options)
            raise BadInput(f"{self.name} must be one of {known}, not {self.value!r}")

    def clean(self, value, before):
        """The value if it is among the options, else `before`."""
        return value if isinstance(value, str) and value in self.options else before


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    value: bool = False
    group: str = ""
    when: tuple = ()

    def clean(self, value, before):
        """The value if it is True or False, else `before`."""
        return value if isinstance(value, bool) else before


@dataclass(frozen=True)
class Action:
    """A button. `does` gets the live figure when it is pressed; it may call `set` and `show`."""

    name: str
    label: str
    does: object = field(default=None, compare=False)
    main: bool = False
    group: str = ""
    when: tuple = ()


def to_message(control):
    """The control as the page takes it."""
    message = {"kind": type(control).__name__.lower()}
    message |= {f.name: getattr(control, f.name) for f in fields(control) if f.name != "does"}
    if isinstance(control, Choice):
        message["options"] = [[value, words] for value, words in control.options.items()]
    return message
