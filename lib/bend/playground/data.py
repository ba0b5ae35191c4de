"""The playground's data: the plane sets of the lessons, and two whose answer is a number."""

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


SURFACES = MappingProxyType({"ramp": ramp, "hills": hills})
# The noise of a surface is added to its height, that of the others to each coordinate.
SURFACE_NOISE = 0.05
DATASETS = (*datasets.DATASETS, *SURFACES)


def usual_noise(data):
    """The noise that a data set has where none is asked for."""
    if data in SURFACES:
        return SURFACE_NOISE
    return signature(getattr(datasets, data)).parameters["noise"].default


def make_points(settings):
    """(points, y) of the data set: (n, 2) and (n, 1) float32, mean 0 and spread 1.

    y is the class, 0 or 1, or the height of a surface.
    """
    rng, n = np.random.default_rng([settings.seed, 0]), settings.points
    if settings.regression:
        points = rng.uniform(-HALF, HALF, (n, 2))
        y = SURFACES[settings.data](points) + settings.noise * rng.normal(size=n)
        return points.astype(np.float32), y.astype(np.float32)[:, None]
    make = getattr(datasets, settings.data)
    points, y = make(n, rng=rng, noise=settings.noise, standardise=True)
    return points.astype(np.float32), y.astype(np.float32)
