"""What a network is asked, what its output says, and what that does to the loss."""

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Choice, Slider
from bend.live.explorers.units import short
from bend.live.marks import Axis, Handle, Line, Panel, Picture
from bend.nn import ACTIVATIONS, binary_cross_entropy, softmax, softmax_cross_entropy

QUESTIONS = {
    "yes": "Is it a cat? (yes)",
    "amount": "How much? (3)",
    "which": "Which of three? (the first)",
    "several": "Which of three apply? (two)",
}
OUTPUTS = {
    "identity": "none",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "softplus": "softplus",
    "softmax": "softmax",
}
LOSSES = {"cross_entropy": "cross-entropy", "squared": "squared error"}
WANTED = {
    "yes": np.array([1.0]),
    "amount": np.array([3.0]),
    "which": np.array([1.0, 0.0, 0.0]),
    "several": np.array([1.0, 1.0, 0.0]),
}
OTHERS = np.array([1.0, -1.0])
REACH = 10.0
ALONG = np.linspace(-REACH, REACH, 401)
PAIRS = {
    "yes": ("sigmoid", "cross_entropy"),
    "amount": ("identity", "squared"),
    "which": ("softmax", "cross_entropy"),
    "several": ("sigmoid", "cross_entropy"),
}


def explore_output(question="yes", output="sigmoid", loss="squared"):
    """A question, an output activation and a loss: which of them go together."""
    controls = [
        Choice("question", "Question", question, QUESTIONS),
        Choice("output", "Output activation", output, OUTPUTS),
        Choice("loss", "Loss", loss, LOSSES),
        Slider("z", "Output before its activation, z", -6.0, -REACH, REACH, 0.1),
    ]
    display(Live("The output that fits the question", controls, output_picture))


def output_picture(values):
    """The outputs and the loss as the first logit moves, with the place where it is."""
    question, output, loss, z = (values[name] for name in ("question", "output", "loss", "z"))
    wanted = WANTED[question]
    curves = outputs(output, ALONG, wanted)
    losses = loss_along(output, loss, ALONG, wanted)
    here = outputs(output, np.array([z]), wanted)[0]
    near = loss_along(output, loss, np.array([z - 1e-3, z, z + 1e-3]), wanted)
    slope = (near[2] - near[0]) / 2e-3
    # What is left of the rounding of two values of 1 is no slope.
    slope = slope if not abs(slope) < 1e-9 else 0.0
    left = _outputs_panel(curves, here, wanted, z)
    right = _loss_panel(losses, near[1], slope, z)
    words = _told(here, wanted, near[1], slope, loss)
    return Picture([left, right], f"{words} {verdict(question, output, loss)}".replace("-", "−"))


def outputs(output, z, wanted):
    """The outputs (n, k) where the first logit is z and the others, if any, stay."""
    others = np.broadcast_to(OTHERS, (len(z), 2))[:, : len(wanted) - 1]
    logits = np.hstack([z[:, None], others])
    return softmax(logits) if output == "softmax" else ACTIVATIONS[output](logits)


def loss_along(output, loss, z, wanted):
    """The loss (n,) for each z; NaN where it has no meaning."""
    if loss == "squared":
        return ((outputs(output, z, wanted) - wanted) ** 2).mean(axis=1)
    if wanted.max() > 1:
        return np.full(len(z), np.nan)
    logits = np.hstack([z[:, None], np.broadcast_to(OTHERS, (len(z), 2))[:, : len(wanted) - 1]])
    if output == "sigmoid":
        each = [binary_cross_entropy(row[None], wanted[None])[0] for row in logits]
        return np.array(each)
    if output == "softmax" and len(wanted) > 1 and wanted.sum() == 1:
        label = np.array([int(wanted.argmax())])
        return np.array([softmax_cross_entropy(row[None], label)[0] for row in logits])
    # Through the outputs, as one would write it: it has no value outside of 0 to 1.
    p = outputs(output, z, wanted)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = -np.where(wanted == 1, np.log(p), np.log(1 - p)).mean(axis=1)
    return np.where(np.isfinite(each), each, np.nan)


def _outputs_panel(curves, here, wanted, z):
    names = [f"output {'₁₂₃'[k]}" if len(wanted) > 1 else "output" for k in range(len(wanted))]
    colours = ("blue", "pink", "green")
    marks = []
    for k, colour in zip(range(len(wanted)), colours, strict=False):
        level = [wanted[k], wanted[k]]
        marks.append(Line([-REACH, REACH], level, colour, dashes=True, width=1.5, opacity=0.7))
        marks.append(Line(ALONG, curves[:, k], colour, names[k], width=2.5))
    words = f"Output {here[0]:.2f} at z = {z:.1f}"
    marks.append(Handle(z, here[0], words, ("z", None), tip=f"{here[0]:.2f}"))
    limits = (-0.3, 1.3) if curves.min() >= 0 and max(curves.max(), *wanted) <= 1 else (-1.5, 4.5)
    axes = {"x": Axis((-REACH, REACH), "z"), "y": Axis(limits)}
    return Panel(marks, **axes, title="Outputs; dashed, what is wanted", name="outputs")


def _loss_panel(losses, value, slope, z):
    largest = np.nanmax(losses, initial=0.0)
    top = float(np.clip(1.2 * largest, 1.5, 12))
    tangent = np.array([z - 2.5, z + 2.5])
    marks = [Line(ALONG, losses, "orange", width=2.5)]
    if np.isfinite(value):
        marks += [
            Line(tangent, value + slope * (tangent - z), "ink"),
            Handle(
                z,
                min(value, top),
                f"Loss {value:.2f}",
                moves=("z", None),
                tip=f"slope {short(slope)}".replace("-", "−"),
                colour="orange",
            ),
        ]
    axes = {"x": Axis((-REACH, REACH), "z"), "y": Axis((-0.05 * top, top))}
    return Panel(marks, **axes, title="Loss, and its slope here", name="loss")


def _told(here, wanted, value, slope, loss):
    numbers = ", ".join(f"{p:.2f}" for p in here)
    total = f", in sum {here.sum():.2f}" if len(here) > 1 else ""
    aim = ", ".join(f"{w:g}" for w in wanted)
    at = f"The output is {numbers}{total}; wanted {'are' if len(here) > 1 else 'is'} {aim}."
    if not np.isfinite(value):
        return f"{at} Here {LOSSES[loss]} has no value."
    return f"{at} Loss {value:.2f}, slope {short(slope)}."


def verdict(question, output, loss):
    """What is to be said about an output and a loss for a question."""
    if PAIRS[question] == (output, loss):
        return "These fit: the worse the output, the steeper the loss."
    if loss == "cross_entropy" and question == "amount":
        return "Cross-entropy is for probabilities, and an amount is none."
    if loss == "cross_entropy" and output not in ("sigmoid", "softmax"):
        return "This output is no probability: its logarithm, or that of 1 less it, need not exist."
    if question == "amount" and output == "softplus":
        return "This fits an amount that cannot be negative, though the slope fades on the left."
    return _WRONG.get((question, output)) or _ANY[output]


_WRONG = {
    ("amount", "sigmoid"): "It can never say more than 1: the loss stays above 4, and goes flat.",
    ("amount", "tanh"): "It can never say more than 1: the loss stays above 4, and goes flat.",
    ("amount", "relu"): "It can say 3, yet where z is below 0 there is no slope to learn from.",
    ("yes", "softmax"): "Softmax over one output is 1 whatever z is. There is nothing to learn.",
    ("amount", "softmax"): "Softmax over one output is 1 whatever z is. There is nothing to learn.",
    ("several", "softmax"): "The outputs must share a sum of 1: two that apply get a half at most.",
    ("which", "sigmoid"): "Each output is judged by itself: they need not add up to 1.",
}
_ANY = {
    "identity": "It may say any number, also one that is no probability: being surer is punished.",
    "tanh": "It says numbers from -1 to 1, no probability, and goes flat on both sides.",
    "relu": "It may say any number above 0, and below 0 it has no slope to learn from.",
    "softplus": "It may say any number above 0: no probability.",
    "sigmoid": "Where it is wrong and sure, it has hardly a slope to learn from.",
    "softmax": "Where it is wrong and sure, it has hardly a slope to learn from.",
}
