"""Each explorer on a plain page: every control by mouse and by keyboard, its effect in words."""

from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from figure import Figure
from lab import Notebook, open_page
from PIL import Image
from playwright.sync_api import expect
from test_canvas_page import SHY, TARGETS
from test_keyboard import SHORTCUTS, press
from tests.displayed import catch_displays

from bend import live
from bend.live.controls import Choice, Slider, Switch

NAMES = live.__all__
every_explorer = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def show(page, monkeypatch):
    """Call an explorer, and have on a page what it displays."""
    found = catch_displays(monkeypatch)
    figure = Figure(page)

    def show(name, theme="light"):
        getattr(live, name)()
        return figure(found[-1], theme)

    return show


def visible(figure):
    """The controls on the page now, by name."""
    return [
        control
        for name, control in figure.live.controls.items()
        if figure.control(name).is_visible()
    ]


def value(figure, control):
    return figure.live.values.get(control.name)


def moved(figure, control, before):
    """Wait until the control has another value in Python, and the page says what follows."""
    for _ in range(200):
        if value(figure, control) != before:
            break
        figure.page.wait_for_timeout(20)
    assert value(figure, control) != before
    figure.settled()


@every_explorer
def test_every_control_by_keyboard(show, name):
    figure = show(name)
    for control in visible(figure):
        before, said = value(figure, control), figure.summary.text_content()
        box = figure.control(control.name)
        if isinstance(control, Slider):
            box.locator("input[type=range]").focus()
            figure.press("Home" if before > control.low else "End")
        elif isinstance(control, Choice):
            box.locator("select, input:checked").first.focus()
            figure.press("ArrowDown" if before != list(control.options)[-1] else "ArrowUp")
        elif isinstance(control, Switch):
            box.locator("input").focus()
            figure.press("Space")
        else:
            continue
        moved(figure, control, before)
        assert figure.summary.text_content() != said
        figure.page.get_by_role("button", name="Reset").focus()
        figure.press("Enter")
        figure.set_to(control.name, before)


@every_explorer
def test_every_control_by_mouse(show, name):
    figure = show(name)
    for control in visible(figure):
        before, box = value(figure, control), figure.control(control.name)
        said = figure.summary.text_content()
        if isinstance(control, Slider):
            range = box.locator("input[type=range]").bounding_box()
            share = 0.02 if before > (control.low + control.high) / 2 else 0.98
            figure.page.mouse.click(
                range["x"] + share * range["width"], range["y"] + range["height"] / 2
            )
        elif isinstance(control, Choice) and control.pills:
            box.locator("input:not(:checked)").first.click()
        elif isinstance(control, Choice):
            box.locator("select").select_option(next(o for o in control.options if o != before))
        elif isinstance(control, Switch):
            box.locator("input").click()
        else:
            continue
        moved(figure, control, before)
        assert figure.summary.text_content() != said
        figure.page.get_by_role("button", name="Reset").click()
        figure.set_to(control.name, before)


@every_explorer
def test_every_number_by_typing(show, name):
    figure = show(name)
    for control in visible(figure):
        if isinstance(control, Slider):
            typed = figure.control(control.name).locator("input[type=number]")
            typed.fill(f"{control.high:g}")
            figure.set_to(control.name, control.high)


@pytest.mark.parametrize(
    ("name", "button", "words"),
    [
        ("explore_dying", "Push it off the edge", "The unit is dead"),
        ("explore_grid", "Show weights that solve XOR", "gets 100% right"),
    ],
)
def test_a_button_does_what_it_says(show, name, button, words):
    figure = show(name)
    figure.page.get_by_role("button", name=button).click()
    expect(figure.summary).to_contain_text(words)


@pytest.mark.parametrize(
    ("name", "handle", "control"),
    [
        ("explore_slope", "Point on the curve", "z"),
        ("explore_slope", "Slope at z", "z"),
        ("explore_dying", "Bias", "bias"),
        ("explore_output", "Output", "z"),
        ("explore_output", "Loss", "z"),
        ("explore_grid", "Where a step along x₁", "w11"),
        ("explore_grid", "Where a step along x₂", "w21"),
        ("explore_grid", "Where the origin", "b1"),
    ],
)
def test_every_handle_by_mouse_and_by_keyboard(show, name, handle, control):
    figure = show(name)
    spot = figure.page.get_by_role("button", name=handle)
    control = figure.live.controls[control]
    before = value(figure, control)
    spot.focus()
    figure.press("ArrowRight")
    moved(figure, control, before)
    assert value(figure, control) == pytest.approx(before + control.step)
    spot.hover()
    box = spot.bounding_box()
    before = value(figure, control)
    figure.page.mouse.down()
    figure.page.mouse.move(box["x"] + 45, box["y"], steps=4)
    figure.page.mouse.up()
    moved(figure, control, before)
    assert value(figure, control) > before


@pytest.mark.parametrize(
    ("name", "choice", "option", "ends"),
    [
        ("explore_slope", "Activation", "relu", ("6", "-6")),
        ("explore_slope", "Activation", "softplus", ("6", "-6")),
        ("explore_output", "Output activation", "identity", ("10", "-10")),
    ],
)
def test_no_handle_leaves_its_picture(show, name, choice, option, ends):
    figure = show(name)
    figure.page.get_by_label(choice, exact=True).select_option(option)
    figure.settled()
    for end in ends:
        figure.control("z").get_by_role("spinbutton").fill(end)
        figure.set_to("z", float(end))
        outside = figure.page.evaluate(
            """() => [...document.querySelectorAll(".bend-handle")].filter((handle) => {
              const [box, plot] = [handle, handle.parentElement.querySelector("canvas")]
                .map((el) => el.getBoundingClientRect());
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              return x < plot.left || x > plot.right || y < plot.top || y > plot.bottom;
            }).map((handle) => handle.ariaLabel)"""
        )
        assert outside == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@every_explorer
def test_axe_finds_nothing(show, name, theme):
    figure = show(name, theme)
    assert Axe().run(figure.page).response["violations"] == []


@every_explorer
def test_a_narrow_page_needs_no_sideways_scrolling(show, name, page):
    page.set_viewport_size({"width": 320, "height": 700})  # 1280 at 400 %
    show(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# How far apart the lightest and the darkest pixel of each picture are, what is empty left out.
LIGHTNESS = """() => [...document.querySelectorAll(".bend-live canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [least, largest] = [255, 0];
  for (let n = 0; n < data.length; n += 4) {
    if (data[n + 3] < 255) continue;
    least = Math.min(least, data[n + 1]);
    largest = Math.max(largest, data[n + 1]);
  }
  return largest - least;
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_explorer
def test_where_the_system_forces_its_colours_the_pictures_are_still_seen(show, name, page, scheme):
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    # Of the other theme than the system's colours.
    figure = show(name, "dark" if scheme == "light" else "light")
    assert min(page.evaluate(LIGHTNESS)) > 80
    for button in page.locator(".bend-controls button:visible").all():
        picture = Image.open(BytesIO(button.screenshot())).convert("L")
        least, largest = picture.crop((8, 8, picture.width - 8, picture.height - 8)).getextrema()
        assert largest - least > 80
    assert figure.page.locator("[data-dark]").count() == (scheme == "dark")


@every_explorer
def test_keys_stay_in_the_figure_and_targets_are_large(show, name):
    figure = show(name)
    assert figure.page.evaluate(SHY) == 0
    assert figure.page.evaluate(TARGETS) == 0


# In JupyterLab


@pytest.fixture(scope="module", params=["lab", "notebooks"])
def notebook(browser, lab, request):
    """A notebook with every explorer, between two other cells."""
    with open_page(browser) as page:
        lab.write("explorers.ipynb", "from bend.live import *", *(f"{n}()" for n in NAMES), "2")
        notebook = Notebook(page, lab, "explorers.ipynb", request.param)
        notebook.run_all()
        notebook.unroll()
        expect(page.locator(".bend-live[data-drawn]")).to_have_count(len(NAMES))
        assert notebook.complaints() == []
        yield notebook
        notebook.close()


@every_explorer
def test_shortcuts_in_an_explorer_change_no_cell(notebook, name):
    figure = notebook.cell(1 + NAMES.index(name)).locator(".bend-live")
    before = notebook.shape()
    for control in figure.locator(":is(input, select, button):visible").all():
        control.focus()
        expect(control).to_be_focused()
        press(notebook.page, SHORTCUTS)
        assert notebook.shape() == before


def test_ctrl_s_in_an_explorer_saves_the_notebook(notebook):
    notebook.page.locator(".bend-live input[type=range]").first.focus()
    notebook.save_by_key(f"explored-in-{notebook.page.url.split('/')[3]}")


def test_what_was_set_is_there_when_the_page_is_loaded_again(notebook):
    figure = notebook.cell(1 + NAMES.index("explore_slope")).locator(".bend-live")
    figure.get_by_label("Pre-activation z, typed").fill("2.5")
    expect(figure.locator(".bend-summary")).to_contain_text("z = 2.50")
    notebook.save()
    notebook.reload()
    expect(figure.locator(".bend-summary")).to_contain_text("z = 2.50")
    expect(figure.get_by_label("Pre-activation z, typed")).to_have_value("2.5")


def test_a_figure_whose_kernel_is_new_says_how_to_wake_it(notebook):
    figure = notebook.cell(1).locator(".bend-live")
    notebook.restart()
    figure.get_by_role("button", name="Reset").click()
    expect(figure.locator(".bend-sleep")).to_contain_text("run", timeout=10_000)
