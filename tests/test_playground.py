import asyncio
import io
import json

import numpy as np
import pytest
from PIL import Image

from bend.errors import BadInput
from bend.nn import sigmoid, softmax
from bend.playground import widget as module
from bend.playground.form import from_values, to_allowed, to_form, to_values
from bend.playground.names import LOSSES, OPTIMIZERS, OUTPUTS, STARTS
from bend.playground.presets import PRESETS
from bend.playground.run import Run
from bend.playground.settings import Settings
from bend.playground.still import draw
from bend.playground.widget import Playground, playground


def tell(shown, **message):
    shown._hear(None, message)


def floats(data):
    return np.frombuffer(data, np.float32)


class Page:
    """What a page does: it draws every picture and says so, until it is closed."""

    def __init__(self, shown):
        self.pictures, self.open = [], True
        shown.observe(lambda change: self.draw(shown, change["new"]), "frame")

    def draw(self, shown, frame):
        self.pictures.append((frame["n"], frame["step"]))
        if self.open:
            asyncio.get_running_loop().call_later(0.005, tell_drawn, shown, frame["n"])


def tell_drawn(shown, n):
    tell(shown, do="drawn", n=n)


async def until(condition, seconds=5.0):
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to that")


def test_what_it_shows_is_a_preset_or_settings():
    assert str(Playground("sigmoid-20").run.settings) == str(PRESETS["sigmoid-20"].settings)
    assert Playground("moons 4 relu").run.settings.hidden == (4,)
    assert Playground(steps=3).run.steps == 3
    with pytest.raises(BadInput, match="'sigmoid20' is no word of a playground"):
        playground("sigmoid20")


def test_every_control_shows_what_is_set_and_sets_it():
    settings = Settings()
    values = to_values(settings)
    whole = {"layers", "units", "activation"}  # of all layers at once: the page's own affair
    names = {control["name"] for control in to_form()["controls"]} - {"speed"} - whole
    assert names <= set(values)
    for name in names:
        assert from_values(settings, {name: values[name]}) == settings


def test_every_choice_that_there_is_can_be_chosen():
    options = {c["name"]: {name for name, _ in c.get("options", ())} for c in to_form()["controls"]}
    assert options["start"] == {*STARTS}
    assert options["optimizer"] == {*OPTIMIZERS}
    assert options["loss"] == {*LOSSES}
    assert options["out"] == {name for names in OUTPUTS.values() for name in names}


def test_another_data_set_comes_with_its_own_noise():
    assert from_values(Settings(), {"data": "xor"}).noise == 0.25
    assert from_values(Settings(noise=0.5), {"data": "rings"}).noise == 0.5


def test_a_surface_comes_with_its_own_loss_and_classes_get_theirs_back():
    surface = from_values(Settings(), {"data": "hills"})
    assert (surface.loss, surface.noise) == ("squared", 0.05)
    assert from_values(surface, {"data": "ramp"}).loss == "squared"
    assert from_values(surface, {"data": "xor"}).loss == "cross-entropy"
    assert from_values(Settings(loss="squared"), {"data": "xor"}).loss == "squared"


def test_layers_and_their_activations_may_be_set_at_once():
    chosen = {"activations": ["relu", "elu"]}
    assert from_values(Settings(), {"hidden": [8] * 4}).activations == ("tanh",) * 4
    more = from_values(Settings(), chosen | {"hidden": [8, 8, 8]})
    assert more.activations == ("relu", "elu", "elu")
    assert from_values(Settings(), chosen | {"hidden": [8]}).activations == ("relu",)


def test_what_was_chosen_for_other_data_is_not_asked_of_the_new():
    labels = Settings.parse("discs")
    assert from_values(labels, {"out": "softmax", "data": "rings"}) == Settings()
    heights = Settings.parse("hills")
    assert not from_values(heights, {"raw": True, "data": "rings"}).raw
    assert from_values(heights, {"out": "relu", "data": "discs"}) == labels
    assert from_values(heights, {"out": "relu", "data": "ramp"}).out == "relu"


def test_the_learning_rate_changes_the_run_and_the_start_makes_a_new_one():
    shown = Playground(steps=5)
    run = shown.run
    tell(shown, do="set", values={"lr": 0.001, "l2": "0.01", "speed": 50})
    assert (shown.run, shown.run.steps, shown.speed) == (run, 5, 50)
    assert run.settings.lr == run.optimizer.rate == 0.001
    tell(shown, do="set", values={"start": "he"})
    assert (shown.run is run, shown.run.steps, shown.frame["step"]) == (False, 0, 0)


def test_a_value_that_cannot_be_is_told_and_changes_nothing():
    shown = Playground()
    before = shown.run
    tell(shown, do="set", values={"hidden": [8, 65]})
    assert "the units of a layer must be a whole number from 1 to 64" in shown.state["notice"]
    assert shown.run is before
    tell(shown, do="text", text="rings lr=fast")
    assert "lr must be a number" in shown.state["notice"]
    tell(shown, do="step")
    assert (shown.state["notice"], shown.run.steps) == ("", 1)


def test_step_and_reset():
    shown = Playground()
    for _ in range(3):
        tell(shown, do="step")
    assert shown.frame["step"] == 3
    tell(shown, do="reset")
    assert shown.frame["step"] == 0


def test_a_text_that_is_pasted_is_what_is_played():
    shown = Playground("sigmoid-20")
    tell(shown, do="text", text=Playground("moons 4-4 elu he").state["text"])
    assert (
        str(shown.run.settings) == shown.state["text"] == "moons noise=0.1 4-4 elu he adam lr=0.03"
    )
    assert shown.state["preset"] == ""


def test_a_preset_is_shown_until_something_else_is_used():
    shown = Playground()
    tell(shown, do="preset", name="born-dead")
    assert shown.state["preset"] == "born-dead"
    assert shown.run.settings == PRESETS["born-dead"].settings


def test_what_the_page_gets_fits_together():
    shown = Playground("8-3 tanh-relu in=x1,x2,x1x2", steps=2)
    frame = shown.frame
    assert len(floats(frame["shades"])) == frame["size"] ** 2
    assert len(floats(frame["units"])) == 11 * frame["small"] ** 2
    assert len(floats(frame["weights"])) == 3 * 8 + 8 * 3 + 3
    assert len(floats(frame["biases"])) == 12
    assert len(floats(frame["slopes"])) == len(floats(frame["off"])) == 11
    assert [len(floats(frame[name])) for name in ("norms", "dead", "flat")] == [3, 2, 2]
    assert floats(frame["losses"]).reshape(-1, 3)[-1][0] == 2
    assert len(floats(shown.data["x"])) == 2 * len(floats(shown.data["y"])) == 1000
    plain = {n: v for n, v in frame.items() if not isinstance(v, bytes)} | shown.state
    json.dumps(plain, allow_nan=False)


def test_an_exploding_run_says_so_in_numbers_that_a_page_can_take():
    shown = Playground("exploding", steps=10)
    tell(shown, do="step")
    assert "The loss is no number any more" in shown.state["stopped"]
    plain = {n: v for n, v in shown.frame.items() if not isinstance(v, bytes)}
    json.dumps(plain, allow_nan=False)


def test_playing_trains_so_many_steps_a_picture_and_pause_ends_it():
    async def play():
        shown = Playground("blobs 0")
        page = Page(shown)
        tell(shown, do="play")
        await until(lambda: len(page.pictures) >= 4)
        assert shown.state["playing"] or shown.playing
        tell(shown, do="pause")
        await until(lambda: shown.task.done())
        assert not shown.state["playing"]
        steps = shown.run.steps
        await asyncio.sleep(0.1)
        assert shown.run.steps == steps
        return page.pictures

    pictures = asyncio.run(play())
    assert [step for _, step in pictures[:4]] == [5, 10, 15, 20]


def test_no_more_than_two_pictures_are_on_their_way_and_a_page_that_is_gone_ends_it(monkeypatch):
    monkeypatch.setattr(module, "LOST", 0.2)

    async def play():
        shown = Playground("blobs 0")
        page = Page(shown)
        page.open = False
        tell(shown, do="play")
        await until(lambda: shown.task is not None and shown.task.done(), 2)
        return shown, page

    shown, page = asyncio.run(play())
    assert len(page.pictures) == 2
    assert (shown.playing, shown.state["playing"], shown.run.steps) == (False, False, 10)
    assert "out of sight" in shown.state["notice"]


def test_a_cell_that_is_run_again_ends_the_playing():
    async def play():
        shown = Playground("blobs 0")
        Page(shown)
        tell(shown, do="play")
        await until(lambda: shown.run.steps > 0)
        tell(shown, do="gone")
        await until(lambda: shown.task.done())
        return shown

    assert not asyncio.run(play()).playing


def test_a_loss_that_is_no_number_ends_the_playing_and_play_begins_again():
    async def play():
        shown = Playground("exploding")
        Page(shown)
        tell(shown, do="play")
        await until(lambda: shown.run.stopped != "")
        await until(lambda: shown.task.done())
        assert "he or glorot" in shown.state["stopped"]
        tell(shown, do="set", values={"start": "he"})
        tell(shown, do="play")
        await until(lambda: shown.run.steps > 5)
        tell(shown, do="pause")
        await until(lambda: shown.task.done())
        return shown

    assert asyncio.run(play()).state["stopped"] == ""


def test_settings_may_change_while_it_plays():
    async def play():
        shown = Playground("blobs 0")
        Page(shown)
        tell(shown, do="play")
        await until(lambda: shown.run.steps > 0)
        tell(shown, do="set", values={"hidden": [8, 8, 8]})
        await until(lambda: shown.run.settings.hidden == (8, 8, 8) and shown.run.steps > 0)
        assert shown.playing
        tell(shown, do="pause")
        await until(lambda: shown.task.done())

    asyncio.run(play())


def test_with_less_motion_there_are_fewer_pictures_and_as_many_steps():
    async def play(calm):
        shown = Playground("blobs 0")
        page = Page(shown)
        tell(shown, do="calm", on=calm)
        tell(shown, do="play")
        await asyncio.sleep(1.2)
        tell(shown, do="pause")
        await until(lambda: shown.task.done())
        return len(page.pictures), shown.run.steps

    pictures, steps = asyncio.run(play(True))
    assert pictures <= 4
    assert steps > 5 * pictures


def test_it_never_keeps_the_loop_long():
    async def play():
        shown = Playground("rings 32x10 relu he")
        Page(shown)
        tell(shown, do="set", values={"speed": 200})
        tell(shown, do="play")
        gaps, last = [], asyncio.get_running_loop().time()
        for _ in range(60):
            await asyncio.sleep(0.005)
            now = asyncio.get_running_loop().time()
            gaps.append(now - last)
            last = now
        tell(shown, do="pause")
        await until(lambda: shown.task.done())
        return np.median(sorted(gaps)[-5:])

    assert asyncio.run(play()) < 0.25


def test_a_picture_goes_from_minus_one_to_one():
    classes, surface = Playground("rings 8 tanh", steps=50), Playground("hills 8 tanh", steps=50)
    for shown, answer in ((classes, lambda z: np.tanh(z / 2)), (surface, lambda z: z.clip(-1, 1))):
        shades = floats(shown.frame["shades"])
        assert shades == pytest.approx(answer(shown.run.plane().outputs).ravel(), abs=1e-6)
        assert np.abs(shades).max() <= 1
    assert (classes.data["asks"], surface.data["asks"]) == ("class", "number")


@pytest.mark.parametrize(("out", "answer"), [("sigmoid", sigmoid), ("softmax", softmax)])
def test_each_label_has_a_picture_of_its_probability(out, answer):
    shown = Playground(f"discs 8 tanh out={out}", steps=50)
    pictures = (floats(shown.frame["shades"]).reshape(2, -1) + 1) / 2
    p = answer(shown.run.plane().outputs).reshape(-1, 2)
    assert np.allclose(pictures.T, p, atol=1e-6)
    assert (shown.data["asks"], shown.state["outputs"]) == ("labels", ["left disc", "right disc"])


def test_the_colour_of_a_price_is_that_of_its_height():
    price, height = Playground("hills raw"), Playground("hills")
    ours, theirs = (floats(shown.data["y"]) for shown in (price, height))
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert (price.data["ends"], height.data["ends"]) == (["170 000 €", "330 000 €"], ["−1", "1"])


@pytest.mark.parametrize(
    "text",
    [
        "rings",
        "rings squared",
        "rings batchnorm",
        "discs",
        "discs squared",
        "discs out=softmax",
        "hills raw",
    ],
)
def test_what_is_offered_is_what_goes_with_the_data(text):
    settings = Settings.parse(text)
    controls = {control["name"]: control for control in to_form()["controls"]}
    allowed = to_allowed(settings)
    assert "" not in allowed.pop("activation")
    for name, offered in allowed.items():
        values = [value for value, _ in controls[name].get("options", [[False, ""], [True, ""]])]
        assert {value for value in values if goes(settings, name, value)} == {*offered}


def goes(settings, name, value):
    try:
        return bool(from_values(settings, {name: value}))
    except BadInput:
        return False


def test_other_data_bring_their_own_output_and_loss():
    prices = Settings.parse("hills raw out=relu")
    assert str(from_values(prices, {"data": "ramp"})).endswith("raw out=relu adam lr=0.03")
    assert (
        str(from_values(prices, {"data": "discs"})) == "discs noise=0 8-8 tanh glorot adam lr=0.03"
    )
    shared = Settings.parse("discs out=softmax")
    assert from_values(shared, {"data": "rings"}) == Settings()


@pytest.mark.parametrize("what", ["", "sigmoid-20", "xor 0", "exploding", "hills raw", "discs"])
def test_where_no_kernel_runs_there_is_a_picture_with_words(what):
    shown = Playground(what, steps=3)
    bundle, _ = shown._repr_mimebundle_()
    assert repr(shown) == bundle["text/plain"]
    assert bundle["text/plain"].startswith("A playground at step ")
    assert 'alt="A playground at step ' in bundle["text/html"]
    assert "Run this cell to play." in bundle["text/html"]
    assert str(shown.run.settings) in bundle["text/plain"]


def test_the_still_is_the_same_every_time_and_not_empty():
    def pixels():
        file = io.BytesIO()
        run = Run(Settings())
        run.step(20)
        draw(run).savefig(file, format="png")
        return np.asarray(Image.open(file).convert("L"))

    first = pixels()
    assert np.array_equal(first, pixels())
    assert first.std() > 20
