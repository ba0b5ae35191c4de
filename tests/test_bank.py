import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from bend.errors import BankError, UnknownName
from bend.quiz.bank import TYPES, find_quizzes, load_bank

DATA = Path(__file__).parent / "data"
GOOD = (DATA / "quizzes" / "90_practice.toml").read_text(encoding="utf-8")


def faults(folder):
    with pytest.raises(BankError) as error:
        load_bank(folder)
    return str(error.value).split("\n  ")[1:]


def faults_of(name, folder):
    shutil.copy(DATA / f"bad_{name}.toml", folder / "90_bad.toml")
    return [fault.removeprefix("90_bad.toml: ") for fault in faults(folder)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "90_practice.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def edit(folder, old, new):
    assert old in GOOD
    (folder / "90_practice.toml").write_text(GOOD.replace(old, new), encoding="utf-8")


def test_every_type_is_read():
    bank = load_bank(DATA / "quizzes")
    assert {q.type for q in bank} == {"single", "multi", "numeric", "recall", "predict", "code"}
    assert len(bank) == len(bank.lesson("90")) == 7
    assert bank["peak-of-slope"].catches[0].near == 1.0


def test_the_course_has_a_bank_without_faults():
    assert len(load_bank()) > 0
    assert find_quizzes().is_dir()


def test_a_question_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        load_bank(DATA / "quizzes")["peak-of-slope"].answer = 1.0


def test_an_edited_bank_is_read_again_and_an_unchanged_one_is_not(folder):
    before = load_bank(folder)
    assert load_bank(folder) is before
    edit(folder, "answer = 0.25", "answer = 0.125")
    assert load_bank(folder)["peak-of-slope"].answer == 0.125


def test_an_unknown_id_names_the_closest():
    with pytest.raises(UnknownName, match="did you mean peak-of-slope"):
        load_bank(DATA / "quizzes")["peak-of-slopes"]


def test_an_id_that_nothing_resembles_is_told_no_other():
    with pytest.raises(UnknownName, match=r'no question has the id "zzz"$'):
        load_bank(DATA / "quizzes")["zzz"]


def test_an_unknown_lesson_names_those_there_are():
    with pytest.raises(UnknownName, match='no lesson "91"; there are 90'):
        load_bank(DATA / "quizzes").lesson("91")


def test_choices_and_points_are_checked_together(tmp_path):
    assert faults_of("choices", tmp_path) == [
        "two-right: choice: exactly one must be correct, not 2",
        'two-right: choice: id "one" is used 2 times',
        "none-right-and-silent: choice: exactly one must be correct, not 0",
        "none-right-and-silent: choice 1, feedback: "
        "is required on a wrong choice: say why it is wrong",
        "none-right-and-silent: choice 1, say: "
        "is required: the text has a formula, say it in words",
        "no-right-one: choice: at least one must be correct",
        "no-right-one: choice: at least two are needed",
        "lone-guess: choice: at least two are needed",
        "nothing-essential: point: at least one must be essential = true",
    ]


def test_every_faulty_field_is_named(tmp_path):
    found = faults_of("fields", tmp_path)
    fields = [fault.rsplit(": ", 1)[0].split(": ") for fault in found]
    assert fields[0] == ["author"]
    numeric = [parts[1] for parts in fields if parts[0] == "Not Kebab"]
    expected = ["abs_tol", "id", "rev", "section", "claims 1", "prompt", "explain"]
    assert numeric == [*expected, "check", "answer", "colour"]
    assert f"question 2: type: expected one of {', '.join(TYPES)}" in found
    assert "bare: explain: is required" in found
    assert "no-answer-number: answer: Input should be a finite number" in found
    assert "no-answer-number: abs_tol: Input should be greater than 0" in found


def test_backslashes_lost_to_control_characters_are_named(tmp_path):
    found = faults_of("escapes", tmp_path)
    assert [fault.split(": ")[1] for fault in found] == [
        "prompt",
        "hints 1",
        "explain",
        "point 1, text",
    ]
    assert r"holds a control character, \t" in found[0]
    assert r"holds a control character, \f" in found[1]
    assert r"\nabla or the like" in found[2]
    assert r"holds a control character, \r" in found[3]


def test_a_syntax_error_has_its_line_beside_the_faults_of_other_files(tmp_path):
    shutil.copy(DATA / "bad_syntax.toml", tmp_path / "80_syntax.toml")
    shutil.copy(DATA / "bad_choices.toml", tmp_path / "90_choices.toml")
    found = faults(tmp_path)
    assert found[0] == "80_syntax.toml: line 5: Cannot overwrite a value"
    assert len(found) == 10


def test_a_file_that_is_not_utf8_has_its_line(tmp_path):
    (tmp_path / "90_bad.toml").write_bytes('lesson = "90"\n# é\n'.encode("latin-1"))
    assert faults(tmp_path) == ["90_bad.toml: line 2: is not UTF-8"]


def test_a_missing_explanation_is_a_fault_except_for_a_prediction(folder):
    edit(folder, "explain = '''Its range is symmetric.'''", "")
    assert faults(folder) == ["90_practice.toml: zero-centred: explain: is required"]


def test_an_id_is_used_once_in_all_files(folder):
    again = GOOD.replace('lesson = "90"', 'lesson = "91"')
    (folder / "91_again.toml").write_text(again, encoding="utf-8")
    assert "91_again.toml: peak-of-slope: id: is used twice, also in lesson 90" in faults(folder)
    assert len(faults(folder)) == 7


def test_the_lesson_is_that_of_the_file_name(folder):
    edit(folder, 'lesson = "90"', 'lesson = "9"')
    assert faults(folder) == ['90_practice.toml: lesson: expected the file\'s two digits, "90"']


@pytest.mark.parametrize(("name", "lesson"), [("90_bad.toml", "90"), ("9_bad.toml", '"9"')])
def test_a_lesson_is_two_digits_in_quotes(tmp_path, name, lesson):
    (tmp_path / name).write_text(f"lesson = {lesson}", encoding="utf-8")
    assert faults(tmp_path) == [f'{name}: lesson: expected the file\'s two digits, "{name[:2]}"']


def test_two_files_cannot_be_one_lesson(folder):
    (folder / "90_again.toml").write_text('lesson = "90"', encoding="utf-8")
    assert faults(folder) == ['90_practice.toml: lesson: "90" is already in 90_again.toml']


def test_a_question_does_not_name_its_lesson(folder):
    edit(folder, 'id = "peak-of-slope"', 'id = "peak-of-slope"\nlesson = "90"')
    assert faults(folder) == [
        "90_practice.toml: peak-of-slope: lesson: belongs at the top of the file"
    ]


@pytest.mark.parametrize("text", ["retired = 3", "[retired]\n[other]"])
def test_the_retired_ids_are_one_table(folder, text):
    (folder / "retired.toml").write_text(text, encoding="utf-8")
    assert faults(folder) == ['retired.toml: expected only a table [retired] with lines id = "why"']


def test_a_retired_id_is_never_used_again(folder):
    retired = '[retired]\npeak-of-slope = "asked twice"\n'
    (folder / "retired.toml").write_text(retired, encoding="utf-8")
    assert faults(folder) == [
        "90_practice.toml: peak-of-slope: id: was retired, an id is never used again"
    ]


def test_a_retired_question_says_so(folder):
    (folder / "retired.toml").write_text('[retired]\nold-one = "unclear"\n', encoding="utf-8")
    with pytest.raises(UnknownName, match="was withdrawn"):
        load_bank(folder)["old-one"]


def test_an_empty_folder_is_no_bank(tmp_path):
    assert faults(tmp_path) == [f"{tmp_path}: no question files (*.toml) here"]


@pytest.mark.parametrize(
    "text", ["question = 3", "question = [3]", "[question]\nid = 'a'", "[[question]]\ntype = []"]
)
def test_questions_that_are_no_tables_are_faults(tmp_path, text):
    (tmp_path / "90_bad.toml").write_text(f'lesson = "90"\n{text}', encoding="utf-8")
    assert len(faults(tmp_path)) == 1
