"""A network is a list of layers: forward goes through it in order, backward in reverse."""

from itertools import pairwise

import numpy as np

from bend.errors import BadInput

from .inputs import finite
from .layers import HE, Apply, BatchNorm, Chain, Dense, Residual

# Rows that go through the layers at once: 1024 × 64 float32 is 256 KB and stays in the cache.
CHUNK = 1024


class Network(Chain):
    """f(x) = layer_L(… layer_1(x)).

    `network(x)` is for looking at outputs: it checks x and remembers nothing. `network.forward(x)`
    is for training and diagnostics: every layer remembers its part, which `pre_activations`,
    `backward`, `grads` and `gradients` then use. What goes through the layers, and back, is Chain.
    """

    @property
    def dtype(self):
        """The float type that the parameters have; float64 where there are none."""
        return self.params[0].dtype if self.params else np.dtype(np.float64)

    def __call__(self, x):
        """x: (batch, n_in) → (batch, n_out). Raises: BadInput for NaN, inf or another shape."""
        x = finite("x", x).astype(self.dtype, copy=False)
        run = super().__call__
        if not x.ndim:
            return run(x)  # the first layer says which shape it takes
        return np.concatenate([run(x[i : i + CHUNK]) for i in range(0, len(x) or 1, CHUNK)])

    def forward(self, x):
        """Compute f(x) and let each layer remember what `backward` needs."""
        return super().forward(np.asarray(x, self.dtype))

    @property
    def pre_activations(self):
        """Copies of z (batch, n_out) of each Dense layer, from the last `forward`."""
        return [_remembered(layer.outputs, "forward(x)") for layer in self.dense]

    @property
    def gradients(self):
        """Copies of ∂loss/∂z (batch, n_out) of each Dense layer, from the last `backward`."""
        return [_remembered(layer.outputs_grad, "backward(grad)") for layer in self.dense]


def _remembered(array, call):
    if array is None:
        raise BadInput(f"nothing is remembered yet: call network.{call} first")
    return array.copy()


def mlp(
    widths,
    activation,
    *,
    rng,
    initializer=HE,
    normalise=False,
    residual=False,
    dtype=np.float64,
):
    """Dense, Apply, Dense, Apply, …, Dense: a multi-layer perceptron with linear outputs.

    Args:
        widths: [n_in, hidden, …, n_out], so that [2, 16, 1] has one hidden layer of 16 units.
        activation: an Activation, the same for every hidden layer.
        rng: draws the weights.
        initializer: how.
        normalise: put a BatchNorm between each hidden Dense and its Apply.
        residual: wrap each hidden layer that is as wide as the one before it in a Residual.
        dtype: the float type of all parameters.

    Raises:
        BadInput: fewer than two widths, or a width that is no whole number of at least 1.
    """
    widths = list(widths)
    if len(widths) < 2:
        raise BadInput(
            f"widths must name at least inputs and outputs, [2, 16, 1] say, not {widths}"
        )
    layers = []
    for n_in, n_out in pairwise(widths[:-1]):
        hidden = [Dense(n_in, n_out, rng=rng, initializer=initializer, dtype=dtype)]
        if normalise:
            hidden.append(BatchNorm(n_out, dtype=dtype))
        hidden.append(Apply(activation))
        layers += [Residual(hidden)] if residual and n_in == n_out else hidden
    layers.append(Dense(*widths[-2:], rng=rng, initializer=initializer, dtype=dtype))
    return Network(layers)
