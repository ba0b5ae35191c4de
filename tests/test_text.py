import re
from html.parser import HTMLParser

import pytest

from bend.quiz.text import math_faults, render_verdict, to_anki_html, to_html, to_static_html

HOSTILE = [
    "<img src=x onerror=boom()>",
    "<script>boom()</script>",
    "![x](https://example.org/x.png)",
    "[click](javascript:boom())",
    "[click](data:text/html,boom)",
    r"$\text{<img src=x onerror=boom()>}$",
    r"$\mbox{<script>}$",
    r"$\href{javascript:boom()}{x}$",
    r"$\style{background:url(//x)}{x}$",
    "`<img src=x>`",
]


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize("markdown", HOSTILE)
@pytest.mark.parametrize("convert", [to_html, to_static_html, to_anki_html])
@pytest.mark.parametrize("inline", [True, False])
def test_no_text_becomes_an_image_a_script_or_a_style(markdown, convert, inline):
    for tag, attributes in Elements(convert(markdown, inline=inline)).found:
        assert tag not in ("img", "script", "style", "iframe")
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        assert not attributes.get("href", "#").startswith(("javascript:", "data:"))


def test_hostile_text_is_shown_as_the_characters_it_has():
    assert "&lt;img src=x onerror=boom()&gt;" in to_html("<img src=x onerror=boom()>")
    assert "&lt;img src=x&gt;" in to_html(r"$\text{<img src=x>}$").replace("\xa0", " ")


def test_math_becomes_mathml():
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in to_html(
        r"$\frac{1}{2}$"
    )


def test_static_math_keeps_its_dollars():
    html = to_static_html(r"when $a < \sigma'(z)$")
    assert r"$a &lt; \sigma'(z)$" in html
    assert "<math" not in html


def test_an_inline_text_has_no_paragraph():
    assert to_html("**Never**", inline=True) == "<strong>Never</strong>"


def test_function_names_stand_apart_from_their_argument():
    assert "<mi>tanh</mi><mspace" in to_html(r"$\tanh z$")
    assert '<mi>p</mi><mspace width="0.167em"></mspace><mi>tanh</mi><mo' in to_html(r"$p \tanh(z)$")
    assert '<mi>ReLU</mi><mo stretchy="false">(' in to_html(r"$\operatorname{ReLU}(z)$")


@pytest.mark.parametrize("tex", ["z = -17", "(-z)", r"1 \cdot -2", "0, -3"])
def test_a_minus_that_is_a_sign_stands_close_to_its_number(tex):
    assert to_html(f"${tex}$").count('<mo form="prefix">−</mo>') == 1


@pytest.mark.parametrize("tex", ["a - b", "(a) - b", "|a| - b", "-4"])
def test_a_minus_that_subtracts_or_comes_first_is_left_alone(tex):
    assert "<mo>−</mo>" in to_html(f"${tex}$")


def test_the_bars_of_an_absolute_value_stand_close_to_what_is_between_them():
    html = to_html(r"$|5| \cdot 4 + |-2| \cdot 4 = 28$")
    assert re.findall(r'<mo[^>]*form="(\w+)"[^>]*>(.)', html) == [
        ("prefix", "|"),
        ("postfix", "|"),
        ("prefix", "|"),
        ("prefix", "−"),
        ("postfix", "|"),
    ]


def test_a_formula_and_the_sign_after_it_stay_on_one_line():
    html = to_html("From $p$, not from $z$. Put\n\n$$a = b$$")
    assert re.findall("nowrap.>.*?</math></span>(.)</span>", html) == [",", "."]
    assert "nowrap" not in html.partition("block")[2]


def test_a_script_of_a_function_name_stays_its_script():
    assert "<msup><mi>tanh</mi><mn>2</mn></msup><mspace" in to_html(r"$\tanh^2 z$")
    assert "<msub><mi>log</mi><mrow><mn>10</mn></mrow></msub>" in to_html(r"$\log_{10}(z)$")


def test_a_prime_is_not_shrunk():
    assert "<mrow><mi>σ</mi><mtext>′</mtext></mrow>" in to_html(r"$\sigma'$")


def test_outside_links_open_without_a_handle_on_the_notebook():
    [(_, _), (_, link)] = Elements(to_html("[paper](https://example.org)")).found
    assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")


def test_links_within_the_notebook_stay_in_it():
    [(_, _), (_, link)] = Elements(to_html("[above](#The-slope)")).found
    assert link["href"] == "#The-slope"
    assert "target" not in link


@pytest.mark.parametrize(
    ("markdown", "fault"),
    [
        (r"$\foo{x}$", r"the unknown macro \foo"),
        (r"$\left( x$", "does not convert"),
        (r"a_1$ and so on", "a dollar sign without its partner"),
        (r"$a & b$", "a stray &"),
        (r"$x}$", "a stray }"),
        (r"$\href{x}{y}$", "href"),
        (r"$\operatorname*{arg\,max}$", "an empty operator"),
    ],
)
def test_math_that_would_not_show_as_meant_is_named(markdown, fault):
    assert any(fault in found for found in math_faults(markdown))


@pytest.mark.parametrize(
    "markdown",
    [r"$\{0, 1\}$", r"costs \$5", r"$\sigma'(z) \le \tfrac14$", "`$x`", r"$$W^\top \mathbf{x}$$"],
)
def test_good_math_has_no_faults(markdown):
    assert math_faults(markdown) == []


def test_a_verdict_says_its_state_in_words():
    html = render_verdict(
        {"correct": False, "title": "Not quite", "feedback": ["At $x = 0$ it is **not**: <b>"]}
    )
    assert "✗ Not quite" in html
    assert "$x = 0$" in html
    assert "<strong>not</strong>: &lt;b&gt;" in html


def test_a_message_that_quotes_a_learner_is_text_and_no_markdown():
    html = render_verdict(
        {"correct": False, "title": "Not quite", "message": "__init__() `<b>` $x$"}
    )
    assert (
        '<p class="mathjax_ignore tex2jax_ignore">__init__() <code>&lt;b&gt;</code> $x$</p>' in html
    )


def test_a_verdict_folds_its_hints():
    html = render_verdict({"correct": None, "title": "Not yet", "hints": ["Twice."]})
    assert "Hint 1</summary><p>Twice.</p></details>" in html


def test_math_for_anki_is_in_its_brackets_and_cannot_open_an_element():
    assert r">\(a&lt;b\)<" in to_anki_html("so $a<b$", inline=True)
    assert r"\[a^2\]" in to_anki_html("$$a^2$$")
