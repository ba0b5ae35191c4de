"""Lesson 01 in JupyterLab, as a learner works through it: run, answer, leave, come back."""

import pytest
from answers import answer, retry, title, verdict
from axe_playwright_python.sync_playwright import Axe
from lab import Notebook, open_page
from playwright.sync_api import expect

from bend.quiz.bank import load_bank

NAME = "01_why_nonlinearity.ipynb"
CARDS = [question for question in load_bank().lesson("01") if question.type != "code"]
every_card = pytest.mark.parametrize("question", CARDS, ids=[q.id for q in CARDS])


@pytest.fixture(scope="module")
def lesson(browser, lab):
    with open_page(browser) as page:
        lesson = Notebook(page, lab, NAME)
        lesson.run_all()
        yield lesson


def test_the_lesson_runs_from_top_to_bottom(lesson):
    code = [cell for cell in lesson.cells() if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert lesson.complaints() == []


@every_card
def test_a_card_knows_wrong_from_right(lesson, question):
    card = lesson.card(question.id)
    answer(card, question, right=False)
    if question.type != "predict":
        retry(card)
        answer(card, question, right=True)


def test_answers_are_back_when_the_page_is_loaded_again(lesson):
    lesson.save()
    lesson.reload()
    assert_all_answered(lesson)


def test_answers_are_back_in_a_new_kernel(lesson):
    lesson.restart()
    lesson.run_all()
    assert_all_answered(lesson)
    assert lesson.complaints() == []


def assert_all_answered(lesson):
    for question in CARDS:
        expect(title(lesson.card(question.id))).to_have_text(verdict(question, right=True))


def axe(lesson):
    """What axe finds in the outputs of the whole notebook."""
    # Text that is scrolled out of sight, or in JupyterLab's body of height 0, would not be judged.
    lesson.unroll()
    lesson.page.add_style_tag(content="body { height: 100vh }")
    return Axe().run(lesson.page, context=".jp-Notebook .jp-OutputArea")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_what_the_lesson_shows(lesson, theme):
    lesson.theme(theme)
    found = axe(lesson)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_pale_words_in_the_last_card(lesson):
    pale = "<p style='color: #aaa; background: #bbb'>pale words</p>"
    # What comes into sight only now would be drawn afresh, without them.
    lesson.unroll()
    last = lesson.card(CARDS[-1].id)
    last.evaluate("(card, pale) => card.insertAdjacentHTML('beforeend', pale)", pale)
    assert "pale words" in str(axe(lesson).response["violations"])
