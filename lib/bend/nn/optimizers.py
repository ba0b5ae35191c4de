"""An optimiser moves each parameter a little against its gradient, in place."""

import math
from numbers import Real

import numpy as np

from bend.errors import BadInput

from .inputs import positive


def _fraction(name, number):
    if not isinstance(number, Real) or not 0 <= number < 1:
        raise BadInput(f"{name} must be a number from 0 to below 1, not {number!r}")
    return float(number)


class SGD:
    """p ← p − rate·g."""

    def __init__(self, rate):
        self.rate = positive("rate", rate)

    def step(self, params, grads):
        """Update every array of `params` in place."""
        for p, g in zip(params, grads, strict=True):
            p -= self.rate * g


class Momentum:
    """v ← momentum·v + g,  p ← p − rate·v, with v = 0 at the start.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, in
    PyTorch's spelling, where the rate multiplies the whole velocity.
    """

    def __init__(self, rate, momentum=0.9):
        self.rate = positive("rate", rate)
        self.momentum = _fraction("momentum", momentum)
        self.velocities = None

    def step(self, params, grads):
        """Update every array of `params` in place."""
        if self.velocities is None:
            self.velocities = [np.zeros_like(p) for p in params]
        for p, g, v in zip(params, grads, self.velocities, strict=True):
            v *= self.momentum
            v += g
            p -= self.rate * v


class Adam:
    """p ← p − rate·m̂/(√v̂ + epsilon), m and v running means of g and g², hats undoing their start.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
    """

    def __init__(self, rate=1e-3, *, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.rate = positive("rate", rate)
        self.beta1, self.beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
        self.epsilon = positive("epsilon", epsilon)
        self.steps, self.means = 0, None

    def step(self, params, grads):
        """Update every array of `params` in place."""
        g = np.concatenate([grad.ravel() for grad in grads])
        if self.means is None:
            self.means, self.squares = np.zeros_like(g), np.zeros_like(g)
        self.steps += 1
        self.means += (1 - self.beta1) * (g - self.means)
        self.squares += (1 - self.beta2) * (g * g - self.squares)
        m_hat = self.means / (1 - self.beta1**self.steps)
        v_hat = self.squares / (1 - self.beta2**self.steps)
        update = self.rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
        start = 0
        for p in params:
            p -= update[start : start + p.size].reshape(p.shape)
            start += p.size


class Clipped:
    """g ← g·min(1, limit/‖g‖), then the step of `optimizer`; ‖g‖ is that of all arrays together.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013, algorithm 1.
    """

    def __init__(self, optimizer, limit):
        self.optimizer, self.limit = optimizer, positive("limit", limit)

    def step(self, params, grads):
        """Update every array of `params` in place; `grads` stay as they are."""
        # In float32 the square of an exploded gradient would overflow.
        norm = math.sqrt(sum(np.sum(np.square(g, dtype=float)) for g in grads))
        if norm > self.limit:
            grads = [g * (self.limit / norm) for g in grads]
        self.optimizer.step(params, grads)
