import csv
import io
import sys
import tomllib
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from click.testing import CliRunner

from bend.cli import main
from bend.errors import CourseError
from bend.quiz.bank import load_bank
from bend.quiz.export import COLUMNS, MODEL, anki_package, csv_table, stable_id
from bend.quiz.fresh import instance

BANK = load_bank()
NOW = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)
ONE = r"""
lesson = "01"
[[question]]
id = "slope"
type = "numeric"
section = "the-slope"
claims = ["C12"]
prompt = '''Is $a<b$? <script>boom()</script> **bold**'''
hints = ['''A hint.''']
answer = 0.375
abs_tol = 0.01
check = "slope"
explain = '''$$e^x$$'''
  [[question.catch]]
  id = "one"
  near = 1.0
  feedback = '''Too much.'''
"""

FRESH = r"""
lesson = "01"
[[question]]
id = "fresh"
type = "numeric"
section = "s"
prompt = '''Which $b$ has $[[w2]]([[w1]]x [[+b1]]) [[+b2]]$?'''
hints = ['''Not [[b1]].''']
explain = '''It is $[[w2]] \cdot [[(b1)]] [[+b2]]$.'''
generator = "three_affine_layers"
check = "three_affine_layers"
abs_tol = 0.1
"""


def bank_of(folder, text):
    (folder / "01_test.toml").write_text(text, encoding="utf-8")
    return load_bank(folder)


def rows(table):
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def test_the_table_has_one_row_a_question_in_the_order_of_the_bank():
    table = rows(csv_table(BANK))
    assert [line["id"] for line in table] == list(BANK.questions)
    assert tuple(table[0]) == COLUMNS
    assert {line["lesson"] for line in table} == set(BANK.stems.values())


def test_the_table_tells_a_spreadsheet_its_encoding_and_keeps_every_sign(tmp_path):
    table = csv_table(bank_of(tmp_path, ONE.replace("A hint", "x").replace("Is", "σ′ „a, b“\n;")))
    assert table.startswith(b"\xef\xbb\xbf")
    assert rows(table)[0]["prompt"].startswith("σ′ „a, b“\n;")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "＝1", "  =1", "-1,5"])
def test_no_cell_is_a_formula(tmp_path, start):
    bank = bank_of(tmp_path, ONE.replace("Is $a<b$?", start))
    assert rows(csv_table(bank))[0]["prompt"].startswith(f"'{start}")


def test_a_negative_number_stays_a_number(tmp_path):
    bank = bank_of(tmp_path, ONE.replace("answer = 0.375", "answer = -0.375"))
    assert rows(csv_table(bank))[0]["answer"] == "-0.375"


def test_fresh_numbers_are_drawn_once_for_every_export(tmp_path, anki):
    bank = bank_of(tmp_path, FRESH)
    asked = instance(bank["fresh"])
    [line] = rows(csv_table(bank))
    assert (line["prompt"], line["answer"]) == (asked.prompt, f"{asked.answer:g}")
    imported(anki, tmp_path, anki_package(bank, NOW))
    back = anki.get_card(anki.find_cards("")[0]).answer()
    assert asked.explain.split("$")[1] in back
    assert "[[" not in back + str(line)


@pytest.fixture
def anki(tmp_path):
    collection = Collection(str(tmp_path / "collection.anki2"))
    yield collection
    collection.close()


def imported(anki, folder, package):
    """Import as Anki does when nothing is changed in its dialogue; how many notes of each fate."""
    file = folder / "bend.apkg"
    file.write_bytes(package)
    request = ImportAnkiPackageRequest(package_path=str(file), options=ImportAnkiPackageOptions())
    log = anki.import_anki_package(request).log
    return {kind.name: len(notes) for kind, notes in log.ListFields() if kind.name != "found_notes"}


def answer_right(anki):
    """Review the next card as a learner does."""
    card = anki.sched.getCard()
    anki.sched.answerCard(card, 4)
    return card.id


def test_anki_takes_every_scored_question_once(anki, tmp_path):
    scored = [q for q in BANK if q.scored]
    assert imported(anki, tmp_path, anki_package(BANK, NOW)) == {"new": len(scored)}
    assert anki.note_count() == anki.card_count() == len(scored)
    decks = {deck.name for deck in anki.decks.all_names_and_ids()}
    assert decks == {"Default", "Bend", *(f"Bend::Lesson {lesson}" for lesson in BANK.stems)}


def test_anki_takes_the_same_package_twice_without_a_second_note(anki, tmp_path):
    package = anki_package(BANK, NOW)
    count = imported(anki, tmp_path, package)["new"]
    assert imported(anki, tmp_path, package) == {"duplicate": count}
    assert anki.note_count() == count


def test_an_edited_question_renews_its_note_and_keeps_its_history(anki, tmp_path):
    imported(anki, tmp_path, anki_package(bank_of(tmp_path, ONE), NOW))
    anki.decks.select(anki.decks.id("Bend"))
    id = answer_right(anki)
    before = anki.get_card(id)
    assert (before.reps, before.ivl > 0) == (1, True)
    edited = bank_of(tmp_path, ONE.replace("**bold**", "edited"))
    package = anki_package(edited, NOW + timedelta(days=1))
    assert imported(anki, tmp_path, package) == {"updated": 1}
    after = anki.get_card(id)
    assert "edited" in after.question()
    assert anki.note_count() == 1
    history = ("reps", "ivl", "due", "queue", "type", "factor", "did")
    assert [getattr(after, f) for f in history] == [getattr(before, f) for f in history]
    assert anki.db.scalar("select count() from revlog") == 1


def test_a_card_shows_the_question_first_and_all_the_rest_behind(anki, tmp_path):
    imported(anki, tmp_path, anki_package(bank_of(tmp_path, ONE), NOW))
    [card] = [anki.get_card(id) for id in anki.find_cards("")]
    front, back = card.question(), card.answer()
    assert r"\(a&lt;b\)" in front
    assert "&lt;script&gt;boom()&lt;/script&gt; <strong>bold</strong>" in front
    assert "A hint." in front
    for told in ("0.375", "Too much.", r"\[e^x\]"):
        assert told in back
        assert told not in front


def test_a_note_is_tagged_with_its_lesson_section_and_claims(anki, tmp_path):
    imported(anki, tmp_path, anki_package(bank_of(tmp_path, ONE), NOW))
    note = anki.get_note(anki.find_notes("")[0])
    assert note.tags == ["bend::claim::C12", "bend::lesson::01", "bend::section::the-slope"]
    assert note.guid == "bend:slope"


def test_the_ids_by_which_anki_knows_the_decks_never_change():
    assert MODEL == 1903679234
    assert stable_id("Bend::Lesson 01") == 350104279


def test_the_same_bank_and_moment_make_the_same_bytes():
    assert anki_package(BANK, NOW) == anki_package(BANK, NOW)
    entries = zipfile.ZipFile(io.BytesIO(anki_package(BANK, NOW))).infolist()
    assert [entry.filename for entry in entries] == ["collection.anki2", "media"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}  # no clock in it


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    anki_package(BANK, NOW)
    assert list(tmp_path.iterdir()) == []


def test_without_genanki_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "genanki", None)
    with pytest.raises(CourseError) as error:
        anki_package(BANK, NOW)
    extras = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    [needed] = extras["optional-dependencies"]["export"]
    assert str(error.value).endswith(f'pip install "{needed}"')
    assert needed in extras["optional-dependencies"]["test"]


@pytest.mark.parametrize("kind", ["anki", "csv"])
def test_the_command_writes_the_file_and_never_over_another(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    first = CliRunner().invoke(main, ["export", kind])
    assert first.exit_code == 0, first.output
    [file] = tmp_path.iterdir()
    assert str(file.name) in first.output
    again = CliRunner().invoke(main, ["export", kind])
    assert again.exit_code == 1
    assert again.output.startswith(f"Error: {file.name} exists: ")
    assert CliRunner().invoke(main, ["export", kind, "--force"]).exit_code == 0
