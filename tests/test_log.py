import errno
import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bend.errors import BadInput, Unsaved
from bend.quiz import log as logs
from bend.quiz.log import Log, default_log, stamp

START = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)


def event(minute=0, **fields):
    known = {"at": stamp(START + timedelta(minutes=minute)), "kind": "answer", "question": "q"}
    return known | {"rev": 1, "attempt": 1, "hints": 0, "seed": 0} | fields


def minutes(log):
    return [datetime.fromisoformat(e["at"]).minute - 40 for e in log.events()]


def disk_full(monkeypatch, kept=0):
    """Writes that take only so many bytes."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:kept]))


def broken(*args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_event_is_read_back_by_another_kernel(tmp_path):
    Log(tmp_path / "new" / "home").append(event(response="€ \ud800 \n"))
    [read] = Log(tmp_path / "new" / "home").events()
    assert read["response"] == "€ \ud800 \n"
    assert read["v"] == 1
    assert {"id", "n", "kernel", "bend", "learner"} <= read.keys()


def test_each_kernel_writes_one_file_that_only_its_owner_reads(tmp_path):
    one, two = Log(tmp_path), Log(tmp_path)
    one.append(event())
    one.append(event())
    two.append(event())
    assert sorted(tmp_path.iterdir()) == sorted([one.path, two.path])
    assert os.name == "nt" or stat.S_IMODE(one.path.stat().st_mode) == 0o600
    assert len(one.path.read_bytes().splitlines()) == 2


def test_a_home_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="your progress cannot be read: not a directory"):
        Log(tmp_path / "file").check_home()
    Log(tmp_path / "not yet there").check_home()
    Log(tmp_path).check_home()
    Log(None).check_home()


def test_a_learner_that_is_no_text_is_none(tmp_path):
    Log(tmp_path).adopt(
        [event(id="a", n=1, v=1, learner=[1]), event(id="b", n=2, v=1, learner="x")]
    )
    log = Log(tmp_path)
    log.append(event())
    assert log.events()[-1]["learner"] == "x"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps its own rights")
def test_a_folder_that_is_made_is_its_owners_alone(tmp_path):
    Log(tmp_path / "written").append(event())
    Log(tmp_path / "adopted").adopt([event()])
    assert {stat.S_IMODE(home.stat().st_mode) for home in tmp_path.iterdir()} == {0o700}


def test_a_file_that_cannot_be_read_is_counted(tmp_path):
    (tmp_path / "events-folder.jsonl").mkdir()
    log = Log(tmp_path)
    assert (log.events(), log.unreadable, log.newer) == ([], 1, 0)


def test_the_files_of_all_kernels_are_merged_by_time(tmp_path):
    one, two = Log(tmp_path), Log(tmp_path)
    for log, minute in [(one, 3), (two, 1), (one, 2), (two, 0)]:
        log.append(event(minute))
    assert minutes(one) == minutes(two) == [0, 1, 2, 3]


def test_times_are_compared_and_not_their_spelling(tmp_path):
    late = (START + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-9))).isoformat()
    log = Log(tmp_path)
    log.append(event(2))
    log.append(event(at=late))
    assert [e["at"] for e in log.events()] == [late, event(2)["at"]]


def test_events_of_one_moment_keep_their_order(tmp_path):
    log = Log(tmp_path)
    for response in "abcdef":
        log.append(event(response=response))
    assert "".join(e["response"] for e in Log(tmp_path).events()) == "abcdef"


def test_a_copied_file_counts_once(tmp_path):
    log = Log(tmp_path)
    log.append(event())
    (tmp_path / "events-copy (1).jsonl").write_bytes(log.path.read_bytes())
    assert len(Log(tmp_path).events()) == 1


def test_unreadable_lines_are_skipped_and_counted(tmp_path):
    log = Log(tmp_path)
    log.append(event(0))
    good = log.path.read_bytes()
    lines = [b"\xff\x00garbage", b"[]", b"3", b"[" * 9999, b'{"v":1}', good[:40], b"", b"\r"]
    for wrong in ({"at": "2026-11-23T22:40:00"}, {"rev": "1"}, {"n": True}):
        lines.append(json.dumps(json.loads(good) | {"id": "a"} | wrong).encode())
    (tmp_path / "events-torn.jsonl").write_bytes(b"\n".join(lines))
    reader = Log(tmp_path)
    assert minutes(reader) == [0]
    assert reader.unreadable == 9


def test_events_of_a_newer_version_are_left_alone(tmp_path):
    log = Log(tmp_path)
    log.append(event())
    newer = tmp_path / "events-newer.jsonl"
    newer.write_text('{"v":2,"what":"ever"}\n')
    assert len(log.events()) == 1
    assert (log.newer, log.unreadable) == (1, 0)
    assert newer.read_text() == '{"v":2,"what":"ever"}\n'


def test_a_short_write_is_taken_back_and_made_good(tmp_path, monkeypatch):
    log = Log(tmp_path)
    log.append(event(0))
    with monkeypatch.context() as patch:
        disk_full(patch, kept=30)
        with pytest.raises(Unsaved, match="Not saved: no space left on device"):
            log.append(event(1))
    assert len(log.path.read_bytes().splitlines()) == 1
    assert minutes(log) == [0, 1]
    log.append(event(2))
    assert log.notice == ""
    assert minutes(Log(tmp_path)) == [0, 1, 2]


def test_half_a_line_that_could_not_be_taken_back_spoils_no_other(tmp_path, monkeypatch):
    log = Log(tmp_path)
    with monkeypatch.context() as patch:
        disk_full(patch, kept=30)
        patch.setattr(os, "ftruncate", broken)
        with pytest.raises(Unsaved):
            log.append(event(0))
    log.append(event(1))
    reader = Log(tmp_path)
    assert minutes(reader) == [0, 1]
    assert reader.unreadable == 1


def test_a_write_that_never_reached_the_disk_is_repeated_and_counts_once(tmp_path, monkeypatch):
    log = Log(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(Unsaved):
            log.append(event(0))
    log.append(event(1))
    assert minutes(Log(tmp_path)) == [0, 1]


def test_a_home_that_cannot_be_made_is_named_and_its_events_are_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    log = Log(tmp_path / "file" / "home")
    for minute in (0, 1):
        with pytest.raises(Unsaved, match="Not saved: "):
            log.append(event(minute))
    assert str(tmp_path / "file" / "home") in log.notice
    assert minutes(log) == [0, 1]
    (tmp_path / "file").unlink()
    log.append(event(2))
    assert log.notice == ""
    assert minutes(Log(tmp_path / "file" / "home")) == [0, 1, 2]


def test_threads_that_write_at_once_lose_no_event_and_write_none_twice(tmp_path, monkeypatch):
    # A kernel may handle a card's answer in a thread of its own, beside the cell that runs.
    log, write = Log(tmp_path), logs._write
    monkeypatch.setattr(logs, "_write", lambda *args: (time.sleep(0.001), write(*args)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(log.append, [event(minute) for minute in range(20)] * 2))
    written = [json.loads(line) for line in log.path.read_bytes().splitlines()]
    assert [e["n"] for e in written] == list(range(1, 41))
    assert len({e["id"] for e in written}) == 40
    assert len({e["learner"] for e in written}) == 1


def test_what_other_kernels_write_is_seen(tmp_path):
    one, two = Log(tmp_path), Log(tmp_path)
    assert one.events() == []
    two.append(event(0))
    assert minutes(one) == [0]
    two.append(event(1))
    assert minutes(one) == [0, 1]


def test_only_files_that_changed_are_read_again(tmp_path, monkeypatch):
    Log(tmp_path).append(event(0))
    log, reads = Log(tmp_path), []
    read = logs.read
    monkeypatch.setattr(logs, "read", lambda path: reads.append(path) or read(path))
    log.append(event(1))
    log.events()
    log.events()
    assert reads.count(log.path) == 1
    assert len(reads) == 2


def test_a_learner_keeps_one_random_id(tmp_path):
    first, second = Log(tmp_path), Log(tmp_path)
    first.append(event(0))
    second.append(event(1))
    assert len({e["learner"] for e in second.events()}) == 1
    other = Log(tmp_path / "other")
    other.append(event())
    assert other.events()[0]["learner"] != first.events()[0]["learner"]


def test_none_keeps_everything_in_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("BEND_HOME", "none")
    monkeypatch.chdir(tmp_path)
    log = default_log()
    log.append(event())
    assert log.home is None
    assert log.events()
    assert list(tmp_path.iterdir()) == []


def test_the_home_is_taken_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("BEND_HOME", str(tmp_path))
    assert default_log().home == tmp_path
    assert default_log() is default_log()


def test_without_the_variable_the_home_is_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("BEND_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    logs._log_in.cache_clear()
    assert default_log().home.name == "bend"
    logs._log_in.cache_clear()


def test_a_time_is_logged_in_utc_and_never_without_its_zone():
    summer = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(summer) == "2026-07-01T07:30:00.000000+00:00"
    with pytest.raises(BadInput, match="without its zone"):
        stamp(datetime(2026, 7, 1))
