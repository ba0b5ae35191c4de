import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bend.errors import BankError
from bend.quiz import keys
from bend.quiz.auditing import verify
from bend.quiz.bank import load_bank
from bend.quiz.card import Card, to_fallback, to_text
from bend.quiz.curves import Curve, spread
from bend.quiz.grading import Grade, grade
from bend.quiz.log import Log
from bend.quiz.session import Session
from bend.quiz.sketch import bad_curves, true_heights

FOLDER = Path(__file__).parent / "data" / "sketches"
BANK = load_bank(FOLDER)
SIGMOID, RAMP = BANK["draw-sigmoid"], BANK["draw-ramp"]
GOOD = (FOLDER / "90_sketches.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def ramp(monkeypatch):
    """The curve of the test bank."""
    monkeypatch.setattr(keys, "_CURVES", {})

    @keys.curve
    def ramp(z):
        return min(max(z + 1, 0), 2)


def heights(function, question):
    return [function(z) for z in spread(*question.z, question.columns)]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def wrong(function, question=SIGMOID):
    return grade(question, heights(function, question)).caught


# Grading


def test_the_true_curve_is_right():
    assert grade(SIGMOID, heights(sigmoid, SIGMOID)) == Grade(True)


def test_a_shaky_hand_is_forgiven():
    assert wrong(lambda z: min(max(sigmoid(z) + 0.04 * math.cos(9 * z), -0.2), 1.2)) == ()


@pytest.mark.parametrize(
    ("function", "caught"),
    [
        (math.tanh, ("starts-at-0", "half-at-0", "between-0-and-1")),
        (lambda z: sigmoid(z) / 2, ("ends-at-1", "half-at-0")),
        (lambda z: 1 - sigmoid(z), ("starts-at-0", "ends-at-1", "never-falls")),
        (lambda z: sigmoid(z - 1), ("half-at-0",)),
        (lambda z: sigmoid(z) - 0.35 * math.exp(-((z - 3) ** 2)), ("never-falls",)),
        (lambda z: float(z > 0) if z else 0.5, ("smooth",)),
    ],
)
def test_each_wrong_curve_is_named_by_what_is_wrong(function, caught):
    assert wrong(function) == caught


@pytest.mark.parametrize(
    ("function", "caught"),
    [
        (lambda z: max(z + 1, 0) if z < 2 else 3, ("second-hinge",)),
        (
            lambda z: max(1.2 + 0.8 * z if z <= 0 else 1.2 + 0.3 * z, 0) if z < 2 else 2,
            ("slope-one",),
        ),
    ],
)
def test_flats_and_slopes_are_judged_where_they_lie(function, caught):
    assert wrong(function, RAMP) == caught


@pytest.mark.parametrize(("kind", "columns"), [("left-limit", {0, 1}), ("right-limit", {15, 16})])
def test_a_limit_is_judged_in_the_two_columns_at_its_end(kind, columns):
    [limit] = [fault for fault in SIGMOID.faults if fault.kind == kind]
    truth = heights(sigmoid, SIGMOID)
    spikes = (SIGMOID.curve([*truth[:n], 0.5, *truth[n + 1 :]]) for n in range(17))
    assert {limit.broken_at(curve) for curve in spikes} == {None, *columns}


def test_a_fault_points_at_the_column_where_it_is_worst():
    [never_falls] = [f for f in SIGMOID.faults if f.id == "never-falls"]
    curve = SIGMOID.curve(heights(lambda z: 0.2 if z == 3 else sigmoid(z), SIGMOID))
    assert curve.z[never_falls.broken_at(curve)] == 3


def test_between_the_columns_a_curve_is_straight():
    curve = Curve((0.0, 1.0, 2.0), (0.0, 10.0, 0.0))
    assert [curve.at(z) for z in (0, 0.25, 1, 1.5, 2)] == [0, 2.5, 10, 5, 0]


FLAT = [0.5] * 17


@pytest.mark.parametrize(
    "response",
    [None, "0", [], FLAT[1:], [*FLAT, 0.5], [None, *FLAT[1:]], [*FLAT[1:], None], {"y": FLAT}],
)
def test_half_a_curve_is_no_attempt(response):
    result = grade(SIGMOID, response)
    assert result.correct is None
    assert result.error == "Draw the whole curve first, from z\u00a0=\u00a0−6 to z\u00a0=\u00a06."


@pytest.mark.parametrize("y", [7, -1.1, math.nan, math.inf, True, "0.5", [0.5]])
def test_what_is_not_inside_the_plot_is_no_attempt(y):
    assert grade(SIGMOID, [*FLAT[1:], y]) == Grade(error="Draw between −1 and 2, inside the plot.")


@given(st.lists(st.floats(-1, 2), min_size=17, max_size=17))
def test_any_curve_inside_the_plot_is_judged(response):
    result = grade(SIGMOID, response)
    assert result.correct is (not result.caught)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.lists(st.integers() | st.floats() | JSON, min_size=17, max_size=17))
def test_anything_else_is_no_attempt_and_never_raises(response):
    result = grade(SIGMOID, response)
    assert (result.correct is None) == bool(result.error)


# The page


def answered(response, id="draw-sigmoid"):
    session = Session(BANK[id], Log(None))
    session.act({"do": "answer", "response": response})
    return session


def test_before_an_answer_the_page_knows_the_axes_and_no_more():
    view = Session(SIGMOID, Log(None)).view()
    assert view["kind"] == "sketch"
    assert view["plot"] == {
        "z": [-6 + 0.75 * n for n in range(17)], "low": -1.0, "high": 2.0, "step": 0.1,
        "name": "σ(z)", "words": "z from −6 to 6, σ(z) from −1 to 2",
    }  # fmt: skip
    told = json.dumps(view)
    assert not any(word in told for word in ("secret", "starts-at", "curve", "limit", "sigmoid("))


def test_a_wrong_curve_gets_the_true_one_and_its_faults_with_their_places():
    verdict = answered(heights(math.tanh, SIGMOID)).view()["verdict"]
    assert [item["text"][:12] for item in verdict["feedback"]] == ["secret-left.", "secret-half.",
                                                                    "secret-range"]  # fmt: skip
    assert [item["at"] for item in verdict["feedback"]] == [0, 8, 0]
    assert verdict["curve"][0] == [-6, pytest.approx(sigmoid(-6), abs=1e-4)]
    assert len(verdict["curve"]) > 100
    assert verdict["answer"].startswith("secret-answer")


def test_the_true_curve_goes_through_the_columns_so_kinks_stay_sharp():
    curve = answered([0.0] * 17, "draw-ramp").view()["verdict"]["curve"]
    assert {tuple(point) for point in curve} >= {(-1, 0), (1, 2)}


def test_where_numpy_is_missing_the_verdict_comes_without_the_true_curve(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "bend.nn", None)
    verdict = answered(heights(sigmoid, SIGMOID)).view()["verdict"]
    assert (verdict["correct"], verdict["curve"]) == (True, [])


def test_the_curve_is_back_from_the_log():
    log = Log(None)
    Session(SIGMOID, log).act({"do": "answer", "response": heights(math.tanh, SIGMOID)})
    again = Session(SIGMOID, log).view()
    assert again["phase"] == "answered"
    assert again["response"] == heights(math.tanh, SIGMOID)
    assert again["verdict"]["correct"] is False


def test_an_unusable_curve_is_not_logged():
    session = answered(None)
    assert session.phase == "open"
    assert session.view()["error"].startswith("Draw the whole curve first")
    assert session.log.events() == []


def test_the_card_holds_no_answer_and_its_texts_become_html():
    card = Card(SIGMOID, log=Log(None))
    assert "secret" not in json.dumps(card.view)
    card._hear(None, {"do": "answer", "response": heights(math.tanh, SIGMOID)}, [])
    assert card.view["verdict"]["feedback"][0]["text"].startswith("<p>secret-left")


def test_without_a_kernel_the_axes_are_said_in_words_and_the_answer_is_folded():
    before, _, folded = to_fallback(SIGMOID).partition(">Answer</summary>")
    assert "Draw it with z from −6 to 6, σ(z) from −1 to 2." in before
    assert "secret" not in before
    assert "secret-answer" in folded
    assert "secret-explanation" in folded
    assert to_text(SIGMOID).endswith("Draw it with z from −6 to 6, σ(z) from −1 to 2.")


# The bank


def faults(tmp_path, old, new):
    assert old in GOOD
    (tmp_path / "90_sketches.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BankError) as error:
        load_bank(tmp_path)
    return [fault.split(": ", 2)[2] for fault in str(error.value).split("\n  ")[1:]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('truth = "sigmoid"', "", "truth: is required, or check, and not both"),
        (
            'truth = "sigmoid"',
            'truth = "sigmoid"\ncheck = "sigmoid"',
            "truth: is required, or check, and not both",
        ),
        ("z = [-6, 6]", "z = [6, -6]", "z: the smaller number comes first"),
        ("z = [-6, 6]", "z = [-6, nan]", "z 2: Input should be a finite number"),
        ("tol = 0.15", "", "fault 1, left-limit, tol: is required"),
        ("value = 0.5", "", "fault 3, passes-through, value: is required"),
        ("z = 0\n", "z = 7\n", 'fault: "half-at-0" looks beyond the plot'),
        (
            "window = [-4, -1]",
            "window = [-1, -1]",
            'fault: "flat-left": its window is less than 1 wide',
        ),
        ('id = "ends-at-1"', 'id = "half-at-0"', 'fault: id "half-at-0" is used 2 times'),
        ("feedback = '''secret-right.'''", "", "fault 2, right-limit, feedback: is required"),
        ("answer = '''secret-answer in words'''", "", "answer: is required"),
    ],
)
def test_a_faulty_sketch_is_named(tmp_path, old, new, said):
    assert said in faults(tmp_path, old, new)


def test_an_unknown_kind_of_fault_names_those_there_are(tmp_path):
    [said] = faults(tmp_path, '"left-limit"', '"left"')
    assert said.startswith("fault 1: ")
    assert "'passes-through'" in said


def edited(question, n, **update):
    changed = list(question.faults)
    changed[n] = changed[n].model_copy(update=update)
    return question.model_copy(update={"faults": tuple(changed)})


@pytest.mark.parametrize("question", list(BANK), ids=lambda q: q.id)
def test_the_audit_grades_the_true_curve_right_and_each_fault_wrong(question):
    done, faults = verify(question)
    assert faults == []
    assert done == ["the true curve right", f"{len(question.faults)} faults named"]


def test_a_fault_that_the_true_curve_has_is_named():
    _, [said] = verify(edited(SIGMOID, 0, value=0.5))
    assert said == "fault starts-at-0: the true curve has it"


def test_a_fault_that_no_curve_can_have_is_named():
    _, [said] = verify(edited(SIGMOID, 4, low=-1.0, high=2.0))
    assert said == "fault between-0-and-1: no curve in the plot has it"


def test_a_curve_that_no_fault_catches_is_named():
    question = RAMP.model_copy(update={"faults": RAMP.faults[:1]})
    assert any("is graded right, though it is far off" in said for said in verify(question)[1])


@pytest.mark.parametrize("name", ["tan", "relu6"])
def test_an_unknown_truth_is_named(name):
    _, [said] = verify(SIGMOID.model_copy(update={"truth": name}))
    assert f"there is no activation '{name}'" in said


def test_a_true_curve_outside_its_plot_is_named():
    _, [said] = verify(SIGMOID.model_copy(update={"y": (0.0, 0.9)}))
    assert said == "y: the true curve leaves the plot"


def test_bad_curves_differ_from_the_true_one():
    truth = true_heights(SIGMOID, spread(-6, 6, 17))
    curves = bad_curves(SIGMOID, truth)
    assert truth[::-1] in curves
    assert all(max(abs(y - t) for y, t in zip(c, truth, strict=True)) > 0.75 for c in curves)
