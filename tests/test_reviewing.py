from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bend.errors import BadInput
from bend.quiz import card, deck, log, report, reviewing
from bend.quiz.bank import load_bank
from bend.quiz.log import Log, stamp
from bend.quiz.reviewing import due, progress, review

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINGLE, NUMERIC = "zero-centred", "peak-of-slope"


def attempt(log, id=SINGLE, days_ago=9, correct=False, **more):
    """A first attempt, logged so many days ago."""
    at, question = NOW - timedelta(days=days_ago), BANK[id]
    event = {"at": stamp(at), "kind": "answer", "attempt": 1, "hints": 0, "seed": 4}
    event |= {"question": id, "rev": question.rev, "type": question.type, "response": "tanh"}
    log.append(event | {"correct": correct} | more)


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """The log of a test, on a Monday at noon."""
    kept = Log(None)
    for module in (reviewing, card, deck, report, log):
        for name, value in (("default_log", lambda: kept), ("now", lambda: NOW),
                            ("load_bank", lambda: BANK)):  # fmt: skip
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    return kept


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: cards as they are, the rest as its plain text."""
    shown = []
    monkeypatch.setattr(
        "IPython.display.display",
        lambda item, **how: shown.append(item["text/plain"] if how else item),
    )
    return shown


@pytest.mark.parametrize("show", [due, review])
def test_nothing_is_due_before_anything_was_answered(shown, show):
    show()
    assert shown == ["Nothing is due yet. A question comes back some days after you first "
                     "answered it."]  # fmt: skip


@pytest.mark.parametrize("show", [due, review])
def test_it_is_said_when_the_next_question_comes(shown, show, kept):
    attempt(kept, days_ago=0, correct=True)
    show()
    assert shown == ["Nothing is due. The next question comes in 2 days."]


def test_a_due_card_is_shown_afresh(shown, kept):
    attempt(kept)
    due()
    said, shown_card = shown
    assert said == "1 question comes back; try it from memory before you go on."
    view = shown_card.view
    assert (view["id"], view["phase"], view["response"]) == (SINGLE, "open", None)
    assert shown_card.session.seed == 5


def test_the_attempt_at_a_due_card_counts_and_retries_do_not(shown, kept):
    attempt(kept)
    due()
    for message in ({"do": "answer", "response": "relu"}, {"do": "retry"},
                    {"do": "answer", "response": "tanh"}):  # fmt: skip
        shown[1].act(message)
    known = reviewing.memories(kept)
    assert known[0].outcomes == (False, False)
    assert shown[1].page()["verdict"]["again"].startswith("You will see this again")


def test_due_asks_about_earlier_lessons_only(shown, kept):
    attempt(kept)
    due(BANK[SINGLE].lesson)
    assert shown == [reviewing.NOTHING_YET]
    due("99")
    assert len(shown) == 3


def test_due_shows_a_few_and_says_how_many_there_are(shown, kept):
    attempt(kept)
    attempt(kept, NUMERIC)
    due(n=1)
    assert shown[0].endswith("In all 2 are due, and notebook 10 has the others.")
    assert len(shown) == 2


@pytest.mark.parametrize("arguments", [{"lesson": "1"}, {"lesson": 10}, {"n": 0}, {"n": "5"}])
def test_what_due_cannot_take_is_one_error(arguments):
    with pytest.raises(BadInput, match=r"^due "):
        due(**arguments)


def test_a_log_that_cannot_be_read_ends_no_cell(shown, monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.write_text("a file, where a folder is wanted")
    monkeypatch.setattr(reviewing, "default_log", lambda: Log(home))
    due()
    progress()
    assert shown == [reviewing.NOTHING_YET, report.NOTHING_YET]


def test_the_fold_is_kept_while_the_log_stands_still(kept, monkeypatch):
    attempt(kept)
    first = reviewing.memories(kept)
    assert reviewing.memories(kept)[0] is first[0]
    attempt(kept, days_ago=1, correct=True)
    assert reviewing.memories(kept)[0].outcomes == (False, True)


def test_answers_that_another_kernel_gave_earlier_are_folded_in(tmp_path):
    here, there = Log(tmp_path), Log(tmp_path)
    attempt(here, days_ago=1)
    assert len(reviewing.memories(here)) == 1
    attempt(there, NUMERIC, days_ago=5)
    assert {m.question.id for m in reviewing.memories(here)} == {SINGLE, NUMERIC}


# The whole queue on one card


@pytest.fixture
def pack(shown, kept):
    """Two questions that are due, the first surely wrong."""
    attempt(kept, NUMERIC, days_ago=20)
    attempt(kept, SINGLE, confidence="sure")
    review()
    return shown[-1]


def answer(pack, response):
    pack.act({"do": "answer", "response": response})
    return pack.page()


def test_the_queue_is_one_card_with_a_place_and_a_next(pack):
    assert pack.page()["id"] == SINGLE
    assert pack.page()["label"] == "Question 1 of 2"
    assert answer(pack, "relu")["next"] == "Next"
    pack.act({"do": "retry"})
    assert answer(pack, "tanh")["label"] == "Question 1 of 2"
    pack.act({"do": "next"})
    assert (pack.page()["id"], pack.page()["label"]) == (NUMERIC, "Question 2 of 2")
    assert answer(pack, "0.25")["next"] == "Finish"


def test_the_end_counts_first_attempts_and_says_when_to_come_back(pack):
    answer(pack, "relu")
    pack.act({"do": "retry"})
    for response in ("tanh", "0.25"):
        answer(pack, response)
        pack.act({"do": "next"})
    page = pack.page()
    assert (page["label"], page["phase"], page["id"]) == ("All done", "done", "")
    assert page["prompt"].startswith("<p>1 of 2 right at first attempt. The next")


@pytest.mark.parametrize("message", [None, 7, [], {"do": "next"}, {"do": ["next"]}])
def test_an_open_question_is_not_passed_over(pack, message):
    session = pack.session
    pack.act(message)
    assert pack.session is session
    assert pack.page()["label"] == "Question 1 of 2"


def test_a_finished_queue_takes_no_more(pack):
    for response in ("relu", "0.25"):
        answer(pack, response)
        pack.act({"do": "next"})
    for more in ({"do": "next"}, {"do": "retry"}, {"do": "answer", "response": "1"}):
        pack.act(more)
    assert pack.page()["label"] == "All done"


def test_the_done_page_has_every_field_of_a_card(pack):
    before = pack.page().keys()
    pack.done = True
    assert pack.page().keys() == before


def test_the_stored_queue_holds_no_question(pack):
    assert repr(pack) == "Review: 2 due."
    assert "slope" not in pack._fallback()
