"""What is shown and said of questions whose answer has several parts, as Markdown."""

import random

from bend.quiz.grading import grade_gaps
from bend.quiz.parts import GAP, gap_kind, misplaced

BLANK = "[…]"
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def mix(things, question, seed=0, salt=""):
    """The things in an order that only the question, the seed and the salt decide."""
    mixed = list(things)
    random.Random(f"{question.id}:{question.rev}:{seed}{salt}").shuffle(mixed)
    return mixed


def jumbled(question, seed=0):
    """The items to match, or the steps to order, which are never shown in their right order."""
    if question.type == "match":
        return mix(question.items, question, seed)
    steps = list(getattr(question, "steps", ()))
    mixed = mix(steps, question, seed)
    return mixed if mixed != steps else mixed[1:] + mixed[:1]


def gaps_to_fill(question, seed=0):
    """What the page knows of each gap: how it is filled and, where that is given, with what."""
    return [{"id": gap.id, "kind": gap_kind(gap), "options": _offered(question, gap, seed)}
            for gap in getattr(question, "gaps", ())]  # fmt: skip


def _offered(question, gap, seed):
    choices = mix(getattr(gap, "choices", ()), question, seed, gap.id)
    return [{"id": c.id, "text": c.text, "say": c.say} for c in choices]


def answer_to_parts(question):
    """The right answer in words."""
    if question.type == "match":
        return "\n".join(f"- {item.text}: {_category(question, item)}" for item in question.items)
    if question.type == "order":
        return "\n".join(f"{n}. {step.text}" for n, step in enumerate(question.steps, 1))
    return _filled(question, lambda gap: f"**{right_words(gap)}**")


def right_words(gap):
    """What belongs in the gap."""
    kind = gap_kind(gap)
    if kind == "choice":
        return next(choice.text for choice in gap.choices if choice.correct)
    if kind == "number":
        # With a minus, as in the sentence around it.
        return f"{gap.answer:.6g} {gap.unit}".strip().replace("-", "−")
    return gap.answers[0]


def text_with_blanks(question):
    """The sentence of a cloze, as on paper: its gaps are blanks, with the choices behind them."""
    return _filled(question, lambda gap: BLANK + _in_brackets(_offered(question, gap, 0)))


def _in_brackets(options):
    return f" ({' / '.join(option['text'] for option in options)})" if options else ""


def _filled(question, write):
    gaps = {gap.id: gap for gap in question.gaps}
    return GAP.sub(lambda found: write(gaps[found[1]]), question.text)


def _category(question, item):
    return next(c.text for c in question.categories if c.id == item.category)


def feedback_on_parts(question, response):
    """What is said beside each part that is wrong; a right one is only marked."""
    return {"match": _on_items, "order": _on_steps, "cloze": _on_gaps}[question.type](
        question, response
    )


def _on_items(question, response):
    return [
        {"option": item.id, "correct": True, "text": ""}
        if response[item.id] == item.category
        else {"option": item.id, "correct": False,
              "text": f"It belongs to *{_category(question, item)}*. {item.feedback}"}
        for item in question.items
    ]  # fmt: skip


def _on_steps(question, response):
    right = [step.id for step in question.steps]
    moved = misplaced(right, response)
    return [{"option": id, "correct": False, "text": f"It comes {_place(right.index(id))}."}
            for id in response if id in moved]  # fmt: skip


def _place(position):
    return PLACES[position] if position < len(PLACES) else f"at place {position + 1}"


def _on_gaps(question, response):
    grades = grade_gaps(question, response)
    return [{"option": gap.id, "correct": grades[gap.id].correct,
             "text": "" if grades[gap.id].correct else _on_gap(gap, grades[gap.id].caught)}
            for gap in question.gaps]  # fmt: skip


def _on_gap(gap, caught):
    told = [*getattr(gap, "choices", ()), *getattr(gap, "catches", ())]
    return next((c.feedback for c in told if c.id in caught), None) or gap.feedback
