"""What a run says of itself in words."""

import math

import numpy as np


def summarise(run, m):
    """One line that says how the run stands, from what was measured."""
    settings = run.settings
    said = [
        ", ".join(filter(None, [settings.data, settings.shape, _bends(settings.activations)])),
        f"step {m.step}",
        f"training {say_score(m.loss, m.accuracy)}",
    ]
    if len(run.test_rows):
        said.append(f"test {say_score(m.test_loss, m.test_accuracy)}")
    said.append(_span_of_norms(m.norms))
    if len(m.dead):
        said.append(f"dead units {m.dead.mean():.0%}, flat slopes {m.flat.mean():.0%}")
    return "; ".join(said) + ("." if not run.stopped else f". Stopped. {run.stopped}")


def _bends(activations):
    names = set(activations)
    return names.pop() if len(names) == 1 else "several activations" if names else ""


def _span_of_norms(norms):
    if not np.isfinite(norms).all():
        return "gradient norm no number"
    if len(norms) == 1:
        return f"gradient norm {_power(norms[0])}"
    first, last = _power(norms[0]), _power(norms[-1])
    return f"gradient norm {first} in the first layer, {last} in the last"


def _power(number):
    """2.7e−3: with a minus that no line is broken at."""
    if not number or not math.isfinite(number):
        return "no number" if number else "0"
    digits, _, exponent = f"{number:.1e}".partition("e")
    return f"{digits}e{int(exponent)}".replace("-", "−")


def in_short(number):
    """Three decimals, or a power of ten where these would say too little."""
    return f"{number:.3f}" if 0.001 <= number < 100 else _power(number)


def floor_two(share):
    """Rounded down, so that 1.00 means that no point is missed."""
    return f"{math.floor(100 * share + 1e-9) / 100:.2f}"


def say_score(loss, accuracy):
    """The loss, and the accuracy where there is one."""
    said = f"loss {in_short(loss)}"
    return said if math.isnan(accuracy) else f"{said}, accuracy {floor_two(accuracy)}"


def explain_stop(settings, steps):
    """Why a loss is no number any more, and what to try."""
    said = f"The loss is no number any more at step {steps}: the weights grew without bound."
    wild, deep = settings.start == "normal" or settings.gain > 1, len(settings.hidden) > 5
    tips = []
    if wild:
        tips.append("a start that fits the width (he or glorot, gain=1)")
    if not (wild and deep):  # there no step is small enough
        tips.append(f"a smaller learning rate (lr={settings.lr / 10:g})")
    if deep and not settings.batchnorm:
        tips.append("batch normalisation")
    return f"{said} Try {' or '.join(tips)}, then Reset."
