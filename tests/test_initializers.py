import numpy as np
import pytest
from tests.pytorch import pytorch

from bend import Dense, glorot, he, normal, uniform_fan_in
from bend.errors import BadInput

WIDE = (400, 600)


def draw(initializer, shape=WIDE, seed=0):
    return initializer(*shape, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("initializer", "std"),
    [
        (normal(0.5), 0.5),
        (he(), np.sqrt(2 / 400)),
        (he(gain=3), 3 * np.sqrt(2 / 400)),
        (glorot(), np.sqrt(2 / 1000)),
        (glorot(gain=4), 4 * np.sqrt(2 / 1000)),
        (uniform_fan_in(), 1 / np.sqrt(3 * 400)),
        (uniform_fan_in(gain=2), 2 / np.sqrt(3 * 400)),
    ],
)
def test_weights_have_mean_zero_and_the_stated_spread(initializer, std):
    weights, bias = draw(initializer)
    assert weights.shape == WIDE
    assert bias.shape == (600,)
    assert abs(weights.mean()) < 0.01 * std
    assert weights.std() == pytest.approx(std, rel=0.01)


def test_biases_start_at_zero_except_pytorch_s():
    for initializer in (normal(1), he(), glorot()):
        assert not draw(initializer)[1].any()
    biases = draw(uniform_fan_in())[1]
    assert abs(biases).max() == pytest.approx(1 / 20, rel=0.02)
    assert abs(biases.mean()) < 0.1 / 20


def test_he_keeps_the_spread_of_relu_layers():
    z = np.random.default_rng(0).normal(size=(100, 400))
    weights, _ = draw(he(), (400, 400))
    assert np.mean((np.maximum(z, 0) @ weights) ** 2) == pytest.approx(1, rel=0.05)


def test_the_generator_decides_the_draw():
    for initializer in (normal(1), he(), glorot(), uniform_fan_in()):
        assert np.array_equal(draw(initializer, seed=1)[0], draw(initializer, seed=1)[0])
        assert not np.array_equal(draw(initializer, seed=1)[0], draw(initializer, seed=2)[0])


def test_float32_is_the_same_start_rounded():
    wide, narrow = (
        Dense(3, 4, rng=np.random.default_rng(0), dtype=dtype) for dtype in (np.float64, np.float32)
    )
    assert narrow.weights.dtype == narrow.bias.dtype == np.float32
    assert np.array_equal(wide.weights.astype(np.float32), narrow.weights)


def test_uniform_fan_in_is_pytorch_s_default():
    torch = pytorch()
    torch.manual_seed(0)
    theirs = torch.nn.Linear(*WIDE)
    weights, bias = draw(uniform_fan_in())
    for ours, param in ((weights, theirs.weight), (bias, theirs.bias)):
        spread = param.detach().numpy()
        assert ours.std() == pytest.approx(spread.std(), rel=0.05)
        assert abs(ours).max() == pytest.approx(abs(spread).max(), rel=0.02)


@pytest.mark.parametrize("gain", [0, -1, np.nan, np.inf, "1", None, True])
def test_a_gain_must_be_a_number_above_zero(gain):
    for factory in (normal, uniform_fan_in, glorot, he):
        with pytest.raises(BadInput, match="must be a number above 0"):
            factory(gain)
