from pathlib import Path

import pytest

from bend.errors import BankError, UnknownName
from bend.quiz import keys
from bend.quiz.auditing import verify
from bend.quiz.bank import load_bank
from bend.quiz.card import Card
from bend.quiz.fresh import instance, numbers
from bend.quiz.grading import grade
from bend.quiz.log import Log
from bend.quiz.session import Session

FOLDER = Path(__file__).parent / "data" / "parts"
DRAWN = load_bank(FOLDER)["three-layers"]
HINT, RETRY = {"do": "hint"}, {"do": "retry"}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    def three_layers(w1, b1, w2, b2, w3, b3):
        return (w3 * (w2 * b1 + b2) + b3) * 1.0

    monkeypatch.setattr(keys, "_KEYS", {"three_layers": (__name__, three_layers)})


def answer(response):
    return {"do": "answer", "response": response}


def right(session):
    return f"{session.question.answer:g}"


def edited(**update):
    return DRAWN.model_copy(update=update)


def test_the_same_seed_is_the_same_question_and_another_is_another():
    assert instance(DRAWN, 3) == instance(DRAWN, 3)
    assert len({instance(DRAWN, seed).prompt for seed in range(50)}) > 45
    assert instance(DRAWN, 0).prompt == (
        "$g = 2x + 4$, $h = -2g + 1$, $y = 3h + 2$. What is the constant in $y$?"
    )


def test_a_raised_rev_draws_other_numbers():
    assert instance(edited(rev=2), 0).prompt != instance(DRAWN, 0).prompt


def test_a_question_without_numbers_to_draw_is_itself():
    question = load_bank(FOLDER)["one-step"]
    assert instance(question, 7) is question


def test_numbers_are_written_with_their_sign_or_in_brackets_where_asked():
    seed = next(n for n in range(100) if numbers(DRAWN, n)["values"]["b1"] == -3)
    asked = instance(DRAWN, seed)
    assert "x - 3$" in asked.prompt
    assert r"\cdot (-3)" in asked.explain
    assert asked.catches[0].feedback == "secret-added -3"


def test_the_answer_and_the_catches_are_computed():
    for seed in range(30):
        v = numbers(DRAWN, seed)["values"]
        asked = instance(DRAWN, seed)
        assert asked.answer == v["w3"] * (v["w2"] * v["b1"] + v["b2"]) + v["b3"]
        assert grade(asked, str(v["b1"] + v["b2"] + v["b3"])).caught == ("added-the-biases",)


def test_the_seed_is_logged_and_shows_the_same_numbers_again(tmp_path):
    session = Session(DRAWN, Log(tmp_path))
    session.act(answer("1000"))
    again = Session(DRAWN, Log(tmp_path))
    assert again.view() == session.view()
    assert session.log.events()[-1]["seed"] == 0


def test_a_retry_draws_new_numbers_since_the_explanation_told_the_old_ones(tmp_path):
    session = Session(DRAWN, Log(tmp_path))
    before = session.view()["prompt"]
    for message in (answer("1000"), RETRY):
        session.act(message)
    assert session.view()["prompt"] != before
    session.act(answer(right(session)))
    assert session.view()["verdict"]["correct"]
    assert [e["seed"] for e in session.log.events()] == [0, 1]
    assert Session(DRAWN, Log(tmp_path)).view() == session.view()


def test_a_fresh_showing_draws_new_numbers():
    log = Log(None)
    session = Session(DRAWN, log)
    session.act(answer("1000"))
    assert Session(DRAWN, log, fresh=True).view()["prompt"] != session.view()["prompt"]


def test_the_stored_output_is_that_of_the_first_numbers():
    card = Card(DRAWN, log=Log(None))
    before = repr(card), card._fallback()
    for message in (answer("1000"), RETRY):
        card.session.act(message)
    assert (repr(card), card._fallback()) == before
    assert "[[" not in before[0] + before[1]


def test_the_audit_recomputes_many_draws():
    assert verify(DRAWN) == (["25 draws recomputed", "1 catch wrong"], [])


def test_a_key_that_disagrees_is_a_fault(monkeypatch):
    monkeypatch.setitem(keys._KEYS, "three_layers", (__name__, lambda b3, **rest: b3))
    _, faults = verify(DRAWN)
    assert faults[0] == "answer: recomputed it is 2, not -19"


def test_a_text_that_names_no_number_drawn_is_one_clear_error():
    with pytest.raises(BankError, match=r"draws no \[\[w4\]\]; there are b1, b2, b3, w1"):
        instance(edited(prompt="[[w4]]"))


def test_a_catch_that_is_not_computed_is_one_clear_error():
    [catch] = DRAWN.catches
    other = catch.model_copy(update={"id": "other"})
    with pytest.raises(BankError, match="three_affine_layers computes no catch other"):
        instance(edited(catches=(other,)))


def test_an_unknown_generator_lists_those_there_are():
    with pytest.raises(UnknownName, match='no generator is called "wild"; there are: '):
        instance(edited(generator="wild"))
