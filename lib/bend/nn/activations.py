"""The bend between two layers: each activation as data, its value and its slope.

Every function here keeps the shape and the float type it is given (integers become float64), is
silent at any input, and is as precise where its result is tiny as where it is large.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from numbers import Real
from types import MappingProxyType

import numpy as np

from bend.errors import BadInput, UnknownName


def _on_floats(function):
    """Let a function of a float array take numbers, lists and integers too."""

    @wraps(function)
    def on_anything(z):
        z = np.asarray(z)
        if z.dtype.kind != "f":
            if z.dtype.kind not in "biu":
                raise BadInput(f"an activation takes real numbers, not {z.dtype}")
            z = z.astype(np.float64)
        # float16 is too narrow for what comes on the way.
        result = function(z) if z.itemsize > 2 else _as_float16(function(z.astype(np.float32)))
        return result if z.ndim else result[()]  # a number for a number

    return on_anything


# An exponential that overflows or underflows is on its way to the right limit, and so is its
# reciprocal; where there is none, as at ∞ − ∞, NaN says so.
_silent = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")


@_silent
def _as_float16(array):
    return np.asarray(array, np.float16)


@dataclass(frozen=True)
class Activation:
    """g(z) and its slope g′(z), element by element, with what is known about them.

    Attributes:
        name: its key in `ACTIVATIONS`.
        formula: g(z) as one writes it.
        value, derivative: g and g′, functions of an array of any shape.
        bounds: the largest lower and the smallest upper bound of g.
        saturates: the tails, "left" or "right", in which the slope goes to 0.
        zero_centred: whether standard normal z give outputs with mean 0.
        max_slope: the smallest upper bound of |g′|.
        kinks: where g has no slope; `derivative` returns there the one on `kink_side`.
        kink_side: "left", as in PyTorch, TensorFlow and JAX.
        source: where it was proposed.
    """

    name: str
    formula: str
    value: Callable
    derivative: Callable
    bounds: tuple[float, float]
    saturates: frozenset[str]
    zero_centred: bool
    max_slope: float
    kinks: tuple[float, ...] = ()
    kink_side: str = "left"
    source: str = ""

    def __call__(self, z):
        """g(z)."""
        return self.value(z)

    def __repr__(self):
        return f"{self.name}: g(z) = {self.formula}"


NEITHER, LEFT, BOTH = frozenset(), frozenset({"left"}), frozenset({"left", "right"})


@_on_floats
def _identity(z):
    return z.copy()


@_on_floats
def _identity_slope(z):
    return np.ones_like(z)


identity = Activation(
    name="identity",
    formula="z",
    value=_identity,
    derivative=_identity_slope,
    bounds=(-np.inf, np.inf),
    saturates=NEITHER,
    zero_centred=True,
    max_slope=1.0,
    source="no activation at all: the output of a regression",
)


@_on_floats
@_silent
def _sigmoid(z):
    # Where e^−z overflows, its reciprocal is 0 in any case, so the textbook formula is precise.
    return 1 / (1 + np.exp(-z))


@_on_floats
@_silent
def _sigmoid_slope(z):
    # The slope is even, and on the left 1 − σ loses no digits.
    s = 1 / (1 + np.exp(np.abs(z)))
    return s * (1 - s)


sigmoid = Activation(
    name="sigmoid",
    formula="1 / (1 + e^−z)",
    value=_sigmoid,
    derivative=_sigmoid_slope,
    bounds=(0.0, 1.0),
    saturates=BOTH,
    zero_centred=False,
    max_slope=0.25,
    source="Verhulst 1838; in networks Rumelhart, Hinton and Williams 1986",
)


@_on_floats
def _tanh(z):
    return np.tanh(z)


@_on_floats
@_silent
def _tanh_slope(z):
    # 1 / cosh², with cosh from one exponential; 1 − tanh² would lose its digits in the tails.
    # In place, because half of the time of arrays of this size goes into new ones.
    s = np.exp(z)
    s += 1 / s
    s = 2 / s
    s *= s
    return s


tanh = Activation(
    name="tanh",
    formula="(e^z − e^−z) / (e^z + e^−z)",
    value=_tanh,
    derivative=_tanh_slope,
    bounds=(-1.0, 1.0),
    saturates=BOTH,
    zero_centred=True,
    max_slope=1.0,
    source="LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
)


@_on_floats
def _relu(z):
    # The same as np.maximum(z, 0), which takes NumPy twice as long.
    return z.clip(0, np.inf)


@_on_floats
def _relu_slope(z):
    return (z > 0).astype(z.dtype)


relu = Activation(
    name="relu",
    formula="max(0, z)",
    value=_relu,
    derivative=_relu_slope,
    bounds=(0.0, np.inf),
    saturates=LEFT,
    zero_centred=False,
    max_slope=1.0,
    kinks=(0.0,),
    source="Nair and Hinton, ICML 2010; Glorot, Bordes and Bengio, AISTATS 2011",
)


def leaky_relu(slope=0.01):
    """g(z) = max(z, slope·z): z on the right of 0, slope·z on the left.

    Raises: BadInput unless slope lies between 0 (that is relu) and 1 (that is identity).
    """
    if not isinstance(slope, Real) or isinstance(slope, bool) or not 0 < slope < 1:
        raise BadInput(
            "leaky_relu takes its slope, a number between 0 and 1, and returns the activation: "
            "write leaky_relu(0.01)(z)"
        )
    slope = float(slope)

    @_on_floats
    def value(z):
        return np.maximum(z, slope * z)

    @_on_floats
    def derivative(z):
        # A step of training takes a fifth longer with np.where, which branches at every sign.
        return np.maximum(z > 0, z.dtype.type(slope))

    return Activation(
        name="leaky_relu",
        formula=f"max(z, {slope:g} z)",
        value=value,
        derivative=derivative,
        bounds=(-np.inf, np.inf),
        saturates=NEITHER,
        zero_centred=False,
        max_slope=1.0,
        kinks=(0.0,),
        source="Maas, Hannun and Ng, ICML workshop 2013",
    )


@_on_floats
@_silent
def _elu(z):
    # e^z − 1 > z on the left, and on the right it is held at 0 < z.
    return np.maximum(z, np.expm1(np.minimum(z, 0)))


@_on_floats
@_silent
def _elu_slope(z):
    return np.exp(np.minimum(z, 0))


elu = Activation(
    name="elu",
    formula="z if z > 0 else e^z − 1",
    value=_elu,
    derivative=_elu_slope,
    bounds=(-1.0, np.inf),
    saturates=LEFT,
    zero_centred=False,
    max_slope=1.0,
    source="Clevert, Unterthiner and Hochreiter, ICLR 2016, with α = 1",
)

# Klambauer et al. 2017, equation 14: the pair that keeps mean 0 and variance 1 through a layer.
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@_on_floats
@_silent
def _selu(z):
    return SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0)))


@_on_floats
@_silent
def _selu_slope(z):
    return np.where(z > 0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0)))


selu = Activation(
    name="selu",
    formula="1.0507 z if z > 0 else 1.0507 · 1.6733 (e^z − 1)",
    value=_selu,
    derivative=_selu_slope,
    bounds=(-SELU_SCALE * SELU_ALPHA, np.inf),
    saturates=LEFT,
    zero_centred=True,
    max_slope=SELU_SCALE * SELU_ALPHA,
    kinks=(0.0,),
    source="Klambauer, Unterthiner, Mayr and Hochreiter, NeurIPS 2017",
)

# (1 + 2x) e^(x²) erfc(x) for all x ≥ 0 as a polynomial in t = (x − 3.75)/(x + 3.75), the form of
# Shepherd and Laframboise, Mathematics of Computation 36 (1981), 249–253. The coefficients, highest
# power first, are its Chebyshev interpolant of degree 22, computed with 60 digits by the test.
ERFC = (
    -2.623107347133476e-09,
    -1.9551358868985616e-09,
    3.197926671666804e-08,
    1.879082322370048e-08,
    -2.4857126248016745e-07,
    -5.084465378687302e-08,
    1.7419821586224816e-06,
    -9.792625707303523e-07,
    -1.1438048033346894e-05,
    2.2387565714911816e-05,
    5.164652974177416e-05,
    -0.00029015535246077655,
    0.000293714378044958,
    0.0017556261651970652,
    -0.009746579683265262,
    0.02836227737211114,
    -0.05869339857664934,
    0.09230432116428125,
    -0.10880393014244462,
    0.08227673848999506,
    0.0035854154854790257,
    -0.14024059858554525,
    1.2375126308378275,
)


def _normal(z):
    """√(e^(−z²/2)) and Φ(−|z|) without that factor twice, so that no tail is lost to underflow."""
    x = np.abs(z) / np.sqrt(2)
    t = (x - 3.75) / (x + 3.75)
    polynomial = np.full_like(t, ERFC[0])
    for coefficient in ERFC[1:]:
        polynomial *= t
        polynomial += coefficient
    return np.exp(-z * z / 4), polynomial / (2 + 4 * x)


@_on_floats
@_silent
def _gelu(z):
    # Worked out in float64, since in float32 z² costs the exponential its last digits.
    # Beyond ±40, Φ is 0 or 1 in any float.
    wide = z.astype(np.float64)
    held = np.clip(wide, -40, 40)
    root, tail = _normal(held)
    lower = held * root * tail * root
    return np.where(z > 0, wide - lower, lower).astype(z.dtype)


@_on_floats
@_silent
def _gelu_slope(z):
    held = np.clip(z.astype(np.float64), -40, 40)
    root, tail = _normal(held)
    density = held * root / np.sqrt(2 * np.pi)
    lower = (tail * root + density) * root
    upper = 1 - (tail * root - density) * root
    return np.where(z > 0, upper, lower).astype(z.dtype)


gelu = Activation(
    name="gelu",
    formula="z Φ(z), Φ the standard normal distribution function",
    value=_gelu,
    derivative=_gelu_slope,
    bounds=(-0.16997120747990366, np.inf),
    saturates=LEFT,
    zero_centred=False,
    max_slope=1.1289041451851548,
    source="Hendrycks and Gimpel 2016, the exact form",
)


def _far_left(z, near, far):
    """`near`, but far(z) where z < −80: there 1 + e^z is 1, and e^−z may overflow too early."""
    is_far = z < -80
    if is_far.any():
        near = np.where(is_far, far(np.maximum(z, -2000)), near)
    return near


@_on_floats
@_silent
def _silu(z):
    near = z / (1 + np.exp(-z))  # NaN at −∞, which is far left
    return _far_left(z, near, lambda z: z * np.exp(z / 2) * np.exp(z / 2))


@_on_floats
@_silent
def _silu_slope(z):
    held = np.clip(z, -80, 80)
    e = np.exp(-held)
    s = 1 / (1 + e)
    near = s * (1 + held * (e * s))
    return _far_left(z, near, lambda z: (1 + z) * np.exp(z / 2) * np.exp(z / 2))


silu = Activation(
    name="silu",
    formula="z σ(z)",
    value=_silu,
    derivative=_silu_slope,
    bounds=(-0.2784645427610738, np.inf),
    saturates=LEFT,
    zero_centred=False,
    max_slope=1.0998393201288669,
    source="Elfwing, Uchibe and Doya 2018; as Swish Ramachandran, Zoph and Le 2017",
)


@_on_floats
@_silent
def _softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


softplus = Activation(
    name="softplus",
    formula="log(1 + e^z)",
    value=_softplus,
    derivative=_sigmoid,
    bounds=(0.0, np.inf),
    saturates=LEFT,
    zero_centred=False,
    max_slope=1.0,
    source="Dugas, Bengio, Bélisle, Nadeau and Garcia, NeurIPS 2000",
)


class _ByName(dict):
    def __missing__(self, name):
        raise UnknownName(f"there is no activation {name!r}; there are {', '.join(self)}")


ACTIVATIONS = MappingProxyType(
    _ByName(
        (activation.name, activation)
        for activation in (
            identity,
            sigmoid,
            tanh,
            relu,
            leaky_relu(),
            elu,
            selu,
            gelu,
            silu,
            softplus,
        )
    )
)


@_on_floats
@_silent
def softmax(z):
    """e^(z_k) / Σ_j e^(z_j) over the last axis: positive and of sum 1."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@_on_floats
@_silent
def log_softmax(z):
    """z_k − log Σ_j e^(z_j) over the last axis, precise also where it is nearly 0."""
    if not z.ndim:
        return np.zeros_like(z)
    largest = z.argmax(axis=-1, keepdims=True)
    shifted = z - np.take_along_axis(z, largest, axis=-1)
    e = np.exp(shifted)
    # log(1 + others) keeps the digits that 1 + others would drop.
    np.put_along_axis(e, largest, 0, axis=-1)
    return shifted - np.log1p(e.sum(axis=-1, keepdims=True))
