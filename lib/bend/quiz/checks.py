"""Runs a learner's function on hidden inputs and says in one sentence what is wrong and where.

Whatever the function does (raise, warn, print, loop for ever, change its arguments), it ends in a
`Verdict`. An exercise reads straight on, since each helper either returns or ends it:

    @exercise(model=double, mistakes={"squared": np.square})
    def write_double(function):
        return agrees(function, double, [(np.array([0.0, 1.5]),), (np.float32(2),)])
"""

import contextlib
import copy
import inspect
import io
import linecache
import sys
import time
import warnings
from dataclasses import dataclass

from bend.quiz.compare import brief, compare, same

DEADLINE = 2.0


@dataclass(frozen=True)
class Verdict:
    """What was found; `caught` names the mistake recognised, `pending` is an untouched stub."""

    correct: bool
    message: str
    caught: str | None = None
    pending: bool = False


class Judged(Exception):
    """Ends an exercise with its verdict."""

    def __init__(self, verdict):
        super().__init__(verdict.message)
        self.verdict = verdict


class _OutOfTime(BaseException):
    """Not an Exception, so that a learner's `except Exception` lets it through."""


def wrong(message, caught=None):
    """End the exercise: something is wrong."""
    raise Judged(Verdict(False, message, caught))


def not_yet(message):
    """End the exercise: there is nothing to judge so far."""
    raise Judged(Verdict(False, message, pending=True))


def judge(exercise, function):
    """The verdict of an exercise on anything that a learner hands in; never raises."""
    try:
        if not callable(function):
            not_yet(f"Hand in the function itself, without parentheses; this is {brief(function)}.")
        return exercise.judge(function)
    except Judged as end:
        return end.verdict
    except Exception as error:
        # The exercise tripped over what the function returned.
        return Verdict(False, f"What {_call(function)} returns cannot be checked: {_told(error)}.")


def agrees(function, model, cases, *, mistakes=None, **how):
    """Right when the function does as the model on every case, a tuple of arguments each.

    `mistakes` maps ids of catches to functions; the one that does as the learner's on the first
    case that differs is the mistake that was made. `how` goes to `compare`.
    """
    for case in cases:
        got = run(function, *case)
        said = compare(got, model(*copy.deepcopy(case)), what=_call(function) + " gives", **how)
        if said:
            wrong(f"{said}{_given(function, case)}.", _recognised(got, case, mistakes or {}, how))
    return Verdict(True, f"{_call(function)} is right on all {len(cases)} hidden inputs.")


def _recognised(got, case, mistakes, how):
    for id, mistake in mistakes.items():
        # A mistake may well warn or raise on some input; then it is not the one.
        with warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            if not compare(got, mistake(*copy.deepcopy(case)), **how):
                return id
    return None


def takes_arrays(function, array, *others, caught):
    """End the exercise with `caught` where a single number is taken and an array is not."""
    try:
        run(function, array, *others)
    except Judged as end:
        if end.verdict.pending or not _runs(function, array.flat[0], *others):
            raise
        wrong(end.verdict.message, caught)


def _runs(function, *args):
    try:
        run(function, *args)
    except Judged:
        return False
    return True


def run(function, *args, deadline=DEADLINE):
    """What the function returns for copies of these arguments; anything else ends the exercise."""
    given = copy.deepcopy(args)
    with _observed(function, args, deadline) as caught:
        result = function(*given)
    _must_be_written(function, result)
    if caught:
        where = _line(function, caught[0].filename, caught[0].lineno)
        said = _told(caught[0].message)
        wrong(f"{_call(function)} warns{where}{_given(function, args)}: {said}.")
    for name, before, after in zip(_names(function, args), args, given, strict=True):
        if not same(before, after):
            wrong(f"{_call(function)} changes its argument {name}: let it work on a copy.")
    return result


def _must_be_written(function, result):
    parts = result if isinstance(result, tuple) else (result,)
    if any(part is None or part is ... for part in parts):
        told = f"{_call(function)} returns {brief(result)} so far"
        not_yet(f"{told}: write its body, and let it end with return.")


@contextlib.contextmanager
def _observed(function, args, deadline):
    """Quiet, timed, with warnings recorded; what the function raises ends the exercise."""
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(record=True) as caught,
            _numpy_warns(),
            _stopped_after(deadline, _file(function)),
        ):
            warnings.simplefilter("always")
            yield caught
    except NotImplementedError:
        not_yet(f"{_call(function)} is not written yet: fill it in and run the cell again.")
    except _OutOfTime:
        given = _given(function, args)
        wrong(f"{_call(function)} did not end within {deadline:g} seconds{given}.")
    except (Exception, SystemExit) as error:
        where = _line_of(function, error.__traceback__)
        wrong(f"{_call(function)} raises{where}{_given(function, args)}: {_told(error)}.")


@contextlib.contextmanager
def _stopped_after(seconds, file):
    """A deadline kept by a trace function: no signal and no thread, so it works everywhere.

    A loop inside C code, or one that swallows everything with a bare `except`, is not ended.
    """
    end = time.monotonic() + seconds

    def watch(frame, event, arg):
        # `while True: pass` on one line never reaches a new line, only new opcodes.
        frame.f_trace_opcodes = frame.f_code.co_filename == file
        if time.monotonic() > end:
            raise _OutOfTime
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


def _numpy_warns():
    """NumPy's floating-point errors as warnings, whatever the learner has set."""
    if "numpy" not in sys.modules:
        return contextlib.nullcontext()
    return sys.modules["numpy"].errstate(all="warn", under="ignore")


# In words


def _call(function):
    return f"{getattr(function, '__name__', type(function).__name__)}()"


def _told(error):
    first, *_ = str(error).strip().splitlines() or [""]
    short = first if len(first) <= 120 else first[:119] + "…"
    return f"{type(error).__name__}: {short}".removesuffix(": ").removesuffix(".")


def _given(function, args):
    pairs = zip(_names(function, args), args, strict=True)
    return ", for " + ", ".join(f"{n} = {brief(a)}" for n, a in pairs) if args else ""


def _names(function, args):
    try:
        named = [p.name for p in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        named = []
    return [named[i] if i < len(named) else f"argument {i + 1}" for i in range(len(args))]


def _file(function):
    return getattr(getattr(function, "__code__", None), "co_filename", None)


def _line_of(function, traceback):
    """The innermost line of the traceback that is the learner's own."""
    where = ""
    while traceback:
        where = _line(function, traceback.tb_frame.f_code.co_filename, traceback.tb_lineno) or where
        traceback = traceback.tb_next
    return where


def _line(function, file, number):
    if file != _file(function):
        return ""
    text = linecache.getline(file, number).strip()
    return f" in line {number}, “{text}”" if text else f" in line {number}"
