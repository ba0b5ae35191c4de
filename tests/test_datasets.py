import hashlib

import numpy as np
import pytest

from bend.errors import BadInput
from bend.nn import datasets
from bend.nn.datasets import DATASETS, digits
from bend.nn.linear import best_line_accuracy

plane_sets = pytest.mark.parametrize("make", [getattr(datasets, name) for name in DATASETS])


def rng(seed=0):
    return np.random.default_rng(seed)


@plane_sets
@pytest.mark.parametrize("n", [4, 5, 400])
def test_shapes_dtypes_and_balance(make, n):
    x, y = make(n, rng=rng())
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((n, 2), np.float64, (n, 1), np.float64)
    assert y.sum() == n // 2
    assert np.isfinite(x).all()


@plane_sets
def test_one_seed_gives_one_data_set(make):
    np.testing.assert_array_equal(make(50, rng=rng(3))[0], make(50, rng=rng(3))[0])
    assert not np.array_equal(make(50, rng=rng(3))[0], make(50, rng=rng(4))[0])


@plane_sets
def test_standardised_data_have_mean_0_and_deviation_1(make):
    x, _ = make(400, rng=rng(), standardise=True)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(x.std(axis=0), 1)


@plane_sets
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"n": 3}, "n is"),
        ({"n": 40.0}, "n is"),
        ({"rng": 0}, "rng"),
        ({"rng": None}, "rng"),
        ({"noise": -0.1}, "noise"),
        ({"noise": np.nan}, "noise"),
        ({"noise": np.inf}, "noise"),
        ({"noise": "some"}, "noise"),
    ],
)
def test_bad_input_is_named(make, wrong, named):
    with pytest.raises(BadInput, match=named):
        make(**{"n": 40, "rng": rng(), **wrong})


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("xor", 0.74, 0.76),
        ("rings", 0.66, 0.70),
        ("spirals", 0.67, 0.73),
        ("blobs", 0.98, 1.0),
        ("arc", 0.82, 0.89),
        ("corner", 0.8, 0.87),
        ("moons", 0.87, 0.93),
    ],
)
def test_what_the_best_straight_line_gets(name, low, high):
    make = getattr(datasets, name)
    assert low <= best_line_accuracy(*make(400, rng=rng())) <= high


def nearest_other_class(x, y):
    distances = np.linalg.norm(x[:, None] - x, axis=2)
    return distances[y[:, 0] == 1][:, y[:, 0] == 0].min()


def between(low, values, high):
    return ((values > low - 1e-9) & (values < high + 1e-9)).all()


def test_without_noise_each_class_lies_where_its_formula_says():
    def classes(name):
        x, y = getattr(datasets, name)(400, rng=rng(), noise=0)
        return x[y[:, 0] == 0], x[y[:, 0] == 1]

    (x0, x1), (b0, b1) = classes("xor"), classes("blobs")
    assert {*x0.prod(axis=1)} == {1} == {*np.abs(x0[:, 0])}
    assert {*x1.prod(axis=1)} == {-1}
    assert [{*b.ravel()} for b in (b0, b1)] == [{-1}, {1}]
    ring, disk = (np.linalg.norm(x, axis=1) for x in classes("rings"))
    assert between(1, ring, 1)
    assert between(0, disk, 0.5)
    for y, x in enumerate(classes("spirals")):
        r = np.linalg.norm(x, axis=1)
        angle = 2.8 * np.pi * (r - 0.1) / 0.9 + np.pi * y
        assert between(0.1, r, 1)
        np.testing.assert_allclose(x, np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1))
    below, above = (x[:, 1] - (1.6 * x[:, 0] ** 2 - 0.8) for x in classes("arc"))
    assert between(0.2, -below, 0.8)
    assert between(0.2, above, 0.8)
    for x, low, high in zip(classes("corner"), (-0.5, 0.1), (-0.1, 0.5), strict=True):
        assert between(low, x.min(axis=1), high)
        assert between(0, np.ptp(x, axis=1), 2)
    up, down = classes("moons")
    for half_circle in (up, [1, 0.5] - down):
        assert between(1, np.linalg.norm(half_circle, axis=1), 1)
        assert between(0, half_circle[:, 1], 1)


@plane_sets
def test_without_noise_the_classes_keep_apart(make):
    assert nearest_other_class(*make(400, rng=rng(), noise=0)) > 0.15


def test_digits_are_the_1797_of_the_uci_test_set():
    x, labels = digits()
    assert (x.shape, x.dtype, labels.dtype) == ((1797, 64), np.float64, np.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    stored = (16 * x).astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()
    assert hashlib.sha256(stored).hexdigest() == (
        "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    )
