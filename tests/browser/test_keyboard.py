"""A card and the notebook's own shortcuts: the keys of one are not taken for those of the other."""

import pytest
from answers import choices, title
from lab import Notebook, open_page
from playwright.sync_api import expect

from bend.quiz.bank import load_bank

# Of lesson 00, so that the cards of lesson 01 are still open when their turn comes.
TYPES = ("single", "multi", "numeric", "recall", "match", "order", "cloze", "sketch", "predict")
CARDS = {question.type: question for question in reversed(load_bank().lesson("00"))}
CARDS |= {q.type: q for q in load_bank().lesson("01") if q.type in TYPES and q.type not in CARDS}
SHORTCUTS = "a b m x d d ArrowDown ArrowUp ArrowLeft ArrowRight"
MARKUP = """<img src=x onerror="document.title = 'run'"> <b>bold</b>"""


def show(page, lab, app="lab"):
    """A notebook that asks a question of each type, between two other cells."""
    calls = [f"{'predict' if t == 'predict' else 'ask'}({CARDS[t].id!r})" for t in TYPES]
    lab.write("keys.ipynb", "from bend.quiz import ask, predict", *calls, "2")
    notebook = Notebook(page, lab, "keys.ipynb", app)
    notebook.run_all()
    # Running all ends with the focus on the last cell, which then must not take it from a card.
    for question in map(CARDS.get, TYPES):
        expect(notebook.card(question.id)).to_be_visible()
    return notebook


@pytest.fixture(scope="module")
def notebook(browser, lab):
    with open_page(browser) as page:
        notebook = show(page, lab)
        yield notebook
        notebook.close()


def press(page, keys):
    for key in keys.split():
        page.keyboard.press(key)


def tab_to(page, target):
    """Press Tab until the focus is in `target`."""
    for _ in range(40):
        if target.evaluate("node => node.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reached {target}")


def assert_shortcuts_change_no_cell(notebook, question):
    """Whatever part of the card has the focus."""
    before = notebook.shape()
    controls = notebook.card(question.id).locator(
        ":is(input, textarea, select, button):enabled:visible, a"
    )
    for control in controls.all():
        control.focus()
        expect(control).to_be_focused()
        press(notebook.page, SHORTCUTS)
        assert notebook.shape() == before


def position(card, question, right):
    """The digit that chooses the (first) right or wrong option."""
    options = card.locator("input[type=radio]")
    values = options.evaluate_all("nodes => nodes.map(node => node.value)")
    return values.index(choices(question, right)[0]) + 1


@pytest.mark.parametrize("type", TYPES)
def test_shortcuts_in_a_card_change_no_cell(notebook, type):
    assert_shortcuts_change_no_cell(notebook, CARDS[type])


def test_a_card_is_answered_with_the_keyboard_alone(notebook):
    page, question = notebook.page, CARDS["single"]
    card = notebook.card(question.id)
    notebook.cell(0).focus()
    tab_to(page, card.locator(".bend-field"))
    press(page, f"{position(card, question, right=False)} Enter")
    expect(title(card)).to_have_text("Not quite")
    tab_to(page, card.get_by_role("button", name="Try again"))
    press(page, "Enter")
    expect(title(card)).to_have_count(0)
    press(page, f"{position(card, question, right=True)} Enter")
    expect(title(card)).to_have_text("Right")


def test_shortcuts_in_an_answered_card_change_no_cell(notebook):
    assert_shortcuts_change_no_cell(notebook, CARDS["single"])


@pytest.mark.parametrize("type", ["single", "recall"])
def test_ctrl_s_in_a_card_saves_the_notebook(notebook, type):
    notebook.card(CARDS[type].id).locator("a, textarea").first.focus()
    notebook.save_by_key(type)


def test_markup_that_is_typed_shows_as_text(notebook):
    card = notebook.card(CARDS["recall"].id)
    card.get_by_role("textbox").fill(MARKUP)
    card.get_by_role("button", name="Compare").click()
    expect(card.locator(".bend-words")).to_have_text(MARKUP)
    assert card.locator(".bend-words *").count() == 0
    assert "run" not in notebook.page.title()


def test_shortcuts_outside_a_card_do_their_work(notebook):
    before = notebook.shape()
    notebook.cell(0).focus()
    press(notebook.page, "a")
    assert len(notebook.shape()) == len(before) + 1
