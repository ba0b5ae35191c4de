"""The registry of named functions: they recompute keys, judge exercises, draw curves and numbers.

A question names one with `check = "name"`; nothing in a bank is ever evaluated as code. Each lesson
has its module (`lesson_01.py`), imported when one of its questions is first checked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from bend.errors import UnknownName

_KEYS = {}
_EXERCISES = {}
_CURVES = {}
_GENERATORS = {}


@dataclass(frozen=True)
class Exercise:
    """Judges a learner's function; its model is judged right, each mistake wrong by its name."""

    judge: Callable
    model: Callable | None = None
    mistakes: dict[str, Callable] = field(default_factory=dict)


def key(function):
    """Register a function of no arguments that returns a number or the set of right choice ids."""
    return _register(_KEYS, function, function)


def curve(function):
    """Register a function of one number whose graph a question asks to draw."""
    return _register(_CURVES, function, function)


def exercise(function=None, *, model=None, mistakes=None):
    """Register a judge: it takes the learner's function and returns a `checks.Verdict`.

    `model` is a right solution; `mistakes` maps ids of the question's catches to functions that
    make that mistake. The audit runs the judge on all of them.
    """
    if function is None:
        return lambda judge: exercise(judge, model=model, mistakes=mistakes)
    return _register(_EXERCISES, function, Exercise(function, model, mistakes or {}))


def generator(function):
    """Register a function of a random.Random that draws the numbers of a question.

    It returns a dict: `values` by name, the `answer`, and the wrong numbers, `catches`, by id.
    """
    return _register(_GENERATORS, function, function)


def _register(registry, function, entry):
    name, home = function.__name__, function.__module__
    # The same module may be read again (importlib.reload); two modules may not share a name.
    if registry.setdefault(name, (home, entry))[0] != home:
        raise ValueError(f"{home}: {name} is already registered by {registry[name][0]}")
    registry[name] = home, entry
    return function


def find_key(question):
    """The function that recomputes the key of the question."""
    return _find(_KEYS, "key", question)


def find_exercise(question):
    """The exercise that judges functions written for the question."""
    return _find(_EXERCISES, "exercise", question)


def find_curve(question):
    """The function whose graph is to be drawn: an activation by name, or one of the lesson's."""
    if question.truth:
        from bend.nn import ACTIVATIONS

        return ACTIVATIONS[question.truth]
    return _find(_CURVES, "curve", question)


def find_generator(question):
    """The function that draws the numbers of the question."""
    import_module(f"{__name__}.generators")
    if question.generator not in _GENERATORS:
        raise _unknown(_GENERATORS, "generator", question.generator)
    return _GENERATORS[question.generator][1]


def _find(registry, kind, question):
    module = f"{__name__}.lesson_{question.lesson}"
    if find_spec(module):
        import_module(module)
    if question.check not in registry:
        raise _unknown(registry, kind, question.check)
    return registry[question.check][1]


def _unknown(registry, kind, name):
    names = ", ".join(sorted(registry)) or "none"
    return UnknownName(f'no {kind} is called "{name}"; there are: {names}')
