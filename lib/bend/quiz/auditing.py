"""Shows that every key of the bank is right: recomputed with NumPy, and graded as a learner's.

(Not called `audit`: importing a module of that name would replace the function in `bend.quiz`.)
"""

from bend.errors import BankError, CourseError
from bend.quiz.bank import load_bank
from bend.quiz.checks import judge
from bend.quiz.fresh import instance, numbers
from bend.quiz.grading import grade, tolerance
from bend.quiz.keys import find_exercise, find_key
from bend.quiz.parts import gap_kind
from bend.quiz.questions import Drawn
from bend.quiz.sketch import bad_curves, find_faults, true_heights

DRAWS = 25


def audit(lesson, *, bank=None):
    """Print one line for each question of the lesson: what was recomputed and what was graded.

    The keys themselves stay untold: learners see these lines at the end of the lesson.

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
        return (_drawn if isinstance(question, Drawn) else _VERIFIERS[question.type])(question)
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
    return [*done, f"{len(question.choices)} choices graded"], faults


def _recompute_choices(question, right):
    if not question.check:
        return [], []
    key = find_key(question)()
    key = {key} if isinstance(key, str) else set(key)
    if key != right:
        said = f"recomputed, the right choices are {_listed(key)}, not {_listed(right)}"
        return [], [f"choice: {said}"]
    return ["key recomputed"], []


def _listed(ids):
    return " and ".join(sorted(ids)) or "none"


def _graded(question, response, *, right):
    if grade(question, response).correct is right:
        return []
    return [f"{response!r} is not graded {'right' if right else 'wrong'}"]


def _drawn(question):
    """As a number, for several draws; a text that names no number drawn raises by itself."""
    faults = []
    for seed in range(DRAWS):
        faults += _numeric(instance(question, seed), numbers(question, seed)["values"])[1]
    count = len(question.catches)
    return [f"{DRAWS} draws recomputed"] + [f"{_count(count, 'catch')} wrong"] * bool(count), faults


def _numeric(question, values=()):
    done, faults = _recompute_number(question, values)
    faults += _graded(question, repr(question.answer), right=True)
    for catch in question.catches:
        result = grade(question, repr(catch.near))
        if result.correct:
            faults.append(f"catch {catch.id}: {catch.near:g} is graded right")
        elif result.caught != (catch.id,):
            faults.append(f"catch {catch.id}: {catch.near:g} is caught as {_listed(result.caught)}")
    count = len(question.catches)
    return done + [f"{_count(count, 'catch')} wrong"] * bool(count), faults


def _recompute_number(question, values=()):
    key = float(find_key(question)(**dict(values)))
    if not abs(key - question.answer) <= tolerance(question):
        return [], [f"answer: recomputed it is {key:.6g}, not {question.answer:g}"]
    return ["key recomputed"], []


def _count(number, noun):
    plural = "es" if noun.endswith("ch") else "s"
    return f"{number} {noun}{plural * (number != 1)}"


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


def _match(question):
    right = {item.id: item.category for item in question.items}
    done, faults = _recompute(question, "item", right)
    faults += _graded(question, right, right=True)
    others = [right | {item.id: c.id} for item in question.items for c in question.categories
              if c.id != item.category]  # fmt: skip
    for response in others:
        faults += _graded(question, response, right=False)
    return [*done, f"{_count(len(others), 'wrong pair')} wrong"], faults


def _recompute(question, field, right):
    if not question.check:
        return [], []
    key = find_key(question)()
    if key != right:
        return [], [f"{field}: recomputed it is {key}, not {right}"]
    return ["key recomputed"], []


def _order(question):
    right = [step.id for step in question.steps]
    done, faults = _recompute(question, "step", right)
    faults += _graded(question, right, right=True)
    for place in range(len(right) - 1):
        swapped = [*right[:place], right[place + 1], right[place], *right[place + 2 :]]
        faults += _graded(question, swapped, right=False)
    return [*done, f"{len(right)} steps, each swap wrong"], faults


def _cloze(question):
    right = {gap.id: _right_response(gap) for gap in question.gaps}
    done, faults = _recompute_gaps(question)
    faults += _graded(question, right, right=True)
    mistakes = [(gap.id, *mistake) for gap in question.gaps for mistake in _mistakes(gap)]
    for gap, id, response in mistakes:
        result = grade(question, right | {gap: response})
        if result.caught != (f"{gap}/{id}",):
            faults.append(f"gap {gap}: {response!r} is caught as {_listed(result.caught)}")
    return [*done, f"{_count(len(right), 'gap')}, {_count(len(mistakes), 'mistake')} wrong"], faults


def _right_response(gap):
    if gap_kind(gap) == "choice":
        return next(choice.id for choice in gap.choices if choice.correct)
    return repr(gap.answer) if gap_kind(gap) == "number" else gap.answers[0]


def _mistakes(gap):
    """(id, response) of everything that a gap knows to be wrong."""
    if gap_kind(gap) == "choice":
        return [(choice.id, choice.id) for choice in gap.choices if not choice.correct]
    if gap_kind(gap) == "number":
        return [(catch.id, repr(catch.near)) for catch in gap.catches]
    return [(catch.id, words) for catch in gap.catches for words in catch.answers]


def _recompute_gaps(question):
    if not question.check:
        return [], []
    key, faults = find_key(question)(), []
    gaps = {gap.id: gap for gap in question.gaps if gap_kind(gap) == "number"}
    if key.keys() != gaps.keys():
        return [], [f"check: recomputes {_listed(key)}, the numbers are {_listed(gaps)}"]
    for id, gap in gaps.items():
        if not abs(key[id] - gap.answer) <= tolerance(gap):
            faults.append(f"gap {id}: recomputed it is {key[id]:.6g}, not {gap.answer:g}")
    return ([] if faults else ["key recomputed"]), faults


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
    "match": _match,
    "order": _order,
    "cloze": _cloze,
    "sketch": _sketch,
}
