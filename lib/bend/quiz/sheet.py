"""A question on paper, with its answer: what exports and the instructor's key are made of."""

import re
import textwrap
from dataclasses import dataclass
from string import ascii_uppercase

from bend.quiz.grading import tolerance
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
    """The question on paper; its options stand in the same order each time."""
    lettered = list(zip(ascii_uppercase, shuffled(question), strict=False))
    unit = getattr(question, "unit", "")
    said = [
        (letter, option.feedback)
        for letter, option in lettered
        if not option.correct and option.feedback
    ]
    for mistake in (*getattr(question, "catches", ()), *getattr(question, "faults", ())):
        said.append((_number(getattr(mistake, "near", None), unit), mistake.feedback))
    return Sheet(
        TASKS[question.type] + (f" (In {unit}.)" if unit else ""),
        [(letter, option.text) for letter, option in lettered],
        _answer(question, lettered, unit),
        said,
    )


def _answer(question, lettered, unit):
    if points := getattr(question, "points", ()):
        return [("essential" if p.essential else "also", p.text) for p in points]
    if right := [(letter, option.text) for letter, option in lettered if option.correct]:
        return right
    # A prediction's is told by the figure that settles it, a function's by the explanation.
    words = answer_in_words(question) or _number(getattr(question, "answer", None), unit)
    return [("", words)] if words else []


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
    page = sheet(question)
    answer = in_lines(page.answer) or ["see why" if question.explain else "the figure shows it"]
    if question.type == "numeric":
        answer[0] += f" (± {tolerance(question):.3g})"
    lines = [
        f"{number}. {question.id}  ({question.type}, {section(question)['title']})",
        *_block("Asked", [question.prompt], width),
        *_block("", in_lines(page.options), width),
        *_block("Answer", answer, width),
        *_block("Else", in_lines(page.feedback), width),
        *_block("Why", [question.explain or ""], width),
    ]
    return "\n".join(lines)


def _block(name, texts, width):
    """Wrapped lines beside the name of the block; a formula stays on one line."""
    lines = [line for text in texts for line in text.splitlines()]
    names = [name] + [""] * len(lines)
    below = " " * (14 if len(lines) > 1 else 12)
    filled = [
        textwrap.fill(
            FORMULA.sub(lambda found: found[0].replace(" ", UNBROKEN), line), width,
            initial_indent=f"    {name:8}", subsequent_indent=below,
            break_long_words=False, break_on_hyphens=False,
        ) for name, line in zip(names, lines, strict=False)
    ]  # fmt: skip
    return [text.replace(UNBROKEN, " ") for text in filled]
