"""Small data sets: points in the plane that no straight line separates, and handwritten digits.

Every plane set is a function (n, *, rng, noise, standardise) -> (x, y) with x of shape (n, 2) and
y of shape (n, 1), classes 0.0 and 1.0 in turn, so that each holds half of the points.
`noise` is the standard deviation of what is added to each coordinate; `standardise=True` returns
x with mean 0 and standard deviation 1 in each coordinate.
"""

from numbers import Integral, Real
from pathlib import Path

import numpy as np

from bend.errors import BadInput

from .inputs import generator

DATASETS = ("xor", "rings", "spirals", "blobs", "arc", "corner", "moons")


def xor(n, *, rng, noise=0.25, standardise=False):
    """(±1, ±1), + noise: class 1 where the two signs differ.

    Raises:
        BadInput: n below 4, no generator, or a negative noise. So do all plane sets.
    """
    y = _classes(n, rng, noise)
    quadrant = np.arange(n) % 4
    x = np.stack([np.where(quadrant < 2, 1.0, -1.0), np.where(quadrant % 3, -1.0, 1.0)], axis=1)
    return _finish(x, y, rng, noise, standardise)


def rings(n, *, rng, noise=0.1, standardise=False):
    """(r cos θ, r sin θ), + noise: r = 1 for class 0; class 1 fills the disk r ≤ 0.5."""
    y = _classes(n, rng, noise)
    radius = np.where(y == 1, 0.5 * np.sqrt(rng.uniform(size=n)), 1.0)
    # Evenly spaced, so that no straight line profits from a gap in the ring.
    return _finish(_polar(radius, 2 * np.pi * np.arange(n) / n), y, rng, noise, standardise)


def spirals(n, *, rng, noise=0.02, standardise=False):
    """(r cos θ, r sin θ), + noise: r from 0.1 to 1 in 1.4 turns; class 1 is half a turn ahead."""
    y = _classes(n, rng, noise)
    # The root spreads the points evenly along the arm instead of crowding them at the centre.
    along = np.sqrt(rng.uniform(size=n))
    x = _polar(0.1 + 0.9 * along, 2 * np.pi * 1.4 * along + np.pi * y)
    return _finish(x, y, rng, noise, standardise)


def blobs(n, *, rng, noise=0.4, standardise=False):
    """±(1, 1), + noise: two round clouds, class 1 at (1, 1). A straight line is enough."""
    y = _classes(n, rng, noise)
    return _finish(np.outer(2 * y - 1, [1.0, 1.0]), y, rng, noise, standardise)


def arc(n, *, rng, noise=0.05, standardise=False):
    """(u, 1.6 u² - 0.8 ± v) + noise, u in -1..1, v in 0.2..0.8: class 1 lies above the parabola."""
    y = _classes(n, rng, noise)
    u, v = rng.uniform(-1, 1, n), rng.uniform(0.2, 0.8, n)
    x = np.stack([u, 1.6 * u**2 - 0.8 + (2 * y - 1) * v], axis=1)
    return _finish(x, y, rng, noise, standardise)


def corner(n, *, rng, noise=0.05, standardise=False):
    """(m, m + u) or (m + u, m), + noise: m in 0.1..0.5 for class 1, -0.5..-0.1 for class 0.

    Class 1 sits inside a right angle, class 0 along its outside; u, in 0..2, runs along the arms.
    """
    y = _classes(n, rng, noise)
    nearer, along = (2 * y - 1) * rng.uniform(0.1, 0.5, n), rng.uniform(0, 2, n)
    x = np.stack([nearer, nearer + along], axis=1)
    flipped = np.arange(n) % 4 < 2
    return _finish(np.where(flipped[:, None], x[:, ::-1], x), y, rng, noise, standardise)


def moons(n, *, rng, noise=0.1, standardise=False):
    """(cos θ, sin θ) and (1 - cos θ, 0.5 - sin θ), + noise: two interlocked half circles."""
    y = _classes(n, rng, noise)
    half_circle = _polar(1.0, rng.uniform(0, np.pi, n))
    x = np.where(y[:, None] == 1, [1.0, 0.5] - half_circle, half_circle)
    return _finish(x, y, rng, noise, standardise)


def digits():
    """1797 handwritten digits, 8 × 8 pixels: (x, labels).

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998, doi:10.24432/C50P49, licence CC BY 4.0; the test part, as in
    scikit-learn's `load_digits`. More in digits.txt beside the data.

    Returns:
        x: (1797, 64) float64, 0 (paper) to 1 (ink), rows of the image one after the other.
        labels: (1797,) int64, 0 to 9.
    """
    with np.load(Path(__file__).with_name("digits.npz")) as stored:
        return stored["pixels"] / 16, stored["labels"].astype(np.int64)


def _classes(n, rng, noise):
    """0, 1, 0, 1, …: an even split without shuffling, after a look at what was passed."""
    if not isinstance(n, Integral) or n < 4:
        raise BadInput(f"n is the number of points, a whole number from 4 up, not {n!r}")
    generator(rng)
    if not isinstance(noise, Real) or not 0 <= noise < np.inf:
        raise BadInput(f"noise is a standard deviation, a number from 0 up, not {noise!r}")
    return np.arange(n) % 2.0


def _polar(radius, angle):
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _finish(x, y, rng, noise, standardise):
    x = x + noise * rng.normal(size=x.shape)
    if standardise:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, y[:, None]
