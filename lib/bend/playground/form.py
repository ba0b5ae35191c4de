"""The playground's controls: what may be set, what is set, and settings from what was set."""

import numpy as np

from bend.live import controls as parts
from bend.nn import ACTIVATIONS
from bend.playground.data import DATASETS, asks, make_points
from bend.playground.names import DEEPEST, INPUTS, LOSSES, NUMBERS, OUTPUTS, WIDEST
from bend.playground.page import to_bytes
from bend.playground.presets import LESSONS, PRESETS
from bend.playground.settings import Settings, for_layers

SPEED = 5
BATCHES = {"0": "all", "1": "1", "10": "10", "32": "32", "100": "100"}


def to_values(settings):
    """{control: value} of the settings; the page itself knows what controls of all layers show."""
    names = ("data", "noise", "train", "points", "seed", "start", "gain", "bias", "outbias")
    names += ("batchnorm", "residual", "loss", "out", "raw", "optimizer", "lr")
    values = {name: getattr(settings, name) for name in names}
    for name in ("batch", "l1", "l2"):
        values[name] = f"{getattr(settings, name):g}"
    for name in ("inputs", "hidden", "activations"):
        values[name] = list(getattr(settings, name))
    return values


def from_values(settings, values):
    """The settings after some controls were set. Raises: BadInput for a value that cannot be."""
    values = dict(values)
    if values.get("data", settings.data) != settings.data:
        values.setdefault("noise", None)
        if asks(values["data"]) != settings.asks:
            # What was chosen for another kind of data does not go with this one.
            values |= {"loss": None, "out": None, "raw": False}
    for name in ("batch", "l1", "l2"):
        if name in values:
            values[name] = _number(values[name])
    if "activations" in values:
        # Chosen while a change of the layers was on its way.
        layers = len(values.get("hidden", settings.hidden))
        values["activations"] = for_layers(values["activations"], layers)
    return settings.change(**values)


def to_allowed(settings):
    """{control: values} for those controls of which not every value goes with the others.

    A control of which none is left, or nothing but False, is not shown.
    """
    number, shares = settings.asks == "number", settings.out == "softmax"
    losses = ["squared"] if number else LOSSES[:1] if shares else LOSSES
    outs = [
        name
        for name in OUTPUTS[settings.asks]
        if name != "softmax" or settings.loss == "cross-entropy"
    ]
    bends = [*ACTIVATIONS] if settings.hidden else []
    batches = [size for size in BATCHES if size != "1" or not settings.batchnorm]
    return {
        "loss": list(losses),
        "out": outs,
        "raw": [False, True] if number else [False],
        "activation": bends,
        "batch": batches,
    }


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def to_form():
    """What never changes: the controls, and what may be chosen."""
    words = {name: name.replace("_", " ") for name in ACTIVATIONS}
    held = {"0": "none", **{f"{x:g}": f"{x:g}" for x in (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1)}}
    usual = Settings()
    choice, slider, switch = parts.Choice, parts.Slider, parts.Switch
    controls = [
        slider("speed", "Steps a picture", SPEED, 1, 200, 1, log=True, group="bar"),
        slider("noise", "Noise", 0.1, 0, 1, 0.01, group="data"),
        slider("seed", "Seed", 0, NUMBERS["seed"].low, NUMBERS["seed"].high, 1, group="data"),
        choice("activation", "Activation", "tanh", {"": "different ones", **words}, group="top"),
        choice("start", "Start", usual.start, STARTS_IN_WORDS, group="top"),
        choice("optimizer", "Optimiser", usual.optimizer, OPTIMIZERS_IN_WORDS, group="top"),
        slider("lr", "Learning rate", usual.lr, 1e-4, 100, log=True, group="top"),
        slider("train", "Share to train on", usual.train, 0.1, 1, 0.05, group="Data"),
        slider("points", "Points", usual.points, 20, 2000, 10, group="Data"),
        switch("raw", "Heights as prices in euros", group="Data"),
        slider("layers", "Hidden layers", 2, 0, DEEPEST, 1, group="shape"),
        slider("units", "Units in each layer", 8, 1, WIDEST, 1, group="shape"),
        choice("out", "Output goes through", usual.out, _outputs(words), group="Network"),
        choice("loss", "Loss", usual.loss, LOSSES_IN_WORDS, group="Network"),
        switch("batchnorm", "Batch normalisation", group="Network"),
        switch("residual", "Residual connections", group="Network"),
        slider("gain", "Gain", 1, 0.001, 100, log=True, group="Start"),
        slider("bias", "Hidden biases", 0, -10, 10, 0.1, group="Start"),
        slider("outbias", "Output bias", 0, -10, 10, 0.1, group="Start"),
        choice("batch", "Batch", "0", BATCHES, group="Learning"),
        choice("l1", "L1 penalty", "0", held, group="Learning"),
        choice("l2", "L2 penalty", "0", held, group="Learning"),
    ]
    return {
        "controls": [parts.to_message(control) for control in controls],
        "data": [_sample(name) for name in DATASETS],
        "inputs": [{"name": name, "label": INPUTS_IN_WORDS[name]} for name in INPUTS],
        "pictures": [to_bytes(picture) for picture in _input_pictures()],
        "activations": [[name, words[name]] for name in ACTIVATIONS],
        "widest": WIDEST,
        "presets": [_story(preset) for preset in PRESETS.values()],
    }


# Every start, optimiser and loss that there is; the test compares.
STARTS_IN_WORDS = {
    "he": "He",
    "glorot": "Glorot",
    "pytorch": "PyTorch's default",
    "normal": "N(0, gain²)",
}
OPTIMIZERS_IN_WORDS = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam"}
LOSSES_IN_WORDS = {"cross-entropy": "cross-entropy", "squared": "squared error"}
INPUTS_IN_WORDS = dict(
    zip(INPUTS, ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin 3x₁", "sin 3x₂"), strict=True)
)


def _outputs(words):
    """Every output that there is, in words; the page offers those that fit what is asked."""
    names = dict.fromkeys(name for names in OUTPUTS.values() for name in names)
    return {name: words.get(name, name) for name in names} | {"identity": "nothing"}


def _sample(name):
    x, y = make_points(Settings(data=name, points=80))
    return {"name": name, "asks": asks(name), "x": to_bytes(x), "y": to_bytes(y)}


def _input_pictures(size=20):
    ticks = np.linspace(-2, 2, size)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    return [make(plane).reshape(size, size) for make in INPUTS.values()]


def _story(preset):
    return {
        "name": preset.name,
        "title": preset.title,
        "lesson": preset.lesson,
        "address": f"{LESSONS[preset.lesson]}.ipynb",
        "watch": preset.watch,
        "rescues": [[name, PRESETS[name].title] for name in preset.rescues],
    }
