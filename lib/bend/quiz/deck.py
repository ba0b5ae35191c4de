"""Questions one after another on one card."""

from bend.quiz.card import Card
from bend.quiz.log import now
from bend.quiz.reviewing import coming, memories


class Deck(Card):
    """The card of each question in turn; the page says when to go on, and the last says so."""

    def __init__(self, questions, log=None):
        self.questions = list(questions)
        self.right = {}
        self.done = False
        super().__init__(self.questions[0], log, fresh=True)

    def act(self, message):
        """Go on to the next question, or answer this one."""
        if isinstance(message, dict) and message.get("do") == "next":
            self._go_on()
            return
        self.session.act(message)
        if self.session.phase == "answered":
            self.right.setdefault(self.session.question.id, self.session.grade.correct)

    def _go_on(self):
        if self.session.phase != "answered" or self.done:
            return
        self.done = len(self.right) == len(self.questions)
        if not self.done:
            question = self.questions[len(self.right)]
            self.session = type(self.session)(question, self.session.log, fresh=True)

    def page(self):
        """The question's own view, with its place in the row."""
        view = super().page()
        if self.done:
            return view | NOTHING | {"label": "All done", "prompt": self._farewell()}
        total = len(self.questions)
        place = len(self.right) + (self.session.question.id not in self.right)
        return view | {
            "label": f"Question {place} of {total}",
            "next": "Next" if place < total else "Finish",
        }

    def _farewell(self):
        count = f"{sum(self.right.values())} of {len(self.right)}"
        comes = coming(memories(self.session.log), now())
        return f"<p>{count} right at first attempt. {comes}</p>"

    def __repr__(self):
        return f"Review: {len(self.questions)} due."

    def _fallback(self):
        return f"<p>{self} Run this cell to answer here.</p>"


NOTHING = {
    "id": "", "type": "done", "kind": "none", "phase": "done", "options": [], "unit": "",
    "response": None, "confidence": None, "asks_confidence": False, "hints": [], "hints_left": 0,
    "points": [], "ticked": [], "verdict": None, "can_retry": False, "next": "", "error": "",
}  # fmt: skip
