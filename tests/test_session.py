import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bend.errors import BadInput
from bend.quiz import keys
from bend.quiz.bank import load_bank
from bend.quiz.log import Log
from bend.quiz.session import Session, check_function, prediction

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
START = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)
CARDS = [question for question in BANK if question.type != "code"]
RIGHT = {"peak-of-slope": "0.25", "zero-centred": "tanh", "which-saturate": ["relu", "sigmoid"]}
WRONG = {"peak-of-slope": "1", "zero-centred": "relu", "which-saturate": ["identity"]}


@pytest.fixture
def log():
    return Log(None)


def clock():
    """A clock that moves on a second each time it is read."""
    times = iter(START + timedelta(seconds=n) for n in range(10_000))
    return lambda: next(times)


def begin(id, log, *acts):
    """A new session, as after a restart of the kernel, and what is done in it."""
    session = Session(BANK[id], log)
    for message in acts:
        session.act(message)
    return session


def answer(response, **more):
    return {"do": "answer", "response": response} | more


HINT, RETRY = {"do": "hint"}, {"do": "retry"}
REVEAL = {"do": "reveal", "response": "affine stays affine"}
RECALLED = {"text": "affine stays affine", "ticked": ["affine"], "rating": "good"}


@pytest.mark.parametrize("question", CARDS, ids=lambda q: q.id)
def test_a_fresh_view_is_json_and_holds_no_answer(question, log):
    shown = json.dumps(Session(question, log).view())
    for word in ('"correct"', "feedback", "0.25", "peaks at", "positive", "depth alone", "Write $"):
        assert word not in shown


@pytest.mark.parametrize("id", RIGHT)
def test_a_right_answer_is_right_and_explained(id, log):
    view = begin(id, log, answer(RIGHT[id])).view()
    assert (view["phase"], view["verdict"]["correct"]) == ("answered", True)
    assert view["verdict"]["title"] == "Right"
    assert view["verdict"]["explain"] == BANK[id].explain
    assert not view["can_retry"]


@pytest.mark.parametrize("id", WRONG)
def test_a_wrong_answer_is_told_why(id, log):
    view = begin(id, log, answer(WRONG[id])).view()
    assert view["verdict"]["correct"] is False
    assert view["verdict"]["feedback"][0]["text"]
    assert view["can_retry"]


def test_right_choices_that_were_missed_are_named(log):
    verdict = begin("which-saturate", log, answer(["relu", "identity"])).view()["verdict"]
    assert [(f["option"], f["correct"]) for f in verdict["feedback"]] == [
        ("relu", True),
        ("identity", False),
        ("sigmoid", True),
    ]


def test_the_event_has_every_field(log):
    session = Session(BANK["peak-of-slope"], log, now=clock())
    for message in (HINT, answer("1", confidence="sure", seconds=12.34)):
        session.act(message)
    hint, event = log.events()
    assert (hint["kind"], hint["hints"]) == ("hint", 1)
    ours = {
        k: v for k, v in event.items() if k not in ("v", "id", "n", "kernel", "bend", "learner")
    }
    assert ours == {
        "at": "2026-11-23T22:40:01.000000+00:00",
        "kind": "answer",
        "question": "peak-of-slope",
        "rev": 1,
        "lesson": "90",
        "type": "numeric",
        "attempt": 1,
        "response": "1",
        "correct": False,
        "caught": ["peak-of-sigma"],
        "confidence": "sure",
        "hints": 1,
        "seconds": 12.3,
        "seed": 0,
    }


def test_the_answer_is_logged_before_the_verdict_shows():
    class Watched(Log):
        def append(self, event):
            self.phase = session.view()["phase"]
            super().append(event)

    log = Watched(None)
    session = Session(BANK["zero-centred"], log)
    session.act(answer("tanh"))
    assert log.phase == "open"
    assert session.view()["phase"] == "answered"


def test_an_answer_that_cannot_be_saved_is_judged_kept_and_saved_later(tmp_path):
    (tmp_path / "home").write_text("in the way")
    log = Log(tmp_path / "home")
    view = begin("zero-centred", log, answer("tanh")).view()
    assert view["verdict"]["correct"] is True
    assert view["notice"].startswith("Not saved: ")
    assert str(tmp_path / "home") in view["notice"]
    assert begin("zero-centred", log).view()["phase"] == "answered"
    (tmp_path / "home").unlink()
    assert begin("peak-of-slope", log, answer("1")).view()["notice"] == ""
    assert begin("zero-centred", Log(tmp_path / "home")).view()["phase"] == "answered"


@pytest.mark.parametrize("response", ["abc", "", None, [], 0.25])
def test_an_unusable_answer_is_no_attempt(response, log):
    session = begin("peak-of-slope", log, answer(response))
    assert session.view()["error"].startswith("Type a number")
    assert log.events() == []
    session.act(answer("0.25"))
    assert session.view()["error"] == ""
    assert log.events()[0]["attempt"] == 1


def test_a_second_answer_without_a_retry_changes_nothing(log):
    session = begin("zero-centred", log, answer("relu"), answer("tanh"))
    assert session.view()["response"] == "relu"
    assert len(log.events()) == 1


def test_retries_are_counted(log):
    session = begin("zero-centred", log, answer("relu"), RETRY)
    assert session.view()["phase"] == "open"
    assert session.view()["response"] is None
    session.act(answer("tanh"))
    assert [e["attempt"] for e in log.events()] == [1, 2]


def test_the_second_of_two_open_cards_is_no_first_attempt(log):
    one, other = begin("zero-centred", log), begin("zero-centred", log)
    one.act(answer("relu"))
    other.act(answer("tanh"))
    assert [(e["attempt"], e["correct"]) for e in log.events()] == [(1, False), (2, True)]


def test_a_right_answer_is_not_retried(log):
    assert begin("zero-centred", log, answer("tanh"), RETRY).view()["phase"] == "answered"


def test_hints_come_one_by_one_and_end(log):
    session = begin("peak-of-slope", log, HINT)
    assert (len(session.view()["hints"]), session.view()["hints_left"]) == (1, 1)
    session.act(HINT)
    session.act(HINT)
    assert (len(session.view()["hints"]), session.view()["hints_left"]) == (2, 0)
    assert len(log.events()) == 2


@pytest.mark.parametrize("confidence", ["guess", "think", "sure"])
def test_each_of_the_three_words_is_kept(confidence, log):
    begin("zero-centred", log, answer("tanh", confidence=confidence))
    assert log.events()[0]["confidence"] == confidence


@pytest.mark.parametrize("confidence", ["certain", 3, [], {}, None])
def test_only_the_three_words_are_a_confidence(confidence, log):
    begin("zero-centred", log, answer("tanh", confidence=confidence))
    assert log.events()[0]["confidence"] is None


@pytest.mark.parametrize("seconds", [-1, "5", None, True, float("inf"), float("nan"), []])
def test_only_a_time_is_a_time(seconds, log):
    begin("zero-centred", log, answer("tanh", seconds=seconds))
    assert log.events()[0]["seconds"] is None


def test_recall_shows_the_points_and_not_the_explanation_until_rated(log):
    session = begin("why-bend", log, REVEAL)
    view = session.view()
    assert view["phase"] == "points"
    assert [p["id"] for p in view["points"]] == ["affine", "depth"]
    assert view["verdict"] is None
    session.act(answer(RECALLED))
    view = session.view()
    assert view["verdict"]["correct"] is True
    assert view["ticked"] == ["affine"]


def test_recall_is_not_judged_before_it_is_written(log):
    assert begin("why-bend", log, answer(RECALLED)).view()["phase"] == "open"
    assert begin("why-bend", log, {"do": "reveal", "response": " "}).view()["error"]
    assert log.events() == []


def test_only_a_recall_is_revealed_and_only_once(log):
    assert begin("zero-centred", log, REVEAL).view()["phase"] == "open"
    begin("why-bend", log, REVEAL, REVEAL)
    assert [e["question"] for e in log.events()] == ["why-bend"]


def test_the_confidence_given_on_revealing_is_kept(log):
    begin("why-bend", log, REVEAL | {"confidence": "guess"}, answer(RECALLED))
    assert [e["confidence"] for e in log.events()] == ["guess", "guess"]


def test_a_prediction_is_noted_and_nothing_told(log):
    view = begin("guess-accuracy", log, answer("75")).view()
    assert view["label"] == "Prediction"
    assert not view["asks_confidence"]
    assert view["verdict"] == {
        "correct": None, "title": "Noted", "feedback": [], "answer": "", "explain": "", "again": "",
    }  # fmt: skip
    assert not view["can_retry"]


def test_a_prediction_is_read_back_for_the_figure(log):
    assert prediction("guess-accuracy", bank=BANK, log=log) is None
    begin("guess-accuracy", log, answer("66,5 %"))
    begin("guess-winner", log, answer("wide"))
    assert prediction("guess-accuracy", bank=BANK, log=log) == 66.5
    assert prediction("guess-winner", bank=BANK, log=log) == "wide"
    with pytest.raises(BadInput, match="is no prediction"):
        prediction("zero-centred", bank=BANK, log=log)


ACTS = {
    "fresh": ("zero-centred", []),
    "hinted": ("peak-of-slope", [HINT]),
    "right": ("zero-centred", [answer("tanh", confidence="think")]),
    "wrong after a hint": ("peak-of-slope", [HINT, answer("1")]),
    "retried and hinted": ("peak-of-slope", [answer("1"), RETRY, HINT]),
    "retried and right": ("peak-of-slope", [answer("1"), RETRY, answer("0.25")]),
    "several": ("which-saturate", [answer(["relu"])]),
    "revealed": ("why-bend", [REVEAL | {"confidence": "sure"}]),
    "recalled": ("why-bend", [REVEAL, answer(RECALLED)]),
    "predicted": ("guess-winner", [answer("deep")]),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_restart_brings_the_card_back_as_it_was(name, tmp_path):
    id, acts = ACTS[name]
    before = begin(id, Log(tmp_path), *acts)
    after = Session(BANK[id], Log(tmp_path))
    assert after.view() == before.view()
    assert after.attempt == before.attempt


def test_a_raised_rev_asks_afresh(log):
    begin("zero-centred", log, answer("relu"))
    raised = BANK["zero-centred"].model_copy(update={"rev": 2})
    assert Session(raised, log).view()["phase"] == "open"


def test_of_two_kernels_the_one_that_wrote_last_is_brought_back(tmp_path):
    question, clocks = BANK["zero-centred"], clock()
    first = Session(question, Log(tmp_path), now=clocks)
    for message in (answer("relu"), RETRY, answer("sigmoid")):
        first.act(message)
    second = Session(question, Log(tmp_path), now=clocks)
    for message in (RETRY, answer("tanh")):
        second.act(message)
    assert Session(question, Log(tmp_path)).view()["response"] == "tanh"


def test_an_edit_that_takes_the_chosen_option_away_asks_afresh(log):
    question = BANK["zero-centred"]
    begin("zero-centred", log, answer("relu"))
    edited = question.model_copy(update={"choices": question.choices[:2]})
    session = Session(edited, log)
    assert session.view()["phase"] == "open"
    session.act(answer("tanh"))
    assert log.events()[-1]["attempt"] == 2


def test_options_are_shuffled_by_the_seed_or_stay_when_fixed(log):
    def order(id, seed):
        session = Session(BANK[id], log)
        session.seed = seed
        return [option["id"] for option in session.view()["options"]]

    orders = {tuple(order("zero-centred", seed)) for seed in range(50)}
    assert len(orders) == 6
    assert order("zero-centred", 3) == order("zero-centred", 3)
    assert {tuple(order("which-saturate", seed)) for seed in range(50)} == {
        ("sigmoid", "relu", "identity")
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = {"response": JSON | st.sampled_from(["tanh", "1"]), "confidence": JSON, "seconds": JSON}
MESSAGES = JSON | st.fixed_dictionaries(
    {"do": st.sampled_from(["answer", "hint", "retry", "reveal"]) | JSON}, optional=FIELDS
)


@given(question=st.sampled_from(CARDS), messages=st.lists(MESSAGES, max_size=6))
def test_no_message_breaks_a_session_and_what_it_logs_brings_it_back(question, messages):
    log = Log(None)
    session = Session(question, log)
    for message in messages:
        session.act(message)
    json.dumps(session.view())
    if session.phase != "open":
        assert Session(question, log).view() == session.view() | {"error": ""}


@pytest.fixture
def double(monkeypatch):
    """The exercise of the test bank: right for one function, naming one mistake."""
    from bend.quiz.checks import agrees

    def judge(function):
        return agrees(function, lambda z: 2 * z, [(3,)], mistakes={"squared": lambda z: z * z})

    exercise = keys.Exercise(judge)
    monkeypatch.setitem(keys._EXERCISES, "double", (__name__, exercise))


def check(function, log):
    return check_function(BANK["write-double"], function, log, now=lambda: START)


def test_a_right_function_is_logged_and_explained(double, tmp_path):
    shown = check(lambda z: z + z, Log(tmp_path))
    assert (shown["correct"], shown["title"]) == (True, "Right")
    assert shown["explain"] == BANK["write-double"].explain
    [event] = Log(tmp_path).events()
    assert (event["kind"], event["type"], event["correct"]) == ("answer", "code", True)
    assert [event[k] for k in ("hints", "seed", "seconds", "confidence")] == [0, 0, None, None]


def test_a_recognised_mistake_brings_its_feedback_and_the_hints(double, log):
    shown = check(lambda z: z**2, log)
    assert shown["correct"] is False
    assert shown["message"] == "<lambda>() gives 9 instead of 6, for z = 3."
    assert shown["feedback"] == [BANK["write-double"].catches[0].feedback]
    assert shown["hints"] == ("Multiply by two.",)
    assert shown["explain"] == ""
    assert log.events()[0]["caught"] == ["squared"]


def test_an_untouched_stub_is_not_yet_an_attempt(double, log):
    shown = check(lambda z: ..., log)
    assert (shown["correct"], shown["title"]) == (None, "Not yet")
    assert log.events() == []


def test_attempts_at_a_function_are_counted(double, log):
    for function in (abs, abs, lambda z: 2 * z):
        check(function, log)
    assert [e["attempt"] for e in log.events()] == [1, 2, 3]


def test_a_function_that_cannot_be_saved_is_judged_all_the_same(double, tmp_path):
    (tmp_path / "home").write_text("in the way")
    shown = check(lambda z: 2 * z, Log(tmp_path / "home"))
    assert shown["correct"] is True
    assert shown["notice"].startswith("Not saved: ")


def test_a_function_is_checked_and_a_question_asked(log):
    with pytest.raises(BadInput, match=r"check\("):
        Session(BANK["write-double"], log)
    with pytest.raises(BadInput, match=r"ask\("):
        check_function(BANK["zero-centred"], abs, log)
