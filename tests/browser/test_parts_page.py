"""Pairs, steps, gaps and fresh numbers on a plain page: by mouse, by keyboard, for everybody."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_card_page import ADDRESS, DRAW, SHY, TARGETS, Shown

from bend.quiz.bank import load_bank
from bend.quiz.log import Log
from bend.quiz.session import Session

DATA = Path(__file__).parents[1] / "data"
BANK = load_bank(DATA / "parts")
RIGHT = {
    "which-map": {"shifted": "affine", "rectified": "neither", "doubled": "linear"},
    "one-step": ["forward", "loss", "backward", "update"],
    "the-collapse": {"count": "2", "map": "affine", "fate": "stays"},
}


class Parts(Shown):
    """A card of such a question."""

    def __call__(self, question, theme="light", width=1280):
        question = BANK[question] if isinstance(question, str) else question
        self.theme, self.session = theme, Session(question, Log(None))
        self.page.emulate_media(reduced_motion="reduce")
        self.page.set_viewport_size({"width": width, "height": 700})
        self.page.goto(ADDRESS)
        self.page.evaluate(DRAW)
        expect(self.page.locator(".bend-prompt")).to_be_visible()
        return self

    def pair(self, id):
        return self.page.locator(f'.bend-pair[data-id="{id}"]')

    def put(self, id, category):
        self.pair(id).get_by_role("radio", name=category, exact=True).click()

    def gap(self, n):
        return self.page.get_by_label(f"Gap {n} of 3")

    def steps(self):
        return self.page.locator(".bend-step").evaluate_all("all => all.map(s => s.dataset.id)")

    def title(self, text):
        expect(self.page.locator(".bend-title")).to_have_text(text)

    @property
    def answers(self):
        return [response for kind, response in self.events if kind == "answer"]


@pytest.fixture
def show(page):
    return Parts(page)


# By mouse


def test_pairs_by_mouse_wrong_then_right(show):
    card = show("which-map")
    for id, name in [("doubled", "linear"), ("shifted", "linear"), ("rectified", "neither")]:
        card.put(id, name)
    card.click("Submit")
    card.title("Not quite")
    expect(card.pair("shifted")).to_contain_text(
        "Not this one. It belongs to affine, not linear. secret-shifted"
    )
    expect(card.pair("doubled")).to_contain_text("Right")
    card.click("Try again")
    card.put("doubled", "linear")
    card.put("shifted", "affine, not linear")
    card.put("rectified", "neither")
    card.click("Submit")
    card.title("Right")
    assert card.answers[-1] == RIGHT["which-map"]


def sort_by_mouse(card, wanted):
    for place, id in enumerate(wanted):
        for _ in range(card.steps().index(id) - place):
            card.page.locator(f'.bend-step[data-id="{id}"] .bend-up').click()


def test_steps_by_mouse_wrong_then_right(show):
    card = show("one-step")
    sort_by_mouse(card, ["update", "forward", "loss", "backward"])
    card.click("Submit")
    card.title("Not quite")
    card.says("Not here. It comes fourth.")
    expect(card.page.locator(".bend-step[data-remarked]")).to_have_count(1)
    assert card.page.locator(".bend-verdict li").first.inner_text() == "Compute the outputs"
    card.click("Try again")
    sort_by_mouse(card, RIGHT["one-step"])
    card.click("Submit")
    card.title("Right")
    assert card.answers[-1] == RIGHT["one-step"]


def test_gaps_by_mouse_wrong_then_right(show):
    card = show("the-collapse")
    card.gap(1).fill("2")
    card.gap(2).fill("linear")
    card.gap(3).select_option("vanishes")
    card.click("Submit")
    card.title("Not quite")
    card.says("“linear” secret-linear")
    card.says("“vanishes” secret-goes")
    card.says("one affine map")
    card.click("Try again")
    card.gap(1).fill("2")
    card.gap(2).fill("affine")
    card.gap(3).select_option("stays")
    card.click("Submit")
    card.title("Right")
    assert card.answers[-1] == RIGHT["the-collapse"]


def test_a_retry_asks_with_new_numbers_in_an_empty_field(show):
    card = show("three-layers")
    before = card.page.locator(".bend-prompt").inner_text()
    card.page.get_by_label("Your answer").fill("1000")
    card.click("Submit")
    card.title("Not quite")
    card.click("Try again")
    expect(card.page.locator(".bend-prompt")).not_to_have_text(before)
    expect(card.page.get_by_label("Your answer")).to_have_value("")
    card.page.get_by_label("Your answer").fill(f"{card.session.question.answer:g}")
    card.press("Enter")
    card.title("Right")


# By keyboard alone


def digits(card):
    """The digit of the right category of each line, from the top."""
    categories = [option["id"] for option in card.session.view()["options"]]
    items = [item["id"] for item in card.session.view()["items"]]
    return [str(categories.index(RIGHT["which-map"][id]) + 1) for id in items]


def test_pairs_by_keyboard_a_digit_for_each_line(show):
    card = show("which-map")
    card.focus()
    card.press("?", *digits(card), "Enter")
    card.title("Right")
    assert card.answers == [RIGHT["which-map"]]


def test_pairs_by_keyboard_with_tab_and_arrows(show):
    card = show("which-map")
    card.focus()
    for number in digits(card):
        card.press("Tab", "Space", *["ArrowRight"] * (int(number) - 1))
    card.press("Enter")
    card.title("Right")


def test_a_digit_changes_the_line_in_focus(show):
    card = show("which-map")
    card.focus()
    card.press("1", "1", "1")
    card.pair("shifted").locator("input:checked").focus()
    card.press("2")
    expect(card.pair("shifted").locator("input:checked")).to_have_value("affine")


def test_steps_by_keyboard(show):
    card = show("one-step")
    card.focus()
    for place, id in enumerate(RIGHT["one-step"]):
        at = card.steps().index(id)
        card.press(str(at + 1), *["ArrowUp"] * (at - place))
        assert card.page.evaluate("document.activeElement.closest('li').dataset.id") == id
    card.press("Control+Enter")
    card.title("Right")
    assert card.answers == [RIGHT["one-step"]]


def test_a_step_is_moved_by_its_buttons_keeps_the_focus_and_says_where_it_is(show):
    card = show("one-step")
    first = card.steps()[0]
    card.focus()
    card.press("Tab", "Tab", "Enter", "Space")
    assert card.steps().index(first) == 2
    expect(card.page.get_by_role("status")).to_have_text("Now 3 of 4")
    card.press("ArrowDown", "ArrowDown", "ArrowDown")
    assert card.steps().index(first) == 3


def test_gaps_by_keyboard(show):
    card = show("the-collapse")
    card.focus()
    card.press("Tab", "2", "Tab")
    card.page.keyboard.type("affine")
    card.press("Tab", "s", "Enter")
    card.gap(2).focus()
    card.press("Enter")
    card.title("Right")
    assert card.answers == [RIGHT["the-collapse"]]


# Drafts, errors, words


def test_what_is_incomplete_is_explained_and_the_focus_goes_to_what_is_missing(show):
    card = show("which-map")
    card.focus()
    card.press("1", "Enter")
    card.says("Choose a category for every line.")
    items = [item["id"] for item in card.session.view()["items"]]
    expect(card.pair(items[1]).locator("input").first).to_be_focused()
    card = show("the-collapse")
    card.gap(1).fill("2")
    card.press("Enter")
    card.says("Fill in every gap.")
    expect(card.gap(2)).to_be_focused()
    card.gap(2).fill("afine")
    card.gap(3).select_option("stays")
    card.click("Submit")
    card.says("Gap 2: look at the spelling of “afine” once more.")
    expect(card.gap(2)).to_be_focused()
    card = show("one-step")
    card.click("Submit")
    card.says("Put the steps in order first")
    assert card.events == []


@pytest.mark.parametrize("id", RIGHT)
def test_a_draft_survives_a_hint_and_a_reload(show, id):
    card = show(id)
    if id == "which-map":
        card.put("shifted", "neither")
    elif id == "one-step":
        card.page.locator(".bend-down").first.click()
    else:
        card.gap(2).fill("aff")
        card.gap(3).select_option("stays")
    read = """() => JSON.stringify([
      [...document.querySelectorAll('.bend-field :is(input, select)')].map(
        (i) => [i.type, i.value, i.checked]),
      [...document.querySelectorAll('.bend-step')].map((step) => step.dataset.id)])"""
    before = card.page.evaluate(read)
    card.click("Hint")
    card.says("Hint 1")
    card.reload()
    expect(card.page.locator(".bend-hint")).to_be_visible()
    assert card.page.evaluate(read) == before


def test_hostile_text_in_a_part_or_a_gap_shows_as_its_characters(show):
    card = show("which-map")
    card.says("<b>ReLU</b>")
    card = show("the-collapse")
    card.gap(1).fill("2")
    card.gap(2).fill("<img src=x onerror=boom()>")
    card.gap(3).select_option("stays")
    card.press("Tab")
    card.click("Submit")
    card.says("“<img src=x onerror=boom()>” secret-map")
    assert card.page.locator(".bend-card :is(img, script, b:has-text('ReLU'))").count() == 0


def test_right_and_wrong_are_said_in_words(show):
    card = show("the-collapse")
    card.gap(1).fill("1")
    card.gap(2).fill("affine")
    card.gap(3).select_option("stays")
    card.click("Submit")
    marks = card.page.locator(".bend-gap .bend-mark")
    assert marks.all_inner_texts() == ["Wrong", "Right", "Right"]
    expect(card.page.get_by_role("status")).to_contain_text("Not quite. secret-one")


# For everybody


def wrong(id):
    """What is done step by step on the way to a wrong answer."""
    if id == "which-map":
        return [["?"], ["1", "1", "1"], ["Enter"]]
    if id == "one-step":
        return [["?"], ["1", "ArrowDown"], ["Control+Enter"]]
    if id == "the-collapse":
        return [["Tab", "1"], ["Tab", "a", "Tab", "v"], ["Control+Enter"]]
    return [["Tab", "9"], ["Enter"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("id", [*RIGHT, "three-layers"])
def test_axe_finds_nothing_at_any_step(show, id, theme):
    card = show(id, theme)
    found = [Axe().run(card.page).response["violations"]]
    card.focus()
    for keys in wrong(id):
        card.press(*keys)
        card.page.wait_for_timeout(150)
        found.append(Axe().run(card.page).response["violations"])
    assert card.session.phase == "answered"
    assert [fault for faults in found for fault in faults] == []


@pytest.mark.parametrize("id", [*RIGHT, "three-layers"])
def test_on_a_narrow_page_nothing_leaves_the_card_and_targets_stay_large(show, id):
    # 320 px wide is also what 400 % zoom leaves of 1280.
    card = show(id, width=320)
    card.focus()
    for keys in [[], *wrong(id)]:
        card.press(*keys)
        card.page.wait_for_timeout(100)
        assert card.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert card.page.evaluate(OUTSIDE) == []
        assert card.page.evaluate(TARGETS) == 0
        assert card.page.evaluate(SHY) == 0


def test_a_formula_wider_than_the_card_scrolls_in_its_place(show):
    long = " + ".join(f"W_{{{n}}}" for n in range(12))
    question = load_bank(DATA / "cards")["memory"]
    points = [point.model_copy(update={"text": f"${long}$"}) for point in question.points]
    card = show(question.model_copy(update={"points": tuple(points)}), width=320)
    card.page.get_by_role("textbox").fill("it collapses")
    card.click("Compare")
    card.says("Tick each point")
    assert card.page.evaluate(OUTSIDE) == []
    card.press("1")
    card.click("Good")
    card.says("secret-explanation")
    assert card.page.evaluate(OUTSIDE) == []
    assert card.page.evaluate("document.documentElement.scrollWidth") <= 320


OUTSIDE = """() => {
  const card = document.querySelector(".bend-card").getBoundingClientRect();
  return [...document.querySelectorAll(".bend-card :is(button, input, select, kbd, svg)")]
    .filter((node) => node.getBoundingClientRect().right > card.right)
    .map((node) => node.outerHTML);
}"""
