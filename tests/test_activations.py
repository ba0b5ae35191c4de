import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.pytorch import pytorch

from bend import ACTIVATIONS, leaky_relu, log_softmax, relu, sigmoid, softmax
from bend.errors import BadInput, UnknownName

each_activation = pytest.mark.parametrize("g", ACTIVATIONS.values(), ids=ACTIVATIONS)
each_float = pytest.mark.parametrize("dtype", [np.float32, np.float64])

EXTREMES = [-np.inf, -1e4, -100, -1, 0, 1, 100, 1e4, np.inf]


@each_activation
def test_stated_properties_are_those_of_the_function(g):
    z = np.linspace(-30, 30, 60001)
    away = np.all([abs(z - kink) > 1e-3 for kink in (*g.kinks, np.inf)], axis=0)
    h = 1e-5
    assert np.allclose(((g(z + h) - g(z - h)) / (2 * h))[away], g.derivative(z)[away], atol=1e-9)

    lower, upper = g(-1e4), g(1e4)
    computed = (min(g(z).min(), lower), max(g(z).max(), upper))
    bounds = [np.copysign(np.inf, end) if abs(end) > 50 else end for end in computed]
    assert np.allclose(bounds, g.bounds, atol=1e-7)
    assert g.max_slope == pytest.approx(abs(g.derivative(z)).max(), abs=1e-6)
    tails = {"left": g.derivative(-1e4), "right": g.derivative(1e4)}
    assert g.saturates == {tail for tail, slope in tails.items() if abs(slope) < 1e-9}
    mean = np.trapezoid(g(z) * np.exp(-z * z / 2), z) / np.sqrt(2 * np.pi)
    assert g.zero_centred == (abs(mean) < 1e-6)

    d = 1e-7
    jumps = abs((g(z + d) - g(z)) - (g(z) - g(z - d))) / d > 1e-3
    assert np.array_equal(z[jumps], g.kinks)
    for kink in g.kinks:
        sides = {"left": kink - d, "right": kink + d}
        assert g.derivative(kink) == pytest.approx(g.derivative(sides[g.kink_side]), abs=1e-6)


def sigma(z):
    return 1 / (1 + mp.exp(-z))


SCALE, ALPHA = mp.mpf("1.0507009873554804934"), mp.mpf("1.6732632423543772848")
TRUTH = {  # value and slope with as many digits as one likes
    "identity": (lambda z: z, lambda z: 1),
    "sigmoid": (sigma, lambda z: sigma(z) * sigma(-z)),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "relu": (lambda z: max(z, 0), lambda z: int(z > 0)),
    "leaky_relu": (lambda z: max(z, z / 100), lambda z: 1 if z > 0 else mp.mpf(1) / 100),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: 1 if z > 0 else mp.exp(z)),
    "selu": (
        lambda z: SCALE * (z if z > 0 else ALPHA * mp.expm1(z)),
        lambda z: SCALE * (1 if z > 0 else ALPHA * mp.exp(z)),
    ),
    "gelu": (lambda z: z * mp.ncdf(z), lambda z: mp.ncdf(z) + z * mp.npdf(z)),
    "silu": (lambda z: z * sigma(z), lambda z: sigma(z) * (1 + z * sigma(-z))),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), sigma),
}


@each_activation
@each_float
@pytest.mark.parametrize("what", [0, 1], ids=["value", "slope"])
def test_every_digit_counts_even_in_the_tails(g, dtype, what):
    ends = [87, 88, 89, 90, 91, 103, 355, 706, 709, 711, 713, 745, 1e4]
    z = np.array([*np.linspace(0, 40, 161), *np.geomspace(1e-6, 1, 25), *ends], dtype)
    z = np.concatenate([z, -z])
    computed = (g.value, g.derivative)[what](z)
    with mp.workdps(40):
        truth = [TRUTH[g.name][what](mp.mpf(float(each))) for each in z]
        error = np.array([float(abs(float(c) - t)) for c, t in zip(computed, truth, strict=True)])
    truth = abs(np.array([float(t) for t in truth]))
    allowed = truth * {np.float32: 1e-6, np.float64: 1e-12}[dtype]
    # Below the smallest normal number digits are lost by necessity, and near a zero of the slope.
    allowed += np.where(truth < np.finfo(dtype).tiny, np.finfo(dtype).tiny, 0)
    if what == 1:
        allowed += np.where((abs(z) < 3) & (truth < 0.1), np.finfo(dtype).eps, 0)
    assert (error <= allowed).all(), z[error > allowed]


@each_activation
@each_float
def test_nothing_warns_at_the_extremes(g, dtype):
    z = np.array([*EXTREMES, np.finfo(dtype).max, np.finfo(dtype).min], dtype)
    with np.errstate(all="raise"):
        values, slopes = g(z), g.derivative(z)
    assert not np.isnan([values, slopes]).any()
    assert np.isfinite(values[1:8]).all()


@each_activation
@settings(deadline=None)
@given(st.data())
def test_shape_and_float_type_are_kept(g, data):
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    z = data.draw(arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0)))
    for function in (g, g.derivative):
        assert function(z).shape == z.shape
        assert function(z).dtype == dtype


@each_activation
def test_numbers_and_integers_become_float64(g):
    for z in (2, [-1, 0, 1], np.array([1, 2]), True):
        assert g(z).dtype == g.derivative(z).dtype == np.float64
    assert isinstance(g(2), np.float64)
    assert isinstance(g.derivative(2.0), np.float64)


@each_activation
def test_the_input_is_left_alone_and_never_handed_back(g):
    z = np.linspace(-2, 2, 5)
    for function in (g, g.derivative):
        result = function(z)
        result += 1
    assert np.array_equal(z, np.linspace(-2, 2, 5))


@each_activation
def test_pytorch_agrees(g):
    torch = pytorch()
    functions = {"identity": lambda z: z * 1, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
    theirs = functions.get(g.name) or getattr(torch.nn.functional, g.name)
    z = torch.linspace(-15, 15, 301, dtype=torch.float64, requires_grad=True)
    value = theirs(z)
    value.sum().backward()
    ours = z.detach().numpy()
    assert np.allclose(g(ours), value.detach().numpy(), rtol=1e-6, atol=1e-15)
    assert np.allclose(g.derivative(ours), z.grad.numpy(), rtol=1e-6, atol=1e-15)


def test_sigmoid_slope_peaks_at_a_quarter():
    assert sigmoid.derivative(0) == 0.25 == sigmoid.max_slope


def test_sigmoid_of_minus_forty_is_not_lost():
    assert sigmoid(-40) == pytest.approx(4.248354255291589e-18, rel=1e-12)


def test_relu_is_two_rays():
    assert np.array_equal(relu([-2, 0, 3]), [0, 0, 3])
    assert np.array_equal(relu.derivative([-2, 0, 3]), [0, 0, 1])


def test_leaky_relu_keeps_its_slope_on_the_left():
    assert leaky_relu(0.1)(-2) == pytest.approx(-0.2)
    assert leaky_relu(0.1).derivative(-2) == 0.1


@pytest.mark.parametrize("z", [np.array([1.0, -1.0]), [1, 2], -2.0, 1, 0, "0.1", True])
def test_leaky_relu_called_with_data_says_how_to_call_it(z):
    with pytest.raises(BadInput, match=r"write leaky_relu\(0\.01\)\(z\)"):
        leaky_relu(z)


@pytest.mark.parametrize("z", ["text", None, 1j, [None]])
def test_what_is_no_number_is_refused(z):
    with pytest.raises(BadInput, match="real numbers"):
        sigmoid(z)


def test_an_unknown_name_lists_those_that_are_known():
    with pytest.raises(UnknownName, match="no activation 'swish'; there are identity, sigmoid"):
        ACTIVATIONS["swish"]


def test_the_registry_is_read_only():
    with pytest.raises(TypeError):
        ACTIVATIONS["mine"] = relu


def test_an_activation_shows_itself_without_an_address():
    assert repr(relu) == "relu: g(z) = max(0, z)"


@each_float
@pytest.mark.parametrize("shift", [-1e4, 0, 1e4])
def test_softmax_rows_sum_to_one_wherever_they_are(dtype, shift):
    z = np.array([[1, 2, 3], [-1e4, 0, 1e4]], dtype) + dtype(shift)
    with np.errstate(all="raise"):
        p = softmax(z)
    assert p.dtype == dtype
    assert np.allclose(p.sum(axis=-1), 1)
    assert np.allclose(np.exp(log_softmax(z)), p, rtol=1e-5)


def test_softmax_of_z_and_zero_is_sigmoid():
    z = np.linspace(-30, 30, 61)
    pairs = np.stack([z, np.zeros_like(z)], axis=-1)
    assert np.allclose(softmax(pairs)[:, 0], sigmoid(z), rtol=1e-13, atol=0)


@each_activation
def test_float16_is_as_right_as_its_digits_allow(g):
    z = np.array([-100, -20, -12, -5, -1, 0, 0.5, 3, 11, 100], np.float16)
    for function in (g, g.derivative):
        found, right = function(z), function(z.astype(np.float64))
        assert found.dtype == np.float16
        assert np.allclose(found, right, rtol=1e-3, atol=6e-8)


def test_softmax_is_silent_where_it_has_no_value():
    with np.errstate(all="raise"):
        assert np.isnan(softmax([-np.inf, -np.inf])).all()
        assert np.isnan(log_softmax([np.inf, np.inf])).all()
    assert (softmax(3.0), log_softmax(3.0)) == (1, 0)


def test_log_softmax_keeps_the_digits_of_a_sure_answer():
    assert log_softmax([40, 0])[0] == pytest.approx(-4.248354255291589e-18, rel=1e-12)
    assert log_softmax([-1e4, 1e4])[0] == -2e4


def test_the_tail_of_gelu_comes_from_the_function_it_cites():
    """The coefficients are the Chebyshev interpolant of (1 + 2x) e^(x²) erfc(x), degree 22."""
    from bend.nn.activations import ERFC

    with mp.workdps(60):
        nodes = [mp.cos((i + mp.mpf(1) / 2) * mp.pi / 23) for i in range(23)]
        for t in nodes:
            x = mp.mpf("3.75") * (1 + t) / (1 - t)
            exact = (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)
            assert float(abs(mp.polyval([mp.mpf(c) for c in ERFC], t) / exact - 1)) < 3e-16
