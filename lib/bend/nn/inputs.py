"""What every function of `bend.nn` demands of its arguments, each refused with one sentence."""

from numbers import Integral, Real

import numpy as np

from bend.errors import BadInput


def generator(rng):
    """`rng` itself. Raises: BadInput unless it is a `numpy.random.Generator`."""
    if not isinstance(rng, np.random.Generator):
        raise BadInput(
            f"rng must be a generator, np.random.default_rng(0) for example, not {rng!r}"
        )
    return rng


def count(name, number):
    """`number` itself. Raises: BadInput unless it is a whole number of at least 1."""
    if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
        raise BadInput(f"{name} must be a whole number of at least 1, not {number!r}")
    return int(number)


def positive(name, number):
    """`number` as a float. Raises: BadInput unless it is finite and above zero."""
    if not isinstance(number, Real) or isinstance(number, bool) or not 0 < number < np.inf:
        raise BadInput(f"{name} must be a number above 0, not {number!r}")
    return float(number)


def finite(name, values):
    """`values` as an array. Raises: BadInput unless it holds numbers, all of them finite."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise BadInput(f"{name} must hold real numbers, not {array.dtype}")
    if not np.isfinite(array).all():
        raise BadInput(
            f"{name} holds {np.sum(~np.isfinite(array))} values that are NaN or infinite"
        )
    return array
