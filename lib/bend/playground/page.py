"""A run as the page takes it: numbers as float32 bytes, words as they are to be read."""

import numpy as np

from bend.playground.words import say_score


def to_points(run):
    """The data: where they are, their answers, which of them test, and how far the plane goes."""
    tested = np.isin(np.arange(len(run.y)), run.test_rows)
    return {
        "x": to_bytes(run.points),
        "y": to_bytes(run.y),
        "regression": run.settings.regression,
        "tested": to_bytes(tested),
        "limit": run.limit,
    }


def to_frame(run):
    """What the network does now, of a small one every unit's picture and every weight."""
    m, plane = run.measure(), run.plane()
    units = plane.units or []
    # Edges are drawn where units are.
    layers = run.network.dense if run.settings.pictured else []
    return {
        "step": m.step,
        "size": len(plane.logits),
        "shades": to_bytes(run.shades(plane.logits)),
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
