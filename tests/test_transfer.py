import errno
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bend.cli import main
from bend.errors import BadInput, Unsaved
from bend.quiz.log import Log, stamp, to_lines
from bend.quiz.transfer import export_log, import_log, save

START = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)


def event(n=0, **fields):
    at = stamp(START + timedelta(minutes=n))
    known = {"v": 1, "id": f"e{n}", "n": n, "at": at, "kind": "answer", "question": "q"}
    return known | {"rev": 1, "attempt": 1, "hints": 0, "seed": 0} | fields


def write(path, events):
    path.write_bytes(to_lines(events))
    return path


def exported(path, *events):
    """An exported file of these events."""
    return write(path / "exported.jsonl", events)


def files(home):
    return list(home.iterdir()) if home.exists() else []


texts = st.text(st.characters(), max_size=5)  # half a surrogate pair as well
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=6,
)
# A moment may be spelt in any zone, and two events may share it.
moments = st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC) | st.timezones()
)
events = st.builds(
    lambda n, at, response: event(n, at=at.isoformat(), response=response),
    st.integers(0, 20),
    moments,
    json_values,
)
lines = events.map(lambda e: to_lines([e])) | st.binary(max_size=20).map(lambda b: b + b"\n")


@settings(max_examples=50, deadline=None)
@given(kernels=st.lists(st.lists(lines, max_size=6), max_size=3))
def test_export_import_export_is_the_identity(kernels):
    with tempfile.TemporaryDirectory() as folder:
        old, new, file = Path(folder) / "old", Path(folder) / "new", Path(folder) / "log.jsonl"
        old.mkdir()
        for n, content in enumerate(kernels):
            (old / f"events-{n}.jsonl").write_bytes(b"".join(content))
        file.write_bytes(export_log(Log(old)))
        done = import_log([file], Log(new))
        assert export_log(Log(new)) == file.read_bytes()
        again = import_log([file], Log(new))
        assert (again.new, again.known) == (0, done.new)
        assert len(files(new)) == (1 if done.new else 0)


def test_an_import_adds_what_is_new_in_a_file_of_its_own(tmp_path):
    home = tmp_path / "home"
    log = Log(home)
    log.append(event(1))
    before = log.path.read_bytes()
    done = import_log([exported(tmp_path, event(1), event(0), event(2))], log)
    assert str(done) == "2 new events, 1 known"
    assert [e["id"] for e in Log(home).events()] == ["e0", "e1", "e2"]
    assert log.path.read_bytes() == before
    assert len(files(home)) == 2


def test_several_files_are_imported_at_once_and_count_an_event_once(tmp_path):
    one = write(tmp_path / "one", [event(0), event(1)])
    two = write(tmp_path / "two", [event(1), event(2)])
    assert import_log([one, two], Log(tmp_path / "home")).new == 3


def test_what_cannot_be_read_is_counted_and_left_out(tmp_path):
    file = exported(tmp_path, event(0))
    with file.open("ab") as end:
        end.write(b'{"v":2}\n\x00garbage\n{"v":1')
    done = import_log([file], Log(tmp_path / "home"))
    assert str(done) == (
        "1 new event, 0 known, 2 unreadable lines left out, "
        "1 event of a newer Bend left out (update Bend and try again)"
    )


def test_a_file_that_is_no_log_stops_the_whole_import(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("milk\neggs\n")
    with pytest.raises(BadInput, match=r"notes\.txt is no log of Bend: leave it out"):
        import_log([exported(tmp_path, event(0)), other], Log(tmp_path / "home"))
    assert files(tmp_path / "home") == []


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"gone\.jsonl cannot be read: no such file"):
        import_log([tmp_path / "gone.jsonl"], Log(tmp_path))


def test_a_full_disk_imports_nothing_and_says_so(tmp_path, monkeypatch):
    write_some = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write_some(file, data[:30]))
    with pytest.raises(Unsaved, match="nothing was imported: no space left on device"):
        import_log([exported(tmp_path, event(0))], Log(tmp_path / "home"))
    assert Log(tmp_path / "home").events() == []


def test_a_log_in_memory_is_neither_exported_nor_imported_into(tmp_path):
    for transfer in (export_log, lambda log: import_log([exported(tmp_path, event())], log)):
        with pytest.raises(BadInput, match="BEND_HOME is `none`"):
            transfer(Log(None))


def test_an_existing_file_is_replaced_only_when_told_to(tmp_path):
    file = tmp_path / "bend.csv"
    file.write_text("mine")
    with pytest.raises(BadInput, match="exists: name another file, or replace this one with --f"):
        save(file, b"new")
    assert file.read_text() == "mine"
    save(file, b"new", force=True)
    assert file.read_text() == "new"


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(part, data):
        part.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "bend.csv").write_text("old")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BadInput, match=r"bend\.csv cannot be written: no space left on device"):
        save(tmp_path / "bend.csv", b"new", force=True)
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("bend.csv", "old")]


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, folder):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written: no"):
        save(tmp_path / folder / "bend.csv", b"")


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_the_commands_carry_progress_from_one_home_to_another(tmp_path, monkeypatch):
    monkeypatch.setenv("BEND_HOME", str(tmp_path / "old"))
    Log(tmp_path / "old").append(event(0))
    file = tmp_path / "log.jsonl"
    assert run("export", "log", file).output == f"1 event in {file}\n"
    assert run("export", "log", file).output.startswith(f"Error: {file} exists: ")
    monkeypatch.setenv("BEND_HOME", str(tmp_path / "new"))
    assert run("import", "log", file).output == "1 new event, 0 known\n"
    assert run("import", "log", file).output == "0 new events, 1 known\n"


def test_the_command_refuses_what_is_no_log_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("BEND_HOME", str(tmp_path / "home"))
    (tmp_path / "x").write_text("x")
    done = run("import", "log", tmp_path / "x")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert files(tmp_path / "home") == []
