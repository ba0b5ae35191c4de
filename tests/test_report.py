import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bend.quiz import places, report, reviewing
from bend.quiz.bank import load_bank
from bend.quiz.log import Log, stamp
from bend.quiz.questions import Drawn

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINGLE, NUMERIC, RECALL = "zero-centred", "peak-of-slope", "why-bend"


@pytest.fixture(autouse=True)
def bank(monkeypatch):
    for module in (reviewing, report, places):
        monkeypatch.setattr(module, "load_bank", lambda: BANK)


@pytest.fixture
def log():
    return Log(None)


def attempt(log, id, days_ago, correct, **more):
    at, question = NOW - timedelta(days=days_ago), BANK[id]
    event = {"at": stamp(at), "kind": "answer", "attempt": 1, "hints": 0, "seed": 0}
    event |= {"question": id, "rev": question.rev, "type": question.type}
    log.append(event | {"correct": correct} | more)


@pytest.fixture
def history(log):
    """Three questions, two of which came back."""
    attempt(log, SINGLE, 3, True)
    attempt(log, SINGLE, 1, False, confidence="sure")
    attempt(log, NUMERIC, 2, False)
    attempt(log, NUMERIC, 1, True)
    attempt(log, RECALL, 0, True)
    return log


def numbers(log):
    return dict(report.numbers(report.make(log, NOW)))


def test_the_numbers_are_those_of_first_attempts(history):
    attempt(history, SINGLE, 0.5, True, attempt=2)
    found = numbers(history)
    assert found["Answered"] == "3 of 4 questions"
    assert found["Right at first attempt"] == "2 of 3 (67%)"
    assert found["Right when they came back"] == "1 of 2 (50%)"
    assert found["Due today"] == "1"


def test_nothing_that_came_back_is_no_share(log):
    attempt(log, SINGLE, 0, True)
    assert numbers(log)["Right when they came back"] == "none has come back yet"


@pytest.mark.parametrize(
    ("days_ago", "length"),
    [([], 0), ([0], 1), ([1], 1), ([2], 0), ([0, 1, 2, 4], 3), ([1, 2, 3], 3)],
)
def test_a_streak_lasts_until_a_whole_day_is_missed(log, days_ago, length):
    for days in days_ago:
        attempt(log, SINGLE, days, True)
    assert report.make(log, NOW).streak == length


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the system")
def test_a_streak_goes_on_over_the_change_of_the_clocks(log, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    # At half past eleven in the evening, the night of 25 October 2026 being an hour longer.
    for day, hour in ((24, 21), (25, 22), (26, 22)):
        at = stamp(datetime(2026, 10, day, hour, 30, tzinfo=UTC))
        attempt(log, SINGLE, 0, True, at=at)
    found = report.make(log, datetime(2026, 10, 26, 22, 45, tzinfo=UTC)).streak
    monkeypatch.undo()
    time.tzset()
    assert found == 3


def test_the_forecast_counts_what_is_overdue_today(history):
    forecast = report.make(history, NOW + timedelta(days=1)).forecast
    assert len(forecast) == 14
    assert forecast[0][1] == 2
    assert sum(count for _, count in forecast) == 3
    said = "Questions due in the coming 14 days: 2 today, 1 on Wednesday 25 November."
    assert report.in_words(forecast) == said


def test_the_weakest_section_comes_first_and_flawless_ones_do_not(history):
    [(question, right, tries)] = report.make(history, NOW).weakest
    assert (question.section, right, tries) == ("the-slope", 2, 4)


def test_the_text_has_it_all(history):
    text = report.in_text(report.make(history, NOW))
    assert re.search(r"^  Mon 23 Nov +1 #$", text, re.M)
    assert re.search(rf"^Sure but wrong\n  90 {SINGLE}$", text, re.M)
    assert ": 2 of 4 right" in text


def test_the_weaker_of_two_sections_comes_first(history):
    attempt(history, RECALL, 0, False)
    attempt(history, SINGLE, 0, True)
    sections = [question.section for question, *_ in report.make(history, NOW).weakest]
    assert sections == ["why-a-bend", "the-slope"]


def test_the_text_needs_neither_numpy_nor_a_notebook(tmp_path):
    code = "import sys; from bend.cli import main; main(['progress'], standalone_mode=False);" \
        "print({'numpy', 'matplotlib', 'IPython', 'anywidget'} & set(sys.modules))"  # fmt: skip
    question = load_bank()["chain-rule"]
    event = {"at": stamp(NOW), "kind": "answer", "attempt": 1, "hints": 0, "seed": 0}
    event |= {"question": question.id, "rev": question.rev, "correct": False}
    Log(tmp_path).append(event)
    environment = os.environ | {"BEND_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "00 Choose one: 0 of 1 right" in done.stdout
    assert done.stdout.endswith("\nset()\n")


def test_an_empty_report_is_one_calm_sentence(log):
    assert report.in_text(report.make(log, NOW)) == report.NOTHING_YET


def test_lines_that_cannot_be_read_are_mentioned(tmp_path):
    attempt(Log(tmp_path), SINGLE, 0, True)
    with next(tmp_path.iterdir()).open("a") as file:
        file.write('{"v": 1, "id\n{"v": 9}\n')
    text = report.in_text(report.make(Log(tmp_path), NOW))
    assert text.endswith(
        "Left out of your log: damaged lines (1), events of a newer version of Bend (1)."
    )


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    monkeypatch.setattr("bend.page.display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def test_progress_shows_numbers_a_picture_and_lists(history, shown):
    report.show(history, NOW)
    numbers, picture, lists = [bundle["text/html"] for bundle in shown]
    assert '<th scope="row"' in numbers
    assert 'alt="Questions due in the coming 14 days: 1 today' in picture
    assert "Weakest sections" in lists
    assert "Sure but wrong" in lists


def test_markup_in_a_question_is_shown_as_text(history, shown, monkeypatch):
    question = BANK[SINGLE].model_copy(update={"prompt": "<img src=x onerror=alert(1)>"})
    changed = BANK.questions | {SINGLE: question}
    bank = type(BANK)(BANK.folder, changed, BANK.stems, BANK.retired)
    monkeypatch.setattr(reviewing, "load_bank", lambda: bank)
    monkeypatch.setattr(places, "find_section", lambda q: ("<b>bold</b>", "x.ipynb#<b>"))
    monkeypatch.setattr(report, "find_section", places.find_section)
    report.show(history, NOW)
    lists = shown[-1]["text/html"]
    assert "&lt;img src=x" in lists
    assert "&lt;b&gt;bold" in lists
    assert not re.search("<(img|b)[ >]", lists)


# Where a section is


def test_a_section_is_found_by_its_heading_as_written(monkeypatch):
    monkeypatch.undo()
    question = load_bank()["affine-not-linear"]
    assert places.find_section(question) == (
        "One neuron", "01_why_nonlinearity.ipynb#One-neuron",
    )  # fmt: skip


def test_every_section_of_the_course_is_found(monkeypatch):
    monkeypatch.undo()
    for question in load_bank():
        title, address = places.find_section(question)
        lesson, section = question.place
        assert title.replace(" ", "-").lower() == section
        assert address.startswith(f"{load_bank().stems[lesson]}.ipynb#")


def test_what_looks_back_leads_to_the_lesson_that_taught_it(monkeypatch):
    monkeypatch.undo()
    title, address = places.find_section(load_bank()["draw-tanh-slope"])
    assert title == "The same curve centred"
    assert address.startswith("03_sigmoid_and_tanh.ipynb#The-same-curve")


def test_a_question_with_fresh_numbers_is_shown_with_numbers():
    drawn = next(question for question in load_bank() if isinstance(question, Drawn))
    assert "[[" in drawn.prompt
    assert "[[" not in report._prompt(drawn)
