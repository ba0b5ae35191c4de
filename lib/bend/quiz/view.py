"""What the page may show of a session: a dict, its texts Markdown as written in the bank.

No answer is in it before one was given: what the page does not have, nobody can read there.
"""

from bend.quiz.fresh import instance
from bend.quiz.parts import TYPES as PARTS
from bend.quiz.said import (
    answer_to_parts,
    feedback_on_parts,
    gaps_to_fill,
    jumbled,
    mix,
    text_with_blanks,
)
from bend.quiz.schedule import again
from bend.quiz.sketch import find_faults, plot, true_curve

TITLES = {True: "Right", False: "Not quite", None: "Noted"}


def show(session):
    """The whole view of a card."""
    question = session.question
    revealed = getattr(question, "points", ()) if session.phase != "open" else ()
    return {
        "id": question.id,
        "type": question.type,
        "kind": _kind(question),
        "label": "Question" if question.scored else "Prediction",
        "prompt": question.prompt,
        "options": [_fields(o, "id", "text", "say") for o in _options(question, session.seed)],
        "items": [_fields(i, "id", "text", "say") for i in _items(question, session.seed)],
        "gaps": gaps_to_fill(question, session.seed),
        "text": getattr(question, "text", ""),
        "unit": getattr(question, "unit", ""),
        "plot": plot(question) if question.type == "sketch" else None,
        "phase": session.phase,
        "response": session.response,
        "confidence": session.confidence,
        "asks_confidence": question.scored,
        "hints": list(question.hints[: session.hints]),
        "hints_left": len(question.hints) - session.hints,
        "points": [_fields(p, "id", "text", "essential") for p in revealed],
        "ticked": session.response["ticked"] if revealed else [],
        "verdict": _verdict(session) if session.phase == "answered" else None,
        "can_retry": session.can_retry,
        "section": section(question),
        "notice": session.log.notice,
        "error": session.error,
    }


def show_check(question, verdict, notice):
    """What is shown of a verdict on a function: the explanation, a solution, only once it is right.

    The hints come folded, so that each is opened by who wants it.
    """
    return {
        "correct": None if verdict.pending else verdict.correct,
        "title": "Not yet" if verdict.pending else TITLES[verdict.correct],
        "message": verdict.message,
        "feedback": [c.feedback for c in question.catches if c.id == verdict.caught],
        "explain": question.explain if verdict.correct else "",
        "hints": () if verdict.correct else question.hints,
        "notice": notice,
    }


def _fields(item, *names):
    return {name: getattr(item, name) for name in names}


def _verdict(session):
    question = session.question
    answer = answer_in_words(question)
    return {
        "correct": session.grade.correct,
        "title": TITLES[session.grade.correct],
        "feedback": _feedback(question, session.response, session.grade),
        # On a card with a minus, as around it; in a file with what can be typed.
        "answer": answer.replace("-", "−") if question.type == "numeric" else answer,
        "explain": question.explain if question.scored else "",
        "again": again(question, session.log, session.now()),
    } | ({"curve": true_curve(question)} if question.type == "sketch" else {})


def _kind(question):
    kinds = {"multi": "choices", "recall": "text", "sketch": "sketch"} | {t: t for t in PARTS}
    return kinds.get(question.type) or ("choice" if _choices(question) else "number")


def _choices(question):
    return getattr(question, "choices", ())


def shuffled(question, seed=0):
    """The choices in an order that only the question and the seed decide."""
    choices = list(_choices(question))
    return mix(choices, question, seed) if choices and question.order == "shuffled" else choices


def _options(question, seed):
    if question.type == "match":
        return question.categories
    return jumbled(question, seed) if question.type == "order" else shuffled(question, seed)


def _items(question, seed):
    return jumbled(question, seed) if question.type == "match" else []


def asked_in_words(question):
    """All that is asked, as Markdown for paper: a cloze with blanks, the things to be arranged."""
    question = instance(question)
    asked = [question.prompt.strip()]
    if question.type == "cloze":
        asked.append(text_with_blanks(question))
    if question.type in ("match", "order"):
        asked.append("\n".join(f"- {thing.text}" for thing in jumbled(question)))
    if question.type == "match":
        asked.append(f"Into: {'; '.join(c.text for c in question.categories)}.")
    return "\n\n".join(asked)


def section(question):
    """Where the question is taught: the heading's anchor and its words."""
    words = question.section.replace("-", " ")
    return {"anchor": question.section, "title": words[:1].upper() + words[1:]}


def answer_in_words(question):
    """The right answer as Markdown; "" where there is none or the points are it."""
    question = instance(question)
    if question.type == "numeric":
        return f"{question.answer:.6g} {question.unit}".strip()
    if question.type == "sketch":
        return question.answer
    if question.type in PARTS:
        return answer_to_parts(question)
    right = [choice.text for choice in _choices(question) if choice.correct]
    return "; ".join(right) if question.scored else ""


def _feedback(question, response, result):
    """What is said about each thing chosen, and about right choices that were not."""
    if question.type == "numeric":
        caught = [c for c in question.catches if c.id in result.caught]
        return [{"option": None, "correct": False, "text": c.feedback} for c in caught]
    if question.type == "sketch":
        found = find_faults(question, response)
        return [{"option": None, "correct": False, "text": fault.feedback, "at": column}
                for fault, column in found]  # fmt: skip
    if question.type in PARTS:
        return feedback_on_parts(question, response)
    if not question.scored or not _choices(question):
        return []
    chosen = response if isinstance(response, list) else [response]
    picked = [c for c in question.choices if c.id in chosen and c.feedback]
    missed = [c for c in question.choices if c.correct and c.id not in chosen]
    return [{"option": c.id, "correct": c.correct, "text": c.feedback} for c in picked] + [
        {"option": c.id, "correct": True, "text": c.feedback or "This one is right too."}
        for c in (missed if question.type == "multi" else [])
    ]
