"""What an author of questions can get wrong although every question can be read."""

import json
import re
from pathlib import Path

from bend.errors import BadInput
from bend.quiz.auditing import verify
from bend.quiz.fresh import instance

LAST_CLAIM = 53
HISTORY = "ids.txt"
PARTS = ("choices", "catches", "points", "categories", "items", "steps", "gaps", "faults")
CALL = re.compile(r"""\b(ask|predict|prediction|check)\(\s*["']([^"']*)["']""")
HEADING = re.compile(r"(?m)^#+ +(.+)$")


def lint(bank, notebooks=None):
    """Every fault of the bank that reading it alone does not show, each with file and question.

    `notebooks` is the folder of the lessons, by default the one beside the bank.
    """
    lessons = _read_notebooks(Path(notebooks or bank.folder.parent / "notebooks"))
    faults = []
    for question in bank:
        where = f"{bank.stems[question.lesson]}.toml: {question.id}"
        found = [*verify(question)[1], *_math(question), *_claims(question)]
        faults += [f"{where}: {said}" for said in found]
    for lesson in bank.stems:
        faults += [f"{bank.stems[lesson]}.toml: {said}" for said in _longest(bank.lesson(lesson))]
    return faults + _history(bank) + _sections(bank, lessons) + _asked(bank, lessons)


def _math(question):
    from bend.quiz.text import math_faults

    texts = _texts(instance(question))
    return [f"{field}: {said}" for field, text in texts for said in math_faults(text)]


def _texts(question):
    """Every Markdown text of a question with the name of its field."""
    yield "prompt", question.prompt
    yield "explain", question.explain or ""
    yield "unit", getattr(question, "unit", "")
    yield from (("hints", hint) for hint in question.hints)
    yield "text", getattr(question, "text", "")
    yield from _part_texts(question)


def _part_texts(whole):
    for name in PARTS:
        for part in getattr(whole, name, ()):
            yield f"{part.id}, text", getattr(part, "text", "")
            yield f"{part.id}, feedback", getattr(part, "feedback", None) or ""
            yield from _part_texts(part)


def _claims(question):
    unknown = [c for c in question.claims if not 1 <= int(c[1:]) <= LAST_CLAIM]
    return [f"claims: there is no {c}, the last is C{LAST_CLAIM}" for c in unknown]


def _longest(questions):
    """A pattern that a learner would use: the right choice of a lesson is mostly the longest."""
    singles = [q for q in questions if q.type == "single"]
    given_away = [q.id for q in singles if _right_is_longest(q)]
    if len(given_away) < 2 or len(given_away) <= len(singles) / 2:
        return []
    count = f"{len(given_away)} of {len(singles)}"
    return [f"the right choice is the longest in {count} questions: {', '.join(given_away)}"]


def _right_is_longest(question):
    # As read aloud: the source of a formula is longer than the formula.
    length = {c.correct: 0 for c in question.choices}
    for choice in question.choices:
        length[choice.correct] = max(length[choice.correct], len(choice.say or choice.text))
    return length[True] > length[False]


def _history(bank):
    """An id that was ever in the bank stays there or is retired: learners' histories hang on it."""
    file = bank.folder / HISTORY
    ever = set(file.read_text(encoding="utf-8").split()) if file.exists() else set()
    gone = sorted(ever - bank.questions.keys() - bank.retired)
    new = [id for id in bank.questions if id not in ever]
    faults = [f"{HISTORY}: {id} has gone from the bank: put it back, or name it in retired.toml"
              for id in gone]  # fmt: skip
    if new:
        faults.append("\n  ".join([f"{HISTORY}: add these new ids, each on a line:", *new]))
    return faults


def _read_notebooks(folder):
    """The cells of each lesson as (type, source), by file stem."""
    lessons = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            lessons[path.stem] = [(c["cell_type"], "".join(c["source"])) for c in cells]
        except (ValueError, LookupError, TypeError) as error:
            raise BadInput(f"{path.name} cannot be read as a notebook: {error}") from None
    return lessons


def _sections(bank, lessons):
    faults = [f"{stem}.toml: its notebook {stem}.ipynb is missing"
              for stem in bank.stems.values() if stem not in lessons]  # fmt: skip
    for question in bank:
        lesson, section = question.place
        stem, said = bank.stems.get(lesson), None
        if not stem:
            said = f"taught_in: there is no lesson {lesson}"
        elif stem in lessons and section not in _anchors(lessons[stem]):
            said = f'section: no heading of {stem}.ipynb has the anchor "{section}"'
        if said:
            faults.append(f"{bank.stems[question.lesson]}.toml: {question.id}: {said}")
    return faults


def _anchors(cells):
    """The anchors that JupyterLab gives the headings, in small letters."""
    text = "\n\n".join(source for kind, source in cells if kind == "markdown")
    return {heading.strip().replace(" ", "-").lower() for heading in HEADING.findall(text)}


def _asked(bank, lessons):
    """Each question is asked somewhere, by the function for its type; each id asked exists."""
    faults, asked = [], set()
    for stem, cells in lessons.items():
        code = "\n".join(source for kind, source in cells if kind == "code")
        for function, id in CALL.findall(code):
            asked.add((function, id))
            if id not in bank.questions:
                faults.append(f'{stem}.ipynb: {function}("{id}") names no question')
            elif function not in _callers(bank[id]):
                due = _callers(bank[id])[0]
                faults.append(f'{stem}.ipynb: {function}("{id}") should be {due}("{id}")')
    for question in bank:
        if (due := _callers(question)[0], question.id) not in asked:
            where = f"{bank.stems[question.lesson]}.toml: {question.id}"
            faults.append(f'{where}: no notebook asks it: {due}("{question.id}")')
    return faults


def _callers(question):
    special = {"predict": ("predict", "prediction"), "code": ("check",)}
    return special.get(question.type, ("ask",))
