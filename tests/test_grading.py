import math
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bend.quiz.bank import TYPES, load_bank
from bend.quiz.grading import AMBIGUOUS, GRADERS, NOT_A_NUMBER, Grade, grade, parse_number

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
IDS = st.sampled_from(["tanh", "relu", "sigmoid", "deep", "affine", "depth", "good", "1/0", ""])
PLAUSIBLE = st.one_of(
    IDS,
    st.lists(IDS | JSON),
    st.fixed_dictionaries({}, optional={"text": JSON, "ticked": st.lists(IDS), "rating": IDS}),
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.25", 0.25),
        (".25", 0.25),
        ("5.", 5.0),
        ("+3", 3.0),
        ("1e-3", 1e-3),
        ("2,5E2", 250.0),
        ("1/4", 0.25),
        ("-1 / 4", -0.25),
        ("−3", -3.0),
        ("–3", -3.0),
        ("0,25", 0.25),
        ("25 %", 0.25),
        ("25%", 0.25),
        (" 7 ", 7.0),
    ],
)
def test_a_number_is_read_as_people_write_it(typed, value):
    assert parse_number(typed) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "nan", "inf", "-inf", "1e999", "1/0", "1/2/3", "1/", "--3", "1_000", "0x1",
     "3 apples", "1.2.3", "%", "5%%", "5% of", "١", "1" * 400],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused_kindly(typed):
    with pytest.raises(ValueError, match="Type a number, such as"):
        parse_number(typed)


@pytest.mark.parametrize("typed", ["1,000", "-12,345,678"])
def test_a_comma_that_may_mean_thousands_is_asked_about(typed):
    with pytest.raises(ValueError, match="decimal point"):
        parse_number(typed)


def test_the_unit_of_the_question_may_be_typed():
    assert parse_number("12 px", unit="px") == 12
    assert parse_number("75 %", unit="%") == parse_number("75", unit="%") == 75


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_back_as_it_was(x):
    assert parse_number(repr(x)) == x


def numeric(typed):
    return grade(BANK["peak-of-slope"], typed)


@pytest.mark.parametrize("typed", ["0.25", "0.255", "0.245", "25 %", "1/4"])
def test_a_number_within_the_tolerance_is_right(typed):
    assert numeric(typed) == Grade(True)


def test_a_wrong_number_is_caught_by_name():
    assert numeric("1") == Grade(False, ("peak-of-sigma",))
    assert numeric("0.2551") == Grade(False)


def test_what_cannot_be_an_answer_is_neither_right_nor_wrong():
    assert numeric("abc") == Grade(error=NOT_A_NUMBER)
    assert numeric("1,000") == Grade(error=AMBIGUOUS)
    assert numeric(0.25).correct is None


@pytest.mark.parametrize(
    ("response", "correct", "caught"), [("tanh", True, ()), ("relu", False, ("relu",))]
)
def test_a_single_choice_is_right_or_caught(response, correct, caught):
    assert grade(BANK["zero-centred"], response) == Grade(correct, caught)


@pytest.mark.parametrize(
    ("response", "correct", "caught"),
    [
        (["relu", "sigmoid"], True, ()),
        (["sigmoid"], False, ()),
        (["relu", "sigmoid", "identity"], False, ("identity",)),
    ],
)
def test_multiple_choices_are_right_only_together(response, correct, caught):
    assert grade(BANK["which-saturate"], response) == Grade(correct, caught)


@pytest.mark.parametrize(
    ("ticked", "rating", "correct"),
    [
        (["affine"], "good", True),
        (["affine", "depth"], "hard", True),
        (["depth"], "easy", False),
        (["affine"], "again", False),
    ],
)
def test_recall_is_right_with_every_essential_point_unless_rated_again(ticked, rating, correct):
    response = {"text": "It collapses.", "ticked": ticked, "rating": rating}
    assert grade(BANK["why-bend"], response).correct is correct


@pytest.mark.parametrize("more", [{}, {"rating": "splendid"}, {"rating": "good", "ticked": ["?"]}])
def test_recall_that_was_not_rated_is_no_attempt(more):
    result = grade(BANK["why-bend"], {"text": "It collapses.", "ticked": ["affine"]} | more)
    assert (result.correct, result.error[:15]) == (None, "Tick the points")


@pytest.mark.parametrize("text", [None, "", "  ", "x" * 20_001])
def test_recall_without_a_written_answer_is_no_attempt(text):
    response = {"text": text, "ticked": ["affine"], "rating": "good"}
    assert grade(BANK["why-bend"], response).error


def test_a_prediction_is_never_scored():
    assert grade(BANK["guess-accuracy"], "75 %") == Grade()
    assert grade(BANK["guess-winner"], "deep") == Grade()
    assert grade(BANK["guess-winner"], "none").error
    assert grade(BANK["guess-accuracy"], "lots").error == NOT_A_NUMBER


def test_every_type_has_a_grader():
    assert set(TYPES) == set(GRADERS)


@given(question=st.sampled_from(list(BANK)), response=JSON | PLAUSIBLE)
@example(question=BANK["which-saturate"], response=[[]])
@settings(max_examples=300)
def test_grading_never_raises_and_knows_right_wrong_or_why_not(question, response):
    result = grade(question, response)
    assert result.correct in (True, False, None)
    if question.scored:
        assert (result.correct is None) == bool(result.error)


def test_infinity_in_json_is_no_answer():
    assert numeric(math.inf).error == NOT_A_NUMBER
