"""The questions for other programs: a deck for Anki, a table for spreadsheets."""

import csv
import hashlib
import io
import itertools
import zipfile
from contextlib import closing
from html import escape

from bend.errors import CourseError
from bend.quiz.fresh import instance
from bend.quiz.sheet import in_lines, sheet
from bend.quiz.text import to_anki_html
from bend.quiz.view import section

COLUMNS = (
    "lesson", "id", "rev", "type", "section", "claims",
    "prompt", "options", "answer", "explanation",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula, full-width signs too.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_table(bank):
    """One row a question, as bytes of UTF-8 with the mark by which Excel knows it."""
    rows = io.StringIO(newline="")
    table = csv.writer(rows)
    table.writerow(COLUMNS)
    for question in map(instance, bank):
        page = sheet(question)
        table.writerow(map(_cell, (
            # Not the bare number: a spreadsheet makes 1 of 01.
            bank.stems[question.lesson], question.id, question.rev, question.type, question.section,
            " ".join(question.claims), question.prompt, "\n".join(in_lines(page.options)),
            "\n".join(in_lines(page.answer)), question.explain or "",
        )))  # fmt: skip
    return rows.getvalue().encode("utf-8-sig")


def _cell(value):
    """The value, after an apostrophe where a spreadsheet would compute it; a number is a number."""
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) and not _is_number(text) else text


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def stable_id(name):
    """32 bits of the SHA-256 of a name: the same id on every machine and in every release."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


# Anki tells note types and decks by these. Whoever changes FIELDS needs a new model, since Anki
# renews only notes whose type still has the same fields.
MODEL = stable_id("bend model 1")
FIELDS = ("Question", "Options", "Hints", "Answer", "Feedback", "Explanation", "Source")
FRONT = """<main>{{Question}}{{Options}}
{{#Hints}}<div>{{hint:Hints}}</div>{{/Hints}}</main>"""
BACK = """{{FrontSide}}<hr id="answer"><main>{{Answer}}
{{#Feedback}}<h2>Other answers</h2>{{Feedback}}{{/Feedback}}
{{#Explanation}}<h2>Why</h2>{{Explanation}}{{/Explanation}}
<footer>{{Source}}</footer></main>"""
CSS = """.card { font: 18px/1.5 system-ui, sans-serif; text-align: left; }
main { max-width: 40rem; margin: 0 auto; }
h2 { font-size: 1rem; margin: 1.5em 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25em 0.75em; }
dd, dd p { margin: 0; }
dt, h2 { font-weight: 600; }
em.task, footer { font-size: 0.85em; }
footer { margin-top: 2em; }"""


def anki_package(bank, moment):
    """A deck for each lesson, as the bytes of an .apkg; the same bank and moment, the same bytes.

    Anki knows a note by its guid, which the question's id makes: importing a later package renews
    the text of the notes that it has, and keeps their history.

    Raises:
        CourseError: genanki is not installed.
    """
    try:
        import genanki
    except ImportError as error:
        raise CourseError(
            'Anki decks need one more package: pip install "genanki>=0.13,<0.14"'
        ) from error
    model = genanki.Model(
        MODEL, "Bend", [{"name": name} for name in FIELDS],
        [{"name": "Card", "qfmt": FRONT, "afmt": BACK}], CSS,
    )  # fmt: skip
    decks = {}
    for place, question in enumerate(instance(q) for q in bank if q.scored):
        name = f"Bend::Lesson {question.lesson}"
        deck = decks.setdefault(name, genanki.Deck(stable_id(name), name))
        deck.add_note(genanki.Note(
            model, _fields(question), tags=_tags(question), guid=f"bend:{question.id}", due=place
        ))  # fmt: skip
    return _packed(genanki.Package(list(decks.values())), moment.timestamp())


def _packed(package, seconds):
    import sqlite3  # which a Python in the browser has not

    # Not through genanki's own file: it leaves a copy in the temporary folder, and the hour of
    # writing in the archive.
    with closing(sqlite3.connect(":memory:")) as base:
        package.write_to_db(base.cursor(), seconds, itertools.count(int(seconds * 1000)))
        base.commit()
        collection = base.serialize()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("collection.anki2"), collection, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("media"), "{}")
    return packed.getvalue()


def _fields(question):
    page = sheet(question)
    source = f"Bend, lesson {question.lesson}, {section(question)['title']} ({question.id})"
    return [
        to_anki_html(question.prompt),
        f'<p><em class="task">{escape(page.task)}</em></p>{_list(page.options)}',
        "".join(map(to_anki_html, question.hints)),
        _list(page.answer),
        _list(page.feedback),
        to_anki_html(question.explain),
        escape(source),
    ]


def _list(pairs):
    rows = (f"<dt>{escape(label)}</dt><dd>{to_anki_html(text)}</dd>" for label, text in pairs)
    return f"<dl>{''.join(rows)}</dl>" if pairs else ""


def _tags(question):
    own = [f"lesson::{question.lesson}", f"section::{question.section}"]
    return [f"bend::{tag}" for tag in [*own, *(f"claim::{claim}" for claim in question.claims)]]
