"""Compares what a function gave with what is due, and says the first difference in words."""

SMALL = 6


def compare(got, due, *, what="it gives", names=(), rtol=1e-6, atol=1e-9, dtype=True):
    """The first difference as a clause ("it gives shape (3,) instead of (3, 1)"), "" for none.

    `due` is an array, a number, or a tuple of them, whose parts are called by `names`. Two values
    agree when |got − due| ≤ atol + rtol · |due|. `dtype=False` lets any number type pass.
    """
    if not isinstance(due, tuple):
        return _compare_arrays(got, due, what, rtol, atol, dtype)
    if not isinstance(got, (tuple, list)) or len(got) != len(due):
        return f"{what} {brief(got)} instead of {len(due)} values"
    for i, (mine, theirs) in enumerate(zip(got, due, strict=True)):
        part = names[i] if i < len(names) else f"value {i + 1}"
        if said := _compare_arrays(mine, theirs, what, rtol, atol, dtype):
            return f"{said} in {part}"
    return ""


def _compare_arrays(got, due, what, rtol, atol, dtype):
    import numpy as np

    mine, theirs = _numbers(got), np.asarray(due)
    if mine is None:
        return f"{what} {brief(got)} instead of numbers"
    if mine.shape != theirs.shape:
        return f"{what} {_shape(mine)} instead of {_shape(theirs)}"
    # A plain Python number has no dtype that its author chose.
    if dtype and hasattr(got, "dtype") and mine.dtype != theirs.dtype:
        return f"{what} dtype {mine.dtype} instead of {theirs.dtype}"
    with np.errstate(all="ignore"):
        close = np.isclose(mine, theirs, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return ""
    first = tuple(int(i) for i in np.argwhere(~close)[0])
    at = f" at {list(first)}" if first else ""
    return f"{what} {_plain(mine[first])} instead of {_plain(theirs[first])}{at}"


def _numbers(value):
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    return array if array.dtype.kind in "biufc" else None


def _shape(array):
    return f"shape {array.shape}" if array.shape else "a single number"


def same(before, after):
    """Whether two values hold the same numbers; what is no number, array or container passes."""
    if type(before) is not type(after):
        return False
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    if hasattr(before, "dtype"):
        import numpy as np

        alike = before.dtype == after.dtype
        return alike and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    plain = isinstance(before, (int, float, complex, str, bytes))
    return not plain or before is after or before == after


def brief(value):
    """The value in a few characters, the same on every machine: no addresses, no long arrays."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return _plain(value.tolist()) if value.size <= SMALL else f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__
        return _plain(value) if len(value) <= SMALL else f"a {kind} of {len(value)}"
    return _plain(value)


def _plain(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(brief(v) for v in value) + "]"
    if isinstance(value, str):
        return repr(value if len(value) <= 20 else value[:19] + "…")
    if value is None or isinstance(value, (bool, complex)):
        return str(value)
    if value is ...:
        return "..."
    if isinstance(value, (int, float)):
        return f"{value:.6g}"
    return f"something of type {type(value).__name__}"
