import pytest
from click.testing import CliRunner

from bend.cli import main
from bend.quiz.bank import load_bank
from bend.quiz.fresh import instance
from bend.quiz.grading import GRADERS
from bend.quiz.sheet import TASKS, answer_key, sheet
from bend.quiz.view import shuffled

BANK = load_bank()
ONE_OF_EACH = r"""
lesson = "01"

[[question]]
id = "choices"
type = "multi"
section = "s"
order = "fixed"
prompt = '''Which?'''
explain = '''Because.'''
choice = [
  {id = "a", text = "one", feedback = "Not one."},
  {id = "b", text = "two", correct = true, feedback = "Indeed."},
  {id = "c", text = "three", correct = true},
]

[[question]]
id = "number"
type = "numeric"
section = "s"
prompt = '''How many?'''
explain = '''Since $2 + 2 = 4$ and $2 \cdot 2 = 4$ and $2^2 = 4$ and there is no other way.'''
answer = 4.0
abs_tol = 0.5
unit = "s"
check = "number"
catch = [{id = "five", near = 5.0, feedback = "Not five."}]

[[question]]
id = "points"
type = "recall"
section = "s"
prompt = '''Why?'''
explain = '''Because.'''
point = [{id = "a", text = "one", essential = true}, {id = "b", text = "two"}]

[[question]]
id = "groups"
type = "match"
section = "s"
prompt = '''Where?'''
explain = '''Because.'''
category = [{id = "fruit", text = "Fruit"}, {id = "tool", text = "Tools"}]
item = [
  {id = "saw", text = "saw", category = "tool", feedback = "It cuts."},
  {id = "fig", text = "fig", category = "fruit", feedback = "It grows."},
]

[[question]]
id = "steps"
type = "order"
section = "s"
prompt = '''In which order?'''
explain = '''Because.'''
step = [{id = "a", text = "one"}, {id = "b", text = "two"}, {id = "c", text = "three"}]

[[question]]
id = "gaps"
type = "cloze"
section = "s"
prompt = '''Fill in.'''
explain = '''Because.'''
check = "gaps"
text = '''A [[word]], [[number]] and [[pick]].'''
  [[question.gap]]
  id = "word"
  answers = ["word", "term"]
  feedback = "A word."
  [[question.gap]]
  id = "number"
  answer = 2.5
  abs_tol = 0.1
  unit = "m"
  feedback = "A number."
  [[question.gap]]
  id = "pick"
  choice = [{id = "a", text = "left", correct = true}, {id = "b", text = "right", feedback = "No."}]

[[question]]
id = "fresh"
type = "numeric"
section = "s"
prompt = '''Which $b$ has $[[w2]]([[w1]]x [[+b1]]) [[+b2]]$?'''
explain = '''Because.'''
generator = "three_affine_layers"
check = "three_affine_layers"
abs_tol = 0.1
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quizzes")
    (folder / "01_one_of_each.toml").write_text(ONE_OF_EACH, encoding="utf-8")
    return load_bank(folder)


def test_every_type_says_what_to_do():
    assert GRADERS.keys() <= TASKS.keys()


@pytest.mark.parametrize("question", [q for q in BANK if q.scored], ids=lambda q: q.id)
def test_a_scored_question_tells_its_answer_and_why(question):
    page = sheet(instance(question))
    assert question.explain
    assert page.answer or question.type == "code"


def test_the_right_choices_have_the_letters_of_their_options(bank):
    page = sheet(bank["choices"])
    assert page.options == [("A", "one"), ("B", "two"), ("C", "three")]
    assert page.answer == [("B", "two"), ("C", "three")]
    assert page.feedback == [("A", "Not one.")]


def test_the_options_stand_as_on_a_card_shown_first():
    question = BANK["chain-rule"]
    assert [text for _, text in sheet(question).options] == [c.text for c in shuffled(question)]


def test_a_number_comes_with_its_unit_and_the_wrong_ones_that_people_give(bank):
    page = sheet(bank["number"])
    assert page.task == "Work out the number. (In s.)"
    assert (page.answer, page.feedback) == ([("", "4 s")], [("5 s", "Not five.")])


def test_a_recall_is_answered_by_its_points(bank):
    assert sheet(bank["points"]).answer == [("essential", "one"), ("also", "two")]


def test_items_are_matched_by_number_and_letter(bank):
    page = sheet(bank["groups"])
    assert page.options == [("1", "saw"), ("2", "fig"), ("A", "Fruit"), ("B", "Tools")]
    assert page.answer == [("1 B", "Tools"), ("2 A", "Fruit")]
    assert page.feedback == [("1", "It cuts."), ("2", "It grows.")]


def test_steps_are_mixed_and_answered_in_their_order(bank):
    page = sheet(bank["steps"])
    assert [letter for letter, _ in page.options] == ["A", "B", "C"]
    assert [text for _, text in page.answer] == ["one", "two", "three"]
    assert sorted(page.answer) == page.options != page.answer


def test_gaps_are_open_first_and_filled_in_the_answer(bank):
    page = sheet(bank["gaps"])
    assert page.options == [("", "A […], […] and [right / left].")]
    assert page.answer == [("", "A **word**, **2.5 m** and **left**.")]
    assert page.feedback == [("word", "A word."), ("2.5 m", "A number.")]


def test_the_key_holds_every_question_and_fits_the_width():
    key = answer_key(BANK, BANK.stems, width=80)
    assert [q.id for q in BANK if f"{q.id}  ({q.type}, " not in key] == []
    assert max(map(len, key.splitlines())) <= 80


def test_the_key_keeps_a_formula_on_one_line(bank):
    for width in range(40, 80):
        assert r"$2 \cdot 2 = 4$" in answer_key(bank, ["01"], width)


def test_the_key_breaks_a_formula_that_is_wider_than_the_page(bank):
    lines = answer_key(bank, ["01"], width=24).splitlines()
    assert not any(r"$2 \cdot 2 = 4$" in line for line in lines)


def test_the_key_says_how_far_off_is_still_right(bank):
    assert "Answer  4 s (± 0.5)\n" in answer_key(bank, ["01"])


def test_the_key_of_fresh_numbers_is_one_example(bank):
    key = answer_key(bank, ["01"])
    assert "fresh  (numeric, fresh numbers, S)" in key
    assert f"Answer  {instance(bank['fresh']).answer:g} (± 0.1)" in key
    assert "[[" not in key


def run(*arguments):
    return CliRunner().invoke(main, ["key", *arguments])


def test_the_command_prints_the_lessons_asked_for_or_all():
    every = run().output
    assert run("1").output in every
    assert run("01").output.startswith("Lesson 01: why nonlinearity\n====")
    assert every.startswith("Lesson 00: ")


def test_the_command_names_the_lessons_there_are():
    assert run("77").output.startswith('Error: no lesson "77"; there are 00, 01')
