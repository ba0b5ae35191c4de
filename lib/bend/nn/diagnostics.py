"""What a network is doing inside: gradients, steps, activations and linear pieces, by layer.

Nothing here changes the network or what it remembers. "By layer" means one entry for each Dense
layer where weights are measured and one for each Apply where activations are, nearest the input
first.
"""

from itertools import islice
from typing import NamedTuple

import numpy as np

from bend.errors import BadInput

from .activations import identity
from .inputs import count, finite
from .layers import Apply, Chain, Dense

# Beyond this share of its largest slope an activation hardly passes a gradient on.
SATURATED_BELOW = 0.01


def gradient_norms(network):
    """‖∂loss/∂W‖ = √Σ (∂loss/∂W_ij)² of each Dense layer, from the last backward: (layers,).

    Raises:
        BadInput: there was no backward yet.
    """
    if any(len(layer.grads) == 0 for layer in network.dense):
        raise BadInput("there are no gradients yet: run network.forward and network.backward first")
    return np.array([_norm(layer.grads[0]) for layer in network.dense])


def update_to_weight(before, after):
    """‖W_after - W_before‖ / ‖W_before‖ of each Dense layer: (layers,).

    Args:
        before: a copy of the network from before the step, copy.deepcopy(network) say.
        after: the network after one or more steps, whatever the optimiser.

    Raises:
        BadInput: the two are not of the same shape.
    """
    shapes = [[layer.weights.shape for layer in network.dense] for network in (before, after)]
    if shapes[0] != shapes[1]:
        raise BadInput(
            f"before and after must have the same layers, not {shapes[0]} and {shapes[1]}"
        )
    pairs = zip(before.dense, after.dense, strict=True)
    return np.array([_norm(a.weights - b.weights) / _norm(b.weights) for b, a in pairs])


def dead_units(network, x):
    """z_j ≤ 0 on every input: a boolean array (units,) for each Apply.

    With ReLU such a unit has output 0 and slope 0 on all of x, so that nothing moves its weights.
    With Leaky ReLU or ELU it is a unit that is always negative, which can still come back.

    Args:
        network: any Network.
        x: (batch, n_in), the whole data set: a unit that is quiet on one batch is not dead.
    """
    return [(z <= 0).all(axis=0) for _, z, _ in _hidden(network, x)]


def zero_fraction(network, x):
    """The share of activations that are exactly 0, over all units and inputs: (layers,)."""
    return np.array([np.mean(a == 0) for _, _, a in _hidden(network, x)])


def saturated_fraction(network, x):
    """The share of pre-activations with |g′(z)| < 0.01 · max |g′|: (layers,).

    For the sigmoid that is |z| > 5.98, for tanh |z| > 2.99, for ReLU z ≤ 0.
    """
    return np.array(
        [
            np.mean(np.abs(g.derivative(z)) < SATURATED_BELOW * g.max_slope)
            for g, z, _ in _hidden(network, x)
        ]
    )


class ActivationStats(NamedTuple):
    """Two arrays (layers,), as `activation_stats` returns them."""

    mean: np.ndarray
    spread: np.ndarray


def activation_stats(network, x):
    """mean_ij a_ij and mean_j std_i a_ij over inputs i and units j: (mean, spread), each (layers,).

    The spread says how much a layer still tells its inputs apart: 0 when all look alike.
    """
    means, spreads = [], []
    for _, _, a in _hidden(network, x):
        means.append(a.mean(dtype=float))
        spreads.append(a.std(axis=0, dtype=float).mean())
    return ActivationStats(np.array(means), np.array(spreads))


def collapse(network):
    """W = W₁ W₂ … W_L and b = (…(b₁ W₂ + b₂)…) W_L + b_L, so that network(x) = x W + b.

    Args:
        network: a Network, or a list of layers, of Dense and Apply(identity) only.

    Returns:
        W (n_in, n_out) and b (n_out,).

    Raises:
        BadInput: a layer bends; it is named. Or there is no Dense layer.
    """
    layers = getattr(network, "layers", network)
    for i, layer in enumerate(layers, 1):
        if not isinstance(layer, Dense) and getattr(layer, "activation", None) != identity:
            what = layer.activation.name if isinstance(layer, Apply) else type(layer).__name__
            raise BadInput(
                f"layer {i} of {len(layers)} is {what}: only Dense and Apply(identity) collapse"
            )
    first, *rest = [layer for layer in layers if isinstance(layer, Dense)] or [None]
    if first is None:
        raise BadInput("there is no Dense layer to collapse")
    weights, bias = first.weights.copy(), first.bias.copy()
    for layer in rest:
        weights, bias = weights @ layer.weights, bias @ layer.weights + layer.bias
    return weights, bias


def plane_grid(limits=(-1, 1), resolution=200):
    """Resolution × resolution points, evenly spaced over the square limits × limits.

    Returns:
        (resolution², 2), the first coordinate running fastest.
    """
    ticks = np.linspace(*limits, count("resolution", resolution))
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def linear_regions(network, x):
    """How many linear pieces of the network the points x fall into.

    Two points share a piece when every unit is on the same side of its kinks for both. The count
    is a lower bound for the region that x covers: a finer grid finds smaller pieces.

    Args:
        network: any Network whose activations are piecewise linear.
        x: (batch, n_in), plane_grid((-1, 1), 400) say.

    Raises:
        BadInput: an activation is curved; it is named.
    """
    sides = [np.searchsorted(_kinks(g), z) for g, z, _ in _hidden(network, x)]
    if not sides:
        return 1
    return len({row.tobytes() for row in np.hstack(sides).astype(np.uint8)})


def boundary_pieces(network, limits=(-1, 1), resolution=400):
    """How many straight pieces the border of a network makes in the square limits × limits.

    The border is where the one output crosses 0. Counted are the linear pieces of the network
    that it passes through, on a grid, so a piece much shorter than a grid step is missed.

    Args:
        network: a Network from 2 inputs to 1 output whose activations are piecewise linear.
        limits: (from, to) of both axes.
        resolution: grid points along each axis.

    Raises:
        BadInput: an activation is curved; it is named.
    """
    plane = plane_grid(limits, resolution)
    above = (network(plane)[:, 0] > 0).reshape(resolution, resolution)
    crosses = np.zeros_like(above)
    crosses[:, 1:] |= above[:, 1:] != above[:, :-1]
    crosses[1:] |= above[1:] != above[:-1]
    return linear_regions(network, plane[crosses.ravel()]) if crosses.any() else 0


def breakpoints(network, start, end):
    """Where along x(t) = start + t (end - start), 0 < t < 1, the network changes its linear piece.

    Exact up to rounding: between two kinks everything is a straight line, whose zeros are known.

    Args:
        network: any Network whose activations are piecewise linear.
        start: (n_in,).
        end: (n_in,).

    Returns:
        The t, ascending: one less than there are pieces.

    Raises:
        BadInput: an activation is curved; it is named.
    """
    start, end = np.ravel(finite("start", start)), np.ravel(finite("end", end))
    t = np.array([0.0, 1.0])
    for i in range(len(list(_applied(network.layers, start[None])))):
        # The kinks of the layers before have to be there when this layer's are looked for.
        so_far = _applied(network.layers, start + t[:, None] * (end - start))
        g, z, _ = next(islice(so_far, i, None))
        t = _distinct(np.concatenate([t, *(_crossings(t, z - kink) for kink in _kinks(g))]))
    return t[1:-1]


def _norm(array):
    # In float32 the square of a vanishing gradient would itself vanish.
    return np.linalg.norm(np.asarray(array, dtype=float))


def _hidden(network, x):
    """(activation, z, g(z)) of each Apply in turn."""
    return _applied(network.layers, finite("x", x).astype(network.dtype, copy=False))


def _applied(layers, a):
    for layer in layers:
        z, a = a, layer(a)
        if isinstance(layer, Apply):
            yield layer.activation, z, a
        elif isinstance(layer, Chain):
            yield from _applied(layer.layers, z)


def _kinks(activation):
    # A piecewise linear function has no more slopes than pieces, a curved one many.
    slopes = np.unique(activation.derivative(np.linspace(-9, 9, 99)))
    if len(slopes) > len(activation.kinks) + 1:
        raise BadInput(f"{activation.name} is curved: linear pieces need relu or leaky_relu")
    return np.sort(activation.kinks)


def _crossings(t, z):
    """The t at which a column of z, straight between the given t, passes through 0."""
    here, there = z[:-1], z[1:]
    row, column = np.nonzero(here * there < 0)
    share = here[row, column] / (here[row, column] - there[row, column])
    return t[row] + share * (t[row + 1] - t[row])


def _distinct(t):
    t = np.sort(t)
    # Two units that bend at the same place differ by a rounding error.
    return t[np.append(True, np.diff(t) > 1e-12)]
