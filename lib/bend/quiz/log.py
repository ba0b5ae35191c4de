"""What the learner did: append-only JSON Lines, one file for each kernel. The log is the truth.

Nothing is overwritten, so nothing written can be lost; reading merges the files of all kernels.
"""

import errno
import functools
import itertools
import json
import os
import threading
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from bend import __version__
from bend.errors import BadInput, Unsaved

VERSION = 1
FIELDS = {
    "v": int, "id": str, "n": int, "at": str, "kind": str, "question": str,
    "rev": int, "attempt": int, "hints": int, "seed": int,
}  # fmt: skip


def now():
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment):
    """The moment as the log spells it: ISO 8601 in UTC, always with microseconds."""
    if moment.tzinfo is None:
        raise BadInput("a time without its zone cannot be logged; pass an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def reason(error):
    """What the operating system says, in small letters."""
    return (error.strerror or str(error)).lower()


class Log:
    """The events of one learner, in a folder; `Log(None)` keeps them in memory.

    `notice` is a calm sentence while events wait to be written, else "".
    `unreadable` and `newer` count the lines that `events()` had to leave out.
    """

    def __init__(self, home):
        self.home = None if home is None else Path(home)
        self.kernel = uuid.uuid4().hex
        self.notice = ""
        self.unreadable = self.newer = 0
        self._count = itertools.count(1)
        self._waiting = []
        # A card may be answered in a thread beside a cell that calls `check`.
        self._writing = threading.Lock()
        self._files = {}
        self._merged = None, []
        self._grouped = None, {}

    @property
    def path(self):
        """This kernel's own file."""
        return self.home / f"events-{self.kernel}.jsonl"

    def append(self, event):
        """Write one event, and those that could not be written before it.

        Raises:
            Unsaved: it could not be written; it is kept in memory, and tried again next time.
        """
        with self._writing:
            known = {"v": VERSION, "id": uuid.uuid4().hex, "kernel": self.kernel}
            known["n"] = next(self._count)
            self._waiting.append(known | event | {"bend": __version__, "learner": self._learner})
            if self.home is not None:
                self._write_waiting()

    def _write_waiting(self):
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            # A failed write may have left half a line: begin on a new one.
            _write(self.path, b"\n" * bool(self.notice) + to_lines(self._waiting))
        except OSError as error:
            self.notice = self._calm_sentence(error)
            raise Unsaved(self.notice) from error
        self._waiting.clear()
        self.notice = ""

    def adopt(self, events):
        """Write events from elsewhere, as they are, into a new file of their own: all or none.

        Raises:
            Unsaved: they could not be written.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self.home / f"events-{uuid.uuid4().hex}.jsonl", to_lines(events))
        except OSError as error:
            raise Unsaved(f"nothing was imported: {reason(error)} ({self.home})") from error

    def _calm_sentence(self, error):
        return (
            f"Not saved: {reason(error)} ({self.home}). Your answer is kept while this notebook "
            "runs, and saving is tried again with the next one."
        )

    @functools.cached_property
    def _learner(self):
        """A random id without a name, the same as long as the log lives."""
        return next(filter(None, map(learner_of, self.events())), uuid.uuid4().hex)

    def check_home(self):
        """Raises: BadInput where the folder is there and cannot be read, which finds no event."""
        try:
            os.listdir(self.home) if self.home else []
        except FileNotFoundError:
            pass  # nothing was answered yet
        except OSError as error:
            raise BadInput(f"your progress cannot be read: {reason(error)} ({self.home})") from None

    def events(self):
        """Every event that can be read, once each, by time."""
        files = self._read_files()
        seen = tuple(stat for stat, *_ in files.values()), len(self._waiting)
        if self._merged[0] != seen:
            read = [e for _, events, *_ in files.values() for e in events]
            unique = {e["id"]: e for e in [*read, *self._waiting]}
            self._merged = seen, sorted(unique.values(), key=by_time)
        self.unreadable = sum(unreadable for _, _, unreadable, _ in files.values())
        self.newer = sum(newer for *_, newer in files.values())
        return self._merged[1]

    def of(self, question):
        """Every event of the question with this id, by time."""
        events = self.events()
        if self._grouped[0] is not events:
            groups = defaultdict(list)
            for event in events:
                groups[event["question"]].append(event)
            self._grouped = events, groups
        return self._grouped[1].get(question, [])

    def _read_files(self):
        """What is in each file; only files that changed are read again."""
        found = {}
        for path in _event_files(self.home):
            try:
                stat = path.stat()
                changed = path, stat.st_size, stat.st_mtime_ns
                known = self._files.get(path)
                found[path] = known if known and known[0] == changed else (changed, *read(path))
            except OSError:
                found[path] = (path, None), [], 1, 0
        self._files = found
        return found


def to_lines(events):
    """The events as the files hold them, one a line."""
    return "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events).encode()


def _event_files(home):
    try:
        return sorted(home.glob("events-*.jsonl")) if home else []
    except OSError:
        return []


def read(path):
    """One file: its events, and how many lines are unreadable and from a newer version."""
    events, unreadable, newer = [], 0, 0
    for line in path.read_bytes().split(b"\n"):
        if not line.strip():
            continue
        event = _parse(line)
        if event is None:
            unreadable += 1
        elif event["v"] > VERSION:
            newer += 1
        else:
            events.append(event)
    return events, unreadable, newer


def _parse(line):
    try:
        event = json.loads(line)
        # A newer version may have other fields; all that it must have is its number.
        if type(event["v"]) is int and event["v"] > VERSION:
            return event
        if datetime.fromisoformat(event["at"]).tzinfo is None:
            return None
        return event if all(type(event[k]) is kind for k, kind in FIELDS.items()) else None
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def learner_of(event):
    """The random id of who answered; "" where an event has none."""
    learner = event.get("learner")
    return learner if isinstance(learner, str) else ""


def by_time(event):
    """What to sort events by."""
    # A coarse clock gives one kernel's events one time; n keeps them in order.
    return datetime.fromisoformat(event["at"]), event["n"], event["id"]


def _write(path, data):
    """One write that is on the disk when this returns, or an OSError and no part of it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o600)
    try:
        before = os.fstat(file).st_size
        if os.write(file, data) != len(data):
            os.ftruncate(file, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    finally:
        os.close(file)


def default_log():
    """The log in $BEND_HOME ("none": in memory), else in the user's data folder."""
    return _log_in(os.environ.get("BEND_HOME", ""))


@functools.cache
def _log_in(home):
    if home == "none":
        return Log(None)
    if home:
        try:
            return Log(Path(home).expanduser().absolute())
        except RuntimeError as error:
            raise BadInput(
                f"BEND_HOME is {home}, which is no folder: {error}".rstrip(".")
            ) from None
    from platformdirs import user_data_path

    return Log(user_data_path("bend", appauthor=False))


def where(log=None):
    """Print where the progress is, how to move it and how to delete it."""
    home = (log or default_log()).home
    if home is None:
        print("BEND_HOME is `none`: progress is in memory and forgotten with this kernel.")
        return
    size = sum(file.stat().st_size for file in _event_files(home))
    print(f"Your progress is in {home} ({size / 1000:.1f} kB).")
    print("To move it: move that folder and set BEND_HOME to where it is then.")
    print("To delete it: delete that folder. Nothing else is kept, here or elsewhere.")
