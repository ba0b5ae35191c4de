"""Small neural networks in plain NumPy, to be read in an evening.

activations → initializers → layers → network → losses → optimizers → training, each one file.
"""

from .activations import (
    ACTIVATIONS,
    Activation,
    elu,
    gelu,
    identity,
    leaky_relu,
    log_softmax,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from .datasets import arc, blobs, corner, digits, moons, rings, spirals, xor
from .diagnostics import (
    activation_stats,
    boundary_pieces,
    breakpoints,
    collapse,
    dead_units,
    gradient_norms,
    linear_regions,
    plane_grid,
    saturated_fraction,
    update_to_weight,
    zero_fraction,
)
from .initializers import glorot, he, normal, uniform_fan_in
from .layers import Apply, BatchNorm, Dense, Residual
from .linear import affine_residual, best_line_accuracy
from .losses import (
    binary_cross_entropy,
    shared_cross_entropy,
    softmax_cross_entropy,
    squared_error,
    weight_penalty,
)
from .network import Network, mlp
from .optimizers import SGD, Adam, Clipped, Momentum
from .timing import on_this_machine, time_ratio
from .training import History, accuracy, fit

__all__ = [
    "ACTIVATIONS",
    "SGD",
    "Activation",
    "Adam",
    "Apply",
    "BatchNorm",
    "Clipped",
    "Dense",
    "History",
    "Momentum",
    "Network",
    "Residual",
    "accuracy",
    "activation_stats",
    "affine_residual",
    "arc",
    "best_line_accuracy",
    "binary_cross_entropy",
    "blobs",
    "boundary_pieces",
    "breakpoints",
    "collapse",
    "corner",
    "dead_units",
    "digits",
    "elu",
    "fit",
    "gelu",
    "glorot",
    "gradient_norms",
    "he",
    "identity",
    "leaky_relu",
    "linear_regions",
    "log_softmax",
    "mlp",
    "moons",
    "normal",
    "on_this_machine",
    "plane_grid",
    "relu",
    "rings",
    "saturated_fraction",
    "selu",
    "shared_cross_entropy",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "spirals",
    "squared_error",
    "tanh",
    "time_ratio",
    "uniform_fan_in",
    "update_to_weight",
    "weight_penalty",
    "xor",
    "zero_fraction",
]
