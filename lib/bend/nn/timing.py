"""How long something takes: a ratio within one run, and told only to whoever runs it."""

from statistics import median
from time import perf_counter

from .inputs import count
from .progress import in_notebook


def time_ratio(function, other, *, repeats=31):
    """The median of time of function() / time of other(), the two taking turns.

    Taking turns, both are slowed down by whatever slows the machine down for a while.
    """
    for warm_up in (function, other):
        warm_up()
    pairs = [(_time(function), _time(other)) for _ in range(count("repeats", repeats))]
    return median(mine / theirs for mine, theirs in pairs)


def on_this_machine(text):
    """Print what is different on every machine, in an open notebook only.

    A notebook that a program executes stores nothing of it: the numbers would be someone else's.
    """
    if in_notebook():
        print("on this machine:", text)


def _time(function):
    start = perf_counter()
    function()
    # A clock too coarse to see the function must not give a division by zero.
    return max(perf_counter() - start, 1e-9)
