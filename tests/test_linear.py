import numpy as np
import pytest

from bend.nn.linear import affine_residual, best_line_accuracy

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def test_an_affine_map_leaves_no_residual():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    assert affine_residual(x, x @ rng.normal(size=(3, 2)) + 5) < 1e-14


def test_a_parabola_on_a_symmetric_interval_has_no_affine_part():
    x = np.linspace(-1, 1, 101)
    assert affine_residual(x, x**2) == pytest.approx(1)


def test_a_constant_is_affine():
    assert affine_residual(np.linspace(-1, 1, 5), np.ones(5)) == 0


def test_the_residual_has_no_unit():
    x = np.linspace(0, 1, 101)
    assert affine_residual(x, 1e-9 * x**2 + 7) == pytest.approx(affine_residual(x, x**2), rel=1e-4)


def test_no_line_gets_more_than_three_corners_of_xor():
    assert best_line_accuracy(SQUARE, [0, 1, 1, 0]) == 0.75


@pytest.mark.parametrize("y", [[0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [1, 0, 0, 0]])
def test_a_line_separates_what_a_line_can_separate(y):
    assert best_line_accuracy(SQUARE, y) == 1


def test_a_line_may_leave_all_points_on_one_side():
    assert best_line_accuracy(np.zeros((10, 2)), [1] * 9 + [0]) == 0.9
    assert best_line_accuracy(SQUARE, [0] * 4) == best_line_accuracy(SQUARE, [1] * 4) == 1


def test_no_line_fits_between_points_that_coincide():
    assert best_line_accuracy(np.zeros((2, 2)), [1, 0]) == 0.5


def test_rounding_does_not_count_as_a_second_direction():
    x = np.linspace(0, 1, 101, dtype=np.float32)
    noisy_copies = np.stack([(k * x + np.float32(0.1)) - np.float32(0.1) for k in range(1, 40)], 1)
    alone = affine_residual(x, np.sin(9 * x))
    assert affine_residual(noisy_copies, np.sin(9 * x)) == pytest.approx(alone, rel=1e-4)
