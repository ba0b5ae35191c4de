"""A figure with one of each control and mark, driven by mouse and by keyboard."""

import time

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from figure import Figure, theme_variables
from playwright.sync_api import expect

from bend.live.canvas import Live
from bend.live.controls import Action, Choice, Slider, Switch
from bend.live.marks import (
    Arrow,
    Axis,
    Band,
    Fill,
    Handle,
    Image,
    Line,
    Panel,
    Picture,
    Points,
    Span,
    Text,
)

CONTROLS = [
    Slider("gain", "Gain", 1.0, -2, 2, 0.1),
    Slider("rate", "Learning rate", 0.1, 0.001, 10, log=True),
    Slider("up", "Height", 0.0, -1, 1, 0.1, group="More"),
    Choice("kind", "Kind", "line", {"line": "a line", "cube": "a cube"}),
    Choice("shade", "Shade", "blue", {"blue": "blue", "pink": "pink"}, pills=True),
    Switch("grid", "Show points"),
    Slider("extra", "Only for a cube", 1, 1, 9, 1, when=("kind", "cube")),
    Action("double", "Double the gain", lambda live: live.set(gain=2 * live.values["gain"])),
]


def picture(values):
    x = np.linspace(-1, 1, 51)
    y = values["gain"] * (x if values["kind"] == "line" else x**3) + values["up"]
    square = Axis((-1, 1), "across"), Axis((-1, 1), "up")
    marks = [
        Span(-1, -0.5, "far"),
        Image(np.outer(x, x), ((-1, 1), (-1, 1)), opacity=0.3),
        Band(x, y - 0.1, y + 0.1, values["shade"]),
        Line(x, y, values["shade"], "curve"),
        Fill([0, 0.2, 0.2], [0, 0, 0.2], "green"),
        Points(x[::10], y[::10], "orange", "^") if values["grid"] else Points([0], [0]),
        Arrow((0, 0), (0.5, 0.5), "pink"),
        Text(0, 0.8, "words"),
        Handle(values["gain"], values["up"], "Point", moves=("gain", "up")),
    ]
    wide = Axis((-2, 2)), Axis((1e-4, 10), "rate", log=True)
    rate = Handle(0, values["rate"], "Rate", moves=(None, "rate"), tip="<b>rate</b>")
    words = ", ".join(f"{name} {value}" for name, value in values.items())
    panels = [
        Panel(marks, x=square[0], y=square[1], title="All marks", equal=True),
        Panel([rate], x=wide[0], y=wide[1], title="One handle"),
    ]
    return Picture(panels, f"Here: {words}.")


@pytest.fixture
def figure(page):
    return Figure(page)


def show(figure, theme="light"):
    return figure(Live("Everything", CONTROLS, picture), theme)


# Every control, by mouse and by keyboard


def test_a_slider_by_mouse(figure):
    show(figure)
    box = figure.control("gain").locator("input[type=range]").bounding_box()
    figure.page.mouse.click(box["x"] + box["width"] - 9, box["y"] + box["height"] / 2)
    figure.set_to("gain", 2)
    expect(figure.summary).to_contain_text("gain 2")
    expect(figure.page.get_by_label("Gain, typed")).to_have_value("2")


def test_a_slider_by_keyboard(figure):
    show(figure)
    figure.page.get_by_label("Gain", exact=True).focus()
    figure.press("ArrowRight", "ArrowUp", "ArrowLeft")
    figure.set_to("gain", 1.1)
    figure.press("Home")
    figure.set_to("gain", -2)


def test_a_slider_of_factors_by_keyboard(figure):
    show(figure)
    figure.page.get_by_label("Learning rate", exact=True).focus()
    figure.press("End")
    figure.set_to("rate", 10)
    figure.press("Home")
    figure.set_to("rate", 0.001)


def test_a_number_that_is_typed(figure):
    show(figure)
    typed = figure.page.get_by_label("Learning rate, typed")
    typed.fill("0.25")
    figure.set_to("rate", 0.25)
    typed.fill("99")
    figure.press("Enter")
    figure.set_to("rate", 10)
    typed.fill("")
    figure.press("Tab")
    expect(typed).to_have_value("10")


def test_what_is_being_typed_stays(figure):
    show(figure)
    typed = figure.page.get_by_label("Learning rate, typed")
    typed.focus()
    figure.press("Control+a")
    figure.page.keyboard.type("0.50", delay=120)
    figure.set_to("rate", 0.5)
    assert typed.evaluate("input => input.value") == "0.50"


def test_a_list_by_keyboard(figure):
    show(figure)
    figure.page.get_by_label("Kind").focus()
    figure.press("ArrowDown")
    figure.set_to("kind", "cube")


def test_pills_by_mouse_and_by_keyboard(figure):
    show(figure)
    figure.page.get_by_role("radio", name="pink").click()
    figure.set_to("shade", "pink")
    figure.press("ArrowLeft")
    figure.set_to("shade", "blue")


def test_a_switch_by_mouse_and_by_keyboard(figure):
    show(figure)
    figure.page.get_by_text("Show points").click()
    figure.set_to("grid", True)
    figure.press("Space")
    figure.set_to("grid", False)


def test_a_button_by_mouse_and_by_keyboard(figure):
    show(figure)
    figure.page.get_by_role("button", name="Double the gain").click()
    figure.set_to("gain", 2)
    figure.page.get_by_role("button", name="Reset").focus()
    figure.press("Enter")
    figure.set_to("gain", 1)
    expect(figure.page.get_by_label("Gain", exact=True)).to_have_value("1")


def test_a_control_that_means_nothing_here_is_hidden(figure):
    show(figure)
    expect(figure.page.get_by_label("Only for a cube", exact=True)).to_be_hidden()
    figure.page.get_by_label("Kind").select_option("cube")
    expect(figure.page.get_by_label("Only for a cube", exact=True)).to_be_visible()


def test_a_name_says_its_group(figure):
    show(figure)
    expect(figure.page.get_by_role("slider", name="More: Height", exact=True)).to_be_visible()


# Handles


def test_a_handle_is_dragged(figure):
    show(figure)
    handle = figure.page.get_by_role("button", name="Point")
    canvas = figure.page.get_by_role("img", name="All marks").bounding_box()
    handle.hover()
    figure.page.mouse.down()
    x, y = canvas["x"] + 150, canvas["y"] + 60
    figure.page.mouse.move(x, y, steps=5)
    figure.page.mouse.up()
    for _ in range(50):
        box = handle.bounding_box()
        away = abs(box["x"] + box["width"] / 2 - x), abs(box["y"] + box["height"] / 2 - y)
        if figure.live.values["up"] > 0.3 and max(away) < 6:
            break
        figure.page.wait_for_timeout(20)
    assert figure.live.values["up"] > 0.3
    # Where it was held it is still under the pointer, as near as a step of its controls is.
    assert max(away) < 6
    figure.settled()


def test_a_handle_moves_with_the_arrow_keys(figure):
    show(figure)
    figure.page.get_by_role("button", name="Point").focus()
    figure.press("ArrowRight", "ArrowRight", "ArrowDown")
    figure.set_to("gain", 1.2)
    figure.set_to("up", -0.1)
    figure.press("Shift+ArrowLeft")
    figure.set_to("gain", 0.2)


def test_a_handle_on_a_log_axis_moves_by_factors(figure):
    show(figure)
    figure.page.get_by_role("button", name="Rate").focus()
    figure.press("ArrowUp")
    figure.page.wait_for_timeout(100)
    figure.settled()
    assert 0.1 < figure.live.values["rate"] < 0.12


def test_a_handle_tells_its_value_while_it_has_the_focus(figure):
    show(figure)
    tip = figure.page.locator(".bend-tip:visible")
    expect(tip).to_have_count(0)
    figure.page.get_by_role("button", name="Rate").focus()
    expect(tip).to_have_text("<b>rate</b>")
    figure.page.get_by_label("Kind").focus()
    expect(tip).to_have_count(0)


# Between page and kernel


def test_the_newest_state_wins_and_none_queues_up(figure):
    def slow(values):
        time.sleep(0.05)
        return picture(values)

    figure(Live("Slow", CONTROLS, slow))
    figure.page.get_by_label("Gain", exact=True).evaluate(
        """async (range) => {
          for (let n = 0; n < 60; n++) {
            range.value = -2 + n / 15;
            range.dispatchEvent(new Event("input"));
            await new Promise((go) => setTimeout(go, 5));
          }
        }"""
    )
    figure.set_to("gain", 1.9)
    assert len(figure.heard) < 20
    expect(figure.page.get_by_label("Gain, typed")).to_have_value("1.9")


def test_the_summary_is_spoken_when_it_has_come_to_rest(figure):
    show(figure)
    status = figure.page.get_by_role("status")
    expect(status).to_be_empty()
    figure.page.get_by_label("Gain", exact=True).focus()
    figure.press("ArrowRight", "ArrowRight", "ArrowRight")
    figure.set_to("gain", 1.3)
    assert "gain 1.1" not in status.text_content()
    expect(status).to_contain_text("gain 1.3")


def test_an_error_of_the_course_is_said_and_the_figure_lives_on(figure):
    from bend.errors import BadInput

    def fussy(values):
        if values["gain"] > 1.5:
            raise BadInput("too much")
        return picture(values)

    figure(Live("Fussy", CONTROLS, fussy))
    figure.page.get_by_label("Gain", exact=True).focus()
    figure.press("End")
    expect(figure.summary).to_have_text("too much")
    figure.press("Home")
    figure.set_to("gain", -2)


def test_reset_is_not_undone_by_a_value_that_waits(figure):
    show(figure)
    before = figure.live.values["gain"]
    figure.page.evaluate("asleep = true")
    figure.page.get_by_label("Gain", exact=True).focus()
    figure.press("ArrowRight")
    figure.press("ArrowRight")
    figure.page.evaluate("asleep = false")
    figure.page.get_by_role("button", name="Reset").click()
    figure.set_to("gain", before)


def test_a_figure_without_a_kernel_says_how_to_wake_it(figure):
    show(figure)
    figure.page.evaluate("asleep = true")
    figure.page.get_by_role("button", name="Reset").click()
    expect(figure.page.locator(".bend-sleep")).to_contain_text("No reply yet.", timeout=6000)
    figure.page.evaluate("asleep = false")
    figure.page.get_by_role("button", name="Reset").click()
    expect(figure.page.locator(".bend-sleep")).to_be_hidden()


# Drawn


COLOURED = """(canvas, [red, green, blue]) => {
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    found += Math.abs(data[at] - red) + Math.abs(data[at + 1] - green)
      + Math.abs(data[at + 2] - blue) < 12;
  }
  return found;
}"""
BLUE, DARK_BLUE = [0x1B, 0x53, 0xE0], [0x7E, 0xA6, 0xFF]


def test_a_canvas_is_as_sharp_as_the_screen_and_follows_the_width(browser):
    context = browser.new_context(device_scale_factor=2.5)
    figure = show(Figure(context.new_page()))
    canvas = figure.page.get_by_role("img", name="All marks")
    for width in (1200, 700, 400):
        figure.page.set_viewport_size({"width": width, "height": 800})
        figure.page.wait_for_timeout(150)
        drawn, shown = canvas.evaluate("c => [c.width, 2.5 * c.clientWidth]")
        assert abs(drawn - shown) <= 1
    context.close()


def test_colours_follow_the_theme(figure):
    canvas = show(figure).page.get_by_role("img", name="All marks")
    assert canvas.evaluate(COLOURED, BLUE) > 100
    variables = f":root {{ {theme_variables('dark')} }}"
    figure.page.evaluate(
        """(css) => {
          document.getElementById("theme").textContent = css;
          document.body.dataset.jpThemeLight = "false";
        }""",
        variables,
    )
    figure.page.wait_for_timeout(700)
    assert canvas.evaluate(COLOURED, BLUE) == 0
    assert canvas.evaluate(COLOURED, DARK_BLUE) > 100


# For everybody


FOCUSABLE = ".bend-live, .bend-live :is(a, button, input, select, summary, [tabindex])"
SHY = f"""() => [...document.querySelectorAll("{FOCUSABLE}")]
  .filter((node) => node.dataset.lmSuppressShortcuts !== "true").length"""
TARGETS = """() => [...document.querySelectorAll(
  ".bend-live :is(.bend-controls button, label:has(> input), input[type=range], "
  + "input[type=number], input[type=text], select)")]
  .map((node) => node.getBoundingClientRect())
  .filter((box) => box.width && (box.width < 24 || box.height < 24)).length"""


def test_keys_stay_in_the_figure_and_targets_are_large(figure):
    show(figure)
    assert figure.page.evaluate(SHY) == 0
    assert figure.page.evaluate(TARGETS) == 0


def test_no_plain_key_leaves_the_figure(figure):
    show(figure)
    figure.page.evaluate(
        "leaked = []; document.addEventListener('keydown', e => leaked.push(e.key))"
    )
    controls = figure.page.locator(".bend-live :is(input, select, button):visible").all()
    for control in controls:
        control.focus()
        figure.press("a", "b", "m", "x", "d", "ArrowDown", "ArrowUp")
    assert figure.page.evaluate("leaked") == []
    figure.press("Escape")
    assert figure.page.evaluate("leaked") == ["Escape"]


def test_save_and_run_are_handed_to_the_notebook(figure):
    show(figure)
    figure.page.evaluate(
        "leaked = []; document.addEventListener('keydown', e => leaked.push(e.key))"
    )
    figure.page.get_by_label("Gain", exact=True).focus()
    figure.press("Control+s", "Shift+Enter")
    assert [key for key in figure.page.evaluate("leaked") if len(key) > 0 and key in "s Enter"] == [
        "s",
        "Enter",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(figure, theme):
    show(figure, theme)
    assert Axe().run(figure.page).response["violations"] == []
    figure.page.get_by_role("button", name="Rate").focus()
    figure.page.get_by_label("Kind").select_option("cube")
    figure.set_to("kind", "cube")
    assert Axe().run(figure.page).response["violations"] == []


def test_a_narrow_page_needs_no_sideways_scrolling(figure):
    figure.page.set_viewport_size({"width": 320, "height": 700})  # 1280 at 400 %
    show(figure)
    assert figure.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_nothing_moves_by_itself_where_motion_is_not_wanted(figure):
    figure.page.emulate_media(reduced_motion="reduce")
    show(figure)
    moving = """() => [...document.querySelectorAll(".bend-live, .bend-live *")]
      .filter((node) => getComputedStyle(node).transitionDuration !== "0s"
        || getComputedStyle(node).animationName !== "none").length"""
    assert figure.page.evaluate(moving) == 0


# How many different pictures the canvas shows in the half second after a choice.
FRAMES = """async () => {
  const canvas = document.querySelector(".bend-live canvas");
  const select = document.querySelector('[data-control="kind"] select');
  const seen = new Set();
  select.value = "cube";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  for (const start = performance.now(); performance.now() - start < 500;) {
    await new Promise(requestAnimationFrame);
    seen.add(canvas.toDataURL());
  }
  return seen.size;
}"""


@pytest.mark.parametrize(("motion", "few"), [("reduce", True), ("no-preference", False)])
def test_a_choice_glides_to_its_picture_where_motion_is_wanted(figure, motion, few):
    figure.page.emulate_media(reduced_motion=motion)
    show(figure)
    frames = figure.page.evaluate(FRAMES)
    assert frames <= 2 if few else frames > 4
    figure.set_to("kind", "cube")
