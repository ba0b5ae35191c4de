"""A network is a list of layers: forward goes through it in order, backward in reverse."""

from itertools import pairwise

import numpy as np

from bend.errors import BadInput

from .inputs import finite
from .layers import HE, Apply, Dense

# Rows that go through the layers at once: 1024 × 64 float32 is 256 KB and stays in the cache.
CHUNK = 1024


class Network:
    """f(x) = layer_L(… layer_1(x)).

    `network(x)` is for looking at outputs: it checks x and remembers nothing. `network.forward(x)`
    is for training and diagnostics: every layer remembers its part, which `pre_activations`,
    `backward`, `grads` and `gradients` then use.
    """

    def __init__(self, layers):
        self.layers = list(layers)
        for layer in self.layers:
            if not (callable(layer) and hasattr(layer, "backward")):
                raise BadInput(f"a network is made of layers, Dense or Apply, not {layer!r}")

    @property
    def params(self):
        """Every weight and bias array, first layer first: the arrays themselves, not copies."""
        return [param for layer in self.layers for param in layer.params]

    @property
    def grads(self):
        """∂loss/∂param for every array in `params`, from the last `backward`."""
        return [grad for layer in self.layers for grad in layer.grads]

    @property
    def dense(self):
        """The Dense layers, first to last."""
        return [layer for layer in self.layers if isinstance(layer, Dense)]

    @property
    def dtype(self):
        """The float type that the parameters have; float64 where there are none."""
        dtypes = (layer.params[0].dtype for layer in self.layers if layer.params)
        return next(dtypes, np.dtype(np.float64))

    def __call__(self, x):
        """x: (batch, n_in) → (batch, n_out). Raises: BadInput for NaN, inf or another shape."""
        x = finite("x", x).astype(self.dtype, copy=False)
        return np.concatenate([self._run(x[i : i + CHUNK]) for i in range(0, len(x) or 1, CHUNK)])

    def _run(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def forward(self, x):
        """Compute f(x) and let each layer remember what `backward` needs."""
        x = np.asarray(x, self.dtype)
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        """∂loss/∂output → ∂loss/∂x, by the chain rule from the last layer to the first."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

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


def mlp(widths, activation, *, rng, initializer=HE, dtype=np.float64):
    """Dense, Apply, Dense, Apply, …, Dense: a multi-layer perceptron with linear outputs.

    widths: [n_in, hidden, …, n_out], so that [2, 16, 1] has one hidden layer of 16 units.
    Raises: BadInput for fewer than two widths or a width that is no whole number of at least 1.
    """
    widths = list(widths)
    if len(widths) < 2:
        raise BadInput(
            f"widths must name at least inputs and outputs, [2, 16, 1] say, not {widths}"
        )
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [
            Dense(n_in, n_out, rng=rng, initializer=initializer, dtype=dtype),
            Apply(activation),
        ]
    return Network(layers[:-1])
