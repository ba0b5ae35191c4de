from pathlib import Path

import pytest
from click.testing import CliRunner

from bend.cli import main
from bend.errors import BadInput
from bend.quiz.bank import load_bank
from bend.quiz.classroom import NOBODY, in_text, learners, results
from bend.quiz.log import to_lines

BANK = load_bank(Path(__file__).parent / "data" / "quizzes")
SINGLE, NUMERIC, RECALL, MULTI, CODE = (
    "zero-centred", "peak-of-slope", "why-bend", "which-saturate", "write-double",
)  # fmt: skip


def answer(learner, id, correct, n=1, **more):
    """The event of a first attempt, made n minutes after midnight."""
    event = {"v": 1, "id": f"{learner}{id}{n}", "n": n, "kind": "answer", "learner": learner}
    event |= {"at": f"2026-11-23T00:{n:02}:00+00:00", "question": id, "rev": BANK[id].rev}
    event |= {"attempt": 1, "hints": 0, "seed": 0, "correct": correct}
    return event | more


def results_of(*classroom):
    return {result.question.id: result for result in results(classroom, BANK)}


def exported(folder, name, *events):
    file = folder / name
    file.write_bytes(to_lines(events))
    return file


def test_only_the_very_first_attempt_of_a_learner_counts():
    first = answer("ada", SINGLE, False, 1, caught=["relu"])
    retry = answer("ada", SINGLE, True, 2, attempt=2)
    came_back = answer("ada", SINGLE, True, 3)
    found = results_of([first, retry, came_back], [answer("bob", SINGLE, True)])[SINGLE]
    assert (found.right, found.tries) == (1, 2)


def test_predictions_and_hints_are_no_attempts():
    prediction = answer("ada", "guess-winner", None)
    hint = answer("ada", SINGLE, None, kind="hint")
    assert results_of([prediction, hint]) == {}


def test_questions_that_changed_or_went_are_left_out():
    assert results_of([answer("ada", MULTI, True, rev=1), answer("ada", SINGLE, True)]).keys() == {
        SINGLE
    }
    gone = answer("ada", SINGLE, False) | {"question": "withdrawn"}
    assert results_of([gone]) == {}


def test_the_hardest_question_stands_first():
    ada = [answer("ada", NUMERIC, True), answer("ada", SINGLE, False), answer("ada", CODE, True)]
    bob = [answer("bob", NUMERIC, False), answer("bob", SINGLE, False)]
    assert [r.question.id for r in results([ada, bob], BANK)] == [SINGLE, NUMERIC, CODE]


def test_sure_but_wrong_is_counted():
    sure = answer("ada", SINGLE, False, confidence="sure")
    guess = answer("bob", SINGLE, False, confidence="guess")
    right = answer("eve", SINGLE, True, confidence="sure")
    assert results_of([sure], [guess], [right])[SINGLE].sure_but_wrong == 1


@pytest.mark.parametrize(
    ("id", "fields", "said"),
    [
        (SINGLE, {"caught": ["relu"]}, "the rectifier ReLU"),
        (MULTI, {"caught": ["identity"]}, "identity"),
        (NUMERIC, {"caught": ["peak-of-sigma"]}, "peak of sigma"),
        (NUMERIC, {"caught": [], "response": "0,5"}, "“0,5”"),
        (RECALL, {"caught": ["affine"]}, "left out: affine after affine is affine"),
        (CODE, {"caught": ["squared"]}, "squared"),
        (SINGLE, {"caught": ["an-option-that-went"]}, "an option that went"),
        (NUMERIC, {"caught": 5, "response": "\x1b]0;mine\x07 9"}, "“]0;mine 9”"),
    ],
)
def test_a_mistake_is_said_in_words(id, fields, said):
    found = results_of([answer("ada", id, False, **fields)])[id]
    assert found.mistakes == ((said, 1),)


def test_mistakes_in_parts_name_both_parts():
    bank = load_bank()
    match = next(q for q in bank if q.type == "match")
    item, category = (
        match.items[0],
        next(c for c in match.categories if c.id != match.items[0].category),
    )
    event = answer("ada", SINGLE, False, caught=[f"{item.id}/{category.id}"])
    event |= {"question": match.id, "rev": match.rev}
    (found,) = results([[event]], bank)
    assert found.mistakes == ((f"{item.text}: {category.text}", 1),)


def test_the_commonest_mistake_stands_first():
    wrong = [("ada", "sigmoid"), ("bob", "relu"), ("eve", "relu")]
    found = results_of(*([answer(who, SINGLE, False, caught=[what])] for who, what in wrong))
    assert found[SINGLE].mistakes == (("the rectifier ReLU", 2), ("the logistic function", 1))


def test_two_exports_of_a_learner_are_one_learner(tmp_path):
    early, late = answer("ada", SINGLE, False, 1), answer("ada", NUMERIC, True, 2)
    files = [
        exported(tmp_path, "1.jsonl", late),
        exported(tmp_path, "2.jsonl", answer("bob", SINGLE, True)),
        exported(tmp_path, "3.jsonl", early, late),
    ]
    assert sorted(map(len, learners(files))) == [1, 2]


def test_a_file_that_carries_two_ids_joins_them(tmp_path):
    laptop, desk = answer("laptop", SINGLE, True, 1), answer("desk", NUMERIC, True, 2)
    files = [
        exported(tmp_path, "1.jsonl", desk),
        exported(tmp_path, "2.jsonl", laptop),
        exported(tmp_path, "3.jsonl", laptop, desk),
    ]
    assert learners(files) == [[laptop, desk]]


def test_an_empty_log_is_no_learner(tmp_path):
    assert learners([exported(tmp_path, "empty.jsonl")]) == []


def test_a_file_that_is_no_log_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing of the kind")
    with pytest.raises(BadInput, match=r"notes\.txt is no log of Bend"):
        learners([tmp_path / "notes.txt"])


def test_the_report_in_words():
    ada = [answer("ada", SINGLE, False, caught=["relu"], confidence="sure")]
    bob = [answer("bob", SINGLE, False, caught=["relu"]), answer("bob", CODE, True)]
    assert in_text([ada, bob], BANK) == (
        "2 learners, 2 questions, 1 of 3 first attempts right (33%)\n"
        "\n"
        "0 of 2 right  zero-centred  (lesson 90, single, 1 sure but wrong)\n"
        "     2 × the rectifier ReLU"
    )


def test_long_words_are_cut_at_the_width():
    event = answer("ada", NUMERIC, False, caught=[], response="1 " * 100)
    last = in_text([[event]], BANK, width=40).splitlines()[-1]
    assert len(last) <= 40
    assert last.endswith(" …")


def test_nobody_and_nothing_wrong_are_said():
    assert in_text([], BANK) == NOBODY
    right = in_text([[answer("ada", SINGLE, True)]], BANK)
    assert right.endswith("(100%)\n\nNobody got anything wrong.")


def test_the_command_reads_exported_logs(tmp_path):
    question = next(q for q in load_bank() if q.type == "single")
    event = answer("ada", SINGLE, False) | {"question": question.id, "rev": question.rev}
    done = CliRunner().invoke(main, ["class", str(exported(tmp_path, "ada.jsonl", event))])
    assert done.exit_code == 0
    assert f"0 of 1 right  {question.id}  (lesson {question.lesson}, single)" in done.output


def test_what_the_files_hold_and_nobody_counts_is_told(tmp_path):
    newer = answer("eve", SINGLE, True) | {"v": 99}
    files = [exported(tmp_path, "a.jsonl", answer("ada", SINGLE, True), newer)]
    files.append(exported(tmp_path, "b.jsonl", answer("bob", SINGLE, True)))
    files[1].write_bytes(files[1].read_bytes() + b"half a li\n")
    said = CliRunner().invoke(main, ["class", *map(str, files)]).output
    assert "1 unreadable line left out, 1 event of a newer Bend left out" in said
    assert (
        "left out"
        not in CliRunner().invoke(main, ["class", str(exported(tmp_path, "c.jsonl"))]).output
    )


def test_a_learner_that_is_no_text_is_one_of_its_own(tmp_path):
    odd = exported(tmp_path, "odd.jsonl", answer("ada", SINGLE, True) | {"learner": [1]})
    even = exported(tmp_path, "even.jsonl", answer("bob", SINGLE, True))
    assert len(learners([odd, even])) == 2


def test_the_command_wants_files():
    done = CliRunner().invoke(main, ["class"])
    assert done.exit_code == 2
    assert "Missing argument 'FILES...'" in done.output
