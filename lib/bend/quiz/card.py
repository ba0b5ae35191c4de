"""The card in the notebook: `ask`, `predict` and `check`. The only module with a widget."""

from IPython.display import display
from traitlets import Dict

from bend.assets import COMMON
from bend.errors import BadInput
from bend.quiz import session as sessions
from bend.quiz.bank import load_bank
from bend.quiz.fresh import instance
from bend.quiz.log import default_log
from bend.quiz.parts import GAP
from bend.quiz.places import find_section
from bend.quiz.sketch import axes_in_words
from bend.quiz.text import fold, fold_hints, render_verdict, to_html, to_static_html
from bend.quiz.view import asked_in_words
from bend.widget import Widget

PARTS = ("card", "inputs", "parts", "sketch")
SCRIPTS = (*COMMON, *(f"quiz/static/{part}.js" for part in PARTS))
SHEETS = ("quiz/static/card.css", "quiz/static/sketch.css")


def ask(id):
    """Show the card of a question here.

    Raises:
        UnknownName: no question has this id.
    """
    display(Card(load_bank()[id]))


def predict(id):
    """Show the card of a prediction: commit to it before a cell below shows the truth.

    Raises:
        UnknownName: no prediction has this id.
    """
    question = load_bank()[id]
    if question.type != "predict":
        raise BadInput(f'"{id}" is no prediction but of type {question.type}: ask("{id}")')
    display(Card(question))


def check(id, function):
    """Judge a function written for an exercise, and show the verdict here.

    Raises:
        UnknownName: no exercise has this id.
    """
    shown = sessions.check_function(load_bank()[id], function, default_log())
    plain = "\n".join([shown["title"], shown["message"], *shown["feedback"]])
    display({"text/html": render_verdict(shown), "text/plain": plain}, raw=True)


class Card(Widget):
    """One question being answered. The page gets `view`, and sends what the learner did."""

    scripts, sheets = SCRIPTS, SHEETS
    view = Dict().tag(sync=True)

    def __init__(self, question, log=None, *, fresh=False):
        self.session = sessions.Session(question, log or default_log(), fresh=fresh)
        super().__init__(view=self.page())
        self.on_msg(self._hear)

    def page(self):
        """What the page is to show now."""
        view = to_page(self.session.view())
        question = self.session.question
        title, address = find_section(question)
        if question.taught_in:
            title = f"{title} (lesson {question.taught_in})"
        return view | {"section": view["section"] | {"title": title, "address": address}}

    def _hear(self, _, message, buffers):
        self.act(message)
        self.view = self.page()
        # So that the page knows it was heard, also where this changed nothing.
        self.send("heard")

    def act(self, message):
        """Do what the learner did on the page."""
        self.session.act(message)

    def __repr__(self):
        return to_text(self.session.asked)

    def _repr_mimebundle_(self, **kwargs):
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": repr(self), "text/html": self._fallback()}, metadata

    def _fallback(self):
        return to_fallback(self.session.asked)


def to_page(view):
    """The view of a session with its Markdown as HTML."""
    verdict = view["verdict"]
    return view | {
        "prompt": to_html(view["prompt"]),
        "unit": to_html(view["unit"], inline=True),
        "options": [_item(option, inline=True) for option in view["options"]],
        "items": [_item(item, inline=True) for item in view["items"]],
        "gaps": [
            gap | {"options": [_item(o, inline=True) for o in gap["options"]]}
            for gap in view["gaps"]
        ],
        "text": GAP.sub(r'<span class="bend-gap" data-gap="\1"></span>', to_html(view["text"])),
        "points": [_item(point, inline=True) for point in view["points"]],
        "hints": [to_html(hint) for hint in view["hints"]],
        "verdict": verdict and _verdict(verdict),
    }


def _item(item, *, inline=False):
    return item | {"text": to_html(item["text"], inline=inline)}


def _verdict(verdict):
    return verdict | {
        "feedback": [_item(item) for item in verdict["feedback"]],
        "answer": to_html(verdict["answer"]),
        "explain": to_html(verdict["explain"]),
    }


def to_fallback(question):
    """The question as HTML for where no kernel runs, its answer folded; always the same bytes."""
    parts = [f"<p><strong>{label(question)}</strong></p>", to_static_html(asked_in_words(question))]
    options = [to_static_html(o.text, inline=True) for o in sessions.shuffled(question)]
    if options:
        parts.append(_list(options))
    if question.type == "sketch":
        parts.append(f"<p>{axes_in_words(question)}</p>")
    parts += fold_hints(instance(question).hints)
    if question.scored:
        parts.append(fold("Answer", _answer(question)))
    parts.append("<p><em>Run this cell to answer here, on a live card.</em></p>")
    return "<div>" + "\n".join(parts) + "</div>"


def label(question):
    """What the card calls itself."""
    return "Question" if question.scored else "Prediction"


def _answer(question):
    points = [to_static_html(p.text, inline=True) for p in getattr(question, "points", ())]
    told = _list(points) if points else to_static_html(sessions.answer_in_words(question))
    return told + to_static_html(instance(question).explain)


def _list(items):
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def to_text(question):
    """The question as plain text."""
    options = [f"  - {option.text}" for option in sessions.shuffled(question)]
    axes = [axes_in_words(question)] if question.type == "sketch" else []
    return "\n".join([f"{label(question)}: {asked_in_words(question)}", *options, *axes])
