import pytest
from bend.cli import main
from bend.quiz.bank import load_bank
from bend.quiz.grading import GRADERS
from bend.quiz.sheet import TASKS, answer_key, sheet
from click.testing import CliRunner

BANK = load_bank()


def test_every_type_says_what_to_do():
    assert GRADERS.keys() <= TASKS.keys()


@pytest.mark.parametrize("question", [q for q in BANK if q.scored], ids=lambda q: q.id)
def test_a_scored_question_tells_its_answer_and_why(question):
    page = sheet(question)
    assert question.explain
    assert page.answer or question.type == "code"


def test_the_right_choices_are_named_by_the_letters_of_their_options():
    page = sheet(BANK["shapes-that-multiply"])
    assert page.answer == [("B", "shape `(3,)`"), ("C", "shape `(3, 4)`")]
    assert set(page.answer) < set(page.options)
    assert [letter for letter, _ in page.options] == ["A", "B", "C", "D"]
    assert [letter for letter, _ in page.feedback] == ["A", "D"]


def test_a_number_comes_with_the_wrong_ones_that_people_give():
    page = sheet(BANK["collapse-offset"])
    assert page.answer == [("", "1")]
    assert [near for near, _ in page.feedback] == ["5", "4", "-3", "-6"]


def test_a_recall_is_answered_by_its_points():
    labels = [label for label, _ in sheet(BANK["why-nonlinear"]).answer]
    assert labels == ["essential", "essential", "essential", "also"]


def test_the_key_holds_every_question_and_fits_the_width():
    key = answer_key(BANK, BANK.stems, width=80)
    assert [q.id for q in BANK if f"{q.id}  ({q.type}, " not in key] == []
    assert max(map(len, key.splitlines())) <= 80


def test_the_key_keeps_a_formula_on_one_line():
    for width in range(60, 100):
        assert r"$2(3x + 1) \cdot 3 = 6(3x + 1)$" in answer_key(BANK, ["00"], width)


def test_the_key_says_how_far_off_is_still_right():
    assert "Answer  6 (± 0.01)\n" in answer_key(BANK, ["00"])


def run(*arguments):
    return CliRunner().invoke(main, ["key", *arguments])


def test_the_command_prints_the_lessons_asked_for_or_all():
    every = run().output
    assert run("1").output in every
    assert run("01").output.startswith("Lesson 01: why nonlinearity\n====")
    assert every.startswith("Lesson 00: ")


def test_the_command_names_the_lessons_there_are():
    assert run("77").output.startswith('Error: no lesson "77"; there are 00, 01')
