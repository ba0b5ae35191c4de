"""A preset is settings with a story, and its outcome is a test.

`replay` trains as long as the preset asks, and its `outcome` tells whether it went as the lesson
says.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bend.playground.run import Measured, Run
from bend.playground.settings import Settings

SOLVED = 0.99
# How often a replay looks at the accuracy, in steps.
LOOK = 25


@dataclass(frozen=True)
class Replay:
    """A preset as it went: the run, what was measured at its end, the best accuracy on the way."""

    run: Run
    measured: Measured
    best: float


def solved(replay):
    """99 % of the points trained on were right at some step."""
    return replay.best >= SOLVED


def below(accuracy):
    """The accuracy never came up to this."""
    return lambda replay: replay.best < accuracy and not replay.run.stopped


def stuck_at_ln_2(replay):
    """Every input gets the same answer, so that the loss is that of a guess."""
    return abs(replay.measured.loss - math.log(2)) < 0.005 and replay.best < 0.7


def dead(share):
    """In some layer this share of the units passes nothing back."""
    return lambda replay: replay.measured.dead.max() >= share


def saturated(share):
    """In some layer this share of the slopes is flat, and it is not solved."""
    return lambda replay: replay.measured.flat.max() >= share and replay.best < 0.95


def unexplained(replay):
    """The loss as a share of what always answering the mean would lose."""
    rows = replay.run.train_rows
    return replay.measured.loss / float(np.var(replay.run.y[rows]))


def misses(share):
    """At its end it is as far from the numbers as this share of what the mean would be."""
    return lambda replay: unexplained(replay) >= share


def fitted(replay):
    """Nine tenths of how the numbers vary are in what it answers."""
    return unexplained(replay) < 0.1


def diverged(replay):
    """The loss stopped being a number."""
    return bool(replay.run.stopped)


@dataclass(frozen=True)
class Preset:
    """Settings with a story.

    Attributes:
        name: what `playground` takes. title: in the menu.
        lesson: where it is taught. watch: what to look at while it plays.
        settings: what is played. steps: how long until it has shown what it shows.
        outcome: Replay -> whether it went so.
        rescues: names of the presets that cure it; empty for a cure.
    """

    name: str
    title: str
    lesson: str
    watch: str
    settings: Settings
    steps: int
    outcome: Callable
    rescues: tuple[str, ...] = ()


def replay(preset, *, seed=None):
    """Train as the preset says, and stop where it is solved."""
    settings = preset.settings if seed is None else preset.settings.change(seed=seed)
    run, best = Run(settings), 0.0
    while run.steps < preset.steps and not run.stopped and best < SOLVED:
        run.step(min(LOOK, preset.steps - run.steps))
        best = max(best, run.score(run.train_rows)[1])
    return Replay(run, run.measure(), best)
