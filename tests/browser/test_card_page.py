"""The card on a plain page, with a real session behind it and the themes' own colours."""

import re
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bend.assets import joined
from bend.quiz.bank import load_bank
from bend.quiz.card import SCRIPTS, SHEETS, to_page
from bend.quiz.log import Log
from bend.quiz.session import Session

BANK = load_bank(Path(__file__).parents[1] / "data" / "cards")
THEMES = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab")
ADDRESS = "http://127.0.0.1/"

PAGE = """<!doctype html><html lang="en"><title>A card</title><meta charset="utf-8">
<style>:root {{ {variables} }}
body {{ background: var(--jp-layout-color1); color: var(--jp-ui-font-color0) }}</style>
<link rel="stylesheet" href="card.css"><main><h1 id="The-slope">A lesson</h1><div id="card"></div>
</main>"""

# What anywidget gives a card, with the kernel reached through a function of this test.
DRAW = """async () => {
  const heard = { "change:view": [], "msg:custom": [], comm_live_update: [] };
  const fire = (name) => heard[name].forEach((hear) => hear("heard"));
  const model = {
    on: (name, hear) => heard[name].push(hear),
    get: () => window.view,
    async send(message) {
      if (window.asleep) return;
      const before = JSON.stringify(window.view);
      window.view = await window.python(message);
      if (JSON.stringify(window.view) !== before) fire("change:view");
      fire("msg:custom");
    },
  };
  window.fire = fire;
  window.view = await window.python(null);
  (await import("/card.js")).default.render({ model, el: document.getElementById("card") });
}"""


class Shown:
    """A card on its page."""

    def __init__(self, page):
        self.page = page
        self.theme, self.session = "light", None
        page.expose_function("python", self._hear)
        page.route(f"{ADDRESS}**", self._serve)

    def __call__(self, id, theme="light"):
        self.theme, self.session = theme, Session(BANK[id], Log(None))
        self.page.goto(ADDRESS)
        self.page.evaluate(DRAW)
        return self

    def _hear(self, message):
        self.session.act(message)
        return to_page(self.session.view())

    def _serve(self, route):
        name = route.request.url.removeprefix(ADDRESS)
        if name == "card.js":
            route.fulfill(body=joined(SCRIPTS), content_type="text/javascript")
        elif name == "card.css":
            route.fulfill(body=joined(SHEETS), content_type="text/css")
        else:
            page = PAGE.format(variables=theme_variables(self.theme))
            route.fulfill(body=page, content_type="text/html")

    def reload(self):
        self.page.reload()
        self.page.evaluate(DRAW)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, name, role="button"):
        self.page.get_by_role(role, name=name).click()

    def focus(self):
        """Where a click on the card, beside anything in it, puts the focus."""
        self.page.locator(".bend-label").click()

    def says(self, text):
        expect(self.page.locator(".bend-card")).to_contain_text(text)

    def focused(self):
        return self.page.evaluate("document.activeElement.className || document.activeElement.type")

    @property
    def events(self):
        return [(e["kind"], e.get("response")) for e in self.session.log.events()]


def theme_variables(theme):
    css = (THEMES / f"theme-{theme}-extension/index.css").read_text()
    return ";".join(line for line in re.split("[;{}]", css) if line.strip().startswith("--"))


@pytest.fixture
def show(page):
    return Shown(page)


# Each type by mouse


def test_a_choice_by_mouse_wrong_then_right(show):
    card = show("one")
    card.click("one half", "radio")
    card.click("Submit")
    card.says("Not this one. That is the secret-value")
    card.says("secret-explanation")
    card.click("Try again")
    card.click("one quarter", "radio")
    card.click("Submit")
    expect(card.page.locator(".bend-title")).to_have_text("Right")
    assert card.events == [("answer", "half"), ("answer", "quarter")]


def test_several_choices_by_mouse(show):
    card = show("some")
    card.click("ReLU", "checkbox")
    card.click("Three times its input", "checkbox")
    card.click("Submit")
    card.says("Right.")
    card.says("Not this one. secret-linear")
    card.says("Missed. This one is right too.")


def test_a_number_by_mouse(show):
    card = show("number")
    card.page.get_by_label("Your answer").fill("1")
    card.click("Submit")
    card.says("secret-supremum")
    card.says("0.25 per unit")


def test_a_recall_by_mouse(show):
    card = show("memory")
    card.page.get_by_label("Your answer, from memory").fill("it all collapses")
    card.click("Compare")
    card.says("it all collapses")
    card.page.get_by_role("checkbox", name="secret-collapse").check()
    card.click("Good")
    card.says("secret-explanation")
    answer = {"text": "it all collapses", "ticked": ["collapse"], "rating": "good"}
    assert card.events == [("reveal", "it all collapses"), ("answer", answer)]


@pytest.mark.parametrize("id", ["guess", "guess-number"])
def test_a_prediction_is_noted_and_reveals_nothing(show, id):
    card = show(id)
    if id == "guess":
        card.click("Never", "radio")
    else:
        card.page.get_by_label("Your answer").fill("70")
    card.click("Commit")
    card.says("Run on to see.")
    expect(card.page.get_by_role("button")).to_have_count(0)
    assert "61.25" not in card.page.content()


# Each type by keyboard


def test_a_choice_by_keyboard(show):
    card = show("one")
    card.focus()
    card.press("?", "2", "Enter")
    expect(card.page.locator(".bend-title")).to_have_text("Right")
    assert card.events == [("hint", None), ("answer", "quarter")]


def test_arrows_move_among_the_choices(show):
    card = show("one")
    card.focus()
    card.press("1", "ArrowDown", "Enter")
    card.says("Right")


def test_several_choices_by_keyboard(show):
    card = show("some")
    card.focus()
    card.press("1", "2", "3", "2", "Enter")
    expect(card.page.locator(".bend-title")).to_have_text("Right")


def test_a_number_by_keyboard_where_digits_are_text(show):
    card = show("number")
    card.page.get_by_label("Your answer").focus()
    card.page.keyboard.type("0?.25")
    card.press("Home", "ArrowRight", "Delete", "Enter")
    expect(card.page.locator(".bend-title")).to_have_text("Right")
    assert card.events == [("answer", "0.25")]


def test_a_recall_by_keyboard(show):
    card = show("memory")
    card.page.get_by_label("Your answer, from memory").focus()
    card.page.keyboard.type("1 collapse?")
    card.press("Enter", "Control+Enter")
    card.says("Tick each point")
    card.press("1", "2", "5")
    card.says("secret-explanation")
    assert card.events[-1][1]["ticked"] == ["collapse", "depth"]
    assert card.events[-1][1]["rating"] == "good"
    assert card.events[-1][1]["text"] == "1 collapse?\n"


def test_a_prediction_by_keyboard(show):
    card = show("guess")
    card.focus()
    card.press("2", "Enter")
    card.says("Noted")
    assert card.events == [("answer", "always")]


# Focus, words, drafts


def test_the_focus_goes_where_the_news_is_and_never_gets_lost(show):
    card = show("one")
    card.focus()
    card.press("1", "Enter")
    card.says("Not quite")
    assert card.focused() == "bend-verdict"
    card.click("Try again")
    expect(card.page.get_by_role("radio", name="one half")).to_be_focused()
    card.click("Hint")
    card.says("Hint 1")
    card.click("Another hint")
    card.says("Hint 2")
    assert card.focused() == "bend-card"


def test_what_happened_is_announced(show):
    card = show("one")
    status = card.page.get_by_role("status")
    card.click("Hint")
    expect(status).to_contain_text("Hint: Write")
    card.click("one half", "radio")
    card.click("Submit")
    expect(status).to_contain_text("Not quite. That is the secret-value")


@pytest.mark.parametrize("id", ["one", "number", "memory"])
def test_an_unusable_answer_is_explained_at_the_input_and_is_no_attempt(show, id):
    card = show(id)
    card.click("Compare" if id == "memory" else "Submit")
    error = card.page.locator(".bend-error")
    expect(error).to_be_visible()
    field = card.page.locator(".bend-field :is(fieldset, input[type=text], textarea)")
    assert error.get_attribute("id") in field.get_attribute("aria-describedby").split()
    assert card.page.evaluate("document.activeElement.closest('.bend-field') !== null")
    assert card.events == []


def test_the_same_mistake_again_is_said_again(show):
    card = show("number")
    status = card.page.get_by_role("status")
    card.click("Submit")
    expect(status).not_to_be_empty()
    said = status.text_content()
    # What a screen reader hears are changes.
    card.page.evaluate(
        """() => new MutationObserver((changes) => {
          window.spoken = changes.flatMap((change) => [...change.addedNodes]).map((n) => n.data);
        }).observe(document.querySelector("[role=status]"), { childList: true })"""
    )
    card.click("Submit")
    card.page.wait_for_function("window.spoken?.length")
    assert card.page.evaluate("window.spoken") == [said]
    assert card.page.evaluate("document.activeElement.closest('.bend-field') !== null")


@pytest.mark.parametrize("id", ["one", "number", "memory"])
def test_a_draft_survives_a_hint_and_a_reload(show, id):
    card = show(id)
    if id == "one":
        card.click("one half", "radio")
    else:
        card.page.locator(".bend-field :is(textarea, input)").fill("half an ans")
    card.click("Sure", "radio")
    card._hear({"do": "hint"})
    card.reload()
    if id == "one":
        expect(card.page.get_by_role("radio", name="one half")).to_be_checked()
    else:
        expect(card.page.locator(".bend-field :is(textarea, input)")).to_have_value("half an ans")
    expect(card.page.get_by_role("radio", name="Sure")).to_be_checked()


def test_hostile_text_shows_as_its_characters(show):
    card = show("memory")
    card.page.get_by_label("Your answer, from memory").fill("<img src=x onerror=boom()>")
    card.click("Compare")
    card.says("<img src=x onerror=boom()>")
    card = show("one")
    card.says("<img src=x onerror=boom()>")
    card.says("<b>one</b>")
    assert card.page.locator(".bend-card :is(img, script)").count() == 0


def test_math_is_drawn_as_math(show):
    box = show("one").page.locator(".bend-option mfrac").first.bounding_box()
    assert box["height"] > 20


def test_emphasis_in_a_point_is_drawn_as_emphasis(show):
    card = show("memory")
    card.page.get_by_role("textbox").fill("bends")
    card.click("Compare")
    expect(card.page.locator("em", has_text="always")).to_have_css("font-style", "italic")


def test_what_cannot_be_saved_is_said_calmly(show, tmp_path):
    card = show("one")
    card.session.log = Log(tmp_path / "file" / "home")
    (tmp_path / "file").write_text("")
    card.click("one quarter", "radio")
    card.click("Submit")
    card.says("Not saved:")
    expect(card.page.locator(".bend-title")).to_have_text("Right")


# Without a kernel


def test_a_card_without_a_kernel_says_how_to_wake_it_and_keeps_the_draft(show):
    card = show("number")
    card.page.evaluate("asleep = true; fire('comm_live_update')")
    card.says("This card is asleep: run its cell (Shift+Enter) to wake it.")
    card.page.get_by_label("Your answer").fill("0.25")
    card.click("Submit")
    card.says("This card is asleep")
    card.page.evaluate("asleep = false")
    card.click("Submit")
    expect(card.page.locator(".bend-title")).to_have_text("Right")
    expect(card.page.locator(".bend-sleep")).to_be_hidden()


def test_a_card_whose_kernel_is_busy_waits(show):
    card = show("one")
    card.page.evaluate("asleep = true")
    card.click("one quarter", "radio")
    card.click("Submit")
    card.says("No reply yet. While another cell runs, your answer waits its turn")


# For everybody

STEPS = {
    "one": ["?", "1", "Enter"],
    "some": ["1", "2", "Enter"],
    "guess": ["1", "Enter"],
    "number": ["Tab", "9", "Enter"],
    "memory": ["Tab", "a", "Control+Enter", "1", "5"],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("id", STEPS)
def test_axe_finds_nothing_at_any_step(show, id, theme):
    card = show(id, theme)
    card.page.emulate_media(reduced_motion="reduce")
    found = [Axe().run(card.page).response["violations"]]
    card.focus()
    for key in STEPS[id]:
        card.press(key)
        card.page.wait_for_timeout(150)
        found.append(Axe().run(card.page).response["violations"])
    assert card.session.phase == "answered"
    assert [fault for faults in found for fault in faults] == []


@pytest.mark.parametrize("id", STEPS)
def test_a_narrow_page_needs_no_sideways_scrolling(show, id):
    card = show(id)
    card.page.set_viewport_size({"width": 320, "height": 700})
    card.focus()
    for key in STEPS[id]:
        card.press(key)
        card.page.wait_for_timeout(100)
        assert card.page.evaluate("document.documentElement.scrollWidth") <= 320


TARGETS = """() => [...document.querySelectorAll(
  ".bend-card :is(button, label:has(input), textarea, select, input[type=text])")]
  .map((node) => node.getBoundingClientRect())
  .filter((box) => box.width && (box.width < 24 || box.height < 24)).length"""

SHY = """() => [...document.querySelectorAll(
  ".bend-card, .bend-card :is(a, button, input, textarea, select, [tabindex])")]
  .filter((node) => node.dataset.lmSuppressShortcuts !== "true").length"""


@pytest.mark.parametrize("id", STEPS)
def test_targets_are_large_and_keys_stay_in_the_card(show, id):
    card = show(id)
    card.focus()
    for key in STEPS[id]:
        assert card.page.evaluate(TARGETS) == 0
        assert card.page.evaluate(SHY) == 0
        card.press(key)
        card.page.wait_for_timeout(100)


def test_no_plain_key_leaves_the_card(show):
    card = show("one")
    card.page.evaluate("leaked = []; document.addEventListener('keydown', e => leaked.push(e.key))")
    card.focus()
    card.press("a", "b", "m", "x", "d", "d", "ArrowDown", "1", "0", "Enter", "Escape", "Tab")
    assert card.page.evaluate("leaked") == ["Escape", "Tab"]


def test_the_section_is_one_click_away(show):
    card = show("one")
    card.page.set_viewport_size({"width": 700, "height": 300})
    card.page.emulate_media(reduced_motion="reduce")
    card.focus()
    card.press("1", "Enter")
    card.click("The slope", "link")
    expect(card.page.get_by_role("heading")).to_be_in_viewport()


def test_save_and_run_are_handed_to_the_notebook(show):
    card = show("one")
    card.page.evaluate("leaked = []; document.addEventListener('keydown', e => leaked.push(e.key))")
    card.click("one half", "radio")
    card.press("Control+s", "Shift+Enter")
    assert [key for key in card.page.evaluate("leaked") if key in ("s", "Enter")] == ["s", "Enter"]
    assert card.events == []
