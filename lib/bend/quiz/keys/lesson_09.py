"""The keys and the exercise of lesson 09: what the playground's presets do, played again."""

from functools import cache

import numpy as np

from bend.errors import BadInput
from bend.playground.data import APART, DISC
from bend.playground.presets import PRESETS
from bend.playground.replay import LOOK, SOLVED, Preset, replay, solved
from bend.playground.run import Run
from bend.playground.settings import Settings
from bend.quiz.checks import Verdict, run, wrong
from bend.quiz.keys import exercise, key


def _settings(name, **changes):
    return PRESETS[name].settings.change(**changes)


@cache
def _best(settings, steps):
    """The best accuracy within so many steps."""
    return replay(Preset("", "", "", "", settings, steps, solved)).best


@key
def play_linear_xor():
    best = _best(_settings("xor-linear"), 300)
    return {"half" if best < 0.7 else "quarter-short" if best < 0.9 else "all"}


@key
def play_what_bends_it():
    linear = _settings("xor-linear")
    changes = {
        "relu-in-one-layer": {"activations": ("identity", "relu", "identity")},
        "product-input": {"inputs": ("x1", "x2", "x1x2")},
        "twenty-layers": {"hidden": (8,) * 20},
        "sixty-units": {"hidden": (60,) * 3},
        "smaller-rate": {"lr": linear.lr / 10},
    }
    return {id for id, change in changes.items() if _best(linear.change(**change), 150) >= SOLVED}


@key
def play_two_units():
    best = [_best(_settings("two-tanh-units", seed=seed), 500) for seed in range(5)]
    closed = sum(accuracy >= SOLVED for accuracy in best)
    return {"none" if not closed else "all" if closed == len(best) else "some"}


@key
def play_why_no_learning():
    played = Run(_settings("saturated-start"))
    played.step(300)
    held = {"factor": played.measure().flat[0] > 0.6}
    best = _best(_settings("sigmoid-fresh"), 800)
    # The same eight units with another start reach what this one does not.
    held["minimum"] = held["few"] = best < SOLVED
    held["rate"] = _best(_settings("saturated-start", lr=3.0), 300) >= SOLVED
    return {id for id, holds in held.items() if holds}


@key
def play_after_a_few_steps():
    played = Run(_settings("dying-relu"))
    played.step(5)
    dead = 8 * played.measure().dead[1]
    return {"none" if dead < 1 else "nearly-all" if dead >= 7 else "half"}


@key
def play_lower_the_rate_now():
    played = Run(_settings("dying-relu"))
    played.step(20)
    before = played.measure()
    played.change(_settings("dying-relu", lr=0.3))
    played.step(300)
    after = played.measure()
    if played.stopped:
        return {"diverges"}
    if after.dead[1] == before.dead[1] == 1:
        return {"nothing"}
    return {"as-fresh" if after.accuracy >= SOLVED else "slowly"}


@key
def play_squared_steps():
    best = _best(_settings("sure-and-wrong"), 500)
    return {"half" if best < 0.6 else "most" if best < 0.95 else "all"}


@cache
def _labels_shared():
    """The run with one softmax for two labels, and for each point how often it was right."""
    played, right = Run(_settings("softmax-for-labels")), []
    while played.steps < PRESETS["softmax-for-labels"].steps:
        played.step(LOOK)
        says = played.shades(played.network(played.x)) > 0
        right.append((says == played.y).all(axis=1))
    return played, np.mean(right, axis=0)


@key
def play_shared_border():
    played, _ = _labels_shared()
    left, right = np.moveaxis(played.shades(played.plane().outputs) > 0, 2, 0)
    if not 0 < left.mean() < 1 or not 0 < right.mean() < 1:
        return {"nowhere"}
    return {"same" if np.array_equal(left, ~right) else "around"}


@key
def play_never_right():
    played, right = _labels_shared()
    count = played.y.sum(axis=1)
    middles = np.array([[-APART, 0], [APART, 0]])
    away = np.linalg.norm(played.points[:, None] - middles, axis=2)
    points = {"both": count == 2, "none": count == 0, "one": count == 1}
    points["edge"] = (np.abs(away - DISC) < 0.1).any(axis=1)
    return {id for id, these in points.items() if not right[these].any()}


@key
def play_where_it_is_small():
    norms = Run(_settings("sigmoid-20")).measure().norms
    smallest, last = np.argmin(norms), len(norms) - 1
    return {"first" if smallest == 0 else "last" if smallest == last else "middle"}


@key
def play_stuck_loss():
    played = Run(_settings("sigmoid-20"))
    played.step(60)
    return played.measure().loss


CURES = {
    "he-start": lambda settings: settings.change(start="he"),
    "smaller-step": lambda settings: settings.change(lr=settings.lr / 30),
    "batchnorm": lambda settings: settings.change(batchnorm=True),
}


@key
def play_which_cure():
    start, step, norm = CURES
    seen = {
        "relu-small": (_settings("relu-default-start"), (start, step)),
        "relu-overflow": (_settings("exploding"), (start, step)),
        "relu-struck": (_settings("dying-relu"), (start, step)),
        "sigmoid-stuck": (_settings("sigmoid-20", hidden=(8,) * 10, lr=1.0), (start, step, norm)),
    }
    cured = {}
    for item, (settings, cures) in seen.items():
        [cured[item]] = [cure for cure in cures if _best(CURES[cure](settings), 200) >= SOLVED]
    return cured


UNITS, STEPS = 12, 1000
FEW_UNITS_MISTAKES = {
    "too-many": lambda: "spirals 8-8 tanh glorot adam lr=0.1",
    "no-bend": lambda: "spirals 8-4 identity glorot adam lr=0.1",
    "other-data": lambda: "rings 4 tanh glorot adam lr=0.1",
}


@exercise(model=lambda: "spirals 8-4 tanh glorot adam lr=0.1", mistakes=FEW_UNITS_MISTAKES)
def play_few_units(function):
    text = run(function)
    if not isinstance(text, str):
        wrong(f"It returns {text!r}; it should return the settings as one line of text.")
    try:
        settings = Settings.parse(text)
    except BadInput as error:
        wrong(f"These are no settings: {error}.")
    if settings.data != "spirals":
        wrong(f"The data are {settings.data}; they should be the spirals.", "other-data")
    if sum(settings.hidden) > UNITS:
        wrong(f"It has {sum(settings.hidden)} hidden units, more than {UNITS}.", "too-many")
    if set(settings.activations) <= {"identity"} and settings.inputs == Settings.inputs:
        wrong("No unit of it bends.", "no-bend")
    played, best = Run(settings), 0.0
    while played.steps < STEPS and not played.stopped and best < SOLVED:
        played.step(LOOK)
        best = max(best, played.score(played.train_rows)[1])
    if best < SOLVED:
        wrong(f"Within {STEPS} steps it gets {best:.2f} of the training points right, not 0.99.")
    said = f"Right after {played.steps} steps, with {sum(settings.hidden)} hidden units."
    return Verdict(True, said)
