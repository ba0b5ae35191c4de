"""Questions with fresh numbers: the same seed gives the same question, on every machine."""

import random
import re
from functools import lru_cache

from bend.errors import BankError
from bend.quiz.keys import find_generator
from bend.quiz.questions import Drawn, Numeric

PLACE = re.compile(r"\[\[([+(]?)([a-z]\w*)\)?\]\]")


def instance(question, seed=0):
    """The question as it is asked with this seed; most questions are the same with every seed.

    Raises:
        BankError: a text names a number, or a catch, that the generator does not draw.
    """
    return _instance(question, seed) if isinstance(question, Drawn) else question


@lru_cache(maxsize=256)
def _instance(question, seed):
    draw = numbers(question, seed)

    def fill(text):
        return PLACE.sub(lambda place: _written(question, draw["values"], *place.groups()), text)

    catches = [c.model_dump() | {"feedback": fill(c.feedback), "near": _near(question, draw, c.id)}
               for c in question.catches]  # fmt: skip
    return Numeric.model_validate(
        question.model_dump(exclude={"generator", "catches"}) | {
            "answer": draw["answer"], "catch": catches,
            "prompt": fill(question.prompt), "explain": fill(question.explain),
            "hints": [fill(hint) for hint in question.hints],
        }
    )  # fmt: skip


def numbers(question, seed=0):
    """What the generator draws: `values` by name, the `answer`, and `catches` by id."""
    return find_generator(question)(random.Random(f"{question.id}:{question.rev}:{seed}"))


def _near(question, draw, id):
    if id not in draw["catches"]:
        raise BankError(f"{question.id}: {question.generator} computes no catch {id}")
    return float(draw["catches"][id])


def _written(question, values, style, name):
    if name not in values:
        drawn = ", ".join(sorted(values))
        raise BankError(
            f"{question.id}: {question.generator} draws no [[{name}]]; there are {drawn}"
        )
    number = f"{values[name]:g}"
    if style == "+":
        return f"{'-' if values[name] < 0 else '+'} {abs(values[name]):g}"
    return f"({number})" if style == "(" and values[name] < 0 else number
