"""The question bank: reads `quizzes/*.toml` and reports every fault of every file in one error."""

import difflib
import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bend.errors import BankError, UnknownName
from bend.quiz import parts, questions
from bend.quiz.questions import Drawn, Question
from bend.quiz.sketch import Sketch

__all__ = ["TYPES", "Bank", "Question", "find_quizzes", "load_bank"]

TYPES = questions.TYPES | parts.TYPES | {"sketch": Sketch}


@dataclass(frozen=True)
class Bank:
    """All questions by id, the file stem of each lesson, and the ids that were withdrawn."""

    folder: Path
    questions: dict[str, Question]
    stems: dict[str, str]
    retired: frozenset[str]

    def __getitem__(self, id):
        """The question; UnknownName, with the closest ids, where there is none."""
        if id in self.questions:
            return self.questions[id]
        if id in self.retired:
            raise UnknownName(f'question "{id}" was withdrawn (retired.toml)')
        close = difflib.get_close_matches(str(id), self.questions, n=3)
        near = f"; did you mean {' or '.join(close)}?" if close else ""
        raise UnknownName(f'no question has the id "{id}"{near}')

    def __iter__(self):
        return iter(self.questions.values())

    def __len__(self):
        return len(self.questions)

    def lesson(self, number):
        """The questions of one lesson, in the order of its file."""
        if number not in self.stems:
            raise UnknownName(f'no lesson "{number}"; there are {", ".join(self.stems)}')
        return tuple(q for q in self if q.lesson == number)


def find_quizzes():
    """The folder of the bank: inside the installed package, else in the checkout."""
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "quizzes"
    return packaged if packaged.is_dir() else here.parents[3] / "quizzes"


def load_bank(path=None):
    """The bank in that folder (the course's own by default), read again when a file changes.

    Raises:
        BankError: with every fault of every file, each with its file, question and field.
    """
    folder = Path(path) if path else find_quizzes()
    stats = [(file, file.stat()) for file in sorted(folder.glob("*.toml"))]
    return _load(folder, tuple((file, s.st_size, s.st_mtime_ns) for file, s in stats))


@functools.lru_cache(maxsize=4)
def _load(folder, state):
    faults, questions, stems = [], {}, {}
    retired = _retired(folder / "retired.toml", faults)
    files = [file for file, *_ in state if file.name != "retired.toml"]
    if not files:
        faults.append(f"{folder}: no question files (*.toml) here")
    for file in files:
        _read_lesson(file, questions, stems, faults)
    faults += [
        f"{_file(questions[id], stems)}: {id}: id: was retired, an id is never used again"
        for id in sorted(retired & questions.keys())
    ]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise BankError("\n  ".join([f"{count} in the question bank", *faults]))
    return Bank(folder, questions, stems, frozenset(retired))


def _file(question, stems):
    return f"{stems.get(question.lesson, question.lesson)}.toml"


def _read_toml(file, faults):
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"^(.*) \(at (line \d+), column \d+\)$", str(error), re.S)
        message, line = (found[1], found[2]) if found else (str(error), "last line")
        faults.append(f"{file.name}: {line}: {message}")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        faults.append(f"{file.name}: line {line}: is not UTF-8")
    except OSError as error:
        faults.append(f"{file.name}: cannot be read: {error.strerror}")
    return None


def _retired(file, faults):
    """Withdrawn ids: `[retired]`, each with the reason."""
    content = (_read_toml(file, faults) or {}) if file.exists() else {}
    table = content.get("retired", {})
    if content.keys() - {"retired"} or not isinstance(table, dict):
        faults.append(f'{file.name}: expected only a table [retired] with lines id = "why"')
    return set(table) if isinstance(table, dict) else set()


def _read_lesson(file, questions, stems, faults):
    content = _read_toml(file, faults)
    if content is None:
        return
    lesson = content.get("lesson")
    faults += [
        f"{file.name}: {key}: is no field that belongs here"
        for key in sorted(content.keys() - {"lesson", "question"})
    ]
    if not isinstance(lesson, str) or not file.name.startswith(f"{lesson}_") or len(lesson) != 2:
        faults.append(f'{file.name}: lesson: expected the file\'s two digits, "{file.name[:2]}"')
    elif lesson in stems:
        faults.append(f'{file.name}: lesson: "{lesson}" is already in {stems[lesson]}.toml')
    else:
        stems[lesson] = file.stem
    raws = content.get("question", [])
    if not isinstance(raws, list):
        raws = []
        faults.append(f"{file.name}: question: expected [[question]] tables")
    for place, raw in enumerate(raws, 1):
        _read_question(file, place, raw, str(lesson), questions, faults)


def _read_question(file, place, raw, lesson, questions, faults):
    named = isinstance(raw, dict) and isinstance(raw.get("id"), str)
    where = f"{file.name}: {raw['id'] if named else f'question {place}'}"
    if named and raw["id"] in questions:
        faults.append(f"{where}: id: is used twice, also in lesson {questions[raw['id']].lesson}")
    model = _model(raw)
    if model is None:
        faults.append(f"{where}: type: expected one of {', '.join(TYPES)}")
        return
    if "lesson" in raw:
        faults.append(f"{where}: lesson: belongs at the top of the file")
    try:
        question = model.model_validate({**raw, "lesson": lesson})
    except ValidationError as error:
        faults += [f"{where}: {_field(e['loc'])}: {e['msg']}" for e in error.errors()]
    else:
        questions.setdefault(question.id, question)


def _model(raw):
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind == "numeric" and "generator" in raw:
        return Drawn
    return TYPES.get(kind) if isinstance(kind, str) else None


def _field(loc):
    """('choice', 2, 'say') reads choice 3, say: people count from one."""
    parts = ["".join(f" {p + 1}" if isinstance(p, int) else f", {p}" for p in loc)]
    return parts[0].removeprefix(", ")
