"""The same cards in Notebook 7."""

import pytest
from answers import answer, retry
from lab import open_page
from test_keyboard import CARDS, TYPES, assert_shortcuts_change_no_cell, show


@pytest.fixture(scope="module")
def notebook(browser, lab):
    with open_page(browser) as page:
        notebook = show(page, lab, app="notebooks")
        yield notebook
        notebook.close()


@pytest.mark.parametrize("type", TYPES)
def test_shortcuts_in_a_card_change_no_cell(notebook, type):
    assert_shortcuts_change_no_cell(notebook, CARDS[type])


def test_ctrl_s_in_a_card_saves_the_notebook(notebook):
    notebook.card(CARDS["multi"].id).locator("input").first.focus()
    notebook.save_by_key("here")


def test_a_card_is_answered(notebook):
    question = CARDS["multi"]
    card = notebook.card(question.id)
    answer(card, question, right=False)
    retry(card)
    answer(card, question, right=True)
