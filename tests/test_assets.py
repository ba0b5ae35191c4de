import re
from collections import Counter

import pytest

from bend.assets import COMMON, ROOT, joined
from bend.live.canvas import Live
from bend.playground.widget import Playground
from bend.quiz.card import Card

WIDGETS = pytest.mark.parametrize("widget", [Card, Live, Playground])


def test_files_are_joined_in_order():
    first, second = COMMON[0], "quiz/static/card.js"
    text = joined([first, second])
    assert text.startswith((ROOT / first).read_text(encoding="utf-8"))
    assert text.endswith((ROOT / second).read_text(encoding="utf-8"))


@WIDGETS
def test_nothing_is_named_twice_in_what_a_widget_loads(widget):
    names = re.findall(
        r"^(?:async )?(?:function|class|const|let) (\w+)", joined(widget.scripts), re.MULTILINE
    )
    assert [name for name, count in Counter(names).items() if count > 1] == []


@WIDGETS
def test_a_widget_loads_the_elements_that_keep_their_keys(widget):
    assert joined(COMMON) in joined(widget.scripts)


@WIDGETS
def test_a_style_sheet_reaches_nothing_outside_its_widget(widget):
    root = r"\.bend-card" if widget is Card else r"\.bend-(live|playground)"
    # :where() weighs nothing, so that it may stand before a rule and leave its weight as it is.
    inside = re.compile(
        rf"{root}\b|:where\({root}\) |\.jupyter-widgets-disconnected:has\(> {root}\)"
    )
    assert [s for s in selectors(joined(widget.sheets)) if not inside.match(s)] == []


def selectors(css):
    """Every selector of a style sheet, those of one rule apart."""
    css = re.sub(r"/\*.*?\*/|@keyframes[^{]*\{([^{}]*\{[^{}]*\})*\s*\}", "", css, flags=re.DOTALL)
    css = re.sub(r"@[^{]*\{", "", css)
    for rule in re.findall(r"([^{}]+)\{", css):
        # Commas inside of brackets part no selectors.
        flat, depth = "", 0
        for letter in rule:
            depth += (letter == "(") - (letter == ")")
            flat += "\n" if letter == "," and not depth else letter.replace("\n", " ")
        yield from map(str.strip, flat.split("\n"))
