"""A network that learns while you watch: `settings` say which, `run` trains, `widget` shows."""

from bend.playground.widget import playground

__all__ = ["playground"]
