"""Fresh numbers for questions: each function draws some and works out the answer and the mistakes.

Whole numbers that a head can work with, chosen so that no mistake gives the right answer. No NumPy:
a card is drawn before anything is trained.
"""

import math
from itertools import pairwise

from bend.quiz.keys import generator


@generator
def three_affine_layers(rng):
    """The constant of three layers in a row, one unit each."""
    while True:
        w1, w2, w3 = (rng.choice((-3, -2, 2, 3)) for _ in range(3))
        b1, b2, b3 = (rng.choice((-4, -3, -2, -1, 1, 2, 3, 4)) for _ in range(3))
        answer = w3 * (w2 * b1 + b2) + b3
        catches = {
            "added-the-biases": b1 + b2 + b3,
            "kept-the-last-bias": b3,
            "one-layer-only": w2 * b1 + w3 * b2 + b3,
            "forgot-the-last-bias": w3 * (w2 * b1 + b2),
            "gave-the-weight": w3 * w2 * w1,
        }
        if len({answer, *catches.values()}) == 6:
            values = {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "w3": w3, "b3": b3}
            return {"values": values, "answer": answer, "catches": catches}


@generator
def output_of_a_sigmoid(rng):
    """A sigmoid unit's output, from which its slope follows."""
    p = rng.choice((0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9))
    catches = {"the-output": p, "one-minus": 1 - p, "squared": p * p, "the-peak": 0.25}
    return {"values": {"p": p}, "answer": p * (1 - p), "catches": catches}


@generator
def sigmoid_in_a_sum(rng):
    """The sum w σ(z) + b, to be written with tanh(z/2)."""
    while True:
        w, b = rng.choice((-8, -6, -4, 4, 6, 8)), rng.choice((-5, -3, -2, -1, 1, 2, 3, 5))
        catches = {"kept-the-bias": b, "whole-weight": b + w, "minus-half": b - w // 2}
        if len({b + w // 2, *catches.values()}) == 4:
            return {"values": {"w": w, "b": b}, "answer": b + w // 2, "catches": catches}


@generator
def bias_of_a_dead_unit(rng):
    """The largest bias with which a unit is dead on the square from -r to r."""
    while True:
        w1, w2 = (rng.choice((-5, -4, -3, -2, 2, 3, 4, 5)) for _ in range(2))
        r = rng.choice((2, 3, 4))
        reach = abs(w1) + abs(w2)
        catches = {
            "signs-kept": -r * (w1 + w2),
            "sign-of-b": r * reach,
            "range-forgotten": -reach,
            "one-input": -r * max(abs(w1), abs(w2)),
        }
        if len({-r * reach, *catches.values()}) == 5:
            values = {"w1": w1, "w2": w2, "r": r}
            return {"values": values, "answer": -r * reach, "catches": catches}


@generator
def softmax_of_logs(rng):
    """The second of three classes whose logits are logarithms of whole numbers."""
    while True:
        a, b, c = rng.sample(range(2, 10), 3)
        whole, answer = a + b + c, b / (a + b + c)
        catches = {
            "sigmoid-of-one": b / (1 + b),
            "divided-the-logits": math.log(b) / math.log(a * b * c),
            "odds": b / (whole - b),
            "the-others": 1 - answer,
        }
        numbers = sorted([answer, *catches.values()])
        if all(high - low > 0.02 for low, high in pairwise(numbers)):
            return {"values": {"a": a, "b": b, "c": c}, "answer": answer, "catches": catches}


@generator
def slopes_around_blocks(rng):
    """What some residual blocks of equal slope multiply the gradient by."""
    while True:
        slope, count = rng.choice((-0.5, 0.5, 1, 2)), rng.choice((2, 3))
        answer = (1 + slope) ** count
        catches = {
            "no-way-around": slope**count,
            "one-way-around": 1 + slope**count,
            "added-up": 1 + slope * count,
        }
        if len({answer, *catches.values()}) == 4:
            values = {"slope": slope, "count": count}
            return {"values": values, "answer": answer, "catches": catches}


@generator
def gradient_through_layers(rng):
    """The factor by which a few equal layers change a gradient, from width, spread and slope."""
    while True:
        root, k = rng.choice((4, 5, 6, 8, 10)), rng.choice((2, 3))
        s, g, n = rng.choice((0.1, 0.2, 0.5)), rng.choice((0.2, 0.25, 0.5)), root * root
        answer = (root * s * g) ** k
        catches = {
            "slopes-only": g**k,
            "forgot-the-width": (s * g) ** k,
            "width-without-root": (n * s * g) ** k,
            "one-layer": root * s * g,
            "added-up": k * root * s * g,
        }
        # Further apart than the tolerance of the question.
        numbers = sorted([answer, *catches.values()])
        if answer > 0.01 and all(b - a > 0.05 * answer for a, b in pairwise(numbers)):
            values = {"n": n, "s": s, "g": g, "k": k}
            return {"values": values, "answer": answer, "catches": catches}
