"""What a question is: one small frozen model for each type, and the rules its author must keep.

A fault names the field it is in. `_across` checks what no single field can know, and it runs even
where fields are faulty, so that an author reads every fault at once.
"""

import re
from collections import Counter
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
# "\nabla" between plain quotes is a line break and "abla".
BROKEN_COMMAND = re.compile(r"\$[^$]*\n(abla|eq|ot|u)\b[^$]*\$")
SPELT = {"\t": r"\t", "\b": r"\b", "\f": r"\f", "\r": r"\r"}


def _legible(text):
    if not text.strip():
        raise PydanticCustomError("bank", "is empty")
    if found := CONTROL.search(text):
        spelt = SPELT.get(found[0], repr(found[0])[1:-1])
        raise PydanticCustomError(
            "bank",
            f"holds a control character, {spelt}: put the text between ''' ''' so that "
            r"\theta and \frac keep their backslash",
        )
    if BROKEN_COMMAND.search(text):
        raise PydanticCustomError(
            "bank",
            r"has a line break inside a formula where \nabla or the like was meant: "
            "put the text between ''' '''",
        )
    return text


Text = Annotated[str, AfterValidator(_legible)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Claim = Annotated[str, Field(pattern=r"^C\d\d$")]
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
Lesson = Annotated[str, Field(pattern=r"^\d\d$")]
Tolerance = Annotated[FiniteFloat, Field(gt=0)]


class Frozen(BaseModel):
    """Read once, never changed; an unknown field is a fault."""

    # Strict, so that answer = "0.25" is a fault; a TOML array still fills a tuple.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def spoken(say, info):
    """A validator of `say`: what has a formula in its `text` needs words for it."""
    if not say and "$" in info.data.get("text", ""):
        raise PydanticCustomError("bank", "is required: the text has a formula, say it in words")
    return say


class Option(Frozen):
    """Something to pick. `say` is its spoken label, needed where the text has a formula."""

    id: Id
    text: Text
    correct: bool = False
    feedback: Text | None = None
    say: Annotated[Text | None, Field(validate_default=True)] = None

    _formulas_are_spoken = field_validator("say")(spoken)


class Choice(Option):
    """An option that is right or wrong; a wrong one says why it is tempting and wrong."""

    feedback: Annotated[Text | None, Field(validate_default=True)] = None

    @field_validator("feedback")
    @classmethod
    def _wrong_choices_explain(cls, feedback, info):
        if not feedback and not info.data.get("correct"):
            raise PydanticCustomError("bank", "is required on a wrong choice: say why it is wrong")
        return feedback


class Catch(Frozen):
    """A wrong number that people give; `tol` is how near counts, else the question's own."""

    id: Id
    near: FiniteFloat
    tol: Tolerance | None = None
    feedback: Text


class Mistake(Frozen):
    """A mistake that an exercise recognises in a function."""

    id: Id
    feedback: Text


class Point(Frozen):
    """A part of the model answer; the answer is right only when all essential points were in it."""

    id: Id
    text: Text
    essential: bool = False


def tables(raw, name):
    """The sub-tables of that name, as far as they are tables at all."""
    found = raw.get(name)
    return [t for t in found if isinstance(t, dict)] if isinstance(found, list) else []


def repeated(raw, name):
    """A fault for each id that several sub-tables of that name have."""
    counts = Counter(t["id"] for t in tables(raw, name) if isinstance(t.get("id"), str))
    return [(name, f'id "{id}" is used {n} times') for id, n in counts.items() if n > 1]


def _right(raw):
    return sum(choice.get("correct") is True for choice in tables(raw, "choice"))


def few(raw, name="choice", least=2):
    """A fault where there are fewer such sub-tables than make a question."""
    words = {2: "two", 3: "three"}
    enough = len(tables(raw, name)) >= least
    return [] if enough else [(name, f"at least {words[least]} are needed")]


def many(item):
    """The type of a list of such items."""
    return Annotated[tuple[item, ...], Field(strict=False)]


class Question(Frozen):
    """What every type has. `lesson` comes from the file."""

    scored: ClassVar[bool] = True

    lesson: str
    id: Id
    rev: Annotated[int, Field(ge=1)] = 1
    type: str
    section: Id
    taught_in: Lesson | None = None
    claims: many(Claim) = ()
    prompt: Text
    hints: many(Text) = ()
    explain: Text
    check: Name | None = None

    @property
    def place(self):
        """(lesson, section) that teaches it: where it looks back, not the lesson that asks."""
        return self.taught_in or self.lesson, self.section

    @classmethod
    def _across(cls, raw):
        """The faults that span fields, as (field, what was expected)."""
        return []

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault_at_once(cls, raw, handler):
        faults = [_detail((field,), message) for field, message in cls._across(raw)]
        try:
            question = handler(raw)
        except ValidationError as error:
            faults += [_detail(e["loc"], _in_words(e)) for e in error.errors()]
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return question


def _detail(loc, message):
    # Braces would be taken for a template's fields.
    kind = PydanticCustomError("bank", "{message}", {"message": message})
    return InitErrorDetails(type=kind, loc=loc, input=None)


def _in_words(error):
    plain = {"missing": "is required", "extra_forbidden": "is no field that belongs here"}
    return plain.get(error["type"], error["msg"])


class Single(Question):
    """One choice is right."""

    type: Literal["single"]
    order: Literal["shuffled", "fixed"] = "shuffled"
    choices: many(Choice) = Field(alias="choice")

    @classmethod
    def _across(cls, raw):
        right = _right(raw)
        wrong = [] if right == 1 else [("choice", f"exactly one must be correct, not {right}")]
        return wrong + few(raw) + repeated(raw, "choice")


class Multi(Question):
    """Any number of choices is right, at least one."""

    type: Literal["multi"]
    order: Literal["shuffled", "fixed"] = "shuffled"
    choices: many(Choice) = Field(alias="choice")

    @classmethod
    def _across(cls, raw):
        wrong = [] if _right(raw) else [("choice", "at least one must be correct")]
        return wrong + few(raw) + repeated(raw, "choice")


class Numeric(Question):
    """A number, right within abs_tol or rel_tol of the answer, whichever is wider."""

    type: Literal["numeric"]
    answer: FiniteFloat
    abs_tol: Tolerance | None = None
    rel_tol: Tolerance | None = None
    unit: str = ""
    check: Name
    catches: many(Catch) = Field((), alias="catch")

    @classmethod
    def _across(cls, raw):
        tolerant = "abs_tol" in raw or "rel_tol" in raw
        missing = [] if tolerant else [("abs_tol", "is required, or rel_tol")]
        return missing + repeated(raw, "catch")


class Named(Frozen):
    """A wrong number that people give, which the generator computes."""

    id: Id
    feedback: Text


class Drawn(Question):
    """A number to work out, with fresh numbers each time.

    The generator draws them; `[[w]]` in a text stands for the one it calls w, `[[+w]]` for it with
    its sign, `[[(w)]]` for it in brackets where it is negative. `check` computes the answer again.
    """

    type: Literal["numeric"]
    generator: Name
    abs_tol: Tolerance | None = None
    rel_tol: Tolerance | None = None
    unit: str = ""
    check: Name
    catches: many(Named) = Field((), alias="catch")

    @classmethod
    def _across(cls, raw):
        return Numeric._across(raw)


class Recall(Question):
    """Free recall: write it down, see the points, tick those that were in it, rate it."""

    type: Literal["recall"]
    points: many(Point) = Field(alias="point")

    @classmethod
    def _across(cls, raw):
        essential = any(p.get("essential") is True for p in tables(raw, "point"))
        missing = [] if essential else [("point", "at least one must be essential = true")]
        return missing + repeated(raw, "point")


class Predict(Question):
    """A number or a choice to commit to before the figure shows; never scored."""

    scored: ClassVar[bool] = False

    type: Literal["predict"]
    order: Literal["shuffled", "fixed"] = "shuffled"
    choices: many(Option) = Field((), alias="choice")
    answer: FiniteFloat | None = None
    abs_tol: Tolerance | None = None
    rel_tol: Tolerance | None = None
    unit: str = ""
    explain: Text | None = None

    @classmethod
    def _across(cls, raw):
        untestable = [("abs_tol", "is required, or rel_tol, where check recomputes the answer")]
        computed = "check" in raw and "answer" in raw
        return (
            (few(raw) if "choice" in raw else [])
            + (untestable if computed and not {"abs_tol", "rel_tol"} & raw.keys() else [])
            + repeated(raw, "choice")
        )


class Code(Question):
    """A function to write; `check` names the exercise that judges it."""

    type: Literal["code"]
    check: Name
    catches: many(Mistake) = Field((), alias="catch")

    @classmethod
    def _across(cls, raw):
        return repeated(raw, "catch")


TYPES = {
    "single": Single,
    "multi": Multi,
    "numeric": Numeric,
    "recall": Recall,
    "predict": Predict,
    "code": Code,
}
