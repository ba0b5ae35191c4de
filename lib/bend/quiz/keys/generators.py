"""Fresh numbers for questions: each function draws some and works out the answer and the mistakes.

Whole numbers that a head can work with, chosen so that no mistake gives the right answer. No NumPy:
a card is drawn before anything is trained.
"""

from bend.quiz.keys import generator

WHOLE = (-4, -3, -2, 2, 3, 4, 5)


@generator
def two_affine_layers(rng):
    """The constant of a layer after a layer, one unit each."""
    while True:
        w1, b1, w2, b2 = (rng.choice(WHOLE) for _ in range(4))
        answer = w2 * b1 + b2
        catches = {
            "added-the-biases": b1 + b2,
            "lost-the-first-bias": b2,
            "forgot-the-last-bias": w2 * b1,
            "gave-the-weight": w2 * w1,
        }
        if len({answer, *catches.values()}) == 5:
            values = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
            return {"values": values, "answer": answer, "catches": catches}
