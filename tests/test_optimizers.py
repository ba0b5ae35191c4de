import numpy as np
import pytest
from tests.pytorch import pytorch

from bend import SGD, Adam, Clipped, Momentum
from bend.errors import BadInput

SHAPES = [(2, 3), (3,), (3, 1), (1,)]


def arrays(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in SHAPES]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("ours", "name", "settings"),
    [
        (SGD(0.1), "SGD", {}),
        (Momentum(0.1, momentum=0.8), "SGD", {"momentum": 0.8}),
        (Adam(0.1), "Adam", {}),
        (Adam(0.1, beta1=0.5, beta2=0.9, epsilon=1e-3), "Adam", {"betas": (0.5, 0.9), "eps": 1e-3}),
    ],
)
def test_twenty_steps_are_pytorch_s(ours, name, settings, dtype):
    torch = pytorch()
    params = arrays(0, dtype)
    theirs = [torch.nn.Parameter(torch.tensor(p)) for p in params]
    optimizer = getattr(torch.optim, name)(theirs, lr=0.1, **settings)
    ours = type(ours)(**{k: v for k, v in vars(ours).items() if isinstance(v, float)})
    for step in range(1, 21):
        grads = arrays(step, dtype)
        for param, grad in zip(theirs, grads, strict=True):
            param.grad = torch.tensor(grad)
        optimizer.step()
        ours.step(params, grads)
    for mine, param in zip(params, theirs, strict=True):
        assert mine.dtype == dtype
        assert np.allclose(mine, param.detach().numpy(), rtol=1e-6, atol=1e-6)


def test_sgd_goes_against_the_gradient():
    p = np.array([1.0, 2.0])
    SGD(0.5).step([p], [np.array([2.0, -2.0])])
    assert np.array_equal(p, [0, 3])


def test_momentum_remembers_where_it_went():
    p, optimizer = np.array([0.0]), Momentum(1, momentum=0.5)
    for grad in (1.0, 0.0, 0.0):
        optimizer.step([p], [np.array([grad])])
    assert p[0] == -1.75


def test_adam_s_first_step_is_the_rate_whatever_the_gradient():
    p = np.zeros(3)
    Adam(0.1).step([p], [np.array([1e-3, 1.0, -1e3])])
    assert np.allclose(p, [-0.1, -0.1, 0.1], rtol=1e-4)


def test_adam_is_its_algorithm_for_every_parameter():
    params, optimizer = arrays(0), Adam(0.1, beta1=0.5, beta2=0.9, epsilon=1e-3)
    expected, m, v = arrays(0), [0.0] * len(SHAPES), [0.0] * len(SHAPES)
    for t in (1, 2, 3):
        optimizer.step(params, arrays(t))
        for i, g in enumerate(arrays(t)):
            m[i], v[i] = 0.5 * m[i] + 0.5 * g, 0.9 * v[i] + 0.1 * g**2
            expected[i] -= 0.1 * (m[i] / (1 - 0.5**t)) / (np.sqrt(v[i] / (1 - 0.9**t)) + 1e-3)
    for mine, theirs in zip(params, expected, strict=True):
        np.testing.assert_allclose(mine, theirs)


def norm(grads):
    return np.sqrt(sum((g.astype(float) ** 2).sum() for g in grads))


class Remember:
    """An optimiser that keeps what it was given."""

    def step(self, params, grads):
        self.grads = grads


@pytest.mark.parametrize("scale", [2.0, 1e30])
def test_a_clipped_gradient_keeps_its_direction_and_its_type(scale):
    grads, inner = [np.float32(scale) * g for g in arrays(1, np.float32)], Remember()
    Clipped(inner, 1.0).step(arrays(0, np.float32), grads)
    assert norm(inner.grads) == pytest.approx(1, rel=1e-6)
    for clipped, grad in zip(inner.grads, grads, strict=True):
        assert clipped.dtype == np.float32
        assert np.allclose(clipped / norm(inner.grads), grad / norm(grads), rtol=1e-5)


def test_a_gradient_within_the_limit_is_not_clipped():
    params = [arrays(0), arrays(0)]
    for optimizer, ps in zip([SGD(0.1), Clipped(SGD(0.1), 100.0)], params, strict=True):
        optimizer.step(ps, arrays(1))
        optimizer.step(ps, [np.zeros(shape) for shape in SHAPES])
    assert all(map(np.array_equal, *params))


@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf, "1", None])
def test_a_limit_is_above_zero(limit):
    with pytest.raises(BadInput, match="limit must be a number above 0"):
        Clipped(SGD(0.1), limit)


@pytest.mark.parametrize("optimizer", [SGD, Momentum, Adam, lambda rate: Clipped(SGD(rate), 0.1)])
def test_parameters_are_moved_in_place_and_gradients_left_alone(optimizer):
    params, grads = arrays(0), arrays(1)
    views = [p.view() for p in params]
    optimizer(0.1).step(params, grads)
    assert all(map(np.array_equal, params, views))
    assert not np.allclose(params[0], arrays(0)[0])
    assert all(map(np.array_equal, grads, arrays(1)))


@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf, "0.1", None])
@pytest.mark.parametrize("optimizer", [SGD, Momentum, Adam])
def test_a_learning_rate_is_above_zero(optimizer, rate):
    with pytest.raises(BadInput, match="rate must be a number above 0"):
        optimizer(rate)


@pytest.mark.parametrize("fraction", [-0.1, 1, 2, np.nan, "0.9"])
@pytest.mark.parametrize("setting", ["momentum", "beta1", "beta2"])
def test_a_share_to_remember_is_below_one(setting, fraction):
    with pytest.raises(BadInput, match=f"{setting} must be a number from 0 to below 1"):
        (Momentum if setting == "momentum" else Adam)(0.1, **{setting: fraction})
