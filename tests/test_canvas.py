"""Live figures: what is sent to the page, what the page may set, and the still picture."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from bend.assets import joined
from bend.errors import BadInput
from bend.live import controls as parts
from bend.live import marks
from bend.live.canvas import SCRIPTS, SHEETS, Live
from bend.live.controls import Action, Choice, Slider, Switch
from bend.live.marks import Axis, Image, Line, Panel, Picture, Span, to_message
from bend.live.still import DRAW

CONTROLS = [
    Slider("gain", "Gain", 1.0, 0, 2),
    Slider("count", "Count", 3, 1, 9, 1),
    Choice("kind", "Kind", "a", {"a": "first", "b": "second"}),
    Switch("on", "On"),
]


def line(values):
    x = np.linspace(0, 1, 5)
    panel = Panel([Line(x, values["gain"] * x)], x=Axis((0, 1)), y=Axis((0, 2)), title="A line")
    return Picture([panel], f"The line ends at {values['gain']:.1f}.")


def make(picture=line, **more):
    return Live("A line", [*CONTROLS, *more.pop("controls", [])], picture, **more)


def ask(live, **values):
    live._hear(None, {"do": "set", "values": values, "n": "page-1"}, [])


def message(*marks, log=False):
    axes = {"x": Axis((0, 1)), "y": Axis((1e-9, 1), log=log)}
    return to_message(Picture([Panel(list(marks), **axes)], "words"))["panels"][0]


def floats(data):
    return np.frombuffer(data, np.float32)


# What the page gets


def test_arrays_travel_as_float32_bytes():
    sent = message(Line([0, 0.5, 1], np.array([1, 2, 3])))["marks"][0]
    assert floats(sent["y"]).tolist() == [1, 2, 3]
    assert sent["kind"] == "line"


def test_a_log_axis_travels_as_powers_of_ten_that_float32_could_not_hold():
    panel = message(Line([0, 1], [1e-60, 1.0]), log=True)
    assert floats(panel["marks"][0]["y"]).tolist() == [-60, 0]
    assert panel["y"]["limits"] == [-9, 0]


def test_zero_on_a_log_axis_is_infinitely_far_down():
    assert floats(message(Line([0], [0.0]), log=True)["marks"][0]["y"]) == -np.inf


def test_an_image_tells_its_shape():
    sent = message(Image(np.ones((2, 3)), ((0, 1), (0, 1))))["marks"][0]
    assert sent["shape"] == [2, 3]
    assert len(floats(sent["values"])) == 6


def test_a_strip_is_placed_along_x_and_not_along_a_log_y():
    sent = message(Span(0.2, 0.4), log=True)["marks"][0]
    assert (sent["low"], sent["high"]) == (0.2, 0.4)


@pytest.mark.parametrize("limits", [(1, 1), (0, np.nan), (0, np.inf)])
def test_an_axis_needs_two_different_finite_limits(limits):
    with pytest.raises(BadInput, match="limits"):
        to_message(Picture([Panel([], x=Axis(limits), y=Axis((0, 1)))], ""))


def test_every_mark_is_drawn_on_the_page_and_by_matplotlib():
    names = {
        kind.__name__
        for kind in vars(marks).values()
        if isinstance(kind, type) and kind.__module__ == marks.__name__
    } - {"Axis", "Panel", "Picture"}
    assert set(DRAW) == names
    script = joined(["live/static/canvas.js"])
    methods = {name.lower() for name in names} - {"handle"}
    assert all(re.search(rf"^  {name}\(", script, re.M) for name in methods)


def test_every_control_is_drawn_on_the_page():
    script = joined(["live/static/controls.js"])
    kinds = {parts.to_message(control)["kind"] for control in CONTROLS}
    assert all(f"{kind}: make_{kind}" in script for kind in kinds)


def test_nothing_that_is_loaded_names_another_place():
    text = joined((*SCRIPTS, *SHEETS))
    assert re.findall(r"https?:|//[a-z]+\.|@import|\bimport\s*\(|^import ", text, re.M) == []


# What the page may set


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"gain": 1.5}, {"gain": 1.5}),
        ({"gain": 99}, {"gain": 2}),
        ({"gain": float("nan")}, {"gain": 1.0}),
        ({"gain": "x"}, {"gain": 1.0}),
        ({"gain": True}, {"gain": 1.0}),
        ({"count": 4.6}, {"count": 5}),
        ({"kind": "b"}, {"kind": "b"}),
        ({"kind": "c"}, {"kind": "a"}),
        ({"kind": ["b"]}, {"kind": "a"}),
        ({"on": True}, {"on": True}),
        ({"on": 1}, {"on": False}),
        ({"else": 1}, {"gain": 1.0}),
    ],
)
def test_what_the_page_sends_is_cleaned(sent, kept):
    live = make()
    ask(live, **sent)
    assert kept.items() <= live.values.items()
    assert "else" not in live.values


def test_a_slider_of_factors_keeps_three_digits():
    assert Slider("rate", "Rate", 1, 0.001, 10, log=True).clean(0.123456, 1) == 0.123


def test_a_reply_carries_values_picture_and_whom_it_answers_in_one_message(monkeypatch):
    live, sent = make(), []
    monkeypatch.setattr(live, "send_state", lambda key: sent.append(set(key)))
    ask(live, gain=2.0)
    assert sent == [{"values", "picture"}]
    assert live.picture["replied"] == "page-1"
    assert live.picture["summary"] == "The line ends at 2.0."


def test_what_changes_nothing_is_answered_too():
    live = make()
    live._hear(None, {"do": "press", "name": "unknown", "n": "page-2"}, [])
    assert live.picture["replied"] == "page-2"


def test_reset_brings_everything_back():
    live = make()
    ask(live, gain=2.0, kind="b", on=True)
    live._hear(None, {"do": "press", "name": "reset", "n": "page-2"}, [])
    assert live.values == live.first()


def test_a_button_does_what_it_does():
    live = make(controls=[Action("most", "Most", lambda live: live.set(gain=2))])
    live._hear(None, {"do": "press", "name": "most", "n": "page-1"}, [])
    assert live.values["gain"] == 2


def test_an_error_of_the_course_becomes_the_summary_and_the_picture_stays():
    def fussy(values):
        if values["gain"] > 1:
            raise BadInput("too much")
        return line(values)

    live = make(fussy)
    ask(live, gain=2)
    assert live.shown.summary == "too much"
    assert len(live.shown.panels) == 1


def test_a_figure_that_fails_answers_all_the_same():
    def broken(values):
        if values["on"]:
            raise ZeroDivisionError
        return line(values)

    live = make(broken)
    with pytest.raises(ZeroDivisionError):
        ask(live, on=True)
    assert live.picture["replied"] == "page-1"


# Without a kernel


def test_the_still_picture_says_what_it_shows():
    bundle, _ = make()._repr_mimebundle_()
    assert bundle["text/plain"] == "A line. The line ends at 1.0."
    assert 'alt="A line. The line ends at 1.0."' in bundle["text/html"]
    picture = Pillow.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 10


def test_the_still_picture_is_the_same_each_time_and_follows_the_values():
    first, _ = make()._repr_mimebundle_()
    again, _ = make()._repr_mimebundle_()
    assert first["text/html"] == again["text/html"]
    live = make()
    live.set(gain=0.5)
    other, _ = live._repr_mimebundle_()
    assert other["image/png"] != first["image/png"]
