import sys
import time
import warnings
from contextlib import suppress

import numpy as np
import pytest

from bend.quiz.checks import Verdict, agrees, judge, run, takes_arrays
from bend.quiz.keys import Exercise

Z = np.array([0.0, 1.5])
MISTAKES = {"negated": lambda z: -2 * z, "raises": lambda z: z.nothing, "squared": np.square}


def double(z):
    return 2 * z


def verdict(function, *cases):
    cases = cases or ((Z,), (np.float32(2),))
    return judge(Exercise(lambda f: agrees(f, double, cases, mistakes=MISTAKES)), function)


def line(function, offset):
    return function.__code__.co_firstlineno + offset


def test_a_right_function_is_right_on_every_input():
    assert verdict(double) == Verdict(True, "double() is right on all 2 hidden inputs.")


def test_a_wrong_value_is_named_with_its_place_and_input():
    def triple(z):
        return 3 * z

    assert verdict(triple).message == "triple() gives 4.5 instead of 3 at [1], for z = [0, 1.5]."


def test_a_mistake_is_recognised_by_what_it_gives():
    assert verdict(lambda z: z**2).caught == "squared"
    assert verdict(lambda z: z**3).caught is None


@pytest.mark.parametrize(
    ("function", "caught"),
    [
        (lambda z: z if z > 0 else 0.0, "one-number"),
        (lambda z: z.nothing, None),  # fails for a number too
        (lambda z: z if z.size > 2 else 1 / 0, None),
        (lambda z: ..., None),
        (double, None),
    ],
)
def test_a_function_that_takes_one_number_only_is_named(function, caught):
    exercise = Exercise(lambda f: takes_arrays(f, Z, caught="one-number") or Verdict(True, ""))
    assert judge(exercise, function).caught == caught


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda z: 2 * z[:, None], "gives shape (2, 1) instead of shape (2,)"),
        (lambda z: (2 * z).astype("float32"), "gives dtype float32 instead of float64"),
        (lambda z: "two", "gives 'two' instead of numbers"),
        (lambda z: [[1], [1, 2]], "gives [[1], [1, 2]] instead of numbers"),
        (lambda z: (i for i in z), "gives something of type generator instead of numbers"),
        (lambda z: z * np.nan, "gives nan instead of 0 at [0]"),
    ],
)
def test_the_property_that_failed_is_said(function, said):
    assert verdict(function).message.startswith(f"<lambda>() {said}")


def test_an_exception_is_one_sentence_with_the_learners_own_line():
    def unlucky(z):
        inner = [z]
        return np.linalg.inv(inner[0])

    found = verdict(unlucky)
    assert not found.correct
    assert found.message.startswith(
        f"unlucky() raises in line {line(unlucky, 2)}, “return np.linalg.inv(inner[0])”, "
        "for z = [0, 1.5]: LinAlgError: "
    )


def leave(z):
    raise SystemExit


def recurse(z):
    return recurse(z)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (leave, "SystemExit"),
        (recurse, "RecursionError: maximum recursion depth exceeded"),
        (lambda: 0, "TypeError: <lambda>() takes 0 positional arguments but 1 was given"),
        (lambda z: {}["key"], "KeyError: 'key'"),
    ],
)
def test_whatever_is_raised_is_reported(function, said):
    # Before the input the message quotes the line, which for a lambda holds what is expected too.
    _, _, reported = verdict(function).message.partition(" = [0, 1.5]: ")
    assert reported.startswith(said)


@pytest.mark.parametrize(
    ("message", "said"),
    [("x" * 120, "x" * 120), ("x" * 121, "x" * 119 + "…"), ("\n one\ntwo", "one")],
)
def test_a_long_error_is_cut_to_its_beginning(message, said):
    def fails(z):
        raise ValueError(message)

    assert verdict(fails).message.endswith(f": ValueError: {said}.")


def test_an_argument_without_a_name_goes_by_its_number():
    assert "for argument 1 = [0, 1.5]: " in verdict(lambda: 0).message


def test_an_interrupt_by_the_learner_goes_through():
    def interrupted(z):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict(interrupted)


def test_a_warning_is_reported_with_its_line():
    def overflow(z):
        return np.exp(z)

    said = verdict(overflow, (np.array([1e4]),)).message
    assert said == (
        f"overflow() warns in line {line(overflow, 1)}, “return np.exp(z)”, "
        "for z = [10000]: RuntimeWarning: overflow encountered in exp."
    )


def test_silencing_numpy_hides_no_warning_and_stays_as_it_was():
    with np.errstate(all="ignore"):
        assert "warns" in verdict(lambda z: 2 * z + 0 * np.log(z)).message
        assert np.geterr()["divide"] == "ignore"


def loop(z):
    while True:
        z = z + 1


def loop_on_one_line(z):
    while True: pass  # fmt: skip  # noqa: E701


def loop_elsewhere(z):
    return sum(loop(z) for _ in range(3))


def loop_over_exceptions(z):
    while True:
        with suppress(Exception):
            z = z + 1


@pytest.mark.parametrize("endless", [loop, loop_on_one_line, loop_elsewhere, loop_over_exceptions])
def test_an_endless_loop_is_ended(endless):
    began = time.monotonic()
    exercise = Exercise(lambda f: run(f, Z, deadline=0.2))
    assert "did not end within 0.2 seconds" in judge(exercise, endless).message
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("function", [double, recurse, leave])
def test_the_trace_function_of_a_debugger_is_put_back(function):
    def debugger(frame, event, arg):
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        verdict(function)
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)


def change(z):
    z *= 2
    return z


def change_a_list(parts):
    parts[0] = 5.0
    return 0.0


def change_inside(parts):
    parts[1][0] = 5.0
    return 0.0


@pytest.mark.parametrize(
    ("function", "given", "name"),
    [(change, Z, "z"), (change_a_list, [1.0, 2.0], "parts"), (change_inside, [1.0, Z], "parts")],
)
def test_changing_an_argument_is_caught(function, given, name):
    found = judge(Exercise(lambda f: run(f, given)), function)
    assert found.message == (
        f"{function.__name__}() changes its argument {name}: let it work on a copy."
    )
    assert list(Z) == [0.0, 1.5]


def test_an_argument_may_hold_nan_and_generators():
    rng = np.random.default_rng(0)
    assert run(lambda z, nan, rng: rng.random(2).shape, np.array([np.nan]), np.nan, rng) == (2,)


def stub(z):
    """Twice z."""


def stub_that_raises(z):
    raise NotImplementedError


@pytest.mark.parametrize("function", [stub, stub_that_raises, lambda z: ..., lambda z: (..., z)])
def test_an_untouched_stub_is_not_yet_judged(function):
    found = verdict(function)
    assert found.pending
    assert not found.correct


@pytest.mark.parametrize("handed_in", [None, 3.0, Z, "double"])
def test_what_is_no_function_is_not_yet_judged(handed_in):
    found = verdict(handed_in)
    assert found.pending
    assert "without parentheses" in found.message


def test_prints_do_not_leak(capsys):
    def chatty(z):
        print("so far so good")
        print("oh", file=sys.stderr)
        return 2 * z

    assert verdict(chatty).correct
    assert capsys.readouterr() == ("", "")


def test_a_ufunc_and_a_method_are_functions_too():
    class Net:
        def twice(self, z):
            return 2 * z

    assert verdict(Net().twice).correct
    assert verdict(np.square).message.startswith("square() gives 2.25 instead of 3 at [1]")


def test_an_exercise_that_trips_over_the_result_blames_no_traceback_of_ours():
    def unpacks(function):
        weights, bias = run(function, Z)
        return Verdict(weights == bias, "")

    said = judge(Exercise(unpacks), lambda z: 3).message
    assert said.startswith("What <lambda>() returns cannot be checked: TypeError")


def test_warning_filters_are_left_as_they_were():
    before = list(warnings.filters)
    verdict(double)
    assert warnings.filters == before
