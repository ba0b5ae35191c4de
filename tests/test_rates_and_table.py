"""Lesson 04's tuned rates are those that the search found, and its table says what it measures."""

import ast
import re

import pytest
from tests.rates import RATES
from tests.test_lessons import LESSONS, codes, markdown, tree

LESSON = LESSONS["04_relu_family"]


def literals():
    """Every name of the lesson that is given a literal."""
    found = {}
    for node in ast.walk(tree(LESSON)):
        if isinstance(node, ast.Assign):
            for name, value in pairs(node.targets[0], node.value):
                try:
                    found[name.id] = ast.literal_eval(value)
                except (AttributeError, ValueError):
                    continue  # computed, or no plain name
    return found


def pairs(target, value):
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return zip(target.elts, value.elts, strict=True)
    return [(target, value)]


def test_the_rates_by_depth_are_those_that_the_search_found():
    names = literals()
    for activation in ("relu", "tanh", "sigmoid"):
        rates = [RATES["digits", hidden, activation] for hidden in names["depths"]]
        assert names[f"{activation}_rates"] == rates
        # On the spirals the lesson uses one and the same rate for all three.
        assert RATES["spirals", 2, activation] == 1


def test_the_rates_by_alpha_are_those_that_the_search_found():
    for alpha, rates in literals()["tuned_alphas"].items():
        activation = f"leaky {alpha}" if alpha else "relu"
        assert rates == [RATES["digits", 6, activation], RATES["spirals", 2, activation]]


def measured():
    """The rows that the cell of C27 prints."""
    (cell,) = (cell for cell in codes(LESSON) if "C27" in cell.metadata.get("tags", ()))
    return cell.outputs[0].text.splitlines()


def not_measured(text):
    """The rows of a Markdown table that begin with no measured row, and the other way round."""
    rows = re.findall(r"(?m)^\|(\w.*)\|$", text)[1:]
    said = ["|".join(row.split("|")[:-2]) for row in rows]
    return set(said) ^ set(measured())


def test_the_table_in_the_text_is_the_one_that_is_measured():
    assert len(measured()) == 9
    assert not_measured(markdown(LESSON)) == set()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("1.13", "1.31"), ("|left|no|0 … 1|0", "|both|no|0 … 1|0"), ("|relu|", "|ReLU|")],
)
def test_a_wrong_table_is_noticed(right, wrong):
    assert right in markdown(LESSON)
    assert not_measured(markdown(LESSON).replace(right, wrong)) != set()
