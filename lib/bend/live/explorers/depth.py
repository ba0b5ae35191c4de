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
    "identity": "no activation",
}
STARTS = {
    "glorot": "Glorot",
    "he": "He",
    "fan_in": "PyTorch's default",
    "normal": "N(0, 1)",
}
BATCH = 32
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def explore_gradients(activation="sigmoid", start="glorot", depth=20):
    """The gradient by layer, and the slopes and the weights that make it."""
    chosen = controls(activation, start, depth)
    display(Live("Slope times weight, layer by layer", chosen, gradients_picture))


def controls(activation, start, depth):
    """What describes the network."""
    return [
        Choice("activation", "Activation", activation, BENDS),
        Choice("start", "Start", start, STARTS),
        Slider("depth", "Depth", depth, 1, 50, 1, group="Layers"),
        Slider("width", "Width", 32, 2, 100, 1, group="Layers"),
        Slider("gain", "Gain of the start", 1.0, 0.1, 10, log=True, group="Layers"),
        Slider("seed", "Seed", 0, 0, 99, 1, group="Layers"),
    ]


def initializer(start, gain):
    """The initialiser of this name, its weights multiplied by the gain."""
    makers = {"glorot": glorot, "he": he, "fan_in": uniform_fan_in, "normal": normal}
    return makers[start](gain)


def build(values, **remedies):
    """The network that the values describe, as deep as they say and equally wide throughout."""
    width, depth = values["width"], values["depth"]
    return mlp(
        [width] * (depth + 1),
        ACTIVATIONS[values["activation"]],
        rng=np.random.default_rng(values["seed"]),
        initializer=initializer(values["start"], values["gain"]),
        **remedies,
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


LOOK = {
    "slopes": ("orange", True),
    "weights": ("green", True),
    "normalisation": ("purple", True),
    "gradient": ("blue", False),
    "without": ("quiet", True),
}


def gradients_picture(values):
    """The gradient at each layer, against the last one, as a product of slopes and weights."""
    slopes, weights = factors(build(values), np.random.default_rng(values["seed"]))
    # The gradient first: where one of its parts is nearly all of it, that is drawn on top.
    parts = {"gradient": slopes * weights, "slopes": slopes, "weights": weights}
    products = {name: product(part) for name, part in parts.items()}
    words = f"{set_in_words(values)} {_said(values['depth'], products)}"
    return Picture(panels(values["depth"], products, parts), words)


def panels(depth, products, parts):
    """The gradient by layer, and the parts that each layer multiplies it by."""
    layers = np.arange(1, depth + 1)
    x = Axis((0.5, max(depth, 2) + 0.5), "layer (1 is nearest the input)", integer=True)
    whole = Axis(_decades([*products.values()], 6), log=True)
    each = Axis(_decades([*parts.values(), [1.0]], 1), log=True)
    left = [_line(name, layers, product) for name, product in products.items()]
    right = [_line(name, layers[:-1] + 0.5, part) for name, part in parts.items()]
    titles = "Gradient, against the last layer’s", "What one layer multiplies it by"
    return [
        Panel(left, x=x, y=whole, title=titles[0], name="products", height=300, width=340),
        Panel(right, x=x, y=each, title=titles[1], name="factors", height=300, width=260),
    ]


def _line(name, x, y):
    colour, dashes = LOOK[name]
    return Line(x, y, colour, name, dashes=dashes, width=2 if dashes else 3)


def product(part):
    """The product of all factors between a layer and the last: (layers,), 1 at the last."""
    with np.errstate(all="ignore"):
        return np.exp(np.concatenate([np.cumsum(np.log(part)[::-1])[::-1], [0.0]]))


def _decades(values, least):
    """Whole powers of ten around the values, in steps of `least` so that the axis is calm."""
    values = np.concatenate(values)
    logs = np.log10(values[np.isfinite(values) & (values > 0)])
    low, high = min(logs.min() - 0.1, -0.1), max(logs.max() + 0.1, 0.1)
    low, high = least * np.floor(low / least), least * np.ceil(high / least)
    return 10.0**low, 10.0**high


def power(value):
    """The number in words: a power of ten where it is far from 1."""
    exponent = np.log10(value)
    if abs(exponent) < 1.5:
        return f"{value:.2g}"
    return "about 10" + f"{exponent:.0f}".translate(RAISED)


SINGLE = "nothing multiplies the gradient of a single layer."
FLAT = "nothing reaches layer 1, for in some layer every unit is flat on every input."


def fate(product, depth):
    """(the factor a layer, what becomes of the gradient)."""
    each = product[0] ** (1 / (depth - 1))
    return each, "vanishes" if each < 0.8 else "explodes" if each > 1.25 else "holds"


def set_in_words(values):
    """What is set, so that a summary can be read alone."""
    start = STARTS[values["start"]] + f" × {values['gain']:g}" * (values["gain"] != 1)
    layers = f"{values['depth']} layers of {values['width']}"
    return f"{BENDS[values['activation']]}, {start}, {layers}, seed {values['seed']}:"


def _said(depth, products):
    if depth == 1:
        return SINGLE
    gradient, slopes, weights = (products[name][0] for name in ("gradient", "slopes", "weights"))
    if not gradient > 0:
        return FLAT
    each, end = fate(products["gradient"], depth)
    return (
        f"from layer {depth} down to layer 1 the gradient is multiplied by {power(gradient)}: "
        f"{power(slopes)} by the slopes and {power(weights)} by the weights. "
        f"That is {each:.2f} a layer: it {end}."
    )
