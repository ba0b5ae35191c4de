"""A live figure: controls that the learner moves, and the picture that Python computes for them.

    def picture(values):
        z = np.linspace(-4, 4, 401)
        line = Line(z, np.tanh(values["gain"] * z))
        panel = Panel([line], x=Axis((-4, 4), "z"), y=Axis((-1, 1), "a"), title="tanh")
        return Picture([panel], f"With gain {values['gain']:.2f} …")

    Live("A steeper tanh", [Slider("gain", "Gain", 1, 0.1, 5)], picture)

One message a picture: the page asks for the newest state only, and for the next when it has the
one before.
"""

from traitlets import Dict

from bend.assets import COMMON
from bend.errors import CourseError
from bend.live import controls as parts
from bend.live.marks import Picture, to_message
from bend.page import to_bundle
from bend.widget import Widget

# What the playground loads too.
BASE = (*COMMON, "live/static/canvas.js", "live/static/controls.js")
SCRIPTS = (*BASE, "live/static/live.js")
SHEETS = ("live/static/canvas.css",)


class Live(Widget):
    """A figure that moves.

    title: its name, for those who cannot see it.
    controls: Slider, Choice, Switch and Action, in the order of their groups; Reset is added.
    picture: a function {control: value} -> Picture.
    below: the groups of controls that stand below the picture.

    Attributes:
        values: {control: value} as it is set now; `set` changes them.
        shown: the Picture on the page.
    """

    scripts, sheets = SCRIPTS, SHEETS
    form = Dict().tag(sync=True)
    values = Dict().tag(sync=True)
    picture = Dict().tag(sync=True)

    def __init__(self, title, controls, picture, *, below=()):
        reset = parts.Action("reset", "Reset", lambda live: live.set(**live.first()))
        self.controls = {control.name: control for control in [*controls, reset]}
        self.compute, self.shown = picture, None
        self.sent, self.replied = 0, ""
        form = {
            "title": title,
            "below": list(below),
            "controls": [parts.to_message(control) for control in self.controls.values()],
        }
        super().__init__(form=form, values=self.first())
        self.refresh()
        self.on_msg(self._hear)

    def first(self):
        """The values before anything was moved."""
        return {c.name: c.value for c in self.controls.values() if hasattr(c, "value")}

    def set(self, **values):
        """Set controls, each cleaned as what the page sends is, and draw what follows."""
        before = self.values
        known = {n: v for n, v in values.items() if n in before}
        self.values = before | {n: self.controls[n].clean(v, before[n]) for n, v in known.items()}
        self.refresh()

    def refresh(self):
        """Compute the picture for the values as they are, and show it."""
        try:
            self.show(self.compute(self.values))
        except CourseError as error:
            panels = self.shown.panels if self.shown else []
            self.show(Picture(panels, str(error)))

    def show(self, picture):
        """Send a picture to the page."""
        self.shown, self.sent = picture, self.sent + 1
        self.picture = to_message(picture) | {"n": self.sent, "replied": self.replied}

    def press(self, name):
        """Do what the button `name` does."""
        control = self.controls.get(name)
        if isinstance(control, parts.Action) and control.does:
            control.does(self)

    def _hear(self, _, message, buffers):
        self.replied = message["n"]
        # Values and picture in one message, so that the page never shows one without the other.
        with self.hold_sync():
            try:
                if message["do"] == "set":
                    self.set(**message["values"])
                elif message["do"] == "press":
                    self.press(message["name"])
            finally:
                if self.picture["replied"] != self.replied:
                    self.show(self.shown)

    def __repr__(self):
        return f"{self.form['title']}. {self.shown.summary}"

    def still(self):
        """The figure as matplotlib draws it."""
        from bend.live.still import draw

        return draw(self.shown)

    def _repr_mimebundle_(self, **kwargs):
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        caption = "This figure moves when its cell is run."
        still = to_bundle(self.still(), alt=repr(self), caption=caption)
        return bundle | still, metadata
