"""How a layer's weights start: the spread of the first draw decides what deep layers will see.

Each factory returns an initialiser, a function `(n_in, n_out, rng) -> (weights, bias)` with
weights of shape (n_in, n_out) and a bias of shape (n_out,), both float64.
"""

import numpy as np

from .inputs import positive


def normal(std):
    """W ~ N(0, std²), b = 0. Raises: BadInput unless std is above zero."""
    std = positive("std", std)
    return lambda n_in, n_out, rng: (rng.normal(0, std, (n_in, n_out)), np.zeros(n_out))


def uniform_fan_in(gain=1.0):
    """W, b ~ U(−r, r) with r = gain/√n_in: how `torch.nn.Linear` starts."""
    gain = positive("gain", gain)

    def draw(n_in, n_out, rng):
        r = gain / np.sqrt(n_in)
        return rng.uniform(-r, r, (n_in, n_out)), rng.uniform(-r, r, n_out)

    return draw


def glorot(gain=1.0):
    """W ~ U(−r, r) with r = gain·√(6/(n_in + n_out)), b = 0.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.
    """
    gain = positive("gain", gain)

    def draw(n_in, n_out, rng):
        r = gain * np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-r, r, (n_in, n_out)), np.zeros(n_out)

    return draw


def he(gain=1.0):
    """W ~ N(0, gain²·2/n_in), b = 0.

    Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
    """
    gain = positive("gain", gain)

    def draw(n_in, n_out, rng):
        return rng.normal(0, gain * np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)

    return draw
