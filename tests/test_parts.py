import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bend.errors import BankError
from bend.quiz import keys
from bend.quiz.auditing import verify
from bend.quiz.bank import load_bank
from bend.quiz.card import to_fallback, to_page, to_text
from bend.quiz.grading import Grade, grade
from bend.quiz.lint import _math
from bend.quiz.log import Log
from bend.quiz.parts import misplaced
from bend.quiz.said import _place, jumbled
from bend.quiz.session import Session
from bend.quiz.view import answer_in_words

FOLDER = Path(__file__).parent / "data" / "parts"
BANK = load_bank(FOLDER)
TEXT = (FOLDER / "91_parts.toml").read_text(encoding="utf-8")
PARTS = ["which-map", "one-step", "the-collapse"]
RIGHT = {
    "which-map": {"doubled": "linear", "shifted": "affine", "rectified": "neither"},
    "one-step": ["forward", "loss", "backward", "update"],
    "the-collapse": {"count": "2", "map": "affine", "fate": "stays"},
}
WRONG = {
    "which-map": RIGHT["which-map"] | {"shifted": "linear"},
    "one-step": ["update", "forward", "loss", "backward"],
    "the-collapse": {"count": "1", "map": "Linear.", "fate": "goes"},
}
TOLD = {
    "which-map": ["It belongs to *affine, not linear*. secret-shifted"],
    "one-step": ["It comes fourth."],
    "the-collapse": ["secret-one", "secret-linear", "secret-goes"],
}
CAUGHT = {
    "which-map": ("shifted/linear",),
    "one-step": ("update",),
    "the-collapse": ("count/one", "map/linear", "fate/goes"),
}


def answered(id, response):
    session = Session(BANK[id], Log(None))
    session.act({"do": "answer", "response": response})
    return session


@pytest.mark.parametrize("id", PARTS)
def test_an_answer_is_right_as_a_whole_or_caught_by_its_parts(id):
    assert grade(BANK[id], RIGHT[id]) == Grade(True)
    assert grade(BANK[id], WRONG[id]) == Grade(False, CAUGHT[id])


@pytest.mark.parametrize(
    ("id", "response"),
    [
        ("which-map", {"doubled": "linear", "shifted": "affine"}),
        ("which-map", RIGHT["which-map"] | {"shifted": "quadratic"}),
        ("which-map", RIGHT["which-map"] | {"shifted": ["affine"]}),
        ("one-step", None),
        ("one-step", ["forward", "loss", "backward"]),
        ("one-step", ["forward", "loss", "backward", "backward"]),
        ("one-step", ["forward", "loss", "backward", "update", "update"]),
        ("one-step", [["forward"], "loss", "backward", "update"]),
        ("the-collapse", RIGHT["the-collapse"] | {"map": " "}),
        ("the-collapse", RIGHT["the-collapse"] | {"count": "two"}),
        ("the-collapse", RIGHT["the-collapse"] | {"count": 2}),
        ("the-collapse", RIGHT["the-collapse"] | {"fate": "explodes"}),
        ("the-collapse", {}),
    ],
)
def test_an_incomplete_answer_is_no_attempt(id, response):
    session = answered(id, response)
    assert session.view()["error"]
    assert session.log.events() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
WORDS = JSON | st.sampled_from(["linear", "affine", "2", "1e999", "stays", "forward", "loss"])
NEAR = st.one_of(
    st.permutations(RIGHT["one-step"]),
    st.fixed_dictionaries(dict.fromkeys(RIGHT["which-map"], WORDS)),
    st.fixed_dictionaries(dict.fromkeys(RIGHT["the-collapse"], WORDS)),
)


@given(question=st.sampled_from(list(BANK)), response=JSON | NEAR)
@settings(max_examples=300)
def test_any_response_is_graded_and_brought_back(question, response):
    session = Session(question, Log(None))
    session.act({"do": "answer", "response": response})
    view = session.view()
    json.dumps(view)
    assert bool(view["error"]) == (session.phase == "open")
    if session.phase == "answered":
        assert Session(question, session.log).view() == view


@pytest.mark.parametrize("typed", ["affine", "Affine", " affine. ", "straight line"])
def test_words_are_read_without_capitals_hyphens_and_the_full_stop(typed):
    assert grade(BANK["the-collapse"], RIGHT["the-collapse"] | {"map": typed}).correct


@pytest.mark.parametrize("typed", ["afine", "afffine", "affibe", "afifne", "affin", "affines"])
def test_a_word_mistyped_by_one_letter_is_no_attempt(typed):
    response = RIGHT["the-collapse"] | {"map": typed}
    error = grade(BANK["the-collapse"], response).error
    assert error == f"Gap 2: look at the spelling of “{typed}” once more."


@pytest.mark.parametrize(
    ("word", "typed", "forgiven"), [("relu", "relo", False), ("depth", "dept", True)]
)
def test_a_word_of_four_letters_has_to_be_spelt_right(word, typed, forgiven):
    count, gap, fate = BANK["the-collapse"].gaps
    gaps = count, gap.model_copy(update={"answers": (word,)}), fate
    question = BANK["the-collapse"].model_copy(update={"gaps": gaps})
    result = grade(question, RIGHT["the-collapse"] | {"map": typed})
    assert bool(result.error) == forgiven


@pytest.mark.parametrize("typed", ["affection", "fine", "a", "refine", "affinity"])
def test_another_word_is_wrong(typed):
    assert grade(BANK["the-collapse"], RIGHT["the-collapse"] | {"map": typed}).correct is False


def test_a_gap_with_no_number_is_named_and_an_empty_one_comes_first():
    response = RIGHT["the-collapse"] | {"count": "two"}
    assert grade(BANK["the-collapse"], response).error.startswith("Gap 1: Type a number")
    assert grade(BANK["the-collapse"], response | {"map": ""}).error == "Fill in every gap."


def test_a_wrong_gap_that_no_catch_knows_gets_its_own_feedback():
    session = answered("the-collapse", RIGHT["the-collapse"] | {"map": "wavy", "count": "7"})
    assert session.grade.caught == ("count", "map")
    said = {f["option"]: f["text"] for f in session.view()["verdict"]["feedback"]}
    assert said == {"count": "secret-count", "map": "secret-map", "fate": ""}


@pytest.mark.parametrize(
    ("response", "moved"),
    [("bcda", "a"), ("dabc", "d"), ("abdc", "c"), ("abcd", ""), ("dcba", "abcd"), ("cba", "ac")],
)
def test_as_few_steps_as_possible_are_out_of_place(response, moved):
    assert misplaced(sorted(response), response) == tuple(moved)


def test_steps_are_never_shown_in_their_right_order():
    orders = [tuple(jumbled(BANK["one-step"], seed)) for seed in range(200)]
    assert BANK["one-step"].steps not in orders
    assert len(set(orders)) == 23


@pytest.mark.parametrize("id", PARTS)
def test_a_fresh_view_holds_no_answer(id):
    shown = json.dumps(Session(BANK[id], Log(None)).view())
    for word in ("secret", "feedback", "category", "answers", "correct", "straight"):
        assert word not in shown


@pytest.mark.parametrize("id", PARTS)
def test_every_wrong_part_is_told_about(id):
    verdict = answered(id, WRONG[id]).view()["verdict"]
    wrong = [f for f in verdict["feedback"] if not f["correct"]]
    assert [f["option"] for f in wrong] == [caught.split("/")[0] for caught in CAUGHT[id]]
    assert [f["text"] for f in wrong] == TOLD[id]
    assert verdict["answer"] == answer_in_words(BANK[id])


def test_a_place_beyond_the_ninth_is_a_number():
    assert [_place(position) for position in (0, 8, 9)] == ["first", "ninth", "at place 10"]


def test_the_page_knows_how_each_gap_is_filled_and_with_what():
    gaps = Session(BANK["the-collapse"], Log(None)).view()["gaps"]
    assert [(gap["id"], gap["kind"]) for gap in gaps] == [
        ("count", "number"),
        ("map", "words"),
        ("fate", "choice"),
    ]
    assert gaps[0]["options"] == gaps[1]["options"] == []
    assert sorted(option["text"] for option in gaps[2]["options"]) == ["stays", "vanishes"]
    assert {option["id"] for option in gaps[2]["options"]} == {"stays", "goes"}


def test_the_answer_is_told_in_words():
    assert answer_in_words(BANK["which-map"]).splitlines()[1] == (
        "- $f(x) = 2x + 1$: affine, not linear"
    )
    assert answer_in_words(BANK["one-step"]).splitlines()[0] == "1. Compute the outputs"
    assert "A stack of **2** affine layers is one **affine** map" in answer_in_words(
        BANK["the-collapse"]
    )


@pytest.mark.parametrize("id", PARTS)
def test_the_fallback_shows_the_parts_and_folds_the_answer(id):
    before, _, folded = to_fallback(BANK[id]).partition(">Answer</summary>")
    assert "secret" not in before
    assert "secret-explanation" in folded
    assert "<b>" not in before + folded


def test_on_paper_a_gap_is_a_blank_and_its_choices_stand_behind_it():
    text = to_text(BANK["the-collapse"])
    assert "A stack of […] affine layers is one […] map" in text
    assert "and […] (vanishes / stays)." in text
    assert "Into: linear; affine, not linear; neither." in to_text(BANK["which-map"])


def test_the_page_gets_a_place_for_each_gap_and_no_other_markup():
    page = to_page(Session(BANK["the-collapse"], Log(None)).view())
    assert page["text"].count('<span class="bend-gap" data-gap="') == 3
    page = to_page(Session(BANK["which-map"], Log(None)).view())
    assert "&lt;b&gt;ReLU&lt;/b&gt;" in [item["text"] for item in page["items"]]


# What an author can get wrong


def faults(tmp_path, *edits):
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "91_parts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BankError) as error:
        load_bank(tmp_path)
    return [said.removeprefix("91_parts.toml: ") for said in str(error.value).split("\n  ")[1:]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'category = "linear"',
            'category = "curved"',
            'which-map: item 1, category: there is no category "curved"',
        ),
        ("category = \"linear\"\n  feedback = '''secret-doubled'''", 'category = "linear"',
         "which-map: item 1, feedback: is required"),
        ("say = '''two x'''\n", "",
         "which-map: item 1, say: is required: the text has a formula, say it in words"),
        ('id = "backward"', 'id = "loss"', 'one-step: step: id "loss" is used 2 times'),
        ("[[count]]", "[[counts]]", "the-collapse: text: no gap has the id of [[counts]]"),
        ("is one [[map]]", "is one", "the-collapse: gap: [[map]] is not in the text"),
        ("is one [[map]]", "is [[map]] [[map]]",
         "the-collapse: text: the gap [[map]] is there 2 times"),
        ("$b_1 W_2 + b_2$ and [[fate]]", "$b_1 [[fate]] + b_2$",
         "the-collapse: text: a gap cannot lie inside a formula or code"),
        ('check = "the_collapse"', "",
         "the-collapse: check: is required: it recomputes the numbers, by gap"),
        ("answer = 2.0\n  abs_tol = 0.1", "answer = 2.0",
         "the-collapse: gap 1, abs_tol: is required, or rel_tol"),
        ("    correct = true\n", "    feedback = '''no'''\n",
         "the-collapse: gap 3, choice: exactly one must be correct, not 0"),
        ('answers = ["affine", "straight-line"]', "answers = []",
         "the-collapse: gap 2, words, answers: "),
        ('id = "goes"', 'id = "stays"', 'the-collapse: gap 3, choice: id "stays" is used 2 times'),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_part(tmp_path, old, new, said):
    assert any(fault.startswith(said) for fault in faults(tmp_path, (old, new)))


@pytest.mark.parametrize("junk", ["3", "[3]", "[{}]", "[{id = []}]", "[{id = 3, category = []}]"])
@pytest.mark.parametrize("part", ["category", "item", "step", "gap"])
def test_parts_that_are_no_tables_are_faults(tmp_path, part, junk):
    kind = {"step": "order", "gap": "cloze"}.get(part, "match")
    text = f"""lesson = "91"\n[[question]]\nid = "a"\ntype = "{kind}"\nsection = "b"
prompt = "c"\nexplain = "d"\ntext = "[[e]]"\n{part} = {junk}"""
    assert len(faults(tmp_path, (TEXT, text))) > 1


def test_three_steps_and_two_pairs_are_the_least(tmp_path):
    steps = TEXT[
        TEXT.index('  [[question.step]]\n  id = "loss"') : TEXT.index('[[question]]\nid = "the')
    ]
    assert faults(tmp_path, (steps, "")) == ["one-step: step: at least three are needed"]


# What the audit and the lint find


@pytest.fixture
def key(monkeypatch):
    def key(name, value):
        keys_now = keys._KEYS | {name: (__name__, lambda: value)}
        monkeypatch.setattr(keys, "_KEYS", keys_now)

    return key


def test_the_audit_tries_every_pair_swap_and_mistake(key):
    key("the_collapse", {"count": 2})
    assert verify(BANK["which-map"]) == (["6 wrong pairs wrong"], [])
    assert verify(BANK["one-step"]) == (["4 steps, each swap wrong"], [])
    assert verify(BANK["the-collapse"]) == (["key recomputed", "3 gaps, 3 mistakes wrong"], [])


def test_a_recomputed_part_that_differs_is_a_fault(key):
    key("the_collapse", {"count": 3})
    assert verify(BANK["the-collapse"])[1] == ["gap count: recomputed it is 3, not 2"]
    key("the_collapse", {"counts": 2})
    assert verify(BANK["the-collapse"])[1] == ["check: recomputes counts, the numbers are count"]
    key("order", ["update", "forward"])
    question = BANK["one-step"].model_copy(update={"check": "order"})
    assert verify(question)[1][0].startswith("step: recomputed it is ['update', 'forward'], not")


def test_a_catch_that_is_a_right_answer_is_a_fault(key, tmp_path):
    key("the_collapse", {"count": 2})
    text = TEXT.replace('answers = ["linear"]', 'answers = ["Affine"]')
    (tmp_path / "91_parts.toml").write_text(text, encoding="utf-8")
    assert verify(load_bank(tmp_path)["the-collapse"])[1] == ["gap map: 'Affine' is caught as none"]


@pytest.mark.parametrize(
    ("text", "field"),
    [("'''secret-shifted'''", "shifted, feedback"), ("'''Move the weights'''", "update, text"),
     ("'''secret-linear'''", "linear, feedback"), ("'''vanishes'''", "goes, text")],
)  # fmt: skip
def test_broken_math_is_found_in_every_part(tmp_path, text, field):
    broken = TEXT.replace(text, r"'''$\nonsense$'''" + ("\nsay = 'x'" if "text" in field else ""))
    (tmp_path / "91_parts.toml").write_text(broken, encoding="utf-8")
    found = [said for question in load_bank(tmp_path) for said in _math(question)]
    assert [said.split(":")[0] for said in found] == [field]
