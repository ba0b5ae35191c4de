"""Every error that Bend raises on purpose. A learner sees its one sentence and no traceback."""


class CourseError(Exception):
    """Something the reader can put right; the message says what, where and how."""

    def _render_traceback_(self):
        # IPython asks an exception for its own traceback before it formats one.
        return [f"{type(self).__name__}: {self}"]


class BadInput(CourseError, ValueError):
    """A value that cannot work: a wrong shape, a non-finite array, a negative learning rate."""


class UnknownName(CourseError, LookupError):
    """A name that is in no registry; the message lists the names that are."""


class TrainingDiverged(CourseError, ArithmeticError):
    """The loss is no longer a number."""


class BankError(CourseError):
    """Faults in the question bank, all of them, each with file, question and field."""


class Unsaved(CourseError, OSError):
    """Progress that could not be written; it is kept in memory and tried again."""
