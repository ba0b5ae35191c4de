"""The keys of lesson 00, worked out again: what the lessons assume."""

import numpy as np

from bend.quiz.checks import agrees
from bend.quiz.keys import curve, exercise, key


@key
def fifty_times_nine_tenths():
    return np.prod(np.full(50, 0.9))


@key
def chain_rule():
    choices = {
        "both": lambda x: 6 * (3 * x + 1),
        "outer-only": lambda x: 2 * (3 * x + 1),
        "derivatives-at-x": lambda x: 2 * x * 3,
        "inner-only": lambda x: np.full_like(x, 6),
    }
    x, h = np.linspace(-2, 2, 9), 1e-5
    slope = ((3 * (x + h) + 1) ** 2 - (3 * (x - h) + 1) ** 2) / (2 * h)
    return {name for name, derivative in choices.items() if np.allclose(derivative(x), slope)}


@key
def shapes_that_multiply():
    shapes = {"3x4": (3, 4), "3": (3,), "5x3": (5, 3), "4x3": (4, 3)}
    return {name for name, shape in shapes.items() if _multiplies(shape)}


def _multiplies(shape):
    try:
        np.ones((5, 3)) @ np.ones(shape)
    except ValueError:
        return False
    return True


@key
def slope_of_a_parabola():
    h = 1e-5
    return ((3 + h) ** 2 - (3 - h) ** 2) / (2 * h)


def affine(x, w, b):
    """A right answer."""
    return w * x + b


AFFINE_MISTAKES = {
    "forgot-the-bias": lambda x, w, b: w * x,
    "scaled-the-bias": lambda x, w, b: w * (x + b),
}


@exercise(model=affine, mistakes=AFFINE_MISTAKES)
def write_affine(function):
    x = np.array([-1.5, 0.0, 2.0])
    cases = [(2.0, 3.0, 4.0), (x, -2.0, 0.5), (x.astype(np.float32), 2.0, 1.0), (x[:, None], 1, 0)]
    return agrees(function, affine, cases, mistakes=AFFINE_MISTAKES)


@curve
def square(z):
    return z * z
