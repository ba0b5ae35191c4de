import numpy as np
import pytest

from bend.quiz.compare import brief, compare

DUE = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("got", [DUE, DUE.tolist(), DUE + 1e-12])
def test_equal_values_have_no_difference(got):
    assert compare(got, DUE) == ""


def test_nan_is_equal_to_nan_where_it_is_due():
    assert compare(np.array([np.nan]), np.array([np.nan])) == ""


def test_the_first_difference_is_said_with_its_place():
    assert compare(DUE + np.array([0, 1]), DUE) == "it gives 3 instead of 2 at [0, 1]"


def test_another_shape_is_said():
    assert compare(DUE[0], DUE) == "it gives shape (2,) instead of shape (2, 2)"
    assert compare(1.0, DUE[0]) == "it gives a single number instead of shape (2,)"


def test_a_number_is_compared_without_a_place():
    assert compare(0.5, 0.25) == "it gives 0.5 instead of 0.25"
    assert compare(1, 1.0) == ""


def test_the_dtype_of_an_array_counts_unless_told_otherwise():
    got = DUE.astype(np.float32)
    assert compare(got, DUE) == "it gives dtype float32 instead of float64"
    assert compare(got, DUE, dtype=False) == ""


def test_the_tolerances_decide():
    assert compare(1.001, 1.0, rtol=1e-2) == ""
    assert compare(1e-10, 0.0) == ""
    assert compare(1e-10, 0.0, atol=0.0) != ""


def test_parts_are_called_by_their_names():
    due = DUE, DUE[0]
    assert compare((DUE, DUE[:, 0]), due, names=("W", "b")) == "it gives 3 instead of 2 at [1] in b"
    assert compare((DUE, DUE[:, 0]), due) == "it gives 3 instead of 2 at [1] in value 2"
    assert compare([DUE, DUE[0]], due) == ""
    assert compare(DUE[0, 0], due) == "it gives 1 instead of 2 values"
    assert compare((1, 2, 3), due) == "it gives [1, 2, 3] instead of 2 values"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.array([-2.0, 0.5]), "[-2, 0.5]"),
        (np.float32(0.1), "0.1"),
        (np.zeros((3, 4)), "an array of shape (3, 4)"),
        ([1.0, np.zeros((2, 2))], "[1, [[0, 0], [0, 0]]]"),
        (list(range(6)), "[0, 1, 2, 3, 4, 5]"),
        (list(range(7)), "a list of 7"),
        (np.array([True]), "[True]"),
        (None, "None"),
        (..., "..."),
        ("x" * 30, repr("x" * 19 + "…")),
        (object(), "something of type object"),
    ],
)
def test_a_value_is_said_in_a_few_characters(value, said):
    assert brief(value) == said
