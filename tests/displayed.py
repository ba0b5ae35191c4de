"""What explorers display, caught before it comes to a page."""

import sys

from bend import live


def catch_displays(monkeypatch):
    """The list that grows by what each explorer displays from now on."""
    found = []
    for module in {getattr(live, name).__module__ for name in live.__all__}:
        monkeypatch.setattr(sys.modules[module], "display", found.append)
    return found
