"""A run as the page takes it: numbers as float32 bytes, words as they are to be read."""

import numpy as np

from bend.playground.data import LABELS, RAW
from bend.playground.words import say_score


def to_points(run):
    """The data: where they are, their answers, which of them test, and how far the plane goes."""
    tested = np.isin(np.arange(len(run.y)), run.test_rows)
    return {
        "x": to_bytes(run.points),
        # Classes as 0 and 1, numbers as the shade that they have.
        "y": to_bytes(run.shades(run.y) if run.settings.asks == "number" else run.y),
        "asks": run.settings.asks,
        "ends": to_ends(run.settings),
        "tested": to_bytes(tested),
        "limit": run.limit,
    }


def to_ends(settings):
    """What full blue and full orange stand for; of two labels the first, the second, both, none."""
    if settings.asks == "labels":
        return [*LABELS[settings.data], "both", "none"]
    if settings.asks == "class":
        return ["class 0", "class 1"]
    middle, reach = RAW
    prices = (f"{(middle + sign * reach) // 1000} 000 €" for sign in (-1, 1))
    return [*prices] if settings.raw else ["−1", "1"]


def to_frame(run):
    """What the network does now, of a small one every unit's picture and every weight."""
    m, plane = run.measure(), run.plane()
    units = plane.units or []
    # Edges are drawn where units are.
    layers = run.network.dense if run.settings.pictured else []
    return {
        "step": m.step,
        "size": len(plane.outputs),
        "shades": to_bytes(np.moveaxis(run.shades(plane.outputs), 2, 0)),
        "small": units[0].shape[-1] if units else 0,
        "units": _joined(units),
        "weights": _joined(d.weights for d in layers),
        "biases": _joined(d.bias for d in layers),
        "slopes": _joined(m.slopes),
        "off": _joined(m.off),
        "norms": to_bytes(m.norms),
        "dead": to_bytes(m.dead),
        "flat": to_bytes(m.flat),
        "losses": to_bytes([*run.losses, (m.step, m.loss, m.test_loss)]),
        "train": say_score(m.loss, m.accuracy),
        "test": say_score(m.test_loss, m.test_accuracy) if len(run.test_rows) else "",
        "summary": run.summary(m),
    }


def to_bytes(array):
    """The bytes of an array as float32."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32).tobytes()


def _joined(arrays):
    return b"".join(map(to_bytes, arrays))
