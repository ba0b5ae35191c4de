"""What comes back, in JupyterLab: a due card by mouse, the whole queue by keyboard."""

from datetime import UTC, datetime, timedelta

import pytest
from answers import answer, choices, number, title
from axe_playwright_python.sync_playwright import Axe
from lab import Notebook, open_page
from playwright.sync_api import expect

from bend.quiz.bank import load_bank
from bend.quiz.log import Log, stamp
from bend.quiz.schedule import comes_back, due, fold, mix

TYPES = ("single", "multi", "numeric", "recall")
ASKED = [q for q in load_bank().lesson("00") if comes_back(q) and q.type in TYPES]


def forget(home):
    """A log in which every question was answered wrongly, nine days ago and more."""
    log, then = Log(home), datetime.now(UTC) - timedelta(days=9)
    for hours, question in enumerate(ASKED):
        event = {"kind": "answer", "attempt": 1, "hints": 0, "seed": 0, "correct": False}
        event |= {"at": stamp(then - timedelta(hours=25 * hours)), "question": question.id}
        log.append(event | {"rev": question.rev, "lesson": "00", "type": question.type})
    return [m.question for m in mix(due(fold(log.events(), load_bank()).values(), then.now(UTC)))]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("progress")


@pytest.fixture(scope="module")
def questions(home):
    return forget(home)


@pytest.fixture(scope="module")
def notebook(browser, lab, home, questions):
    setting = f"import os; os.environ['BEND_HOME'] = {str(home)!r}"
    calls = ("due('01', n=1)", "review()", "progress()")
    lab.write("review.ipynb", setting, "from bend.quiz import due, progress, review", *calls)
    with open_page(browser) as page:
        notebook = Notebook(page, lab, "review.ipynb")
        notebook.run_all()
        assert notebook.complaints() == []
        yield notebook
        notebook.close()


def card(notebook, number):
    return notebook.cell(number).locator(".bend-card")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_what_comes_back(notebook, theme):
    notebook.theme(theme)
    notebook.unroll()
    notebook.page.add_style_tag(content="body { height: 100vh }")
    found = Axe().run(notebook.page, context=".jp-Notebook .jp-OutputArea")
    assert found.violations_count == 0, found.generate_report()


def test_a_due_card_is_answered_by_mouse_and_says_when_it_comes_back(notebook, questions):
    first = card(notebook, 2)
    answer(first, questions[0], right=False)
    expect(first.locator(".bend-again")).to_have_text("You will see this again tomorrow.")


def test_its_link_opens_the_lesson_that_teaches_it(notebook):
    before = notebook.page.locator(".jp-NotebookPanel").count()
    card(notebook, 2).locator(".bend-back a").click()
    expect(notebook.page.locator(".jp-NotebookPanel")).to_have_count(before + 1)
    heading = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h3")
    expect(heading.filter(has_text="from memory")).to_be_in_viewport()
    notebook.command("docmanager:open", path=notebook.name)


def keys(notebook, question):
    """Answer the open card, which has the focus, rightly."""
    keyboard, deck = notebook.page.keyboard, card(notebook, 3)
    if question.type == "recall":
        keyboard.type("from memory")
        keyboard.press("Control+Enter")
        expect(deck.locator(".bend-points input").first).to_be_focused()
        for place in range(len(question.points)):
            keyboard.press(str(place + 1))
        keyboard.press(str(len(question.points) + 3))
    elif question.type == "numeric":
        keyboard.type(number(question, right=True))
    else:
        options = deck.locator(".bend-field input")
        values = options.evaluate_all("nodes => nodes.map(node => node.value)")
        for id in choices(question, right=True):
            keyboard.press(str(values.index(id) + 1))
    keyboard.press("Enter")


def test_the_whole_queue_is_answered_with_the_keyboard_alone(notebook, questions):
    deck, total = card(notebook, 3), len(questions)
    shape = notebook.shape()
    deck.focus()
    notebook.page.keyboard.press("Tab")
    for place, question in enumerate(questions, 1):
        expect(deck.locator(".bend-label")).to_have_text(f"Question {place} of {total}")
        keys(notebook, question)
        expect(title(deck)).to_have_text("Right")
        notebook.page.keyboard.press("Enter")
    expect(deck.locator(".bend-label")).to_have_text("All done")
    expect(deck).to_contain_text(f"{total} of {total} right at first attempt.")
    assert notebook.shape() == shape


def test_nothing_is_due_when_all_is_done(notebook):
    notebook.run_all()
    for cell in (2, 3):
        expect(notebook.cell(cell)).to_contain_text("Nothing is due. The next question comes")
