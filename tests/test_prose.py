"""What the lessons say: how much, how often they ask, and that every number is measured."""

import math
import re
from collections import Counter

import pytest
from tests.test_lessons import CLAIMS, LESSONS, asked, codes, markdown

from bend.quiz.bank import TYPES, load_bank

every_lesson = pytest.mark.parametrize("name", CLAIMS)

DIGITS = r"\d+(?:\.\d+)?"
NUMBER = re.compile(
    rf"""(?<![\w.])
    (?: (?P<scale>{DIGITS}) \s* (?:\\cdot|\\times|·|×) \s* )?
    (?: (?P<base>{DIGITS}) \^ \{{? (?P<power>[-−]?{DIGITS}) \}}?
      | (?P<e>{DIGITS}e-?\d+)
      | (?P<percent>{DIGITS}) \s? \\? (?:%|percent\b)
      | (?P<decimal>\d+\.\d+) (?![\w.]*\d)
    )""",
    re.VERBOSE,
)
PRINTED = re.compile(r"(\d+(?:\.\d+)?(?:e[-+]?\d+)?)( ?%)?")


def bare(number):
    """The number without blanks and TeX, as it is written in a tag: 4.5·10^-5."""
    return re.sub(r"\\cdot|\\times|×", "·", number).translate(str.maketrans("−", "-", " \\{}"))


def step(digits):
    """What one more in the last digit adds."""
    return 10.0 ** -len(digits.partition(".")[2])


def numbers(prose):
    """(as written, value, place of its last digit) of every decimal, percentage and power."""
    for m in NUMBER.finditer(prose):
        if m["base"]:
            power = float(m["base"]) ** float(m["power"].replace("−", "-"))
            value = float(m["scale"] or 1) * power
            # 2^10 is exact; 4.5·10^-5 and 10^-5 are rounded to the digits before the power.
            last = power * step(m["scale"] or "1") if m["base"] == "10" else value / 1000
        else:
            written = m["e"] or m["percent"] or m["decimal"]
            mantissa, _, exponent = written.partition("e")
            unit = 0.01 if m["percent"] else 10.0 ** int(exponent or 0)
            value, last = float(mantissa) * unit, step(mantissa) * unit
        yield m[0], value, last


def printed(notebook):
    """Every number that a cell with a claim's tag shows."""
    values = []
    for cell in codes(notebook):
        if any(re.fullmatch(r"C\d\d", tag) for tag in cell.metadata.get("tags", ())):
            for output in cell.outputs:
                text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
                for digits, percent in PRINTED.findall(text):
                    values.append(float(digits) * (0.01 if percent else 1))
    return values


def unmeasured(notebook):
    """The numbers of the prose that no tagged cell prints and no tag declares as given."""
    shown = printed(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            given = {bare(tag[6:]) for tag in cell.metadata.get("tags", ()) if "given=" in tag}
            for written, value, last in numbers(cell.source):
                found = any(abs(v - value) <= last / 2 * (1 + 1e-9) for v in shown)
                if not found and bare(written) not in given:
                    yield f"{cell.id}: {written}"


@every_lesson
def test_every_number_in_the_prose_is_printed_by_a_cell_or_given(name):
    assert list(unmeasured(LESSONS[name])) == []


@every_lesson
def test_a_number_declared_as_given_is_in_the_prose(name):
    for cell in LESSONS[name].cells:
        tags = [tag[6:] for tag in cell.metadata.get("tags", ()) if tag.startswith("given=")]
        assert {bare(tag) for tag in tags} <= {bare(n) for n, _, _ in numbers(cell.source)}


@pytest.mark.parametrize(
    ("prose", "value"),
    [
        ("at 0.25 it", 0.25),
        ("about 2.7 % of it", 0.027),
        (r"$99\,\%$ or 3 percent", 0.03),
        (r"is $4.5 \cdot 10^{-5}$", 4.5e-5),
        ("$2^{10}$ pieces", 1024),
        ("below 1e-7,", 1e-7),
    ],
)
def test_decimals_percentages_and_powers_are_found(prose, value):
    assert [found for _, found, _ in numbers(prose)] == [pytest.approx(value)]


@pytest.mark.parametrize("prose", ["in 2014, 3 of 10", "lesson 01", "$x_1^2 + n^2$", "W2 and 2x"])
def test_counts_years_and_symbols_are_no_measurements(prose):
    assert list(numbers(prose)) == []


def test_a_number_counts_as_printed_when_it_rounds_to_what_is_said():
    (_, value, last), *_ = numbers("0.25")
    assert math.isclose(value, 0.25)
    assert math.isclose(last, 0.01)


@every_lesson
def test_a_lesson_has_800_to_1500_words(name):
    assert 800 <= len(markdown(LESSONS[name]).split()) <= 1500


@every_lesson
def test_a_lesson_asks_twelve_questions_or_more(name):
    assert len({id for _, id in asked(LESSONS[name])}) >= 12


@every_lesson
def test_there_is_something_to_do_every_few_cells(name):
    notebook = LESSONS[name]
    ends = next(n for n, c in enumerate(notebook.cells) if c.source.startswith("## What common"))
    answers = [
        bool(re.search(r"\b(ask|predict|check|due|explore_\w+|playground)\(", c.source))
        for c in notebook.cells
    ]
    gaps = re.findall("0+", "".join(str(int(a)) for a in answers[:ends]))
    assert max(map(len, gaps)) <= 5


@pytest.mark.parametrize("name", [name for name in CLAIMS if name >= "03"])
def test_one_question_in_five_is_about_an_earlier_lesson(name):
    own = set(CLAIMS[name])
    questions = [load_bank()[id] for id in {id for _, id in asked(LESSONS[name])}]
    earlier = [q for q in questions if q.claims and not own & set(q.claims)]
    assert len(earlier) >= len(questions) / 5


def test_the_course_asks_a_hundred_questions_of_every_type():
    types = Counter(question.type for question in load_bank())
    assert set(types) == set(TYPES)
    assert types.total() >= 100


def test_a_third_of_the_questions_ask_for_words_a_curve_or_a_function():
    types = Counter(question.type for question in load_bank())
    assert types["recall"] + types["sketch"] + types["code"] >= types.total() / 3
