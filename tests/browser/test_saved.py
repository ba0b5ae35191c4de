"""What JupyterLab stores of cards and figures in the learner's notebook, and shows of it later."""

import json

import pytest
from answers import answer, title
from lab import Notebook, open_page
from playwright.sync_api import expect

from bend.quiz.bank import load_bank

QUESTIONS = [q for q in load_bank().lesson("00") if q.type == "single"][:1]
QUESTIONS += [q for q in load_bank().lesson("00") if q.type not in ("single", "code")][:4]
NAME = "saved.ipynb"


@pytest.fixture(scope="module")
def notebook(browser, lab, tmp_path_factory):
    """Five cards, of which one is answered, and a figure: saved, and opened with a new kernel."""
    # A home of its own: in the lab's the other tests may have answered these questions.
    home = f"import os\n\nos.environ['BEND_HOME'] = {str(tmp_path_factory.mktemp('home'))!r}"
    calls = [f"{'predict' if q.type == 'predict' else 'ask'}({q.id!r})" for q in QUESTIONS]
    imports = "from bend.live import explore_slope\nfrom bend.quiz import ask, predict"
    lab.write(NAME, home, imports, *calls, "explore_slope()")
    with open_page(browser) as page:
        notebook = Notebook(page, lab, NAME)
        notebook.run_all()
        answer(notebook.card(QUESTIONS[0].id), QUESTIONS[0], right=True)
        notebook.save()
        notebook.close()
        page.goto("about:blank")
        notebook = Notebook(page, lab, NAME)
        yield notebook
        notebook.close()


def stored(notebook):
    """The state of each widget in the file."""
    metadata = json.loads(notebook.file.read_text())["metadata"]
    models = metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
    return [model["state"] for model in models]


def test_the_script_of_the_cards_is_stored_once(notebook):
    texts = [json.dumps(state) for state in stored(notebook)]
    assert sum("class Card {" in text for text in texts) == 1
    assert sum(len(text) for text in texts if '"view"' in text) < 5 * 8_000


def test_what_was_answered_is_shown_and_sleeps_until_its_cell_is_run(notebook):
    assert notebook.page.get_by_text("Error displaying widget").count() == 0
    for question in QUESTIONS:
        expect(notebook.card(question.id).locator(".bend-sleep")).to_contain_text("asleep")
    expect(title(notebook.card(QUESTIONS[0].id))).to_have_text("Right")
    expect(notebook.page.locator(".bend-live[data-drawn] .bend-sleep")).to_contain_text("asleep")


def test_running_it_again_stores_the_script_once_again(notebook):
    notebook.run_all()
    expect(title(notebook.card(QUESTIONS[0].id))).to_have_text("Right")
    notebook.save()
    assert sum("class Card {" in json.dumps(state) for state in stored(notebook)) == 1
