"""Questions in the notebook: `ask`, `predict`, `check` and what is known of the answers.

They are fetched when first used, so that the core (bank, grading, log) needs no widget library.
"""

from importlib import import_module

_HOMES = {
    "ask": "card",
    "predict": "card",
    "check": "card",
    "prediction": "session",
    "audit": "auditing",
    "where": "log",
    "due": "reviewing",
    "review": "reviewing",
    "progress": "reviewing",
}

__all__ = [
    "ask", "audit", "check", "due", "predict", "prediction", "progress", "review", "where",
]  # fmt: skip


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'bend.quiz' has no attribute {name!r}")
    return getattr(import_module(f"bend.quiz.{_HOMES[name]}"), name)


def __dir__():
    return __all__
