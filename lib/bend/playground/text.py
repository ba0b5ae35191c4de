"""Settings as one line of text.

    rings noise=0.1 8-8 relu he adam lr=0.03

A word stands for itself (a data set, widths, an activation, a start, an optimiser), a number for
what is named before it. What is left out is as in `Settings()`; noise, loss and what the output
goes through are the data set's.
"""

import re
from difflib import get_close_matches
from itertools import groupby

from bend.errors import BadInput
from bend.nn import ACTIVATIONS
from bend.playground.data import DATASETS
from bend.playground.names import (
    DEEPEST,
    FLAGS,
    LOSSES,
    NUMBERS,
    OPTIMIZERS,
    STARTS,
    usual_loss,
    usual_out,
)

WIDTHS = re.compile(r"\d+([x×*][1-9]\d*)?(-\d+([x×*][1-9]\d*)?)*")


def write(settings):
    """The text that says all of these settings."""
    words = [settings.data, f"noise={_short(settings.noise)}"]
    words += [_numbered(settings, name) for name in ("points", "train", "seed")]
    if settings.inputs != type(settings).inputs:
        words.append(f"in={','.join(settings.inputs)}")
    words += [join_widths(settings.hidden), _join_names(settings.activations), settings.start]
    words += [_numbered(settings, name) for name in ("gain", "bias", "outbias")]
    words += [name for name in FLAGS if getattr(settings, name)]
    words += [settings.loss] if settings.loss != usual_loss(settings.data) else []
    words += [f"out={settings.out}"] if settings.out != usual_out(settings.data) else []
    words += [settings.optimizer, f"lr={_short(settings.lr)}"]
    words += [_numbered(settings, name) for name in ("batch", "l1", "l2")]
    return " ".join(filter(None, words))


def read(text):
    """{field: value} of what a text says. Raises: BadInput, naming the field and the fix."""
    fields = {}
    for word in str(text).split():
        name, value = _read(word)
        if name in fields:
            raise BadInput(f"{name} is there twice: leave out {word!r} or the one before")
        fields[name] = value
    return fields


def _short(number):
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _numbered(settings, name):
    value = getattr(settings, name)
    return "" if value == getattr(type(settings), name) else f"{name}={_short(value)}"


def _runs(things):
    return [(thing, len([*run])) for thing, run in groupby(things)]


def join_widths(hidden):
    """Widths as the text says them: 8-8, 32x20, or 0 for no hidden layer."""
    parts = [f"{w}x{n}" if n > 2 else "-".join([str(w)] * n) for w, n in _runs(hidden)]
    return "-".join(parts) or "0"


def _join_names(activations):
    if len(set(activations)) < 2:
        return activations[0] if activations else ""
    return "-".join(f"{a}*{n}" if n > 2 else "-".join([a] * n) for a, n in _runs(activations))


def _read(word):
    """(field, value) of one word of the text."""
    name, equals, value = word.partition("=")
    if equals:
        return _read_named(name.lower(), value)
    lower = word.lower()
    for field, known in (
        ("data", DATASETS),
        ("start", STARTS),
        ("optimizer", OPTIMIZERS),
        ("loss", LOSSES),
    ):
        if lower in known:
            return field, lower
    if lower in FLAGS:
        return lower, True
    if WIDTHS.fullmatch(lower):
        return "hidden", _split_widths(lower)
    if re.split("[-*]", lower)[0] in ACTIVATIONS:
        return "activations", _split_names(lower)
    words = [*DATASETS, *STARTS, *OPTIMIZERS, *LOSSES, *FLAGS, *ACTIVATIONS]
    near = get_close_matches(lower, words, 1)
    hint = f"did you mean {near[0]}?" if near else f"the words are {', '.join(words)}"
    raise BadInput(f"{word!r} is no word of a playground: {hint}")


def _read_named(name, value):
    if name in ("in", "input", "inputs"):
        return "inputs", tuple(value.replace("²", "^2").lower().split(","))
    if name == "out":
        return "out", value.lower()
    if name not in NUMBERS:
        names = [*NUMBERS, "in", "out"]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}=?" if near else f"there are {', '.join(names)}"
        raise BadInput(f"there is nothing called {name!r} to set: {hint}")
    if name == "batch" and value == "all":
        return "batch", 0
    try:
        number = float(value)
    except ValueError:
        raise BadInput(f"{name} {NUMBERS[name].fault(value)}") from None
    return name, number


def _split_widths(text):
    if text == "0":
        return ()
    widths = []
    for part in text.split("-"):
        width, _, times = re.sub("[×*]", "x", part).partition("x")
        # More than are allowed are told from too many without making a list of them.
        widths += [int(width[:9])] * min(int(times[:9] or 1), DEEPEST + 1)
    return tuple(widths)


def _split_names(text):
    names = []
    for part in text.split("-"):
        name, star, times = part.partition("*")
        if star and not re.fullmatch("[1-9][0-9]*", times):
            raise BadInput(f"activation {part!r} must be a name, or a name and a number: relu*3")
        names += [name] * min(int(times[:9] or 1), DEEPEST + 1)
    return tuple(names)
