from pathlib import Path

import numpy as np
import pytest

from bend.errors import BankError, UnknownName
from bend.quiz import audit, keys
from bend.quiz.auditing import verify
from bend.quiz.bank import load_bank
from bend.quiz.checks import agrees
from bend.quiz.keys import exercise, key

DATA = Path(__file__).parent / "data"
BANK = load_bank(DATA / "quizzes")


def double(z):
    return 2 * z


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """The keys of the test bank."""
    monkeypatch.setattr(keys, "_KEYS", {})
    monkeypatch.setattr(keys, "_EXERCISES", {})

    @key
    def peak_of_slope():
        return np.float64(0.25)

    @key
    def which_saturate():
        return {"relu", "sigmoid"}

    set_exercise(double, {"squared": np.square})


def set_key(name, value):
    keys._KEYS[name] = __name__, lambda: value


def set_exercise(model, mistakes):
    def judge(function):
        return agrees(function, double, [(np.array([0.0, 3.0]),)], mistakes=mistakes)

    keys._EXERCISES["double"] = __name__, keys.Exercise(judge, model, mistakes)


def edited(id, **update):
    return BANK[id].model_copy(update=update)


def fault(question):
    _, [found] = verify(question)
    return found


def test_the_audit_prints_a_line_for_each_question(capsys):
    audit("90", bank=BANK)
    assert capsys.readouterr().out == (
        "peak-of-slope   numeric  key recomputed, 1 catch wrong\n"
        "zero-centred    single   3 choices graded\n"
        "which-saturate  multi    key recomputed, 3 choices graded\n"
        "why-bend        recall   right with 1 of 2 points\n"
        "guess-accuracy  predict  never scored\n"
        "guess-winner    predict  never scored\n"
        "write-double    code     model right, 1 mistake named\n"
        "7 questions, every key and every verdict as it should be\n"
    )


def test_a_wrong_key_fails_the_audit_and_prints_nothing(capsys):
    set_key("peak_of_slope", 0.2)
    with pytest.raises(BankError, match=r"peak-of-slope: answer: recomputed it is 0\.2, not 0\.25"):
        audit("90", bank=BANK)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.nan, "recomputed it is nan"),
        (np.inf, "recomputed it is inf"),
        (None, "raises TypeError"),
    ],
)
def test_a_key_that_is_no_number_is_a_fault(value, said):
    set_key("peak_of_slope", value)
    assert said in fault(BANK["peak-of-slope"])


def test_a_catch_that_is_right_is_a_fault():
    [catch] = BANK["peak-of-slope"].catches
    right = catch.model_copy(update={"near": 0.251})
    question = edited("peak-of-slope", catches=(right,))
    assert fault(question) == "catch peak-of-sigma: 0.251 is graded right"


def test_a_catch_hidden_by_another_is_a_fault():
    [catch] = BANK["peak-of-slope"].catches
    hidden = catch.model_copy(update={"id": "hidden"})
    question = edited("peak-of-slope", catches=(catch, hidden))
    assert fault(question) == "catch hidden: 1 is caught as peak-of-sigma"


def test_choices_recomputed_otherwise_are_a_fault():
    set_key("which_saturate", {"relu", "identity"})
    said = "choice: recomputed, the right choices are identity and relu, not relu and sigmoid"
    assert fault(BANK["which-saturate"]) == said


def test_a_recomputed_prediction_is_compared():
    question = edited("guess-accuracy", check="peak_of_slope", answer=0.5, abs_tol=0.1)
    assert fault(question) == "answer: recomputed it is 0.25, not 0.5"
    assert verify(edited("guess-accuracy", check="peak_of_slope", answer=0.3, abs_tol=0.1)) == (
        ["key recomputed", "never scored"],
        [],
    )


def test_a_model_judged_wrong_is_a_fault():
    set_exercise(lambda z: 3 * z, {"squared": np.square})
    assert fault(BANK["write-double"]).startswith("the model is judged wrong: <lambda>() gives 9")


@pytest.mark.parametrize("mistake", [double, lambda z: 1 / z])
def test_a_mistake_that_is_not_recognised_is_a_fault(mistake):
    set_exercise(double, {"squared": mistake})
    assert fault(BANK["write-double"]).startswith("mistake squared is not recognised")


def test_mistakes_and_catches_go_together():
    set_exercise(double, {"cubed": lambda z: z**3})
    assert verify(BANK["write-double"])[1] == [
        "catch squared: double has no such mistake",
        "catch: cubed is a mistake of double without feedback",
    ]


def test_an_exercise_needs_a_model():
    set_exercise(None, {"squared": np.square})
    assert fault(BANK["write-double"]) == "check: double has no model"


def test_an_unknown_key_lists_those_there_are():
    question = edited("peak-of-slope", check="peak")
    said = 'check: no key is called "peak"; there are: peak_of_slope, which_saturate'
    assert fault(question) == said


def test_a_key_that_raises_is_a_fault_beside_the_others():
    @key
    def broken():
        return 1 / 0

    question = edited("peak-of-slope", check="broken")
    assert fault(question) == "check: broken raises ZeroDivisionError: division by zero"


def test_two_modules_cannot_share_a_name():
    def peak_of_slope():
        return 1

    key(peak_of_slope)  # read again
    peak_of_slope.__module__ = "elsewhere"
    with pytest.raises(ValueError, match="already registered"):
        key(peak_of_slope)


def test_an_exercise_registers_with_and_without_a_model():
    @exercise
    def bare(function): ...

    @exercise(model=double)
    def full(function): ...

    assert keys._EXERCISES["bare"][1].model is None
    assert keys._EXERCISES["full"][1] == keys.Exercise(full, double, {})


def test_an_unknown_lesson_is_one_sentence():
    with pytest.raises(UnknownName, match='no lesson "07"'):
        audit("07", bank=BANK)


@pytest.mark.parametrize("lesson", ["00", "01"])
def test_every_key_of_the_course_holds(lesson, capsys, monkeypatch):
    monkeypatch.undo()
    audit(lesson)
    assert "every key and every verdict as it should be" in capsys.readouterr().out


def test_the_audit_is_the_function_whatever_was_imported_before():
    import bend.quiz.auditing
    from bend.quiz import audit as again

    assert again is bend.quiz.auditing.audit
