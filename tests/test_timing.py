import time

import pytest

from bend.errors import BadInput
from bend.nn.timing import on_this_machine, time_ratio


def wait(seconds):
    return lambda: time.sleep(seconds)


def test_what_takes_longer_has_a_ratio_above_one():
    assert time_ratio(wait(0.02), wait(0.005), repeats=5) > 2
    assert time_ratio(wait(0.005), wait(0.02), repeats=5) < 0.5


def test_a_disturbance_now_and_then_does_not_count():
    pauses = iter([0, 0.001, 0.2, 0.001, 0.001, 0.001])
    ratio = time_ratio(lambda: time.sleep(next(pauses)), wait(0.02), repeats=5)
    assert ratio < 1


def test_nothing_at_all_still_has_a_ratio():
    assert time_ratio(lambda: None, lambda: None) > 0


def test_a_ratio_needs_a_repeat():
    with pytest.raises(BadInput, match="repeats"):
        time_ratio(wait(0), wait(0), repeats=0)


def test_an_open_notebook_is_told_its_own_machine(monkeypatch, capsys):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    on_this_machine("5.7 times")
    assert capsys.readouterr().out == "on this machine: 5.7 times\n"


def test_a_notebook_run_by_a_program_is_told_nothing(monkeypatch, capsys):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    on_this_machine("5.7 times")
    assert capsys.readouterr().out == ""
