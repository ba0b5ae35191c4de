"""The playground: a network that learns while you watch, and whatever you want to change about it.

    playground()                              # two rings, two layers of eight
    playground("dying-relu")                  # a preset, by its name
    playground("spirals 8-8-8 relu he adam")  # any settings

Training runs in short slices on the kernel's own event loop, so that Pause and other cells get
their turn, and waits for the page to have drawn a picture before it makes the one after the next.
"""

import asyncio
import time

from IPython.display import display
from traitlets import Dict

from bend.errors import CourseError
from bend.live.canvas import BASE, SHEETS
from bend.page import to_bundle
from bend.playground.data import LABELS
from bend.playground.form import SPEED, from_values, to_allowed, to_form, to_values
from bend.playground.page import to_frame, to_points
from bend.playground.presets import PRESETS
from bend.playground.run import LIVE, Run
from bend.playground.settings import Settings
from bend.widget import Widget

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
SCRIPTS = ("stepper", "network", "pictures", "playground")
UNSEEN = "Paused, since this page was out of sight. Press Play to go on."


def playground(what="", *, steps=0):
    """Show a playground here.

    Args:
        what: the name of a preset, or settings as one line of text; usual ones where it is empty.
        steps: how many to train before it is shown.

    Raises:
        BadInput: the text is neither, naming what is wrong with it.
    """
    display(Playground(what, steps=steps))


class Playground(Widget):
    """A run and the page that shows it. The page says what is done; everything is decided here.

    Attributes:
        run: the network that is trained.
        playing: whether it is being trained now.
    """

    scripts = (*BASE, *(f"playground/static/{name}.js" for name in SCRIPTS))
    sheets = (*SHEETS, "playground/static/playground.css")
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
        super().__init__(
            form=to_form(), state=self.tell(), data=to_points(self.run), frame=self.look()
        )
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
            "allowed": to_allowed(settings),
            "text": str(settings),
            "pictured": settings.pictured,
            "outputs": list(LABELS.get(settings.data, [""])),
            "playing": self.playing,
            "notice": self.notice,
            "stopped": run.stopped,
            "preset": self.preset,
            # So that it can be chosen again where something was changed since.
            "changed": bool(self.preset) and settings != PRESETS[self.preset].settings,
            "replied": self.replied,
        }

    def look(self):
        """What the network does now, as the page takes it, with the number of the picture."""
        self.sent += 1
        return to_frame(self.run) | {"n": self.sent}

    def renew(self, *, data=False):
        """Show everything as it is now, in one message."""
        with self.hold_sync():
            if data:
                self.data = to_points(self.run)
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
            settings = Settings.parse(message["text"])
            self.preset = ""
            self.restart(settings)
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
                    self.playing, self.notice = False, UNSEEN
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
        from bend.playground.still import draw

        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        caption = "Run this cell to play."
        return bundle | to_bundle(draw(self.run), alt=repr(self), caption=caption), metadata


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
