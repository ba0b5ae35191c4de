"""The log in and out: one file carries a learner's progress to another machine."""

import contextlib
from dataclasses import dataclass

from bend.errors import BadInput
from bend.quiz.log import read, reason, to_lines


@dataclass(frozen=True)
class Imported:
    """How many events were new and known, how many lines unreadable and from a newer version."""

    new: int
    known: int
    unreadable: int
    newer: int

    def __str__(self):
        return f"{count(self.new, 'new event')}, {self.known} known" + left_out(self)


def export_log(log):
    """Every event of all kernels that can be read, once each and by time, as lines of JSON."""
    return to_lines(_on_disk(log).events())


def import_log(files, log):
    """Add the events of exported files to the log; those that it has already change nothing.

    Raises:
        BadInput: a file is no log. Then nothing is written, of the other files neither.
        Unsaved: the log cannot be written.
    """
    found = [read_export(file) for file in files]
    known = {event["id"] for event in _on_disk(log).events()}
    events = {event["id"]: event for events, *_ in found for event in events}
    new = [event for event in events.values() if event["id"] not in known]
    if new:
        log.adopt(new)
    unreadable, newer = (sum(counts) for counts in list(zip(*found, strict=True))[1:])
    return Imported(len(new), len(events) - len(new), unreadable, newer)


def _on_disk(log):
    if log.home is None:
        raise BadInput("BEND_HOME is `none`: progress is in memory, and there is no log on disk")
    return log


def read_export(file):
    """An exported file: its events, and how many lines are unreadable and from a newer version.

    Raises:
        BadInput: it cannot be read, or is no log.
    """
    try:
        events, unreadable, newer = read(file)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {reason(error)}") from error
    if unreadable and not events and not newer:
        raise BadInput(f"{file} is no log of Bend: leave it out and try again")
    return events, unreadable, newer


def save(file, data, *, force=False):
    """Write an export whole or not at all; an existing file only when told to replace it."""
    if file.exists() and not force:
        raise BadInput(f"{file} exists: name another file, or replace this one with --force")
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise BadInput(f"{file} cannot be written: {reason(error)}") from error


def left_out(counts):
    """What a log or an import leaves out and why, as the end of a sentence; "" for nothing."""
    said = [f"{count(counts.unreadable, 'unreadable line')} left out"] if counts.unreadable else []
    if counts.newer:
        said.append(
            f"{count(counts.newer, 'event')} of a newer Bend left out (update Bend and try again)"
        )
    return "".join(f", {phrase}" for phrase in said)


def count(n, noun):
    """1 event, 2 events."""
    return f"{n} {noun}{'s' * (n != 1)}"
