import json
import shutil
from pathlib import Path

import pytest

from bend.errors import BadInput
from bend.quiz import keys
from bend.quiz.bank import load_bank
from bend.quiz.checks import agrees
from bend.quiz.lint import lint

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """The keys of the test bank."""

    def judge(function):
        return agrees(function, lambda z: 2 * z, [(3,)], mistakes=mistakes)

    mistakes = {"squared": lambda z: z * z}
    exercise = keys.Exercise(judge, lambda z: 2 * z, mistakes)
    monkeypatch.setitem(keys._KEYS, "peak_of_slope", (__name__, lambda: 0.25))
    monkeypatch.setitem(keys._KEYS, "which_saturate", (__name__, lambda: {"relu", "sigmoid"}))
    monkeypatch.setitem(keys._EXERCISES, "double", (__name__, exercise))


@pytest.fixture
def course(tmp_path):
    """A copy of the test bank with its notebook."""
    for folder in ("quizzes", "notebooks"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    return tmp_path


def faults(course):
    return lint(load_bank(course / "quizzes"))


def edit(course, old, new, file="quizzes/90_practice.toml", count=-1):
    text = (course / file).read_text(encoding="utf-8")
    assert old in text
    (course / file).write_text(text.replace(old, new, count), encoding="utf-8")


def test_a_bank_without_faults_has_none(course):
    assert faults(course) == []


def test_a_notebook_that_cannot_be_read_is_named(course):
    [lesson] = (course / "notebooks").glob("90*.ipynb")
    lesson.write_text("<<<<<<< HEAD\n" + lesson.read_text())
    with pytest.raises(BadInput, match=f"{lesson.name} cannot be read as a notebook"):
        faults(course)


def test_a_wrong_key_is_a_fault(course):
    edit(course, "answer = 0.25", "answer = 0.5")
    said = "90_practice.toml: peak-of-slope: answer: recomputed it is 0.25, not 0.5"
    assert faults(course) == [said]


@pytest.mark.parametrize(
    ("old", "field"),
    [
        ("What is the largest", "prompt"),
        ("Its range is symmetric.", "explain"),
        ("All its outputs", "sigmoid, feedback"),
        ("so depth alone", "depth, text"),
        ("Where is", "hints"),
    ],
)
def test_math_that_does_not_convert_is_found_in_every_text(course, old, field):
    edit(course, old, r"$\nosuchmacro$ ")
    (said,) = faults(course)
    assert f": {field}: " in said
    assert "nosuchmacro" in said


def test_a_claim_that_is_not_in_the_list_is_a_fault(course):
    edit(course, "C12", "C54")
    assert faults(course) == [
        "90_practice.toml: peak-of-slope: claims: there is no C54, the last is C53"
    ]


def single(n, right):
    return f"""
[[question]]
id = "single-{n}"
type = "single"
section = "the-slope"
prompt = "Which?"
explain = "That."
choice = [
  {{ id = "a", text = "{right}", correct = true }},
  {{ id = "b", text = "short", feedback = "No." }},
]
"""


def given_away(course, *right):
    """The faults that name the longest choice, in a lesson with these right choices."""
    questions = [single(n, text) for n, text in enumerate(right)]
    (course / "quizzes" / "91_more.toml").write_text('lesson = "91"\n' + "".join(questions))
    return [fault for fault in faults(course) if "longest" in fault]


def test_the_right_choice_must_not_mostly_be_the_longest(course):
    assert given_away(course, "much longer", "also longer", "tiny") == [
        "91_more.toml: the right choice is the longest in 2 of 3 questions: single-0, single-1"
    ]
    assert given_away(course, "much longer", "also longer", "tiny", "mini") == []
    assert given_away(course, "much longer") == []


def test_an_id_that_vanishes_is_a_fault_until_it_is_retired(course):
    edit(course, "zero-centred\n", "zero-centred\nonce-asked\n", "quizzes/ids.txt")
    assert faults(course) == [
        "ids.txt: once-asked has gone from the bank: put it back, or name it in retired.toml"
    ]
    (course / "quizzes" / "retired.toml").write_text('[retired]\nonce-asked = "unclear"\n')
    assert faults(course) == []


def test_an_id_that_is_not_recorded_is_a_fault(course):
    edit(course, "why-bend\n", "", "quizzes/ids.txt")
    assert faults(course) == ["ids.txt: add these new ids, each on a line:\n  why-bend"]


def test_a_section_without_its_heading_is_a_fault(course):
    edit(course, "## The slope", "## The steepest slope", "notebooks/90_practice.ipynb")
    assert faults(course) == [
        f"90_practice.toml: {id}: section: "
        'no heading of 90_practice.ipynb has the anchor "the-slope"'
        for id in ("peak-of-slope", "zero-centred", "which-saturate")
    ]


def test_a_question_taught_in_no_lesson_is_a_fault(course):
    edit(course, 'section = "the-slope"', 'section = "the-slope"\ntaught_in = "77"', count=1)
    said = "90_practice.toml: peak-of-slope: taught_in: there is no lesson 77"
    assert said in faults(course)


def test_a_lesson_without_its_notebook_is_a_fault(course):
    (course / "notebooks" / "90_practice.ipynb").unlink()
    found = faults(course)
    assert found[0] == "90_practice.toml: its notebook 90_practice.ipynb is missing"
    assert len(found) == 8


def test_a_question_that_is_never_asked_is_a_fault(course):
    edit(course, 'ask(\\"why-bend\\")', "", "notebooks/90_practice.ipynb")
    assert faults(course) == ['90_practice.toml: why-bend: no notebook asks it: ask("why-bend")']


def test_an_id_asked_that_does_not_exist_is_a_fault(course):
    cell = {"cell_type": "code", "source": ["ask('nobody-knows')"]}
    (course / "notebooks" / "92.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert faults(course) == ['92.ipynb: ask("nobody-knows") names no question']


def test_each_type_is_asked_by_its_own_function(course):
    edit(course, 'predict(\\"guess-winner', 'ask(\\"guess-winner', "notebooks/90_practice.ipynb")
    assert faults(course) == [
        '90_practice.ipynb: ask("guess-winner") should be predict("guess-winner")',
        '90_practice.toml: guess-winner: no notebook asks it: predict("guess-winner")',
    ]
