"""One unit: its activation and slope, and how a bias kills it."""

import numpy as np
from IPython.display import display

from bend.live.canvas import Live
from bend.live.controls import Action, Choice, Slider
from bend.live.marks import Axis, Handle, Line, Panel, Picture, Points, Span
from bend.nn import ACTIVATIONS, SGD, Apply, Dense, Network, fit, leaky_relu, squared_error
from bend.nn.diagnostics import SATURATED_BELOW

WORDS = {
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
LONG = 6.0
ALONG = np.linspace(-LONG, LONG, 481)


def alpha(value, **more):
    """The slider for the slope that Leaky ReLU has on the left."""
    when = ("activation", "leaky_relu")
    return Slider("alpha", "Slope α on the left", value, 0.01, 0.9, 0.01, when=when, **more)


def activation(values):
    """The activation that is chosen, with its α."""
    name = values["activation"]
    return leaky_relu(values["alpha"]) if name == "leaky_relu" else ACTIVATIONS[name]


def explore_slope(activation="sigmoid", z=1.0):
    """An activation, its slope, and the tangent at a z that is moved from the one given."""
    controls = [
        Choice("activation", "Activation", activation, WORDS),
        Slider("z", "Pre-activation z", z, -LONG, LONG, 0.05),
        alpha(0.1),
    ]
    display(Live("An activation and its slope", controls, slope_picture))


def slope_picture(values):
    """g(z) with its tangent at z, beside it g′(z)."""
    g, z = activation(values), values["z"]
    name, value, slope = WORDS[g.name], float(g(z)), float(g.derivative(z))
    kinked = z in g.kinks
    x = Axis((-LONG, LONG), "pre-activation z")
    heights, slopes = g(ALONG), g.derivative(ALONG)
    bottom, top = max(-2.0, heights.min()), min(4.0, heights.max())
    margin = 0.12 * (top - bottom)
    # As long everywhere, so that it turns about its point and does not stretch.
    reach = 2.2 / np.hypot(1, slope * 2 * LONG / (top - bottom + 2 * margin) / 2)
    tangent = np.array([z - reach, z + reach])
    curve = [
        *_flat_spans(g),
        Line(ALONG, heights, "blue", width=2.5),
        Line(tangent, value + slope * (tangent - z), "ink"),
        Handle(z, value, f"Point on the curve at z = {z:.2f}", ("z", None), tip=short(value)),
    ]
    for kink in g.kinks:
        slopes[kink == ALONG] = np.nan
    below = [
        *_flat_spans(g),
        Line(ALONG, slopes, "orange", width=2.5),
        Line([z, z], [0, slope], "orange", dashes=True, width=1.5),
        Handle(z, slope, f"Slope at z = {z:.2f}", ("z", None), tip=short(slope), colour="orange"),
    ]
    y = Axis((bottom - margin, top + margin))
    steepest = max(1.0, g.max_slope)
    leak = f" with α = {values['alpha']:.2f}" * (g.name == "leaky_relu")
    words = f"{name}{leak} at z = {z:.2f}: value {short(value)}, slope {short(slope)}"
    share = abs(slope) / g.max_slope
    flat = f", {share:.0%} of the steepest" if share >= 0.01 else ", below 1% of the steepest"
    kink = "; z is the kink, and this is the slope on its left" if kinked else ""
    return Picture(
        [
            Panel(curve, x=x, y=y, title=f"Value g(z) of {name}", name="value"),
            Panel(
                below,
                x=x,
                y=Axis((-0.18 * steepest, 1.15 * steepest)),
                title="Slope g′(z)",
                name="slope",
            ),
        ],
        f"{words}{flat}{kink}.".replace("-", "−"),
    )


def short(value):
    """Three decimals, or a power of ten where these would say too little."""
    if value == 0 or abs(value) >= 0.001:
        return f"{value:.3f}" if value else "0"
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits}e{int(exponent)}"


def _flat_spans(g):
    """Where the slope is below a hundredth of its peak."""
    flat = np.abs(g.derivative(ALONG)) < SATURATED_BELOW * g.max_slope
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat.astype(int), [0]])))
    spans = [(ALONG[a], ALONG[b - 1]) for a, b in edges.reshape(-1, 2)]
    # A point where the slope passes through 0 is no flat stretch.
    return [Span(low, high, "flat") for low, high in spans if high - low > 0.3]


FAMILY = {"relu": "ReLU", "leaky_relu": "Leaky ReLU", "elu": "ELU"}
INPUTS = np.random.default_rng(0).normal(size=(40, 1))
WANTED = np.maximum(1.5 * INPUTS + 0.5, 0)
LONGEST = 2000
RUN = "One run"


def explore_dying(activation="relu"):
    """A unit whose bias is pushed until it is dead, and what training then makes of it."""
    controls = [
        Choice("activation", "Activation", activation, FAMILY, pills=True),
        alpha(0.1),
        Action("kill", "Push it off the edge", lambda live: live.set(bias=-3.5), main=True),
        Slider("bias", "Bias b at the start", 0.0, -4, 2, 0.05, group=RUN),
        Slider("steps", "Steps of training", 300, 1, LONGEST, 1, group=RUN),
        Slider("rate", "Learning rate", 0.1, 0.01, 1, log=True, group=RUN),
    ]
    display(Live("Push a unit until it dies", controls, dying_picture))


def dying_picture(values):
    """Where the inputs land on the activation, before training and after, and the loss between."""
    g, steps = activation(values), values["steps"]
    layer = Dense(1, 1, rng=np.random.default_rng(0))
    layer.weights[:], layer.bias[:] = 1, values["bias"]
    before = _landed(layer)
    network = Network([layer, Apply(g)])
    optimizer = SGD(values["rate"])
    run = fit(
        network,
        INPUTS,
        WANTED,
        loss=squared_error,
        optimizer=optimizer,
        steps=steps,
        progress=False,
    )
    after = _landed(layer)
    here = Handle(
        values["bias"],
        float(g(values["bias"])),
        f"Bias, {values['bias']:.2f}: where the input 0 lands",
        moves=("bias", None),
        tip=f"b = {values['bias']:.2f}".replace("-", "−"),
    )
    loss = np.array(run.losses)
    top = max(1.0, 1.1 * loss.max())
    panels = [
        _unit_panel("Before training", g, before, "before", [here]),
        Panel(
            [Line(np.arange(1, steps + 1), loss, "orange", width=2.5)],
            x=Axis((1, max(2, steps)), "step", integer=True),
            y=Axis((0, top)),
            title="Loss",
            name="loss",
            width=220,
        ),
        _unit_panel(f"After {steps} steps", g, after, "after", []),
    ]
    leak = f" with α = {values['alpha']:.2f}" * (g.name == "leaky_relu")
    words = f"{FAMILY[g.name]}{leak}, bias {values['bias']:.2f}, rate {values['rate']:g}."
    words = f"{words} {_fate(before, after, steps, loss)}"
    return Picture(panels, words.replace("-", "−"))


def _landed(layer):
    return layer(INPUTS)[:, 0]


def _unit_panel(title, g, z, name, more):
    along = np.linspace(-6, 4, 201)
    marks = [
        *([Span(-6, 0, "no slope")] if g.name == "relu" else []),
        Line(along, g(along), "blue", width=2.5),
        Points(z, g(z), "pink", size=4.5),
        *more,
    ]
    x, y = Axis((-6, 4), "pre-activation z"), Axis((-1.5, 4))
    return Panel(marks, x=x, y=y, title=title, name=name, width=250)


def _fate(before, after, steps, loss):
    alive, still = int((before > 0).sum()), int((after > 0).sum())
    at_first = f"At the start {alive} of {len(before)} inputs have z > 0."
    if np.array_equal(before, after):
        return f"{at_first} The unit is dead: its gradient is 0 on every input, and nothing moves."
    later = f"After {steps} steps {still} have"
    if alive == 0 and still == 0:
        return f"{at_first} Its gradient is small, but not 0. {later}: it is on its way."
    if alive == 0:
        return f"{at_first} {later}: the unit is back, and the loss is {loss[-1]:.2f}."
    if still == 0:
        return f"{at_first} {later}: training itself has pushed it off."
    return f"{at_first} {later}, and the loss has gone from {loss[0]:.2f} to {loss[-1]:.2f}."
