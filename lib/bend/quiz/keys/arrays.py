"""What exercises that ask for weights have in common."""

import numpy as np

from bend.quiz.checks import not_yet, run, wrong


def weights_of(function, shapes):
    """The arrays that the function returns, in the order of `shapes`, {name: shape}.

    Anything else ends the exercise, and so do weights that are all still zero.
    """
    answer = run(function)
    if not isinstance(answer, tuple | list) or len(answer) != len(shapes):
        wrong(f"Return {len(shapes)} arrays: `return {', '.join(shapes)}`.")
    for (name, shape), part in zip(shapes.items(), answer, strict=True):
        if np.shape(part) != shape:
            wrong(f"{name} must have shape {shape}, not {np.shape(part)}.")
    arrays = [np.asarray(part, dtype=float) for part in answer]
    if not any(array.any() for array in arrays):
        not_yet("All weights are still zero: choose them, and run the cell again.")
    return arrays
