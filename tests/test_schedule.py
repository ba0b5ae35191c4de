import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bend.quiz.bank import load_bank
from bend.quiz.log import Log, stamp
from bend.quiz.schedule import again, day, due, fold, in_days, mix

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
SINGLE, RECALL = "zero-centred", "why-bend"


def event(days=0, correct=True, id=SINGLE, **more):
    """A first attempt, so many days after the first Monday."""
    question = BANK[id]
    known = {"kind": "answer", "attempt": 1, "question": id, "rev": question.rev, "hints": 0}
    known |= {"type": question.type, "at": stamp(START + timedelta(days=days)), "seed": 0}
    return known | {"correct": correct} | more


def memory(*events):
    return next(iter(fold(events, BANK).values()), None)


def interval(*events):
    """Days from the last event until the question is due."""
    card = memory(*events).card
    return (card.due - card.last_review).days


def intervals(outcomes):
    """The intervals where each review comes on the day it is due."""
    events, days = [], []
    for correct in outcomes:
        events.append(event(sum(days), correct))
        days.append(interval(*events))
    return days


@pytest.mark.parametrize(
    ("outcomes", "days"),
    [
        ([True] * 5, [2, 11, 46, 60, 60]),
        ([False] * 4, [1, 1, 1, 1]),
        ([True, True, True, False, True, True], [2, 11, 46, 3, 8, 19]),
        ([False, True, True, True], [1, 2, 6, 17]),
    ],
)
def test_the_intervals_are_these(outcomes, days):
    assert intervals(outcomes) == days


def test_a_wrong_answer_comes_back_tomorrow():
    assert interval(event(correct=False)) == 1


def test_hints_shorten_the_interval_and_certainty_lengthens_it():
    hinted, plain, sure = event(hints=1), event(), event(confidence="sure")
    assert interval(hinted) < interval(plain) < interval(sure)
    assert interval(event(hints=1, confidence="sure")) == interval(hinted)


@pytest.mark.parametrize(
    ("rating", "like"),
    [("hard", {"hints": 1}), ("good", {}), ("easy", {"confidence": "sure"}), (["?"], {})],
)
def test_free_recall_goes_by_the_learners_own_rating(rating, like):
    recalled = event(id=RECALL, response={"rating": rating}, hints=2)
    assert interval(recalled) == interval(event(**like))


def test_free_recall_without_its_essential_points_is_forgotten():
    assert interval(event(id=RECALL, correct=False, response={"rating": "easy"})) == 1


@pytest.mark.parametrize(
    "other",
    [{"attempt": 2}, {"kind": "hint"}, {"kind": "reveal"}, {"correct": None}, {"correct": "yes"}],
)
def test_only_a_first_attempt_schedules(other):
    assert memory(event(correct=False), event(1, **other)) == memory(event(correct=False))


def test_a_raised_rev_starts_afresh():
    old = [event(n, rev=BANK[SINGLE].rev - 1) for n in range(3)]
    assert memory(*old) is None
    assert memory(*old, event(9)).outcomes == (True,)


@pytest.mark.parametrize("id", ["guess-accuracy", "write-double"])
def test_predictions_and_functions_do_not_come_back(id):
    assert memory(event(id=id)) is None


def test_a_question_that_has_gone_is_not_there():
    assert fold([event() | {"question": "gone"}], BANK) == {}


def test_sure_but_wrong_holds_until_the_next_right_answer():
    sure = event(correct=False, confidence="sure")
    assert memory(sure).sure_but_wrong
    assert memory(sure, event(1, correct=False)).sure_but_wrong
    assert not memory(sure, event(1)).sure_but_wrong
    assert not memory(event(correct=False, confidence="think")).sure_but_wrong


@pytest.mark.parametrize("order", list(permutations([0, 3, 1])))
def test_a_clock_that_goes_backwards_raises_nothing(order):
    assert len(memory(*map(event, order)).outcomes) == 3


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T00:00:00+00:00"]
)
def test_the_date_of_a_broken_clock_counts_for_nothing(at):
    assert memory(event(at=at)) is None
    assert memory(event(), event(at=at)).due == memory(event()).due


EVENTS = st.lists(
    st.builds(
        event,
        days=st.floats(0, 400).map(lambda days: round(days, 4)),
        correct=st.booleans(),
        id=st.sampled_from([SINGLE, RECALL, "which-saturate"]),
        confidence=st.sampled_from([None, "sure"]),
        hints=st.integers(0, 2),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(events=EVENTS, files=st.integers(1, 4), chance=st.randoms(use_true_random=False))
def test_however_events_are_spread_over_files_they_fold_to_the_same(events, files, chance):
    known = [e | {"v": 1, "id": f"{n:032}", "n": 1} for n, e in enumerate(events)]
    once = fold(sorted(known, key=lambda e: (e["at"], e["id"])), BANK)
    with tempfile.TemporaryDirectory() as home:
        logs = [Log(home) for _ in range(files)]
        for one in chance.sample(known, len(known)):
            for log in chance.sample(logs, chance.randint(1, files)):
                log.append(one)
        assert fold(Log(home).events(), BANK) == once


# What is due, in which order


def waiting(spec):
    """Memories spelt "A B! a2": section by letter, ! sure but wrong, days overdue."""
    made = []
    for n, word in enumerate(spec.split()):
        letter, overdue = word.strip("!0123456789"), int("0" + word.strip("!ABCabc"))
        question = BANK[SINGLE].model_copy(
            update={"section": letter.upper(), "id": f"q{n:02}",
                    "type": "multi" if letter.islower() else "single"}
        )  # fmt: skip
        known = memory(event(-overdue))
        made.append(type(known)(question, known.card, known.outcomes, sure_but_wrong="!" in word))
    return made


def order(spec, n=None):
    return [m.question.section for m in mix(waiting(spec), n)]


def test_a_question_is_due_on_its_day_whatever_the_hour():
    known = memory(event(correct=False))
    assert [due([known], known.due + timedelta(hours=h)) for h in (-24, -11, 11)] == [
        [], [known], [known],
    ]  # fmt: skip


def test_what_is_due_longest_comes_first():
    assert order("A B2 C1") == ["B", "C", "A"]


def test_sure_but_wrong_comes_before_what_is_due_longest():
    assert order("A9 B5 C!") == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("spec", "neighbours"),
    [("A A B B", 0), ("A9 A8 A7 B C", 0), ("A! A! B B B", 0), ("A A A A B", 2), ("B9 A A A", 1)],
)
def test_a_section_follows_itself_only_where_it_must(spec, neighbours):
    found = order(spec)
    assert sum(a == b for a, b in pairwise(found)) == neighbours
    assert sorted(found) == sorted(m.question.section for m in waiting(spec))


def test_a_few_of_many_are_mixed_too():
    assert order("A9 A8 A7 A6 A5 B1 C1", 3) == ["A", "B", "A"]


def test_types_take_turns_among_what_is_due_on_one_day():
    kinds = [m.question.type for m in mix(waiting("A B c a"))]
    assert kinds == ["single", "multi", "single", "multi"]


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=12))
def test_the_mix_repeats_a_section_no_more_than_any_order_does(letters):
    found = order(" ".join(letters))
    most = max(map(letters.count, letters))
    assert sum(a == b for a, b in pairwise(found)) == max(0, 2 * most - len(letters) - 1)


# In words


def test_a_day_is_said_as_people_say_it():
    said = [in_days(START + timedelta(days=n), START) for n in (-2, 0, 1, 5)]
    assert said == ["today", "today", "tomorrow", "in 5 days"]


def test_a_card_says_when_it_comes_back():
    log = Log(None)
    assert again(BANK[SINGLE], log, START) == ""
    log.append(event(correct=False))
    assert again(BANK[SINGLE], log, START) == "You will see this again tomorrow."
    later = START + timedelta(days=3)
    assert again(BANK[SINGLE], log, later).startswith("It is due again")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the system")
def test_a_day_begins_at_the_learners_midnight(monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert day(datetime(2026, 11, 2, 12, tzinfo=UTC)).day == 3
    finally:
        monkeypatch.undo()
        time.tzset()
