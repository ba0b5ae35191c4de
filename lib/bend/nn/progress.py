"""A progress bar for a person who waits, of which nothing is left behind."""

import os
import sys


def bar(steps, total, show=None):
    """`steps` itself, with a bar once it takes more than a second.

    Args:
        steps: an iterable of `total` steps.
        total: how many.
        show: True or False; None shows it on a terminal and in a notebook that is open in a
            browser. A notebook that a program executes is neither, so that it stores no bar.
    """
    if show is None:
        show = in_notebook() or sys.stderr.isatty()
    if not show:
        return steps
    from tqdm import tqdm

    file = _NotebookLine() if in_notebook() else sys.stderr
    return tqdm(steps, total=total, delay=1, leave=False, file=file)


def in_notebook():
    """Whether a person has this notebook open; none does where a program executes it."""
    return "JPY_SESSION_NAME" in os.environ  # set by the server, not by nbclient or nbval


class _NotebookLine:
    """Where tqdm writes in a notebook: one output, which is emptied at the end.

    A stream would keep a line of blanks.
    """

    handle = None

    def write(self, text):
        text = text.strip()
        shown = {"text/plain": text} if text else {}
        if self.handle:
            self.handle.update(shown, raw=True)
        elif text:
            from IPython.display import display

            self.handle = display(shown, raw=True, display_id=True)

    def flush(self):
        """Nothing is held back."""
