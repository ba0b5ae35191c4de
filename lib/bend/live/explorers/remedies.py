"""The gradient through many layers with batch normalisation and residual connections."""

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Switch
from bend.live.explorers.depth import (
    BATCH,
    FLAT,
    SINGLE,
    build,
    controls,
    fate,
    panels,
    power,
    product,
    set_in_words,
)
from bend.live.marks import Picture
from bend.nn import Apply, BatchNorm, Dense, Residual

REMEDIES = {"normalise": "Batch normalisation", "residual": "Residual connections"}


def explore_remedies(activation="sigmoid", start="glorot", depth=20):
    """The same with batch normalisation and residual connections to switch on."""
    remedies = [Switch(name, label) for name, label in REMEDIES.items()]
    chosen = [*remedies, *controls(activation, start, depth)]
    display(Live("What the remedies do to the gradient", chosen, remedies_picture))


def remedies_picture(values):
    """The gradient that reaches each layer with what is switched on, and without it."""
    remedies = {name: values[name] for name in REMEDIES}
    parts = passages(build(values, **remedies), np.random.default_rng(values["seed"]))
    products = {"gradient": product(parts["gradient"])}
    if any(remedies.values()):
        plain = passages(build(values), np.random.default_rng(values["seed"]))
        products = {"without": product(plain["gradient"])} | products
    parts = {name: part for name, part in parts.items() if len(part)}
    words = f"{set_in_words(values)} {_compared(values['depth'], products, remedies)}"
    return Picture(panels(values["depth"], products, parts), words)


def passages(network, rng):
    """What each hidden layer multiplies the norm of the gradient by, from layer 1 on.

    Returns:
        {"slopes", "weights", "normalisation", "gradient"}: (layers − 1,) each. The gradient is
        what leaves a layer over what enters it, with what goes around it where it is a Residual;
        the others are what the parts inside do.
    """
    kinds = {Apply: "slopes", Dense: "weights", BatchNorm: "normalisation"}
    found = {name: [] for name in (*kinds.values(), "gradient")}
    with np.errstate(all="ignore"):
        shape = network.dense[0].weights.shape
        network.forward(rng.normal(size=(BATCH, shape[0])))
        grad = network.layers[-1].backward(rng.normal(size=(BATCH, shape[1])))
        for block in reversed(_blocks(network)):
            arrived = grad = grad / np.linalg.norm(grad)
            for layer in reversed(getattr(block, "layers", block)):
                before, grad = np.linalg.norm(grad), layer.backward(grad)
                found[kinds[type(layer)]].append(np.linalg.norm(grad) / before)
            if isinstance(block, Residual):
                grad = arrived + grad
            found["gradient"].append(np.linalg.norm(grad))
    return {name: np.array(ratios[::-1]) for name, ratios in found.items()}


def _blocks(network):
    """The hidden layers, each a Residual or a list: Dense, perhaps BatchNorm, Apply."""
    blocks = [[]]
    for layer in network.layers[:-1]:
        if isinstance(layer, Residual):
            blocks.append(layer)
        else:
            blocks[-1].append(layer)
            if isinstance(layer, Apply):
                blocks.append([])
    return [block for block in blocks if block]


def _compared(depth, products, remedies):
    if depth == 1:
        return SINGLE
    if not products["gradient"][0] > 0:
        return FLAT
    each, end = fate(products["gradient"], depth)
    on = [REMEDIES[name].lower() for name, chosen in remedies.items() if chosen]
    words = f"with {' and '.join(on)}" if on else "with neither remedy"
    words += f" layer 1 gets {power(products['gradient'][0])} times the gradient of layer {depth}"
    words += f", {each:.2f} a layer: it {end}."
    without = products["without"][0] if on else 0.0
    told = power(without) if without > 0 else "nothing reaches layer 1"
    return words + (f" Without {'them' if len(on) > 1 else 'it'}: {told}." if on else "")
