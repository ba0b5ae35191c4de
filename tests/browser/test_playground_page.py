"""The playground on a plain page and in JupyterLab: each control by mouse and by keyboard."""

import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import PATIENCE, Notebook, open_page
from PIL import Image
from playground_page import Shown
from playwright.sync_api import expect

from bend.playground.presets import PRESETS
from bend.playground.widget import LOST

CONTROLS = ":is(input, select, button, a):visible:enabled"
SHORTCUTS = "a b m x d d ArrowDown ArrowUp ArrowLeft ArrowRight"


@pytest.fixture
def show(page):
    return Shown(page)


def text(shown):
    """The settings as the page says them."""
    return shown.page.get_by_label("These settings as text")


def says(shown, pattern):
    expect(shown.page.locator(".bend-summary")).to_have_text(re.compile(pattern))


def set_to(shown, pattern):
    expect(text(shown)).to_have_value(re.compile(pattern))


def slider(shown, name):
    found = shown.page.get_by_role("slider", name=name, exact=True)
    found.scroll_into_view_if_needed()
    return found


def button(shown, name):
    return shown.page.get_by_role("button", name=name, exact=True)


# What each control sets, as the text of the settings says it

CHOICES = [
    ("Activation", "elu", "elu", r"8-8 elu glorot"),
    ("Start", "he", "He", r"tanh he adam"),
    ("Optimiser", "sgd", "SGD", r"sgd lr="),
    ("Loss", "squared", "squared", r"glorot squared adam"),
    ("Batch", "32", "32", r"batch=32"),
    ("L1 penalty", "0.001", "0.001", r"l1=0\.001"),
    ("L2 penalty", "0.0001", "0.0001", r"l2=0\.0001"),
    ("Activation of layer 2", "relu", "relu", r"8-8 tanh-relu glorot"),
]
SLIDERS = [
    ("Learning rate", r"lr=[1-9]", r"lr=0\.03\d+"),
    ("Noise", r"noise=0\.\d", r"noise=0\.11"),
    ("Share to train on", r"train=0\.\d", r"train=0\.85"),
    ("Points", r"points=1\d+", r"points=510"),
    ("Gain", r"gain=\d", r"gain=1\.\d"),
    ("Hidden biases", r" bias=\d", r" bias=0\.1"),
    ("Output bias", r"outbias=\d", r"outbias=0\.1"),
]
TYPED = [
    ("Learning rate, typed", "0.5", r"lr=0\.5"),
    ("Noise, typed", "0.3", r"noise=0\.3"),
    ("Share to train on, typed", "0.5", r"train=0\.5"),
    ("Points, typed", "100", r"points=100"),
    ("Hidden layers", "1", r" 8 tanh"),
    ("Units in each layer", "4", r" 4-4 tanh"),
    ("Gain, typed", "2", r"gain=2"),
    ("Hidden biases, typed", "-3", r" bias=-3"),
    ("Output bias, typed", "5", r"outbias=5"),
    ("Seed", "7", r"seed=7"),
    ("Units of layer 1", "5", r" 5-8 tanh"),
]


@pytest.mark.parametrize(("name", "value", "_", "then"), CHOICES)
def test_a_choice_by_mouse(show, name, value, _, then):
    shown = show()
    shown.page.get_by_role("combobox", name=name, exact=True).select_option(value)
    set_to(shown, then)


@pytest.mark.parametrize(("name", "_", "typed", "then"), CHOICES)
def test_a_choice_by_keyboard(show, name, _, typed, then):
    shown = show()
    shown.page.get_by_role("combobox", name=name, exact=True).focus()
    shown.page.keyboard.type(typed)
    set_to(shown, then)


@pytest.mark.parametrize(("name", "far", "_"), SLIDERS)
def test_a_slider_by_mouse(show, name, far, _):
    shown = show()
    box = slider(shown, name).bounding_box()
    share = 0.4 if name.startswith("Share") else 0.7  # the first is at 0.8 anyway
    shown.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    set_to(shown, far)


@pytest.mark.parametrize(("name", "_", "near"), SLIDERS)
def test_a_slider_by_keyboard(show, name, _, near):
    shown = show()
    slider(shown, name).focus()
    shown.page.keyboard.press("ArrowRight")
    set_to(shown, near)


def test_what_is_set_while_a_change_is_on_its_way_is_not_lost(show):
    shown = show()
    slider(shown, "Noise").evaluate(
        """input => [0.2, 0.3].forEach((value) => {
          input.value = value;
          input.dispatchEvent(new Event("input"));
        })"""
    )
    set_to(shown, r"noise=0\.3")


@pytest.mark.parametrize(("name", "typed", "then"), TYPED)
def test_a_number_that_is_typed(show, name, typed, then):
    shown = show()
    shown.page.get_by_label(name, exact=True).focus()
    shown.page.keyboard.press("Control+a")
    shown.page.keyboard.type(typed)
    shown.page.keyboard.press("Tab")
    set_to(shown, then)


STEPPED = [
    ("One hidden layer more", r" 8x3 tanh"),
    ("One hidden layer fewer", r" 8 tanh"),
    ("One unit more in each layer", r" 9-9 tanh"),
    ("One unit fewer in each layer", r" 7-7 tanh"),
    ("One unit more in layer 1", r" 9-8 tanh"),
    ("One unit fewer in layer 2", r" 8-7 tanh"),
]


@pytest.mark.parametrize("mouse", [True, False])
@pytest.mark.parametrize(("name", "then"), STEPPED)
def test_a_number_is_stepped_by_its_buttons(show, name, then, mouse):
    shown = show()
    if mouse:
        button(shown, name).click()
    else:
        button(shown, name).focus()
        shown.page.keyboard.press("Enter")
    set_to(shown, then)
    if not mouse and "9-8" in then:  # so wide a layer has no controls of its own
        expect(shown.page.get_by_label("Units in each layer", exact=True)).to_be_focused()
    elif not mouse:
        expect(button(shown, name)).to_be_focused()


# Every answer of Python comes a second late.
LATE = """() => {
  const { python } = window;
  window.late = 0;
  window.python = async (message) => {
    await new Promise((done) => setTimeout(done, 1000));
    const answer = await python(message);
    if (message.do !== "drawn") window.late += 1;
    return answer;
  };
}"""


def test_a_preset_is_not_undone_by_a_value_that_waits(show):
    shown = show()
    shown.page.evaluate(LATE)
    button(shown, "Next seed").dblclick()
    shown.page.get_by_label("Preset").select_option("dying-relu")
    shown.page.wait_for_function("late === 3")
    set_to(shown, str(PRESETS["dying-relu"].settings))
    expect(shown.page.get_by_label("Preset")).to_have_value("dying-relu")


def test_two_quick_clicks_are_two_steps(show):
    shown = show()
    button(shown, "One hidden layer more").dblclick()
    set_to(shown, r" 8x4 tanh")


def test_controls_of_all_layers_and_of_one_are_both_heeded(show):
    shown = show()
    shown.page.evaluate(LATE)
    slider(shown, "Noise").press("ArrowRight")
    shown.page.get_by_label("Activation", exact=True).select_option("relu")
    shown.page.get_by_label("Activation of layer 2").select_option("elu")
    button(shown, "One unit more in each layer").click()
    button(shown, "One hidden layer more").click()
    expect(shown.page.get_by_label("Hidden layers", exact=True)).to_have_value("3")
    set_to(shown, "noise=0.11 9x3 relu-elu-elu glorot")
    expect(shown.page.get_by_label("Activation", exact=True)).to_have_value("")


def test_units_as_many_as_the_widest_layer_has(show):
    shown = show("3-8 tanh")
    units = shown.page.get_by_label("Units in each layer", exact=True)
    expect(units).to_have_value("8")
    units.press("Enter")
    set_to(shown, " 8-8 tanh")


def test_a_network_without_hidden_layers_has_no_activation_to_choose(show):
    shown = show("0")
    expect(shown.page.get_by_label("Activation", exact=True)).to_be_hidden()
    button(shown, "One hidden layer more").click()
    shown.page.get_by_label("Activation", exact=True).select_option("relu")
    set_to(shown, " 8 relu ")


def test_the_focus_stays_when_the_output_that_has_it_goes(show):
    shown = show("discs")
    shown.page.evaluate(LATE)
    slider(shown, "Noise").press("ArrowRight")
    shown.page.get_by_role("radio", name="rings").click()
    shown.page.get_by_role("button", name="Output for the right disc").focus()
    says(shown, "^rings")
    assert shown.page.evaluate("document.activeElement.className") == "bend-unit"


def test_a_number_is_not_stepped_past_its_end(show):
    shown = show("0")
    fewer = button(shown, "One hidden layer fewer")
    expect(fewer).to_have_attribute("aria-disabled", "true")
    fewer.focus()
    shown.page.keyboard.press("Enter")
    button(shown, "One hidden layer more").click()
    says(shown, "^rings, 2-8-1, tanh")
    expect(fewer).to_have_attribute("aria-disabled", "false")


def test_the_speed_by_mouse_by_keyboard_and_typed(show):
    shown = show()
    slider(shown, "Steps a picture").focus()
    shown.page.keyboard.press("End")
    expect(shown.page.get_by_label("Steps a picture, typed")).to_have_value("200")
    assert shown.playground.speed == 200
    box = slider(shown, "Steps a picture").bounding_box()
    shown.page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    expect(shown.page.get_by_label("Steps a picture, typed")).to_have_value("1")
    shown.page.get_by_label("Steps a picture, typed").fill("20")
    shown.page.wait_for_timeout(100)
    assert shown.playground.speed == 20
    for key, speed in (("ArrowRight", "21"), ("ArrowRight", "22"), ("ArrowLeft", "21")):
        slider(shown, "Steps a picture").press(key)
        expect(shown.page.get_by_label("Steps a picture, typed")).to_have_value(speed)
        shown.page.wait_for_timeout(100)
        assert shown.playground.speed == int(speed)
    slider(shown, "Steps a picture").press("Home")
    slider(shown, "Steps a picture").press("ArrowRight")
    expect(shown.page.get_by_label("Steps a picture, typed")).to_have_value("2")


@pytest.mark.parametrize("name", ["Batch normalisation", "Residual connections"])
def test_a_switch_by_mouse_and_by_keyboard(show, name):
    shown, word = show(), {"B": "batchnorm", "R": "residual"}[name[0]]
    shown.page.get_by_role("checkbox", name=name).click()
    set_to(shown, word)
    shown.page.get_by_role("checkbox", name=name).focus()
    shown.page.keyboard.press("Space")
    expect(text(shown)).not_to_have_value(re.compile(word))


def test_data_by_mouse_and_by_keyboard(show):
    shown = show()
    shown.page.get_by_role("radio", name="xor").click()
    says(shown, "^xor, 2-8-8-1")
    set_to(shown, r"^xor noise=0\.25")
    shown.page.keyboard.press("ArrowRight")
    says(shown, "^rings, ")


@pytest.mark.parametrize("mouse", [True, False])
def test_data_whose_answers_are_numbers_by_mouse_and_by_keyboard(show, mouse):
    shown = show()
    if mouse:
        shown.page.get_by_role("radio", name="hills").click()
    else:
        shown.page.get_by_role("radio", name="moons").focus()
        for _ in range(3):
            shown.page.keyboard.press("ArrowRight")
    says(shown, r"^hills, 2-8-8-1, tanh; step 0; training loss [\d.]+; test loss [\d.]+; gradient")
    expect(shown.page.get_by_role("combobox", name="Loss", exact=True)).to_have_value("squared")
    expect(shown.page.locator(".bend-scale")).to_have_text("−11")
    assert offered(shown, "Loss") == ["squared"]
    shown.page.get_by_role("radio", name="xor").click()
    set_to(shown, "^xor noise=0.25 8-8 tanh glorot adam")
    assert offered(shown, "Loss") == ["cross-entropy", "squared"]


def offered(shown, name):
    """What may be chosen now."""
    return shown.page.get_by_role("combobox", name=name, exact=True).evaluate(
        "select => [...select.options].filter((o) => !o.disabled).map((o) => o.value)"
    )


def test_the_output_by_mouse_and_by_keyboard(show):
    shown = show("hills")
    output = shown.page.get_by_role("combobox", name="Output goes through", exact=True)
    output.select_option("softplus")
    set_to(shown, "out=softplus")
    output.focus()
    shown.page.keyboard.type("tanh")
    set_to(shown, "out=tanh")
    assert "softmax" not in offered(shown, "Output goes through")
    shown.page.get_by_role("radio", name="rings").click()
    set_to(shown, "^rings noise=0.1 8-8 tanh glorot adam")
    assert offered(shown, "Output goes through") == ["sigmoid"]


def test_prices_are_for_data_whose_answers_are_numbers(show):
    shown = show("rings")
    prices = shown.page.get_by_role("checkbox", name="Heights as prices in euros")
    expect(prices).to_be_hidden()
    shown.page.get_by_role("radio", name="ramp").click()
    prices.click()
    set_to(shown, "^ramp .* raw adam")
    expect(shown.page.locator(".bend-scale")).to_have_text("170 000 €330 000 €")
    prices.focus()
    shown.page.keyboard.press("Space")
    expect(shown.page.locator(".bend-scale")).to_have_text("−11")


@pytest.mark.parametrize("mouse", [True, False])
def test_data_with_two_labels_by_mouse_and_by_keyboard(show, mouse):
    shown = show(steps=1)
    if mouse:
        shown.page.get_by_role("radio", name="discs").click()
    else:
        shown.page.get_by_role("radio", name="moons").focus()
        shown.page.keyboard.press("ArrowRight")
    says(shown, r"^discs, 2-8-8-2, tanh; step 0; training loss [\d.]+, accuracy")
    expect(shown.page.locator(".bend-scale")).to_have_text("left discright discbothnone")
    button(shown, "Step").click()
    name = "Output for the right disc"
    if mouse:
        shown.page.get_by_role("button", name=name).hover()
    else:
        shown.page.get_by_role("switch", name="Input x₂", exact=True).focus()
        for _ in range(3):
            shown.page.keyboard.press("ArrowRight")
        shown.page.keyboard.press("ArrowDown")
    bias = shown.playground.run.network.dense[-1].bias[1]
    detail(shown, "^The output for the right disc: bias .?" + f"{abs(bias):.2g}")
    expect(shown.page.locator(".bend-seen")).to_have_text(name)
    expect(shown.page.locator(".bend-scale")).to_have_text("noyes")


# Both on top of each other are darker than either on white paper, and brighter on dark paper.
@pytest.mark.parametrize(
    ("theme", "both", "none"),
    [
        ("light", lambda grey: grey < 0.4, lambda grey: grey > 0.9),
        ("dark", lambda grey: grey > 0.7, lambda grey: grey < 0.2),
    ],
)
def test_where_both_labels_apply_both_colours_lie_on_each_other(show, theme, both, none):
    shares = []
    for what in ("sigmoid-for-each-label", "softmax-for-labels"):
        shown = show(what, theme, steps=600)
        shown.page.get_by_role("checkbox", name="Show test points").click()
        file = io.BytesIO(shown.page.locator("[data-picture=border]").screenshot())
        grey = np.asarray(Image.open(file).convert("L")) / 255
        shares.append((both(grey).mean(), none(grey).mean()))
    (some, much), (points, margin) = shares
    assert points < 0.07 < 0.1 < some
    assert margin < 0.2 < 0.4 < much


def test_the_points_of_a_surface_have_the_colours_of_their_answers(show):
    shown = show("hills", steps=1)
    picture = shown.page.locator("[data-picture=border]")
    counted = """canvas => {
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      const shades = new Set();
      for (let n = 0; n < data.length; n += 4) shades.add(data.slice(n, n + 3).join());
      return ["27,83,224", "141,169,240", "214,95,0"].filter((shade) => shades.has(shade)).length;
    }"""
    # Full blue, half of it, and full orange.
    assert picture.evaluate(counted) == 3


def test_step_reset_and_next_seed_by_mouse_and_by_keyboard(show):
    shown = show()
    button(shown, "Step").click()
    button(shown, "Step").click()
    says(shown, "; step 2; ")
    button(shown, "Reset").focus()
    shown.page.keyboard.press("Enter")
    says(shown, "; step 0; ")
    button(shown, "Step").focus()
    shown.page.keyboard.press("Space")
    says(shown, "; step 1; ")
    button(shown, "Next seed").click()
    set_to(shown, "seed=1")
    shown.page.keyboard.press("Enter")
    set_to(shown, "seed=2")


def test_a_preset_and_its_cure_by_mouse_and_by_keyboard(show):
    shown = show()
    shown.page.get_by_label("Preset").select_option("dying-relu")
    expect(shown.page.locator(".bend-story")).to_contain_text("Killed by a large step")
    expect(shown.page.get_by_role("link", name="lesson 05")).to_have_attribute(
        "href", "05_dying_relu.ipynb"
    )
    set_to(shown, str(PRESETS["dying-relu"].settings))
    button(shown, "The same with a smaller step").focus()
    shown.page.keyboard.press("Enter")
    set_to(shown, str(PRESETS["smaller-step"].settings))
    expect(button(shown, "Play")).to_be_focused()
    expect(shown.page.get_by_label("Preset")).to_have_value("smaller-step")
    shown.page.get_by_label("Preset").focus()
    shown.page.keyboard.type("Exploding")
    set_to(shown, str(PRESETS["exploding"].settings))


def test_a_preset_that_was_changed_can_be_chosen_again(show):
    shown = show("dying-relu")
    shown.page.get_by_label("Learning rate, typed").fill("0.1")
    expect(shown.page.get_by_label("Preset")).to_have_value("")
    expect(shown.page.locator(".bend-story")).to_contain_text("Killed by a large step")
    shown.page.get_by_label("Preset").select_option("dying-relu")
    set_to(shown, str(PRESETS["dying-relu"].settings))


def test_a_text_that_is_pasted_is_used_by_mouse_and_by_keyboard(show):
    shown = show()
    text(shown).fill("moons 4 relu he")
    button(shown, "Use").click()
    says(shown, "^moons, 2-4-1, relu")
    text(shown).fill("arc 4-4-4")
    text(shown).press("Enter")
    says(shown, "^arc, 2-4×3-1")


@pytest.mark.parametrize("mouse", [True, False])
def test_a_bad_text_is_told_and_stays_to_be_put_right(show, mouse):
    shown = show()
    text(shown).fill("ringz 4")
    if mouse:
        button(shown, "Use").click()
    else:
        text(shown).press("Enter")
    expect(shown.page.get_by_role("alert")).to_contain_text("did you mean rings?")
    expect(text(shown)).to_have_value("ringz 4")
    # Said again where it is done again: what a screen reader hears are changes.
    shown.page.evaluate(
        """() => new MutationObserver(() => (window.spoken = true))
          .observe(document.querySelector("[role=alert]"), { childList: true })"""
    )
    text(shown).press("Enter")
    shown.page.wait_for_function("window.spoken")
    expect(shown.page.get_by_role("alert")).to_contain_text("did you mean rings?")
    text(shown).fill("rings 4")
    text(shown).press("Enter")
    expect(shown.page.get_by_role("alert")).to_be_hidden()


def test_the_text_is_copied(show):
    shown = show()
    button(shown, "Copy").click()
    expect(shown.page.locator("[role=status]")).to_contain_text("Copied: rings noise=0.1 8-8")


def test_test_points_are_hidden_and_shown(show):
    shown = show(steps=20)
    switch = shown.page.get_by_role("checkbox", name="Show test points (hollow)")
    picture = shown.page.locator("[data-picture=border]")
    before = picture.evaluate("canvas => canvas.toDataURL()")
    switch.click()
    without = picture.evaluate("canvas => canvas.toDataURL()")
    switch.focus()
    shown.page.keyboard.press("Space")
    assert without != before
    assert picture.evaluate("canvas => canvas.toDataURL()") == before


def test_an_input_is_switched_by_mouse_and_by_keyboard(show):
    shown = show()
    square = shown.page.get_by_role("switch", name="Input x₁²")
    expect(square).to_have_attribute("aria-checked", "false")
    square.click()
    set_to(shown, r"in=x1,x2,x1\^2 8-8")
    says(shown, "^rings, 3-8-8-1")
    expect(square).to_have_attribute("aria-checked", "true")
    square.focus()
    shown.page.keyboard.press("Space")
    says(shown, "^rings, 2-8-8-1")


def test_the_last_input_stays(show):
    shown = show("in=x1")
    shown.page.get_by_role("switch", name="Input x₁", exact=True).click()
    expect(shown.page.get_by_role("alert")).to_contain_text("in must name at least one input")


# Units and edges


def detail(shown, pattern):
    expect(shown.page.locator(".bend-detail")).to_have_text(re.compile(pattern))


def test_a_unit_tells_its_numbers_and_shows_its_picture_under_the_mouse(show):
    shown = show("3 relu he", steps=10)
    dense = shown.playground.run.network.dense[0]
    shown.page.get_by_role("button", name="Unit 2 of layer 1").hover()
    detail(shown, "^Unit 2 of layer 1, relu: bias .*; weights .* from x₁, .* from x₂")
    first = f"{abs(dense.weights[0, 1]):.2g}"
    detail(shown, re.escape(first))
    expect(shown.page.locator(".bend-seen")).to_have_text("Unit 2 of layer 1")
    reach = np.abs(shown.playground.run.plane().units[0][1]).max()
    expect(shown.page.locator(".bend-scale")).to_have_text(f"−{reach:.2g}{reach:.2g}")
    shown.page.mouse.move(1, 1)
    expect(shown.page.locator(".bend-seen")).to_have_text("Output")
    expect(shown.page.locator(".bend-scale")).to_have_text("class 0class 1")


def test_units_are_reached_with_the_arrow_keys_and_edges_with_page_down(show):
    shown = show("3-2 tanh", steps=10)
    shown.page.get_by_role("switch", name="Input x₁", exact=True).focus()
    shown.page.keyboard.press("ArrowDown")
    detail(shown, "^Input x₂: on")
    for _ in range(2):
        shown.page.keyboard.press("ArrowRight")
    detail(shown, "^Unit 1 of layer 2, tanh: bias")
    shown.page.keyboard.press("PageDown")
    weight = shown.playground.run.network.dense[1].weights[0, 0]
    detail(shown, "^Weight from unit 1 of layer 1 to unit 1 of layer 2: .?" + f"{abs(weight):.3g}")
    shown.page.keyboard.press("PageDown")
    detail(shown, "^Weight from unit 2 of layer 1 to unit 1 of layer 2: ")
    shown.page.keyboard.press("ArrowRight")
    detail(shown, "^The output: bias")


def test_an_edge_tells_its_weight_under_the_mouse(show):
    shown = show("1 tanh", steps=10)
    unit = shown.page.get_by_role("button", name="Unit 1 of layer 1").bounding_box()
    out = shown.page.get_by_role("button", name="Output").bounding_box()
    middle = [
        (a + b) / 2 + s / 2 for a, b, s in ((unit["x"], out["x"], 34), (unit["y"], out["y"], 34))
    ]
    shown.page.mouse.move(*middle)
    weight = shown.playground.run.network.dense[1].weights[0, 0]
    detail(shown, "^Weight from unit 1 of layer 1 to the output: .?" + f"{abs(weight):.3g}")
    expect(shown.page.locator(".bend-net .bend-tip")).to_have_text(re.compile(f"{abs(weight):.3g}"))


def test_a_dead_unit_is_called_dead(show):
    shown = show("dying-relu", steps=3)
    shown.page.get_by_role("button", name="Unit 1 of layer 2").hover()
    detail(shown, "It is dead: its slope is flat at every training point")


def test_the_diagram_is_one_stop_on_the_way_by_tab(show):
    shown = show()
    stops = shown.page.locator(".bend-unit[tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    shown.page.keyboard.press("ArrowRight")
    expect(shown.page.locator(".bend-unit[tabindex='0']")).to_have_count(1)
    expect(shown.page.locator(".bend-unit[tabindex='0']")).to_be_focused()


def test_a_large_network_is_drawn_as_squares_and_has_no_units_to_point_at(show):
    shown = show("32x20 relu he")
    detail(shown, "^Each square is a unit")
    assert shown.page.locator(".bend-unit").count() == 0
    for name, number in (("Hidden layers", "2"), ("Units in each layer", "4")):
        shown.page.get_by_label(name, exact=True).fill(number)
        shown.page.keyboard.press("Enter")
    expect(shown.page.locator(".bend-unit")).to_have_count(7 + 8 + 1)


# Everybody


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("what", ["", "sigmoid-20", "hills raw", "discs"])
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing(show, theme, what, width):
    shown = show(what, theme, steps=20)
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.page.wait_for_timeout(100)
    found = Axe().run(shown.page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("what", ["", "sigmoid-20", "spirals 8x6", "discs"])
def test_nothing_is_wider_than_a_narrow_page_or_one_at_400_percent(show, what):
    shown = show(what)
    shown.page.set_viewport_size({"width": 320, "height": 600})
    shown.page.wait_for_timeout(100)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("width", "first"), [(320, True), (768, True), (1200, False)])
def test_the_output_stands_beside_the_network_or_above_it(show, width, first):
    shown = show()
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.page.wait_for_timeout(100)
    output, network = (
        shown.page.locator(part).bounding_box() for part in (".bend-output", ".bend-network")
    )
    above = output["y"] + output["height"] <= network["y"]
    beside = output["x"] >= network["x"] + network["width"] and output["y"] == network["y"]
    assert (above, beside) == (first, not first)


def test_every_control_keeps_its_keys_from_the_notebook(show):
    shown = show("dying-relu")
    open_to_it = shown.page.locator(f".bend-playground {CONTROLS}").evaluate_all(
        "nodes => nodes.filter(n => !('lmSuppressShortcuts' in n.dataset)).map(n => n.outerHTML)"
    )
    assert open_to_it == []


def test_targets_are_large_enough_to_hit(show):
    shown = show()
    small = shown.page.locator(".bend-playground :is(button, select, input)").evaluate_all(
        "nodes => nodes.filter(n => n.offsetParent && Math.min(n.offsetWidth, n.offsetHeight) < 20)"
        ".map(n => n.outerHTML)"
    )
    assert small == []


def test_less_motion_is_asked_for(page, show):
    page.emulate_media(reduced_motion="reduce")
    assert show().playground.calm
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_timeout(100)
    assert not show().playground.calm


def test_every_picture_is_acknowledged_and_the_end_too(show):
    shown = show()
    button(shown, "Step").click()
    says(shown, "; step 1; ")
    shown.page.wait_for_timeout(100)
    drawn = "window.sent.filter(m => m.do === 'drawn').map(m => m.n)"
    assert shown.page.evaluate(drawn) == [1, 2]
    shown.page.evaluate("window.close_it()")
    assert shown.page.evaluate("window.sent.at(-1).do") == "gone"


def test_a_kernel_that_does_not_answer_is_told(page, show):
    page.clock.install()
    shown = show()
    shown.page.evaluate("window.asleep = true")
    button(shown, "Step").click()
    page.clock.run_for(5000)
    expect(page.locator(".bend-sleep")).to_contain_text("No reply yet")


# In JupyterLab


@pytest.fixture(scope="module")
def notebook(browser, lab):
    with open_page(browser) as page:
        load = "from bend.playground import playground"
        calls = ['playground("blobs 4 tanh")', 'playground("exploding")', "sum(range(10))"]
        lab.write("play.ipynb", load, *calls)
        notebook = Notebook(page, lab, "play.ipynb")
        notebook.run_all()
        expect(page.locator(".bend-playground")).to_have_count(2, timeout=PATIENCE)
        yield notebook
        notebook.close()


class Playing:
    def __init__(self, notebook, number):
        self.page = notebook.page
        self.el = notebook.cell(number).locator(".bend-playground")
        self.el.scroll_into_view_if_needed()

    def button(self, name):
        return self.el.get_by_role("button", name=name, exact=True)

    def step(self):
        return int(self.el.locator(".bend-count").inner_text().split()[0])

    def moves(self):
        before = self.step()
        self.page.wait_for_timeout(1000)
        return self.step() > before


def test_play_and_pause_by_mouse(notebook):
    playing = Playing(notebook, 1)
    playing.button("Play").click()
    expect(playing.button("Pause")).to_be_visible()
    assert playing.moves()
    playing.button("Pause").click()
    expect(playing.button("Play")).to_be_visible()
    expect(playing.el.locator("[role=status]")).to_contain_text(f"; step {playing.step()}; ")
    assert not playing.moves()


def test_play_and_pause_by_keyboard(notebook):
    playing = Playing(notebook, 1)
    playing.button("Play").focus()
    playing.page.keyboard.press("Enter")
    expect(playing.button("Pause")).to_be_visible()
    assert playing.moves()
    playing.page.keyboard.press("Space")
    expect(playing.button("Play")).to_be_visible()
    assert not playing.moves()


def test_other_cells_run_while_it_plays(notebook):
    playing = Playing(notebook, 1)
    playing.button("Play").click()
    notebook.cell(3).locator(".jp-InputArea-editor").click()
    notebook.command("notebook:run-cell")
    expect(notebook.cell(3).locator(".jp-OutputArea-output")).to_contain_text("45")
    assert playing.moves()
    playing.button("Pause").click()
    expect(playing.button("Play")).to_be_visible()


def test_a_loss_that_is_no_number_stops_it_and_says_why(notebook):
    playing = Playing(notebook, 2)
    playing.button("Play").click()
    expect(playing.el.get_by_role("alert")).to_contain_text("The loss is no number any more")
    expect(playing.el.get_by_role("alert")).to_contain_text("Try a start that fits the width")
    expect(playing.button("Play")).to_be_visible()


def test_shortcuts_in_the_playground_change_no_cell(notebook):
    playing, before = Playing(notebook, 1), notebook.shape()
    controls, number = playing.el.locator(CONTROLS), 0
    # Keys that set something may add controls or take some away.
    while number < controls.count():
        controls.nth(number).focus()
        for key in SHORTCUTS.split():
            playing.page.keyboard.press(key)
        assert notebook.shape() == before
        number += 1
    assert number > 30


def test_ctrl_s_in_the_playground_saves_the_notebook(notebook):
    Playing(notebook, 1).button("Step").focus()
    notebook.save_by_key("play")


def test_running_the_cell_again_ends_the_playing(notebook):
    playing = Playing(notebook, 1)
    # What those keys have set may diverge.
    playing.el.get_by_label("These settings as text").fill("blobs 4 tanh")
    playing.page.keyboard.press("Enter")
    expect(playing.el.locator(".bend-count")).to_have_text("0 steps")
    playing.button("Play").click()
    assert playing.moves()
    notebook.cell(3).locator(".jp-InputArea-editor").click()
    count = "import gc; from bend.playground.widget import Playground as P"
    again = f"{count}; print(sum(o.playing for o in gc.get_objects() if isinstance(o, P)), 'play')"
    notebook.page.evaluate(
        "(source) => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel"
        ".setSource(source)",
        again,
    )
    notebook.command("notebook:run-cell")
    expect(notebook.cell(3).locator(".jp-OutputArea-output")).to_contain_text("1 play")
    notebook.cell(1).locator(".jp-InputArea-editor").click()
    notebook.command("notebook:run-cell")
    expect(playing.el.locator(".bend-count")).to_have_text("0 steps")
    notebook.cell(3).locator(".jp-InputArea-editor").click()
    notebook.command("notebook:run-cell")
    expect(notebook.cell(3).locator(".jp-OutputArea-output")).to_contain_text("0 play")


def test_a_page_that_is_loaded_again_shows_where_it_stands(notebook):
    playing = Playing(notebook, 1)
    playing.button("Reset").click()
    playing.button("Step").click()
    expect(playing.el.locator(".bend-count")).to_have_text("1 step")
    notebook.save()
    notebook.reload()
    again = Playing(notebook, 1)
    expect(again.el.locator(".bend-count")).to_have_text("1 step", timeout=PATIENCE)
    again.button("Step").click()
    expect(again.el.locator(".bend-count")).to_have_text("2 steps")


def test_it_plays_in_notebook_7(page, lab):
    load = "from bend.playground import playground"
    lab.write("seven.ipynb", load, 'playground("blobs 4 tanh")')
    notebook = Notebook(page, lab, "seven.ipynb", "notebooks")
    notebook.run_all()
    playing, before = Playing(notebook, 1), notebook.shape()
    playing.button("Play").click()
    expect(playing.button("Pause")).to_be_visible()
    assert playing.moves()
    for key in SHORTCUTS.split():
        playing.page.keyboard.press(key)
    assert notebook.shape() == before
    playing.button("Pause").click()
    expect(playing.button("Play")).to_be_visible()
    notebook.close()


PLAYING = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
  .requestExecute({
    code: "import gc; from bend.playground.widget import Playground as P", silent: true,
    user_expressions: { n: "sum(o.playing for o in gc.get_objects() if isinstance(o, P))" },
  }).done.then((reply) => Number(reply.content.user_expressions.n.data["text/plain"]))"""


def test_closing_the_tab_ends_the_playing(browser, lab):
    load = "from bend.playground import playground"
    lab.write("closed.ipynb", load, 'playground("blobs 4 tanh")')
    with open_page(browser) as page:
        notebook = Notebook(page, lab, "closed.ipynb")
        notebook.run_all()
        playing = Playing(notebook, 1)
        playing.button("Play").click()
        assert playing.moves()
        assert page.evaluate(PLAYING) == 1
    with open_page(browser) as page:
        # The same kernel, looked at from another page.
        notebook = Notebook(page, lab, "closed.ipynb")
        page.wait_for_timeout(1000 * LOST)
        assert page.evaluate(PLAYING) == 0
        notebook.close()


KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
MEMORY = f"""() => {KERNEL}.requestExecute({{
  code: "import gc, psutil; gc.collect()", silent: true,
  user_expressions: {{ bytes: "psutil.Process().memory_info().rss" }},
}}).done.then((reply) => Number(reply.content.user_expressions.bytes.data["text/plain"]))"""


@pytest.mark.soak
def test_five_minutes_of_playing_take_no_more_memory(page, lab):
    load = "from bend.playground import playground"
    lab.write("soak.ipynb", load, 'playground("spirals 8-8-8 relu he batch=32")')
    notebook = Notebook(page, lab, "soak.ipynb")
    notebook.run_all()
    playing = Playing(notebook, 1)
    tools = page.context.new_cdp_session(page)

    def megabytes():
        tools.send("HeapProfiler.collectGarbage")
        heap = tools.send("Runtime.getHeapUsage")
        used = heap["usedSize"] + heap.get("backingStorageSize", 0)
        return used / 2**20, page.evaluate(MEMORY) / 2**20

    playing.button("Play").click()
    page.wait_for_timeout(30_000)
    heap, kernel = megabytes()
    drawn = int(playing.el.get_attribute("data-drawn"))
    page.wait_for_timeout(270_000)
    later_heap, later_kernel = megabytes()
    assert playing.moves()
    assert int(playing.el.get_attribute("data-drawn")) - drawn > 1000
    assert later_heap - heap < 10
    assert later_kernel - kernel < 10
    playing.button("Pause").click()
    notebook.close()
