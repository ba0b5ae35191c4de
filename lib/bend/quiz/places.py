"""Where a section is: its heading as written, and the address that leads there."""

import json
from functools import cache
from urllib.parse import quote

from bend.quiz.bank import load_bank
from bend.quiz.lint import HEADING


def find_section(question):
    """(title, address from a notebook beside it) of the section that teaches a question."""
    lesson, section = question.place
    stem = load_bank().stems.get(lesson)
    plain = section.replace("-", " ").capitalize()
    title = _headings(stem).get(section, plain)
    return title, f"{stem}.ipynb#{quote(title.replace(' ', '-'))}" if stem else ""


@cache
def _headings(stem):
    """The headings of a lesson by anchor, spelt as JupyterLab does but in small letters."""
    course = load_bank().folder.parent
    # As in `bend.workspace`, which a card cannot import: it needs nbformat.
    folder = next((f for f in (course / "lessons", course / "notebooks") if f.is_dir()), course)
    try:
        cells = json.loads((folder / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, LookupError):
        return {}
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    titles = [title.strip() for title in HEADING.findall(prose)]
    return {title.replace(" ", "-").lower(): title for title in titles}
