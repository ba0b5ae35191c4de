"""One question being answered: a state machine between the page and the log, without a widget.

`Session.act` takes a message from the page, which may be anything, and never raises; `view` says
what the page may show now, and holds no answer before one was given.
"""

import math
from contextlib import suppress

from bend.errors import BadInput, Unsaved
from bend.quiz.bank import load_bank
from bend.quiz.fresh import instance
from bend.quiz.grading import grade, parse_number, unusable_text
from bend.quiz.log import default_log, now, stamp
from bend.quiz.questions import Drawn
from bend.quiz.view import TITLES, answer_in_words, section, show, show_check, shuffled

__all__ = [
    "TITLES", "Session", "answer_in_words", "check_function", "last_event", "prediction",
    "record", "section", "shuffled",
]  # fmt: skip

CONFIDENCE = ("guess", "think", "sure")
KINDS = ("answer", "reveal", "hint")


class Session:
    """A question, what was answered so far (restored from the log), and what may happen next.

    Phases: open, points (a recall's model answer is shown, to be ticked), answered. A `fresh` one
    restores nothing: the question has come back, shuffled anew, and its first attempt counts.
    """

    def __init__(self, question, log, *, now=now, fresh=False):
        if question.type == "code":
            raise BadInput(f'"{question.id}" is a function to write: check("{question.id}", it)')
        self.asked = question
        self.log = log
        self.now = now
        self.seed = 0
        self.attempt = 1
        self._start()
        self.hints = 0
        last = last_event(log, question)
        if last and fresh:
            self.seed = last["seed"] + 1
        elif last:
            self._restore(last)

    @property
    def question(self):
        """The question with the numbers that the seed draws, where it has any."""
        return instance(self.asked, self.seed)

    def _start(self):
        self.phase, self.response, self.confidence = "open", None, None
        self.grade, self.error = None, ""

    def _restore(self, event):
        self.seed, self.attempt = event["seed"], event["attempt"]
        self.hints = min(event["hints"], len(self.question.hints))
        response = event.get("response")
        self.confidence = _confidence(event)
        if event["kind"] == "answer":
            result = grade(self.question, response)
            # An edit may have taken away the option that was chosen: ask afresh.
            if result.error:
                self.attempt += 1
            else:
                self.phase, self.response, self.grade = "answered", response, result
        elif event["kind"] == "reveal" and not unusable_text(response):
            self.phase, self.response = "points", {"text": response, "ticked": []}

    # What the page asks for

    def act(self, message):
        """Take a message from the page; one that makes no sense now changes nothing."""
        self.error = ""
        acts = {"answer": self._answer, "reveal": self._reveal, "hint": self._hint,
                "retry": self._retry}  # fmt: skip
        if isinstance(message, dict) and message.get("do") in list(acts):
            acts[message["do"]](message)

    def _answer(self, message):
        if self.phase != ("points" if self.question.type == "recall" else "open"):
            return
        response = message.get("response")
        result = grade(self.question, response)
        if result.error:
            self.error = result.error
            return
        last = last_event(self.log, self.asked)
        if last and last["kind"] == "answer" and last["seed"] == self.seed:
            # Another card of the same question was answered since this one was drawn.
            self.attempt = max(self.attempt, last["attempt"] + 1)
        confidence = _confidence(message) or self.confidence
        self._log(
            "answer", message, response=response, confidence=confidence,
            correct=result.correct, caught=list(result.caught),
        )  # fmt: skip
        self.phase, self.response, self.confidence = "answered", response, confidence
        self.grade = result

    def _reveal(self, message):
        if self.question.type != "recall" or self.phase != "open":
            return
        text = message.get("response")
        self.error = unusable_text(text)
        if self.error:
            return
        self.confidence = _confidence(message)
        self._log("reveal", message, response=text, confidence=self.confidence)
        self.phase, self.response = "points", {"text": text, "ticked": []}

    def _hint(self, message):
        if self.phase == "open" and self.hints < len(self.question.hints):
            self.hints += 1
            self._log("hint", message)

    def _retry(self, message):
        if self.can_retry:
            self.attempt += 1
            # The explanation gave the last numbers away.
            self.seed += isinstance(self.asked, Drawn)
            self._start()

    @property
    def can_retry(self):
        """Only a wrong answer is tried again."""
        return self.phase == "answered" and self.grade.correct is False

    def _log(self, kind, message, **fields):
        """Before anything is shown: what the learner saw acknowledged is on the disk."""
        record(
            self.log, self.question, kind, self.now(), attempt=self.attempt, hints=self.hints,
            seconds=_seconds(message), seed=self.seed, **fields,
        )  # fmt: skip

    def view(self):
        """All that the page may know now, JSON-able, its texts Markdown as in the bank."""
        return show(self)


def _confidence(message):
    return message.get("confidence") if message.get("confidence") in list(CONFIDENCE) else None


def _seconds(message):
    seconds = message.get("seconds")
    sane = type(seconds) in (int, float) and 0 <= seconds < math.inf
    return round(seconds, 1) if sane else None


def last_event(log, question):
    """The latest event of this question as it is now; a raised rev starts afresh."""
    events = log.of(question.id)
    found = [e for e in events if e["rev"] == question.rev and e["kind"] in KINDS]
    # A clock may have gone back, a kernel's count never does.
    writer = found[-1].get("kernel") if found else None
    return max((e for e in found if e.get("kernel") == writer), key=lambda e: e["n"], default=None)


def record(log, question, kind, moment, **fields):
    """Log an event about a question. What cannot be saved is kept, and `log.notice` says so."""
    event = {"at": stamp(moment), "kind": kind, "question": question.id, "rev": question.rev,
             "lesson": question.lesson, "type": question.type}  # fmt: skip
    # The notice stands in every view until the event is saved.
    with suppress(Unsaved):
        log.append(event | fields)


def check_function(question, function, log, *, now=now):
    """Judge the learner's function, log it, and say in a dict what to show.

    `correct` is None for "not yet", which is no attempt. `message` is plain text and may quote the
    learner; the other texts are Markdown.
    """
    from bend.quiz.checks import judge
    from bend.quiz.keys import find_exercise

    if question.type != "code":
        raise BadInput(
            f'"{question.id}" is no function to write but of type {question.type}: '
            f'ask("{question.id}")'
        )
    verdict = judge(find_exercise(question), function)
    if not verdict.pending:
        last = last_event(log, question)
        record(
            log, question, "answer", now(), attempt=last["attempt"] + 1 if last else 1,
            hints=0, seconds=None, seed=0, response=verdict.message, confidence=None,
            correct=verdict.correct, caught=[verdict.caught] if verdict.caught else [],
        )  # fmt: skip
    return show_check(question, verdict, log.notice)


def prediction(id, *, bank=None, log=None):
    """What was predicted last, a number or a choice's id, or None where nothing was."""
    question = (bank or load_bank())[id]
    if question.type != "predict":
        raise BadInput(f'"{id}" is no prediction but of type {question.type}')
    last = last_event(log or default_log(), question)
    response = last and last.get("response")
    if last is None or grade(question, response).error:
        return None
    return response if question.choices else parse_number(response, question.unit)
