"""A function written in a cell and judged below it, in JupyterLab."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Notebook, open_page
from playwright.sync_api import expect

NAME = "exercise.ipynb"
WRONG = 'def affine(x, w, b):\n    return w * x\n\n\ncheck("write-affine", affine)'
RIGHT = WRONG.replace("w * x", "w * x + b")


@pytest.fixture(scope="module")
def notebook(browser, lab):
    lab.write(NAME, "from bend.quiz import check", WRONG)
    with open_page(browser) as page:
        notebook = Notebook(page, lab, NAME)
        notebook.run_all()
        yield notebook
        notebook.close()


def shown(notebook):
    return notebook.cell(1).locator(".jp-OutputArea-output")


def rewrite(notebook, source):
    """Type a new function over the old one and run it, with the keyboard alone."""
    keyboard = notebook.page.keyboard
    keyboard.press("Enter")
    keyboard.press("Control+a")
    keyboard.insert_text(source)
    keyboard.press("Control+Enter")
    notebook.wait_until_ready()


def test_a_mistake_is_named(notebook):
    expect(shown(notebook)).to_contain_text("Not quite")
    expect(shown(notebook)).to_contain_text("is missing")


def test_a_new_function_is_judged_anew_with_the_keyboard_alone(notebook):
    rewrite(notebook, RIGHT)
    expect(shown(notebook)).to_contain_text("Right")
    assert notebook.complaints() == []


@pytest.mark.parametrize("source", [WRONG, RIGHT], ids=["wrong", "right"])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_a_verdict(notebook, theme, source):
    rewrite(notebook, source)
    notebook.theme(theme)
    notebook.page.add_style_tag(content="body { height: 100vh }")
    found = Axe().run(notebook.page, context=".jp-Notebook .jp-OutputArea")
    assert found.violations_count == 0, found.generate_report()


def test_a_verdict_fits_a_narrow_window(notebook):
    # 320 px wide is also what 400 % zoom leaves of 1280.
    notebook.command("application:toggle-left-area")
    notebook.page.set_viewport_size({"width": 320, "height": 700})
    verdict = shown(notebook)
    expect(verdict).to_be_visible()
    assert verdict.evaluate("output => output.scrollWidth <= output.clientWidth")
