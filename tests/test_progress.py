import io
import sys
import time

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from bend.nn.progress import bar

SLOW = """
import time
from bend.nn.progress import bar
for step in bar(range(4), 4):
    time.sleep(0.4)
"""


def open_terminal(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def outputs_of_notebook():
    notebook = new_notebook(cells=[new_code_cell(SLOW)])
    NotebookClient(notebook, kernel_name="python3").execute()
    return notebook.cells[0].outputs


def test_a_terminal_sees_a_bar_after_a_second_that_goes_away(monkeypatch):
    terminal = open_terminal(monkeypatch)
    for _ in bar(range(4), 4):
        time.sleep(0.4)
    assert "/4" in terminal.getvalue()
    assert terminal.getvalue().split("\r")[-2].strip() == ""


def test_what_is_quick_shows_no_bar(monkeypatch):
    terminal = open_terminal(monkeypatch)
    assert list(bar(range(4), 4)) == [0, 1, 2, 3]
    assert terminal.getvalue() == ""


def test_without_anyone_watching_there_is_no_bar(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    steps = range(4)
    assert bar(steps, 4) is steps


def test_a_notebook_run_by_a_program_stores_nothing(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert outputs_of_notebook() == []


def test_a_notebook_in_a_browser_keeps_an_output_without_content(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    assert outputs_of_notebook() == [{"output_type": "display_data", "data": {}, "metadata": {}}]
