"""The playground: a network that learns while you watch, and whatever you want to change about it.

    playground()                              # two rings, two layers of eight
    playground("dying-relu")                  # a preset, by its name
    playground("spirals 8-8-8 relu he adam")  # any settings

Training runs in short slices on the kernel's own event loop, so that Pause and other cells get
their turn, and waits for the page to have drawn a picture before it makes the one after the next.
"""

import asyncio
import time

import anywidget
import numpy as np
from IPython.display import display
from traitlets import Dict

from bend.errors import CourseError
from bend.live import controls as parts
from bend.live.canvas import joined
from bend.live.playground_presets import LESSONS, PRESETS
from bend.live.playground_run import LIVE, Run, floor_two, in_short, make_points
from bend.live.playground_settings import (
    DATASETS,
    DEEPEST,
    INPUTS,
    PICTURED,
    WIDEST,
    Settings,
)
from bend.nn import ACTIVATIONS
from bend.page import to_bundle

# Seconds of training between two pictures at most: Pause is heard between them.
SLICE = 0.03
# Pictures a second at most, and for those who asked for less motion.
FRAMES, CALM_FRAMES = 30, 2
# Of the time a picture takes to make, so much is left for the rest of the notebook.
REST = 0.4
# Pictures on their way to the page at most: one more than it draws hides how long the way is.
FLYING = 2
# After so many seconds without a word from the page nobody is looking.
LOST = 5.0
SPEED = 5


def playground(what="", *, steps=0):
    """Show a playground here.

    Args:
        what: the name of a preset, or settings as one line of text; usual ones where it is empty.
        steps: how many to train before it is shown.

    Raises:
        BadInput: the text is neither, naming what is wrong with it.
    """
    display(Playground(what, steps=steps))


class Playground(anywidget.AnyWidget):
    """A run and the page that shows it. The page says what is done; everything is decided here.

    Attributes:
        run: the network that is trained.
        playing: whether it is being trained now.
    """

    _esm = joined(("canvas.js", "controls.js", "playground.js"))
    _css = joined(("canvas.css", "playground.css"))
    form = Dict().tag(sync=True)
    state = Dict().tag(sync=True)
    data = Dict().tag(sync=True)
    frame = Dict().tag(sync=True)

    def __init__(self, what="", *, steps=0):
        self.preset = what if what in PRESETS else ""
        settings = PRESETS[what].settings if self.preset else Settings.parse(what)
        self.speed, self.calm, self.playing, self.notice = SPEED, False, False, ""
        self.sent = self.drawn = self.replied = 0
        self.loop, self.heard, self.task = _running_loop(), asyncio.Event(), None
        self.start(settings)
        self.run.step(steps)
        super().__init__(form=to_form(), state=self.tell(), data=self.points(), frame=self.look())
        self.on_msg(self._hear)

    def start(self, settings):
        """A new network, with not a step taken."""
        self.run = Run(settings)

    # What the page is told

    def tell(self):
        """What is set, as the page takes it."""
        run, settings = self.run, self.run.settings
        return {
            "values": to_values(settings) | {"speed": self.speed},
            "text": str(settings),
            "pictured": settings.pictured,
            "playing": self.playing,
            "notice": self.notice,
            "stopped": run.stopped,
            "preset": self.preset,
            "replied": self.replied,
        }

    def points(self):
        """The data, as the page takes them."""
        run = self.run
        tested = np.isin(np.arange(len(run.y)), run.test_rows)
        return {
            "x": _bytes(run.points),
            "classes": _bytes(run.y),
            "tested": _bytes(tested),
            "limit": run.limit,
        }

    def look(self):
        """What the network does now, as the page takes it."""
        run, self.sent = self.run, self.sent + 1
        m, plane = run.measure(), run.plane()
        units = plane.units or []
        # Edges are drawn where units are.
        layers = run.network.dense if run.settings.pictured else []
        return {
            "n": self.sent,
            "step": m.step,
            "size": len(plane.logits),
            "logits": _bytes(plane.logits),
            "small": units[0].shape[-1] if units else 0,
            "units": _joined(units),
            "weights": _joined(d.weights for d in layers),
            "biases": _joined(d.bias for d in layers),
            "slopes": _joined(m.slopes),
            "off": _joined(m.off),
            "norms": _bytes(m.norms),
            "dead": _bytes(m.dead),
            "flat": _bytes(m.flat),
            "losses": _bytes([*run.losses, (m.step, m.loss, m.test_loss)]),
            "train": f"loss {in_short(m.loss)}, accuracy {floor_two(m.accuracy)}",
            "test": f"loss {in_short(m.test_loss)}, accuracy {floor_two(m.test_accuracy)}"
            if len(run.test_rows)
            else "",
            "summary": run.summary(m),
        }

    def renew(self, *, data=False):
        """Show everything as it is now, in one message."""
        with self.hold_sync():
            if data:
                self.data = self.points()
            self.frame = self.look()
            self.state = self.tell()

    # What the page asks for

    def _hear(self, _, message, buffers=None):
        # JupyterLab has messages of widgets handled in a thread of their own. Here everything is
        # done by the loop that runs cells, one thing after the other.
        if self.loop is None:
            self._obey(message)
        else:
            self.loop.call_soon_threadsafe(self._obey, message)

    def _obey(self, message):
        if message.get("do") == "drawn":
            self.drawn = max(self.drawn, int(message["n"]))
            self.heard.set()
            return
        self.replied, self.notice = message.get("n", self.replied), ""
        try:
            self.act(message)
        except CourseError as error:
            self.notice = str(error)
        self.state = self.tell()

    def act(self, message):
        """Do what was done on the page. Raises: BadInput for settings that cannot be."""
        do = message["do"]
        if do == "play":
            self.play()
        elif do in ("pause", "gone"):
            self.playing = False
        elif do == "step":
            self.playing = False
            self.run.step(1)
            self.renew()
        elif do == "reset":
            self.playing = False
            self.restart(self.run.settings)
        elif do == "set":
            self.set(message["values"])
        elif do == "text":
            self.preset = ""
            self.restart(Settings.parse(message["text"]))
        elif do == "preset":
            self.playing = False
            preset = PRESETS[message["name"]]
            self.preset = preset.name
            self.restart(preset.settings)
        elif do == "calm":
            self.calm = bool(message["on"])

    def set(self, values):
        """Set controls: {name: value}. Raises: BadInput for a value that cannot be."""
        values = dict(values)
        if "speed" in values:
            self.speed = max(1, min(200, int(values.pop("speed"))))
        settings = from_values(self.run.settings, values)
        changed = {name for name in values if name not in LIVE}
        if not changed:
            self.run.change(settings)
        elif settings != self.run.settings:
            self.restart(settings)

    def restart(self, settings):
        """Begin again with these settings."""
        self.start(settings)
        self.renew(data=True)

    # Playing

    def play(self):
        """Train until paused, on the event loop that the kernel runs."""
        if self.run.stopped:
            self.restart(self.run.settings)
        self.playing, self.drawn = True, self.sent
        if self.task is None or self.task.done():
            self.task = self.loop.create_task(self._play())

    async def _play(self):
        shown = 0.0
        try:
            while self.playing:
                start = time.perf_counter()
                self.run.step(self.speed, seconds=SLICE)
                if self.run.stopped:
                    self.playing = False
                due = shown + 1 / CALM_FRAMES if self.calm else 0.0
                if start >= due or not self.playing:
                    self.frame, shown = self.look(), start
                worked = time.perf_counter() - start
                await asyncio.sleep(max(REST * worked, 1 / FRAMES - worked))
                if not await self._seen():
                    self.playing = False
        finally:
            # Also where the kernel is interrupted.
            self.playing = False
            self.state = self.tell()

    async def _seen(self):
        """Whether one more picture may be sent; waits for the page as long as is reasonable."""
        end = time.monotonic() + LOST
        while self.playing and self.sent - self.drawn >= FLYING:
            self.heard.clear()
            try:
                await asyncio.wait_for(self.heard.wait(), max(0, end - time.monotonic()))
            except TimeoutError:
                return False
        return True

    # Where no kernel runs

    def __repr__(self):
        # No measured number: the last digits of an untrained deep network are another processor's.
        run = self.run
        return (
            f"A playground at step {run.steps}: the network {run.settings.shape}, what it answers "
            "all over the plane with the data on top, and the gradient norm of each layer. "
            f"Settings: {run.settings}"
        )

    def _repr_mimebundle_(self, **kwargs):
        from bend.live.playground_still import draw

        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        caption = "Run this cell to play."
        return bundle | to_bundle(draw(self.run), alt=repr(self), caption=caption), metadata


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _bytes(array):
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32).tobytes()


def _joined(arrays):
    return b"".join(map(_bytes, arrays))


def to_values(settings):
    """{control: value} of the settings. A control of all layers is empty where they differ."""
    names = ("data", "noise", "train", "points", "seed", "start", "gain", "bias", "outbias")
    names += ("batchnorm", "residual", "loss", "optimizer", "lr")
    values = {name: getattr(settings, name) for name in names}
    for name in ("batch", "l1", "l2"):
        values[name] = f"{getattr(settings, name):g}"
    hidden, activations = settings.hidden, settings.activations
    return values | {
        "inputs": list(settings.inputs),
        "hidden": list(hidden),
        "activations": list(activations),
        "layers": len(hidden),
        "units": max(hidden, default=8),
        "activation": activations[0] if len(set(activations)) == 1 else "",
    }


def from_values(settings, values):
    """The settings after some controls were set. Raises: BadInput for a value that cannot be."""
    values = dict(values)
    if values.get("data", settings.data) != settings.data:
        values.setdefault("noise", None)
    for name in ("batch", "l1", "l2"):
        if name in values:
            values[name] = _number(values[name])
    hidden = settings.hidden
    if "layers" in values:
        layers = int(min(max(values.pop("layers"), 0), DEEPEST))
        values["hidden"] = hidden[:layers] + (hidden[-1:] or (8,)) * (layers - len(hidden))
    if "units" in values:
        values["hidden"] = (values.pop("units"),) * len(hidden)
    if "activation" in values:
        values["activations"] = (values.pop("activation"),) * len(hidden)
    return settings.change(**values)


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def to_form():
    """What never changes: the controls, and what may be chosen."""
    words = {name: name.replace("_", " ") for name in ACTIVATIONS}
    sizes = {"0": "all", "1": "1", "10": "10", "32": "32", "100": "100"}
    held = {"0": "none", **{f"{x:g}": f"{x:g}" for x in (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1)}}
    usual = Settings()
    choice, slider, switch = parts.Choice, parts.Slider, parts.Switch
    controls = [
        slider("speed", "Steps a picture", SPEED, 1, 200, log=True, group="bar"),
        slider("noise", "Noise", 0.1, 0, 1, 0.01, group="data"),
        slider("seed", "Seed", 0, 0, 99, 1, group="data"),
        choice("activation", "Activation", "tanh", {"": "different ones", **words}, group="top"),
        choice("start", "Start", usual.start, STARTS_IN_WORDS, group="top"),
        choice("optimizer", "Optimiser", usual.optimizer, OPTIMIZERS_IN_WORDS, group="top"),
        slider("lr", "Learning rate", usual.lr, 1e-4, 100, log=True, group="top"),
        slider("train", "Share to train on", usual.train, 0.1, 1, 0.05, group="Data"),
        slider("points", "Points", usual.points, 20, 2000, 10, group="Data"),
        slider("layers", "Hidden layers", 2, 0, DEEPEST, 1, group="Network"),
        slider("units", "Units in each layer", 8, 1, WIDEST, 1, group="Network"),
        choice("loss", "Loss", usual.loss, LOSSES_IN_WORDS, group="Network"),
        switch("batchnorm", "Batch normalisation", group="Network"),
        switch("residual", "Residual connections", group="Network"),
        slider("gain", "Gain", 1, 0.001, 100, log=True, group="Start"),
        slider("bias", "Hidden biases", 0, -10, 10, 0.1, group="Start"),
        slider("outbias", "Output bias", 0, -10, 10, 0.1, group="Start"),
        choice("batch", "Batch", "0", sizes, group="Learning"),
        choice("l1", "L1 penalty", "0", held, group="Learning"),
        choice("l2", "L2 penalty", "0", held, group="Learning"),
    ]
    return {
        "controls": [parts.to_message(control) for control in controls],
        "data": [_sample(name) for name in DATASETS],
        "inputs": [{"name": name, "label": INPUTS_IN_WORDS[name]} for name in INPUTS],
        "pictures": [_bytes(picture) for picture in _input_pictures()],
        "activations": [[name, words[name]] for name in ACTIVATIONS],
        "pictured": list(PICTURED),
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


def _sample(name):
    x, y = make_points(Settings(data=name, points=80))
    return {"name": name, "x": _bytes(x), "classes": _bytes(y)}


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
