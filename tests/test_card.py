import json
from pathlib import Path

import pytest

from bend.errors import BadInput, UnknownName
from bend.quiz import card
from bend.quiz.bank import load_bank
from bend.quiz.card import Card, to_fallback, to_page
from bend.quiz.checks import Verdict
from bend.quiz.log import Log
from bend.quiz.session import Session

BANK = load_bank(Path(__file__).parent / "data" / "cards")
ASKED = ["one", "some", "number", "memory", "guess", "guess-number"]
SCORED = ["one", "some", "number", "memory"]


@pytest.fixture
def log(monkeypatch):
    log = Log(None)
    monkeypatch.setattr(card, "default_log", lambda: log)
    monkeypatch.setattr(card, "load_bank", lambda: BANK)
    return log


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    found = []
    monkeypatch.setattr(card, "display", lambda item, raw=False: found.append(item))
    return found


def make(id):
    return Card(BANK[id], log=Log(None))


@pytest.mark.parametrize("id", ASKED)
def test_a_fresh_card_holds_no_answer(id):
    state = json.dumps(make(id).get_state(["view"]))
    assert "secret" not in state
    assert "correct" not in state
    assert "61.25" not in state


@pytest.mark.parametrize("id", ASKED)
def test_the_page_is_told_no_more_after_a_hint(id):
    asked = make(id)
    asked._hear(None, {"do": "hint"}, [])
    assert "secret" not in json.dumps(asked.view)


def test_revealing_shows_the_points_and_not_the_explanation():
    asked = make("memory")
    asked._hear(None, {"do": "reveal", "response": "it collapses"}, [])
    assert "secret-collapse" in asked.view["points"][0]["text"]
    assert "secret-explanation" not in json.dumps(asked.view)


def test_texts_reach_the_page_as_html():
    view = make("one").view
    assert view["prompt"].startswith("<p>What is <span")
    assert "<math" in view["options"][0]["text"]
    assert view["options"][2]["text"] == "&lt;b&gt;one&lt;/b&gt;"


def test_a_verdict_reaches_the_page_as_html():
    asked = make("one")
    asked._hear(None, {"do": "answer", "response": "evil"}, [])
    verdict = asked.view["verdict"]
    assert "<math" in verdict["answer"]
    assert "<math" in verdict["explain"]
    assert verdict["feedback"][0]["text"] == "<p>secret-evil [link](javascript:boom())</p>"


def test_what_the_learner_wrote_is_handed_back_untouched():
    session = Session(BANK["memory"], Log(None))
    session.act({"do": "reveal", "response": "<img src=x> $x$"})
    assert to_page(session.view())["response"]["text"] == "<img src=x> $x$"


def test_every_message_is_answered_even_if_it_changes_nothing(monkeypatch):
    asked, sent = make("one"), []
    monkeypatch.setattr(Card, "send", lambda self, message: sent.append(message))
    for message in ({"do": "hello"}, None, "nonsense", {"do": ["hint"]}):
        asked._hear(None, message, [])
    assert sent == ["heard"] * 4


@pytest.mark.parametrize("id", ASKED)
def test_the_stored_output_is_the_same_whatever_was_answered(id):
    asked = make(id)
    before = asked._repr_mimebundle_()[0]
    for message in ({"do": "hint"}, {"do": "answer", "response": "quarter"}):
        asked._hear(None, message, [])
    after = asked._repr_mimebundle_()[0]
    assert {k: after[k] for k in ("text/html", "text/plain")} == {
        k: before[k] for k in ("text/html", "text/plain")
    }
    assert "object at" not in before["text/plain"]


def test_a_card_offers_the_widget_first_and_text_to_those_without():
    bundle, _ = make("guess")._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "text/plain",
    }
    assert bundle["text/plain"] == "Prediction: How often?\n  - Never\n  - Always"


@pytest.mark.parametrize("id", ASKED)
def test_the_fallback_says_how_to_get_the_live_card(id):
    assert "Run this cell to answer here, on a live card." in to_fallback(BANK[id])


@pytest.mark.parametrize("id", SCORED)
def test_the_fallback_folds_the_answer(id):
    before, _, folded = to_fallback(BANK[id]).partition(">Answer</summary>")
    assert "secret" not in before
    assert "secret-explanation" in folded


def test_the_fallback_folds_each_hint():
    assert to_fallback(BANK["one"]).count(">Hint ") == 2


def test_the_fallback_of_a_recall_folds_its_points():
    _, _, folded = to_fallback(BANK["memory"]).partition(">Answer</summary>")
    assert "<li>secret-depth</li>" in folded


@pytest.mark.parametrize("id", ["guess", "guess-number"])
def test_the_fallback_of_a_prediction_reveals_nothing(id):
    assert "<details>" not in to_fallback(BANK[id])
    assert "61.25" not in to_fallback(BANK[id])


def test_the_fallback_keeps_its_math_for_mathjax_and_shows_markup_as_text():
    html = to_fallback(BANK["one"])
    assert r"$\frac{1}{4}$" in html
    assert "<math" not in html
    assert "&lt;img src=x onerror=boom()&gt;" in html


@pytest.mark.usefixtures("log")
def test_ask_shows_one_card_and_returns_nothing(shown):
    assert card.ask("one") is None
    assert [item.view["id"] for item in shown] == ["one"]


@pytest.mark.usefixtures("log", "shown")
def test_an_unknown_id_is_one_clear_error():
    with pytest.raises(UnknownName, match='no question has the id "ones"; did you mean one'):
        card.ask("ones")


@pytest.mark.usefixtures("log", "shown")
@pytest.mark.parametrize(("function", "id"), [("predict", "one"), ("ask", "write")])
def test_the_wrong_function_names_the_right_one(function, id):
    with pytest.raises(BadInput, match=rf'(ask\("{id}"\)|check\("{id}", it\))'):
        getattr(card, function)(id)


def test_check_takes_only_functions_to_write(log, shown):
    with pytest.raises(BadInput, match=r'no function to write .* ask\("one"\)'):
        card.check("one", len)


@pytest.fixture
def judged(monkeypatch):
    """Make the exercise find this."""

    def judged(verdict):
        monkeypatch.setattr("bend.quiz.keys.find_exercise", lambda question: None)
        monkeypatch.setattr("bend.quiz.checks.judge", lambda exercise, function: verdict)

    return judged


def test_check_says_what_is_wrong_names_the_mistake_and_keeps_the_explanation(log, shown, judged):
    judged(Verdict(False, "It gives 9 for x = 3.", caught="squared"))
    card.check("write", len)
    assert shown[0]["text/plain"] == "Not quite\nIt gives 9 for x = 3.\nThat is the square."
    assert "It gives 9 for x = 3.</p><p>That is the square.</p>" in shown[0]["text/html"]
    assert "secret" not in shown[0]["text/html"]
    assert [(e["correct"], e["caught"]) for e in log.events()] == [(False, ["squared"])]


def test_check_explains_what_is_right_and_counts_the_attempts(log, shown, judged):
    judged(Verdict(True, "Right on 40 inputs."))
    card.check("write", len)
    card.check("write", len)
    assert "secret-explanation" in shown[0]["text/html"]
    assert [e["attempt"] for e in log.events()] == [1, 2]


def test_an_unwritten_function_is_no_attempt(log, shown, judged):
    judged(Verdict(False, "Fill it in.", pending=True))
    card.check("write", len)
    assert shown[0]["text/plain"] == "Not yet\nFill it in."
    assert "Hint 1" in shown[0]["text/html"]
    assert log.events() == []
