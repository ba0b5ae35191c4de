"""The learner's working copy of the lessons; nothing that the learner changed is overwritten."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bend.errors import CourseError, UnknownName
from bend.notebooks import read, strip_outputs, to_bytes

HERE = Path(__file__).parent
RECORD = Path(".bend", "handed_out.json")


@dataclass(frozen=True)
class Update:
    """What an update did, by notebook: `kept` ones are the learner's and have a newer version."""

    new: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def notebooks_folder() -> Path:
    """The lessons as they are published: inside a wheel, else at the root of the clone."""
    installed = HERE / "lessons"
    return installed if installed.is_dir() else HERE.parents[1] / "notebooks"


def course_folder() -> Path:
    """The working copy: in the clone, or where the command was given if there is no clone."""
    return (Path.cwd() if (HERE / "lessons").is_dir() else HERE.parents[1]) / "my-course"


def lessons(source: Path) -> list[Path]:
    """The published notebooks in the order of the course.

    Raises:
        CourseError: if there is none.
    """
    found = sorted(source.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise CourseError(f"there are no lessons in {source}: install Bend again")
    return found


def find_lesson(name: str, source: Path) -> Path:
    """The notebook called `1`, `01`, `01_why_nonlinearity` or by its file name.

    Raises:
        UnknownName: listing the lessons.
    """
    for lesson in lessons(source):
        number = lesson.stem[:2]
        if Path(name).stem in (lesson.stem, number, str(int(number))):
            return lesson
    known = ", ".join(lesson.stem for lesson in lessons(source))
    raise UnknownName(f"there is no lesson {name!r}; the lessons are {known}")


def without_outputs(lesson: Path) -> bytes:
    """The notebook as a learner gets it: nothing has run yet and nothing is folded away."""
    return to_bytes(strip_outputs(read(lesson)))


def update(source: Path, course: Path) -> Update:
    """Hand out new lessons, renew the untouched ones and leave the others alone."""
    record, done = _read_record(course), Update()
    for lesson in lessons(source):
        name, fresh, copy = lesson.name, without_outputs(lesson), course / lesson.name
        held = copy.read_bytes() if copy.exists() else None
        if held not in (None, fresh) and _digest(held) != record.get(name):
            # Even a notebook that only ran holds the learner's outputs: bytes decide, not sources.
            if record.get(name) != _digest(fresh):
                done.kept.append(name)
            continue
        if held != fresh:
            _write(copy, fresh)
            (done.new if held is None else done.renewed).append(name)
        record[name] = _digest(fresh)
    _write_record(course, record)
    return done


def renew(name: str, source: Path, course: Path) -> tuple[Path, Path | None]:
    """Renew one lesson. Returns it and where the old copy was kept, if there was one.

    Raises:
        UnknownName: if no lesson has that name.
    """
    lesson = find_lesson(name, source)
    copy, fresh, old = course / lesson.name, without_outputs(lesson), None
    if copy.exists() and copy.read_bytes() != fresh:
        old = _free_name(copy)
        copy.rename(old)
    _write(copy, fresh)
    _write_record(course, _read_record(course) | {lesson.name: _digest(fresh)})
    return copy, old


def _free_name(copy):
    names = (copy.with_name(f"{copy.stem}-old-{n}{copy.suffix}") for n in count(1))
    return next(name for name in names if not name.exists())


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _read_record(course):
    # Without a readable record every copy that differs counts as the learner's.
    try:
        return dict(json.loads((course / RECORD).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def _write_record(course, record):
    _write(course / RECORD, (json.dumps(record, indent=1) + "\n").encode())


def _write(path, content):
    # A half-written copy would later pass for one that the learner changed.
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
