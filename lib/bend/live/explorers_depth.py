"""What becomes of a gradient on its way through many layers: slope times weight, time and again."""

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Choice, Slider
from bend.live.marks import Axis, Line, Panel, Picture
from bend.nn import ACTIVATIONS, Dense, glorot, he, mlp, normal, uniform_fan_in

BENDS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "gelu": "GELU",
    "identity": "none",
}
STARTS = {
    "glorot": "Glorot",
    "he": "He",
    "fan_in": "PyTorch's default",
    "normal": "N(0, 1)",
}
BATCH = 16
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def explore_gradients(activation="sigmoid", start="glorot", depth=20):
    """The gradient by layer, and the slopes and the weights that make it."""
    display(
        Live(
            "Slope times weight, layer by layer",
            _controls(activation, start, depth),
            gradients_picture,
        )
    )


def _controls(activation, start, depth):
    return [
        Choice("activation", "Activation", activation, BENDS),
        Choice("start", "Start", start, STARTS),
        Slider("depth", "Depth", depth, 1, 50, 1),
        Slider("gain", "Gain of the start", 1.0, 0.1, 10, log=True),
        Slider("width", "Width", 32, 2, 100, 1),
        Slider("seed", "Seed", 0, 0, 99, 1),
    ]


def initializer(start, gain):
    """The initialiser of this name, its weights multiplied by the gain."""
    makers = {"glorot": glorot, "he": he, "fan_in": uniform_fan_in, "normal": normal}
    return makers[start](gain)


def build(values):
    """The network that the values describe."""
    width, depth = values["width"], values["depth"]
    return mlp(
        [width] * (depth + 1),
        ACTIVATIONS[values["activation"]],
        rng=np.random.default_rng(values["seed"]),
        initializer=initializer(values["start"], values["gain"]),
    )


def factors(network, rng):
    """What each layer multiplies the norm of the gradient by, from layer 1 on.

    Returns:
        slopes, weights: (layers − 1,) each. ‖∂loss/∂z_l‖ / ‖∂loss/∂z_(l+1)‖ is their product,
        the weights' part first measured: ‖δ Wᵀ‖ / ‖δ‖, then the slopes': ‖δ Wᵀ ∘ g′‖ / ‖δ Wᵀ‖.
    """
    width = network.dense[0].weights.shape
    x, grad = rng.normal(size=(BATCH, width[0])), rng.normal(size=(BATCH, width[1]))
    slopes, weights = [], []
    with np.errstate(all="ignore"):
        network.forward(x)
        for layer in reversed(network.layers[1:]):
            # Only ratios count, and kept at 1 none underflows. Once 0, it has none: 0 / 0 is NaN.
            grad = layer.backward(grad / np.linalg.norm(grad))
            ratio = np.linalg.norm(grad)
            (weights if isinstance(layer, Dense) else slopes).append(ratio)
    return np.array(slopes[::-1]), np.array(weights[::-1])


def gradients_picture(values):
    """The gradient at each layer, against the last one, as a product of slopes and weights."""
    network = build(values)
    slopes, weights = factors(network, np.random.default_rng(values["seed"]))
    depth, layers = values["depth"], np.arange(1, values["depth"] + 1)
    parts = {"slopes": slopes, "weights": weights, "gradient": slopes * weights}
    products = {name: _product(part) for name, part in parts.items()}
    look = {"slopes": ("orange", True), "weights": ("green", True), "gradient": ("blue", False)}
    x = Axis((0.5, max(depth, 2) + 0.5), "layer (1 is nearest the input)", integer=True)
    left = [
        Line(layers, products[name], colour, name, dashes, 2 if dashes else 3)
        for name, (colour, dashes) in look.items()
    ]
    right = [
        Line(layers[:-1] + 0.5, part, *look[name][:1], name, look[name][1], 2)
        for name, part in parts.items()
    ]
    everything = np.concatenate([*products.values()])
    each = np.concatenate([*parts.values(), [1.0]])
    panels = [
        Panel(
            left,
            x=x,
            y=Axis(_decades(everything, 6), log=True),
            title="Gradient, against the last layer’s",
            name="products",
            height=300,
            width=340,
        ),
        Panel(
            right,
            x=x,
            y=Axis(_decades(each, 1), log=True),
            title="What one layer multiplies it by",
            name="factors",
            height=300,
            width=260,
        ),
    ]
    return Picture(panels, _said(depth, products))


def _product(part):
    """Of all factors between a layer and the last: (layers,), 1 at the last."""
    with np.errstate(all="ignore"):
        return np.exp(np.concatenate([np.cumsum(np.log(part)[::-1])[::-1], [0.0]]))


def _decades(values, least):
    """Whole powers of ten around the values, in steps of `least` so that the axis is calm."""
    logs = np.log10(values[np.isfinite(values) & (values > 0)])
    low, high = min(logs.min() - 0.1, -0.1), max(logs.max() + 0.1, 0.1)
    low, high = least * np.floor(low / least), least * np.ceil(high / least)
    return 10.0**low, 10.0**high


def _power(value):
    exponent = np.log10(value)
    if abs(exponent) < 1.5:
        return f"{value:.2g}"
    return "about 10" + f"{exponent:.0f}".translate(RAISED)


def _said(depth, products):
    if depth == 1:
        return "One layer: nothing multiplies its gradient."
    gradient, slopes, weights = (products[name][0] for name in ("gradient", "slopes", "weights"))
    if not gradient > 0:
        return "Nothing reaches layer 1: in some layer every unit is flat on every input."
    each = gradient ** (1 / (depth - 1))
    fate = "vanishes" if each < 0.8 else "explodes" if each > 1.25 else "holds"
    return (
        f"From layer {depth} down to layer 1 the gradient is multiplied by {_power(gradient)}: "
        f"{_power(slopes)} by the slopes and {_power(weights)} by the weights. "
        f"That is {each:.2f} a layer: it {fate}."
    )
