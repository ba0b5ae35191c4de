"""Questions whose answer has several parts: items to match, steps to order, gaps to fill."""

import re
from typing import Annotated, Literal

from pydantic import Discriminator, Field, FiniteFloat, Tag, field_validator

from bend.quiz.questions import (
    Catch,
    Choice,
    Frozen,
    Id,
    Numeric,
    Question,
    Single,
    Text,
    Tolerance,
    few,
    many,
    repeated,
    spoken,
    tables,
)

GAP = re.compile(r"\[\[([a-z0-9-]+)\]\]")
FORMULA = re.compile(r"\$[^$]*\$|`[^`]*`")


class Label(Frozen):
    """A step or a category. `say` is its spoken label, needed where the text has a formula."""

    id: Id
    text: Text
    say: Annotated[Text | None, Field(validate_default=True)] = None

    _formulas_are_spoken = field_validator("say")(spoken)


class Item(Label):
    """Something that belongs to one category; `feedback` says why, to those who err."""

    category: Id
    feedback: Text


class Match(Question):
    """Each item belongs to one of the categories, and a category may stay empty."""

    type: Literal["match"]
    categories: many(Label) = Field(alias="category")
    items: many(Item) = Field(alias="item")

    @classmethod
    def _across(cls, raw):
        known = [category.get("id") for category in tables(raw, "category")]
        strays = [
            (f"item {place}, category", f'there is no category "{item["category"]}"')
            for place, item in enumerate(tables(raw, "item"), 1)
            if "category" in item and item["category"] not in known
        ]
        return [*few(raw, "category"), *few(raw, "item"), *strays,
                *repeated(raw, "category"), *repeated(raw, "item")]  # fmt: skip


class Order(Question):
    """Steps, written in the bank in their right order."""

    type: Literal["order"]
    steps: many(Label) = Field(alias="step")

    @classmethod
    def _across(cls, raw):
        return few(raw, "step", 3) + repeated(raw, "step")


class Slip(Frozen):
    """Wrong words that people write in a gap."""

    id: Id
    answers: Annotated[many(Text), Field(min_length=1)]
    feedback: Text


class WordGap(Frozen):
    """Words to type; the first of the answers is the one that is shown."""

    id: Id
    answers: Annotated[many(Text), Field(min_length=1)]
    feedback: Text
    catches: many(Slip) = Field((), alias="catch")


class NumberGap(Frozen):
    """A number to type, right within abs_tol or rel_tol, whichever is wider."""

    id: Id
    answer: FiniteFloat
    abs_tol: Tolerance | None = None
    rel_tol: Tolerance | None = None
    unit: str = ""
    feedback: Text
    catches: many(Catch) = Field((), alias="catch")


class ChoiceGap(Frozen):
    """Words to choose; one choice is right."""

    id: Id
    choices: many(Choice) = Field(alias="choice")


def gap_kind(gap):
    """How a gap is filled, by what is written of it: choice, number or words."""
    has = gap.__contains__ if isinstance(gap, dict) else lambda name: hasattr(gap, name)
    if has("choice") or has("choices"):
        return "choice"
    return "number" if has("answer") else "words"


Gap = Annotated[
    Annotated[WordGap, Tag("words")]
    | Annotated[NumberGap, Tag("number")]
    | Annotated[ChoiceGap, Tag("choice")],
    Discriminator(gap_kind),
]


class Cloze(Question):
    """A sentence whose gaps, [[id]], are to be filled; `check` recomputes the numbers in it."""

    type: Literal["cloze"]
    text: Text
    gaps: many(Gap) = Field(alias="gap")

    @classmethod
    def _across(cls, raw):
        text = raw.get("text") if isinstance(raw.get("text"), str) else ""
        gaps = tables(raw, "gap")
        marked, known = GAP.findall(text), [gap.get("id") for gap in gaps]
        faults = [("text", f"the gap [[{id}]] is there {marked.count(id)} times")
                  for id in dict.fromkeys(marked) if marked.count(id) > 1]  # fmt: skip
        faults += [("text", f"no gap has the id of [[{id}]]") for id in marked if id not in known]
        faults += [("gap", f"[[{id}]] is not in the text") for id in known if id not in marked]
        if any(GAP.search(formula) for formula in FORMULA.findall(text)):
            faults.append(("text", "a gap cannot lie inside a formula or code"))
        if "check" not in raw and any(gap_kind(gap) == "number" for gap in gaps):
            faults.append(("check", "is required: it recomputes the numbers, by gap"))
        return faults + repeated(raw, "gap") + [f for n, gap in enumerate(gaps, 1)
                                                for f in _in_gap(n, gap)]  # fmt: skip


def _in_gap(place, gap):
    alike = {"choice": Single, "number": Numeric}.get(gap_kind(gap))
    found = alike._across(gap) if alike else repeated(gap, "catch")
    return [(f"gap {place}, {field}", said) for field, said in found]


def misplaced(right, response):
    """The fewest ids that have to move for the response to be in the right order."""

    def worth(chain):
        return len(chain), sum(response[place] == right[place] for place in chain)

    chains = []  # the best one in the right order that ends with each id so far
    for id in response:
        place = right.index(id)
        before = max((c for c in chains if c[-1] < place), key=worth, default=())
        chains.append((*before, place))
    best = max(chains, key=worth)
    # A lone id is in order with itself, and would look right wherever it stands.
    kept = {right[place] for place in best if len(best) > 1 or response[place] == right[place]}
    return tuple(id for id in right if id not in kept)


TYPES = {"match": Match, "order": Order, "cloze": Cloze}
