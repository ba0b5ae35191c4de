"""The playground's data: plane sets of the lessons, and some that ask for labels or a number."""

from inspect import signature
from types import MappingProxyType

import numpy as np

from bend.nn import datasets

# A square of this half width has spread 1, as the standardised sets have.
HALF = np.sqrt(3)


def ramp(x):
    """(x1 + x2) / (2 √3): a tilted plane, from −1 in one corner to 1 in the other."""
    return x.sum(axis=1) / (2 * HALF)


def hills(x):
    """Cos u1 sin u2 with u = π x / √3: hills and hollows between −1 and 1."""
    u = np.pi * x / HALF
    return np.cos(u[:, 0]) * np.sin(u[:, 1])


def discs(x):
    """Two columns of 0 and 1: whether x lies in the left disc, and whether in the right one."""
    return np.stack([np.hypot(x[:, 0] - at, x[:, 1]) < DISC for at in (-APART, APART)], axis=1)


SURFACES = MappingProxyType({"ramp": ramp, "hills": hills})
LABELS = MappingProxyType({"discs": ("left disc", "right disc")})
# The noise of a surface is added to its height, that of the others to each coordinate.
SURFACE_NOISE, DISC_NOISE = 0.05, 0.0
# Radius and distance from the middle, so that one point in seven lies in both discs.
DISC, APART = 1.1, 0.5
DATASETS = (*datasets.DATASETS, *LABELS, *SURFACES)
# A price in euros for each height of a surface: the middle, and how far from it height 1 is.
RAW = (250_000, 80_000)


def asks(data):
    """What the output is asked for: "class", "labels" (any number of them) or "number"."""
    return "number" if data in SURFACES else "labels" if data in LABELS else "class"


def usual_noise(data):
    """The noise that a data set has where none is asked for."""
    if data in SURFACES:
        return SURFACE_NOISE
    if data in LABELS:
        return DISC_NOISE
    return signature(getattr(datasets, data)).parameters["noise"].default


def make_points(settings):
    """(points, y) of the data set: (n, 2) and (n, outputs) float32, the points of spread 1.

    y is the class, 0 or 1, or 0 or 1 for each label, or the height of a surface or its price.
    """
    rng, n = np.random.default_rng([settings.seed, 0]), settings.points
    if settings.asks == "number":
        points = rng.uniform(-HALF, HALF, (n, 2))
        y = SURFACES[settings.data](points) + settings.noise * rng.normal(size=n)
        if settings.raw:
            y = RAW[0] + RAW[1] * y
        return points.astype(np.float32), y.astype(np.float32)[:, None]
    if settings.asks == "labels":
        points = rng.uniform(-HALF, HALF, (n, 2))
        y = discs(points)
        points += settings.noise * rng.normal(size=(n, 2))
        points /= np.hypot(1, settings.noise)
        return points.astype(np.float32), y.astype(np.float32)
    make = getattr(datasets, settings.data)
    points, y = make(n, rng=rng, noise=settings.noise, standardise=True)
    return points.astype(np.float32), y.astype(np.float32)
