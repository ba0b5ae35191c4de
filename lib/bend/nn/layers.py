"""A layer turns a batch into a batch, and on the way back a gradient into a gradient.

Calling a layer computes; `forward` computes and remembers what `backward` will need. Arrays that
a layer remembers are never written to again: each pass makes new ones.
"""

from functools import lru_cache

import numpy as np

from bend.errors import BadInput

from .activations import Activation
from .initializers import he
from .inputs import count, generator, positive

HE = he()


class Dense:
    """y = x W + b, with W of shape (n_in, n_out) and b of shape (n_out,).

    Attributes:
        weights, bias: the parameters, yours to overwrite.
        grads: [∂loss/∂weights, ∂loss/∂bias] of the last `backward`.
        inputs, outputs: x (batch, n_in) and y (batch, n_out) of the last `forward`.
        outputs_grad: ∂loss/∂y of the last `backward`.
    """

    def __init__(self, n_in, n_out, *, rng, initializer=HE, dtype=np.float64):
        n_in, n_out = count("n_in", n_in), count("n_out", n_out)
        weights, bias = initializer(n_in, n_out, generator(rng))
        self.weights, self.bias = weights.astype(dtype), bias.astype(dtype)
        self.inputs = self.outputs = self.outputs_grad = None
        self.grads = []

    @property
    def params(self):
        """[weights, bias]."""
        return [self.weights, self.bias]

    def __call__(self, x):
        """x: (batch, n_in) → (batch, n_out). Raises: BadInput for any other shape."""
        if np.ndim(x) != 2 or x.shape[1] != len(self.weights):
            raise BadInput(
                f"this layer takes inputs of shape (batch, {len(self.weights)}), not {np.shape(x)}"
            )
        y = x @ self.weights
        y += self.bias
        return y

    def forward(self, x):
        """Compute y = x W + b and remember x and y."""
        self.inputs, self.outputs = x, self(x)
        return self.outputs

    def backward(self, grad):
        """∂loss/∂y (batch, n_out) → ∂loss/∂x (batch, n_in); sets `grads`.

        ∂W = xᵀ ∂y,  ∂b = Σ_batch ∂y,  ∂x = ∂y Wᵀ.
        """
        self.outputs_grad = grad
        self.grads = [self.inputs.T.dot(grad), _column_sums(grad)]
        # NumPy's dot takes a sixth of the time of @ where ∂y has one column.
        return grad.dot(self.weights.T)


def _column_sums(array):
    # A row of ones times the array takes a third of the time of array.sum(axis=0).
    return _ones(len(array), array.dtype).dot(array)


@lru_cache(8)
def _ones(n, dtype):
    return np.ones(n, dtype)


class Apply:
    """a = g(z): an activation, element by element."""

    params = grads = ()

    def __init__(self, activation):
        if not isinstance(activation, Activation):
            raise BadInput(
                f"Apply takes an activation, relu or leaky_relu(0.01), not {activation!r}"
            )
        self.activation = activation
        self.inputs = None

    def __call__(self, z):
        """g(z), of the shape of z."""
        return self.activation.value(z)

    def forward(self, z):
        """Compute g(z) and remember z."""
        self.inputs = z
        return self(z)

    def backward(self, grad):
        """∂loss/∂a → ∂loss/∂z = ∂loss/∂a · g′(z)."""
        grad_z = self.activation.derivative(self.inputs)
        grad_z *= grad
        return grad_z


class BatchNorm:
    """y = γ (x − mean)/√(variance + epsilon) + β, each column on its own.

    `forward` takes mean and variance from its batch: each column comes out with mean β and standard
    deviation γ, whatever the layers below do. Calling the layer must do for a single row too, so it
    takes `mean` and `variance`, running averages over the batches that `forward` has seen.

    Attributes:
        gamma, beta: γ and β, the parameters (width,), 1 and 0 at the start.
        mean, variance: (width,), 0 and 1 before the first batch, then that batch's, and from then
            on a tenth of the way to each further batch's.
        grads: [∂loss/∂γ, ∂loss/∂β] of the last `backward`.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015, algorithm 1; epsilon and the tenth are PyTorch's.
    """

    def __init__(self, width, *, epsilon=1e-5, dtype=np.float64):
        width, self.epsilon = count("width", width), positive("epsilon", epsilon)
        self.gamma, self.beta = np.ones(width, dtype), np.zeros(width, dtype)
        self.mean, self.variance = np.zeros(width, dtype), np.ones(width, dtype)
        self.step = 1.0
        self.normalised = self.slope = None
        self.grads = []

    @property
    def params(self):
        """[γ, β]."""
        return [self.gamma, self.beta]

    def __call__(self, x):
        """x: (batch, width) → (batch, width), by the running averages. Raises: BadInput."""
        self._check(x)
        y = x - self.mean
        y *= self.gamma / np.sqrt(self.variance + self.epsilon)
        y += self.beta
        return y

    def forward(self, x):
        """Normalise by the batch's own mean and variance, and move the running averages.

        Raises: BadInput for another width, or for fewer than two rows.
        """
        self._check(x)
        if len(x) < 2:
            raise BadInput(f"batch normalisation trains on at least 2 rows at once, not {len(x)}")
        mean = _column_sums(x) / len(x)
        centred = x - mean
        variance = _column_sums(centred * centred) / len(x)
        self.mean = self.mean + self.step * (mean - self.mean)
        self.variance = self.variance + self.step * (variance - self.variance)
        self.step = 0.1
        scale = 1 / np.sqrt(variance + self.epsilon)
        self.normalised, self.slope = centred * scale, self.gamma * scale
        return self.gamma * self.normalised + self.beta

    def backward(self, grad):
        """∂loss/∂y → ∂loss/∂x, both (batch, width); sets `grads`.

        With x̂ = (x − mean)/√(variance + epsilon):  ∂γ = Σ_batch ∂y x̂,  ∂β = Σ_batch ∂y,
        ∂x = γ/√(variance + epsilon) (∂y − ∂β/batch − x̂ ∂γ/batch).
        """
        x_hat, n = self.normalised, len(grad)
        self.grads = [_column_sums(grad * x_hat), _column_sums(grad)]
        # What a change of x does by way of the batch's variance and mean comes off again.
        return self.slope * (grad - self.grads[1] / n - x_hat * (self.grads[0] / n))

    def _check(self, x):
        if np.ndim(x) != 2 or x.shape[1] != len(self.gamma):
            raise BadInput(
                f"this layer takes inputs of shape (batch, {len(self.gamma)}), not {np.shape(x)}"
            )


class Chain:
    """f(x) = layer_L(… layer_1(x)): forward in order, backward in reverse."""

    def __init__(self, layers):
        self.layers = list(layers)
        for layer in self.layers:
            if not (callable(layer) and hasattr(layer, "backward")):
                raise BadInput(
                    f"a {type(self).__name__} is made of layers, Dense or Apply, not {layer!r}"
                )

    @property
    def params(self):
        """Every parameter array, first layer first: the arrays themselves, not copies."""
        return [param for layer in self.layers for param in layer.params]

    @property
    def grads(self):
        """∂loss/∂param for every array in `params`, from the last `backward`."""
        return [grad for layer in self.layers for grad in layer.grads]

    @property
    def dense(self):
        """The Dense layers, first to last, those inside a Residual too."""
        found = []
        for layer in self.layers:
            found += [layer] if isinstance(layer, Dense) else getattr(layer, "dense", [])
        return found

    def __call__(self, x):
        """Compute f(x) and remember nothing."""
        for layer in self.layers:
            x = layer(x)
        return x

    def forward(self, x):
        """Compute f(x) and let each layer remember what `backward` needs."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        """∂loss/∂output → ∂loss/∂x, by the chain rule from the last layer to the first."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


class Residual(Chain):
    """y = x + f(x), with f(x) = layer_L(… layer_1(x)): the input goes around the layers as well.

    Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016,
    equation 1.

    Raises:
        BadInput: the layers inside change the width, so that there is nothing to add to.
    """

    def __init__(self, layers):
        super().__init__(layers)
        ends = [len(self.dense[0].weights), len(self.dense[-1].bias)] if self.dense else [0, 0]
        if ends[0] != ends[1]:
            raise BadInput(
                f"the layers inside a Residual must keep the width: {ends[0]} in, {ends[1]} out"
            )

    def __call__(self, x):
        """Compute x + f(x) and remember nothing."""
        return x + super().__call__(x)

    def forward(self, x):
        """Compute x + f(x) and let each layer remember its part."""
        return x + super().forward(x)

    def backward(self, grad):
        """∂loss/∂x = ∂loss/∂y + what comes back through f: the first term is never damped."""
        return grad + super().backward(grad)
