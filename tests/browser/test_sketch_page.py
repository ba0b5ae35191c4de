"""Drawing a curve on a plain page: by mouse, by touch, by keyboard, and seen by everybody."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import PATIENCE
from playwright.sync_api import expect
from test_card_page import ADDRESS, DRAW, SHY, TARGETS, Shown

from bend.quiz.bank import load_bank
from bend.quiz.log import Log
from bend.quiz.session import Session

SIGMOID = load_bank(Path(__file__).parents[1] / "data" / "sketches")["draw-sigmoid"]
S_CURVE = [(-6, 0), (-2.25, 0.1), (-0.75, 0.3), (0.75, 0.7), (2.25, 0.9), (6, 1)]
HILL = [(-6, 0), (0, 0.5), (3, 1), (6, 0)]
SHEET = "document.querySelector('.bend-sheet').getBoundingClientRect().toJSON()"
RIGHT, WRONG = "Right", "Not quite"


class Plot(Shown):
    """A card with a curve to draw."""

    def __call__(self, theme="light"):
        self.theme, self.session = theme, Session(SIGMOID, Log(None))
        self.page.emulate_media(reduced_motion="reduce")
        self.page.goto(ADDRESS)
        self.page.evaluate(DRAW)
        expect(self.page.locator(".bend-sheet")).to_be_visible()
        return self

    def at(self, z, y):
        """Where a point of the plot is on the page."""
        box = self.page.evaluate(SHEET)
        across = (z - SIGMOID.z[0]) / (SIGMOID.z[1] - SIGMOID.z[0])
        down = (SIGMOID.y[1] - y) / (SIGMOID.y[1] - SIGMOID.y[0])
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def drag(self, points):
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=3)
        self.page.mouse.up()

    def title(self, text):
        expect(self.page.locator(".bend-title")).to_have_text(text)

    def slider(self, z):
        return self.page.get_by_role("slider", name=f"σ(z) at z = {z}", exact=True)

    def says_of(self, z, text):
        expect(self.slider(z)).to_have_attribute("aria-valuetext", text)

    @property
    def answers(self):
        return [response for kind, response in self.events if kind == "answer"]


@pytest.fixture
def show(page):
    return Plot(page)


@pytest.fixture
def touched(browser):
    """The card on a telephone."""
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 700})
    context.set_default_timeout(PATIENCE)
    yield Plot(context.new_page())
    context.close()


# By mouse


def test_a_curve_by_mouse_wrong_then_right(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    card.says("secret-right.")
    card.says("secret-falls.")
    card.click("Try again")
    card.drag(S_CURVE)
    card.click("Submit")
    card.title(RIGHT)
    assert [len(answer) for answer in card.answers] == [17, 17]
    assert card.answers[1][8] == pytest.approx(0.5, abs=0.11)


def test_clicked_points_are_joined_by_lines(show):
    card = show()
    for point in S_CURVE:
        card.page.mouse.click(*card.at(*point))
    card.says_of("0", "0.5, on the line between points")
    card.click("Submit")
    card.title(RIGHT)


def test_a_quick_stroke_leaves_no_column_out(show):
    card = show()
    card.page.mouse.move(*card.at(-6, 0))
    card.page.mouse.down()
    card.page.mouse.move(*card.at(6, 1.2))
    card.page.mouse.up()
    card.says_of("−3", "0.3")
    card.says_of("3", "0.9")


def test_a_stroke_beyond_the_plot_stays_at_its_edge(show):
    card = show()
    card.drag([(-6, 0), (0, 2.2), (6.3, 2.2)])
    card.says_of("6", "2")


def test_the_place_under_the_mouse_is_said_before_it_is_drawn(show):
    card = show()
    card.page.mouse.move(*card.at(1.5, 1))
    expect(card.page.locator(".bend-here")).to_contain_text("z = 1.5, σ(z) = 1")
    card.says_of("1.5", "not drawn yet")


def test_a_stroke_can_be_undone_and_all_of_it_cleared(show):
    card = show()
    card.drag([(-6, 0), (0, 0.5)])
    card.drag([(0, 0.5), (6, 1.5)])
    card.click("Undo")
    card.says_of("6", "not drawn yet")
    card.says_of("0", "0.5")
    card.click("Clear")
    card.says_of("0", "not drawn yet")
    card.click("Undo")
    card.says_of("0", "0.5")


# By touch


def test_a_curve_by_touch(touched):
    card = touched()
    touches = card.page.context.new_cdp_session(card.page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        # A finger without haste: after a flick the browser takes the next tap for a stop.
        card.page.wait_for_timeout(60)

    touch("touchStart", card.at(*S_CURVE[0]))
    for point in [*S_CURVE[1:], S_CURVE[-1], S_CURVE[-1]]:
        touch("touchMove", card.at(*point))
    touch("touchEnd")
    assert card.page.evaluate("scrollY") == 0
    card.page.get_by_role("button", name="Submit").tap()
    card.title(RIGHT)


def test_tapped_points_are_joined_by_lines(touched):
    card = touched()
    for point in HILL:
        card.page.touchscreen.tap(*card.at(*point))
    card.page.get_by_role("button", name="Submit").tap()
    card.title(WRONG)


# By keyboard


def test_a_curve_by_keyboard(show):
    card = show()
    card.press("Tab", "Space")  # 0 at the left end
    card.press(*["ArrowRight"] * 6, "ArrowUp", "ArrowRight", "ArrowUp", "ArrowUp")
    card.press("ArrowRight", "ArrowRight", "PageUp", "ArrowDown", "ArrowRight", "ArrowUp")
    card.press("End", "ArrowUp", "Enter")
    card.title(RIGHT)
    assert card.answers[0][5:9] == [pytest.approx(1 / 12, abs=1e-6), 0.1, 0.3, 0.5]


def test_keys_move_among_points_and_move_them(show):
    card = show()
    card.press("Tab")
    expect(card.slider("−6")).to_be_focused()
    card.press("End", "ArrowRight")
    expect(card.slider("6")).to_be_focused()
    card.says_of("6", "not drawn yet")
    card.press("PageUp", "ArrowDown")
    card.says_of("6", "0.4")
    card.press(*["PageUp"] * 4)
    card.says_of("6", "2")
    card.press("ArrowLeft", "Space")
    card.says_of("5.25", "2")
    card.press("Delete")
    card.says_of("5.25", "not drawn yet")
    card.press("Home")
    expect(card.slider("−6")).to_be_focused()


def test_the_plot_is_one_stop_on_the_way_by_tab(show):
    card = show()
    card.press("Tab", "ArrowRight", "ArrowUp", "Tab", "Tab", "Shift+Tab", "Shift+Tab")
    expect(card.slider("−5.25")).to_be_focused()


def test_no_key_of_the_plot_reaches_the_notebook(show):
    card = show()
    card.page.evaluate("leaked = []; document.addEventListener('keydown', e => leaked.push(e.key))")
    card.press("Tab", "ArrowRight", "ArrowUp", "PageDown", "End", "Space", "Delete", "a", "x", "3")
    assert card.page.evaluate("leaked") == ["Tab"]


def test_what_assistive_technology_sets_is_drawn(show):
    card = show()
    card.slider("0").evaluate("s => { s.value = 1.2; s.dispatchEvent(new Event('input')) }")
    card.says_of("0", "1.2")


# What is known, kept and told


def test_half_a_curve_is_told_kindly_and_is_no_attempt(show):
    card = show()
    card.drag([(-6, 0), (0, 0.5)])
    card.click("Submit")
    card.says("Draw the whole curve first, from z = −6 to z = 6.")
    assert card.page.locator(".bend-gap rect").count() == 8
    assert card.page.get_by_role("status").text_content().startswith("Draw the whole curve")
    assert card.events == []


def test_a_drawing_survives_a_hint_and_a_reload(show):
    card = show()
    card.page.mouse.click(*card.at(-6, 0))
    card.page.mouse.click(*card.at(0, 1))
    card.click("Hint")
    card.says("It is a probability")
    card.reload()
    card.says_of("0", "1")
    card.says_of("−3", "0.5, on the line between points")


def test_an_answered_curve_is_back_after_a_reload(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    drawn = card.page.locator(".bend-plot .bend-yours path").get_attribute("d")
    card.reload()
    card.title(WRONG)
    assert card.page.locator(".bend-plot .bend-yours path").get_attribute("d") == drawn
    expect(card.slider("0")).to_be_disabled()


def test_the_page_holds_no_true_curve_before_an_answer(show):
    card = show()
    card.drag(HILL)
    assert "secret" not in json.dumps(card.page.evaluate("window.view"))
    assert card.page.locator(".bend-true").count() == 0


def test_the_true_curve_is_laid_over_with_a_legend_in_words(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.says("Your curve, solid")
    card.says("The true curve, dashed")
    dashes = "n => getComputedStyle(n).strokeDasharray"
    truth = card.page.locator(".bend-plot .bend-true path").last
    assert truth.evaluate(dashes) != "none"
    assert card.page.locator(".bend-plot .bend-yours path").evaluate(dashes) == "none"
    card.page.get_by_text("Both curves in numbers").click()
    row = card.page.get_by_role("row").nth(9)
    expect(row).to_have_text("00.50.5")


@pytest.mark.parametrize(("scheme", "theme"), [("light", "dark"), ("dark", "light")])
def test_both_curves_are_seen_where_the_system_forces_its_colours(show, page, scheme, theme):
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    card = show(theme)
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    sheet = page.locator(".bend-sheet").evaluate("node => getComputedStyle(node).fill")
    truth = page.locator(".bend-plot .bend-true path").last
    assert sheet == {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[scheme]
    assert truth.evaluate("node => getComputedStyle(node).stroke") not in (sheet, "none")


def test_each_fault_has_its_number_in_the_plot_and_its_place_in_words(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    said = card.page.locator(".bend-fault").all_inner_texts()
    assert card.page.locator(".bend-mark text").all_text_contents() == ["1", "2"]
    assert [text.split("Mark ")[1][:11] for text in said] == ["1, at z = 6", "2, at z = 6"]


def test_enter_opens_the_curves_in_numbers(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.page.locator("summary", has_text="Both curves in numbers").focus()
    card.page.keyboard.press("Enter")
    expect(card.page.get_by_role("row").nth(9)).to_have_text("00.50.5")


def test_a_second_finger_draws_nothing(show):
    card = show()
    card.page.mouse.move(*card.at(-6, 0))
    card.page.mouse.down()
    card.page.mouse.move(*card.at(0, 0), steps=3)
    x, y = card.at(6, 1)
    other = {"pointerId": 99, "pointerType": "touch", "clientX": x, "clientY": y, "bubbles": True}
    for name in ("pointerdown", "pointermove", "pointerup"):
        card.page.locator(".bend-plot").dispatch_event(name, other)
    card.says_of("6", "not drawn yet")
    card.page.mouse.move(*card.at(3, 0), steps=3)
    card.page.mouse.up()
    card.says_of("3", "0")


def test_a_second_try_survives_that_the_cell_is_run_again(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.click("Try again")
    card.drag(S_CURVE[:3])
    drawn = card.slider("−3").get_attribute("aria-valuetext")
    assert drawn != "not drawn yet"
    card.session = Session(SIGMOID, card.session.log)
    card.reload()
    card.title(WRONG)
    card.click("Try again")
    card.says_of("−3", drawn)


def test_try_again_starts_on_an_empty_plot(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.click("Try again")
    card.says_of("0", "not drawn yet")
    expect(card.slider("−6")).to_be_focused()
    assert card.page.locator(".bend-true").count() == 0


# For everybody


def steps(card):
    """Each phase of a card, to look at."""
    yield
    card.press("Tab", "ArrowRight", "ArrowUp")
    yield
    card.click("Submit")
    card.says("Draw the whole curve")
    yield
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    yield
    card.page.get_by_text("Both curves in numbers").click()
    yield


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_at_any_step(show, theme):
    card = show(theme)
    for _ in steps(card):
        card.page.wait_for_timeout(150)
        assert Axe().run(card.page).response["violations"] == []


# A window of 1280 × 900 at 400 % has 320 × 225 pixels of CSS.
@pytest.mark.parametrize("height", [700, 225])
def test_a_narrow_page_needs_no_sideways_scrolling(show, height):
    card = show()
    card.page.set_viewport_size({"width": 320, "height": height})
    for n, _ in enumerate(steps(card) if height == 700 else [None]):
        card.page.wait_for_timeout(100)
        assert card.page.evaluate("document.documentElement.scrollWidth") <= 320, n
        assert card.page.locator(".bend-sheet").bounding_box()["width"] > 180
    assert card.page.locator(".bend-plot").bounding_box()["height"] <= 240


def test_targets_are_large_and_keys_stay_in_the_card(show):
    card = show()
    for _ in steps(card):
        assert card.page.evaluate(TARGETS) == 0
        assert card.page.evaluate(SHY) == 0
        shy = "[...document.querySelectorAll('.bend-card summary')]"
        assert card.page.evaluate(f"{shy}.every(n => n.dataset.lmSuppressShortcuts)")


def test_a_resized_page_redraws_the_same_curve(show):
    card = show()
    card.drag(HILL)
    before = card.page.locator(".bend-sheet").bounding_box()["width"]
    card.page.set_viewport_size({"width": 400, "height": 700})
    expect(card.page.locator(".bend-sheet")).not_to_have_attribute("width", str(before))
    card.says_of("3", "1")
    card.page.mouse.click(*card.at(3, 1.5))
    card.says_of("3", "1.5")


def test_nothing_moves_for_those_who_want_no_motion(show):
    card = show()
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    name = "n => getComputedStyle(n).animationName"
    assert card.page.locator(".bend-plot .bend-true").evaluate(name) == "none"
    card.click("Try again")
    card.page.emulate_media(reduced_motion="no-preference")
    card.drag(HILL)
    card.click("Submit")
    card.title(WRONG)
    assert card.page.locator(".bend-plot .bend-true").evaluate(name) == "bend-unroll"
