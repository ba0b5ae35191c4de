"""Shows that every key of the bank is right: recomputed with NumPy, and graded as a learner's.

(Not called `audit`: importing a module of that name would replace the function in `bend.quiz`.)
"""

import math

from bend.errors import BankError, CourseError
from bend.quiz.bank import load_bank
from bend.quiz.checks import judge
from bend.quiz.grading import grade, tolerance
from bend.quiz.keys import find_exercise, find_key
from bend.quiz.sketch import bad_curves, find_faults, true_heights


def audit(lesson, *, bank=None):
    """Print one line for each question of the lesson: what was recomputed and what was graded.

    Raises:
        BankError: a key is wrong, or an answer is graded otherwise than it should be.
    """
    bank = bank or load_bank()
    questions = bank.lesson(lesson)
    found = [verify(question) for question in questions]
    faults = [f"{q.id}: {said}" for q, (_, faults) in zip(questions, found, strict=True)
              for said in faults]  # fmt: skip
    if faults:
        raise BankError("\n  ".join([f"lesson {lesson} does not hold", *faults]))
    width = max((len(q.id) for q in questions), default=0)
    for question, (done, _) in zip(questions, found, strict=True):
        print(f"{question.id:{width}}  {question.type:7}  {', '.join(done)}")
    print(f"{len(questions)} questions, every key and every verdict as it should be")


def verify(question):
    """What holds about the question and what does not, each a list of phrases."""
    try:
        return _VERIFIERS[question.type](question)
    except CourseError as error:
        return [], [f"check: {error}"]
    except Exception as error:  # a key's own fault is reported beside all others
        return [], [f"check: {question.check} raises {type(error).__name__}: {error}"]


def _choices(question):
    right = {c.id for c in question.choices if c.correct}
    wrong = {c.id for c in question.choices} - right
    done, faults = _recompute_choices(question, right)
    if question.type == "multi":
        good, bad = sorted(right), [sorted(right ^ {c.id}) for c in question.choices]
    else:
        good, bad = next(iter(right)), sorted(wrong)
    faults += _graded(question, good, right=True)
    for response in filter(None, bad):
        faults += _graded(question, response, right=False)
    return [*done, f"{len(right)} right, {len(wrong)} wrong"], faults


def _recompute_choices(question, right):
    if not question.check:
        return [], []
    key = find_key(question)()
    key = {key} if isinstance(key, str) else set(key)
    if key != right:
        said = f"recomputed, the right choices are {_listed(key)}, not {_listed(right)}"
        return [], [f"choice: {said}"]
    return [f"key {_listed(key)} recomputed"], []


def _listed(ids):
    return " and ".join(sorted(ids)) or "none"


def _graded(question, response, *, right):
    if grade(question, response).correct is right:
        return []
    return [f"{response!r} is not graded {'right' if right else 'wrong'}"]


def _numeric(question):
    done, faults = _recompute_number(question)
    faults += _graded(question, repr(question.answer), right=True)
    for catch in question.catches:
        result = grade(question, repr(catch.near))
        if result.correct:
            faults.append(f"catch {catch.id}: {catch.near:g} is graded right")
        elif result.caught != (catch.id,):
            faults.append(f"catch {catch.id}: {catch.near:g} is caught as {_listed(result.caught)}")
    count = len(question.catches)
    return done + [f"{count} catch{'es' * (count > 1)} wrong"] * bool(count), faults


def _recompute_number(question):
    key = float(find_key(question)())
    if not abs(key - question.answer) <= tolerance(question):
        return [], [f"answer: recomputed it is {key:.6g}, not {question.answer:g}"]
    return [f"key {_two_digits(key)} recomputed"], []


def _two_digits(key):
    """Few enough to be the same on every processor; whole numbers in full."""
    whole = round(key)
    return f"{whole}" if math.isclose(key, whole) else f"{float(f'{key:.2g}'):g}"


def _recall(question):
    essential = [p.id for p in question.points if p.essential]
    faults = _graded(question, _ticked(essential), right=True)
    for id in essential:
        faults += _graded(question, _ticked(e for e in essential if e != id), right=False)
    return [f"right with {len(essential)} of {len(question.points)} points"], faults


def _ticked(ids):
    return {"text": "an answer", "ticked": list(ids), "rating": "good"}


def _predict(question):
    done, faults = [], []
    if question.check and question.answer is not None:
        done, faults = _recompute_number(question)
    elif question.check and question.choices:
        right = {c.id for c in question.choices if c.correct}
        done, faults = _recompute_choices(question, right)
    return [*done, "never scored"], faults


def _sketch(question):
    truth = true_heights(question, question.curve(()).z)
    bottom, top = question.y
    if not all(bottom <= y <= top for y in truth):
        return [], ["y: the true curve leaves the plot"]
    faults = [f"fault {f.id}: the true curve has it" for f, _ in find_faults(question, truth)]
    bad, named = bad_curves(question, truth), set()
    for curve in bad:
        caught = grade(question, curve).caught
        named.update(caught)
        if not caught:
            heights = ", ".join(f"{y:.2g}" for y in curve)
            faults.append(f"fault: {heights} is graded right, though it is far off")
    faults += [f"fault {f.id}: no curve in the plot has it"
               for f in question.faults if f.id not in named]  # fmt: skip
    return ["the true curve right", f"{len(question.faults)} faults named"], faults


def _code(question):
    exercise = find_exercise(question)
    known = {catch.id for catch in question.catches}
    faults = [f"check: {question.check} has no model"] if exercise.model is None else []
    faults += [f"catch {id}: {question.check} has no such mistake"
               for id in sorted(known - exercise.mistakes.keys())]  # fmt: skip
    faults += [f"catch: {id} is a mistake of {question.check} without feedback"
               for id in sorted(exercise.mistakes.keys() - known)]  # fmt: skip
    if exercise.model and not (verdict := judge(exercise, exercise.model)).correct:
        faults.append(f"the model is judged wrong: {verdict.message}")
    for id, mistake in exercise.mistakes.items():
        verdict = judge(exercise, mistake)
        if verdict.correct or verdict.caught != id:
            faults.append(f"mistake {id} is not recognised: {verdict.message}")
    count = len(exercise.mistakes)
    return ["model right", *[f"{count} mistake{'s' * (count > 1)} named"] * bool(count)], faults


_VERIFIERS = {
    "single": _choices,
    "multi": _choices,
    "numeric": _numeric,
    "recall": _recall,
    "predict": _predict,
    "code": _code,
    "sketch": _sketch,
}
