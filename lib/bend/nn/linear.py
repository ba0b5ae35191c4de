"""What a linear model can do at its best: the yardstick for everything that bends."""

import numpy as np


def affine_residual(x, y):
    """std(y - (xA + c)) / std(y), with A and c chosen to make it smallest (least squares).

    The share of y's spread that no affine map of x explains: 0 where y is affine in x, 1 where the
    best affine map is a constant.

    Args:
        x: (n,) or (n, n_in).
        y: (n,) or (n, n_out).
    """
    # Columns that only x's own rounding tells apart are one column.
    epsilon = np.finfo(np.result_type(np.asarray(x).dtype, np.float32)).eps
    x, y = (np.reshape(a, (len(a), -1)).astype(float) for a in (x, y))
    # Centred, the constant takes care of itself and tiny slopes keep their precision.
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    missed = y - x @ np.linalg.lstsq(x, y, rcond=x.shape[1] * epsilon)[0]
    spread = (y**2).sum()
    return float(np.sqrt((missed**2).sum() / spread)) if spread else 0.0


def best_line_accuracy(x, y, *, directions=720):
    """The largest share of points that any straight line puts on the side of their class.

    Searches every threshold along `directions` evenly spaced directions, so that no training is
    involved: what it returns is what a straight boundary can do, not what an optimiser finds.

    Args:
        x: (n, 2), points in the plane.
        y: (n,) or (n, 1), classes 0 and 1.
        directions: how many directions to search in the half circle.
    """
    angles = np.linspace(0, np.pi, directions, endpoint=False)
    heights = x @ np.array([np.cos(angles), np.sin(angles)])
    order = np.argsort(heights, axis=0)
    signs = np.where(np.ravel(y) > 0.5, 1, -1)
    # Ones minus zeros below each threshold; no threshold fits between points of equal height.
    surplus = np.cumsum(signs[order], axis=0)
    gaps = np.diff(np.take_along_axis(heights, order, axis=0), axis=0) > 1e-12
    surplus[:-1][~gaps] = 0
    ones, n = (signs > 0).sum(), len(signs)
    class_one_above = ones - min(surplus.min(), 0)
    class_one_below = n - ones + max(surplus.max(), 0)
    return float(max(class_one_above, class_one_below) / n)
