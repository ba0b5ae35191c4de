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
from .initializers import glorot, he, normal, uniform_fan_in
from .layers import Apply, Dense
from .linear import affine_residual, best_line_accuracy
from .losses import binary_cross_entropy, softmax_cross_entropy, squared_error
from .network import Network, mlp
from .optimizers import SGD, Adam, Momentum
from .training import History, accuracy, fit

__all__ = [
    "ACTIVATIONS",
    "SGD",
    "Activation",
    "Adam",
    "Apply",
    "Dense",
    "History",
    "Momentum",
    "Network",
    "accuracy",
    "affine_residual",
    "best_line_accuracy",
    "binary_cross_entropy",
    "elu",
    "fit",
    "gelu",
    "glorot",
    "he",
    "identity",
    "leaky_relu",
    "log_softmax",
    "mlp",
    "normal",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "squared_error",
    "tanh",
    "uniform_fan_in",
]
