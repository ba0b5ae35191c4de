"""What the lessons show: each explorer is a function that a notebook calls in one line."""

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Choice, Slider
from bend.live.marks import Axis, Handle, Line, Panel, Picture
from bend.nn import ACTIVATIONS, leaky_relu

__all__ = ["explore_slope"]
REACH = 6.0
Z = np.linspace(-REACH, REACH, 481)

NAMES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "softplus": "softplus",
}


def explore_slope(activation="sigmoid"):
    """An activation, its slope, and the tangent at a z that is moved."""
    controls = [
        Choice("activation", "Activation", activation, NAMES),
        Slider("z", "Pre-activation z", 1.0, -REACH, REACH, 0.05),
        Slider("alpha", "Slope on the left α", 0.1, 0.01, 0.9, when=("activation", "leaky_relu")),
    ]
    display(Live("An activation and its slope", controls, slope_picture))


def slope_picture(values):
    """g(z) with its tangent at z, and below it g′(z)."""
    g = _activation(values["activation"], values["alpha"])
    z, name = values["z"], NAMES[values["activation"]]
    value, slope = float(g(z)), float(g.derivative(z))
    heights = g(Z)
    low, high = min(-1.0, float(heights.min())), max(1.0, min(4.0, float(heights.max())))
    margin = 0.1 * (high - low)
    reach = 1.6
    tangent = np.array([z - reach, z + reach])
    slopes = g.derivative(Z)
    for kink in g.kinks:
        slopes[kink == Z] = np.nan
    curve = [
        Line(Z, heights, "blue"),
        Line(tangent, value + slope * (tangent - z), "ink", width=1.5),
        Handle(z, value, f"Point on the curve, z = {z:.2f}", moves=("z", None)),
    ]
    below = [
        Line(Z, slopes, "orange"),
        Handle(z, slope, f"Point on the slope, z = {z:.2f}", moves=("z", None), colour="orange"),
    ]
    x = Axis((-REACH, REACH), "pre-activation z")
    top = max(1.0, float(np.nanmax(slopes)))
    return Picture(
        [
            Panel(curve, x=x, y=Axis((low - margin, high + margin)), title=f"Value g(z): {name}"),
            Panel(below, x=x, y=Axis((-0.15, 1.1 * top)), title="Slope g′(z)"),
        ],
        f"{name} at z = {z:.2f}: value {value:.3f}, slope {slope:.3f}.",
    )


def _activation(name, alpha):
    return leaky_relu(alpha) if name == "leaky_relu" else ACTIVATIONS[name]
