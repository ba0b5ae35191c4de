"""A question on paper, with its answer: what exports and the instructor's key are made of."""

import random
import re
import textwrap
from dataclasses import dataclass
from string import ascii_uppercase

from bend.quiz.fresh import instance
from bend.quiz.grading import tolerance
from bend.quiz.parts import GAP
from bend.quiz.said import mix, right_words
from bend.quiz.view import answer_in_words, section, shuffled

TASKS = {
    "single": "Choose one.",
    "multi": "Choose all that are right.",
    "numeric": "Work out the number.",
    "recall": "Answer from memory.",
    "code": "Write the function.",
    "match": "Match them.",
    "order": "Put them in order.",
    "cloze": "Fill in the gaps.",
    "sketch": "Sketch the curve.",
    "predict": "Predict.",
}

FORMULA = re.compile(r"\$[^$]+\$|`[^`]+`")
UNBROKEN = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Sheet:
    """What to do, what to choose from, the answer, and what is said about other answers.

    All but the task are lists of (label, Markdown); a label may be "".
    """

    task: str
    options: list
    answer: list
    feedback: list


def sheet(question):
    """The question on paper; what is shuffled stands in the same order each time."""
    unit = getattr(question, "unit", "")
    task = TASKS[question.type] + (f" (In {unit}.)" if unit else "")
    return Sheet(task, *_PARTS.get(question.type, _plain)(question))


def _plain(question):
    """Of the types with choices, points or a number."""
    lettered = list(zip(ascii_uppercase, shuffled(question), strict=False))
    wrong = [(letter, o.feedback) for letter, o in lettered if not o.correct and o.feedback]
    unit = getattr(question, "unit", "")
    for mistake in (*getattr(question, "catches", ()), *getattr(question, "faults", ())):
        wrong.append((_number(getattr(mistake, "near", None), unit), mistake.feedback))
    return [(letter, o.text) for letter, o in lettered], _answer(question, lettered, unit), wrong


def _answer(question, lettered, unit):
    if points := getattr(question, "points", ()):
        return [("essential" if p.essential else "also", p.text) for p in points]
    if right := [(letter, o.text) for letter, o in lettered if o.correct]:
        return right
    # A prediction's is told by the figure that settles it, a function's by the explanation.
    words = answer_in_words(question) or _number(getattr(question, "answer", None), unit)
    return [("", words)] if words else []


def _match(question):
    letters = dict(zip((c.id for c in question.categories), ascii_uppercase, strict=False))
    texts = {category.id: category.text for category in question.categories}
    numbered = [(str(n), item) for n, item in enumerate(question.items, 1)]
    return (
        [(n, item.text) for n, item in numbered] + [(letters[id], texts[id]) for id in texts],
        [(f"{n} {letters[item.category]}", texts[item.category]) for n, item in numbered],
        [(n, item.feedback) for n, item in numbered],
    )


def _order(question):
    mixed = random.Random(question.id).sample(question.steps, len(question.steps))
    letters = dict(zip((step.id for step in mixed), ascii_uppercase, strict=False))
    return (
        [(letters[step.id], step.text) for step in mixed],
        [(letters[step.id], step.text) for step in question.steps],
        [],
    )


def _cloze(question):
    gaps = {gap.id: gap for gap in question.gaps}
    open = GAP.sub(lambda found: _to_fill(question, gaps[found[1]]), question.text)
    filled = GAP.sub(lambda found: f"**{right_words(gaps[found[1]])}**", question.text)
    said = [(right_words(gap), gap.feedback) for gap in question.gaps if hasattr(gap, "feedback")]
    return [("", open)], [("", filled)], said


def _to_fill(question, gap):
    choices = mix(getattr(gap, "choices", ()), question, salt=gap.id)
    return f"[{' / '.join(choice.text for choice in choices)}]" if choices else "[…]"


_PARTS = {"match": _match, "order": _order, "cloze": _cloze}


def _number(value, unit):
    return "" if value is None else f"{value:g} {unit}".strip()


def in_lines(pairs):
    """(label, text) as lines of text."""
    return [f"{label}: {text}" if label else text for label, text in pairs]


def answer_key(bank, lessons, width=80):
    """Every question of the lessons with its answer and the reasons, for a terminal."""
    return "\n\n\n".join(_lesson(bank, lesson, width) for lesson in lessons)


def _lesson(bank, lesson, width):
    entries = [_entry(n, question, width) for n, question in enumerate(bank.lesson(lesson), 1)]
    title = f"Lesson {lesson}: {bank.stems[lesson][3:].replace('_', ' ')}"
    return "\n\n".join([f"{title}\n{'=' * len(title)}", *entries])


def _entry(number, question, width):
    asked = instance(question)
    page = sheet(asked)
    answer = in_lines(page.answer) or ["see why" if asked.explain else "the figure shows it"]
    if asked.type == "numeric":
        answer[0] += f" (± {tolerance(asked):.3g})"
    kind = f"{question.type}{', fresh numbers' * (asked is not question)}"
    lines = [
        f"{number}. {question.id}  ({kind}, {section(question)['title']})",
        *_block("Asked", [asked.prompt], width),
        *_block("", in_lines(page.options), width),
        *_block("Answer", answer, width),
        *_block("Else", in_lines(page.feedback), width),
        *_block("Why", [asked.explain or ""], width),
    ]
    return "\n".join(lines)


def _block(name, texts, width):
    """Wrapped lines beside the name of the block; a formula that fits stays on one line."""
    lines = [line for text in texts for line in text.splitlines()]
    names = [name] + [""] * len(lines)
    below = " " * (14 if len(lines) > 1 else 12)
    room = width - len(below) - 1  # for the mark that follows it

    def whole(formula):
        return formula[0].replace(" ", UNBROKEN) if len(formula[0]) <= room else formula[0]

    filled = [
        textwrap.fill(
            FORMULA.sub(whole, line), width,
            initial_indent=f"    {name:8}", subsequent_indent=below,
            break_long_words=False, break_on_hyphens=False,
        ) for name, line in zip(names, lines, strict=False)
    ]  # fmt: skip
    return [text.replace(UNBROKEN, " ") for text in filled]
