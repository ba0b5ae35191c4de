r"""From the Markdown and math of a question bank to HTML that is safe to show.

Nothing written in a bank or typed by a learner can become an element of the page: Markdown is
read without HTML and without images, and every name, attribute and character of the MathML is
checked or escaped here, because latex2mathml passes the inside of `\text{…}` on as it is.
"""

import re
from functools import cache, lru_cache
from html import escape, unescape
from itertools import pairwise
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

MATH_TAG = re.compile("m[a-z]+")
MATH_ATTRIBUTE = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|stretchy|fence|form|accent|width|height|depth"
    "|linethickness|columnalign|columnspacing|rowspacing|minsize|maxsize|mathsize|movablelimits"
    "|separator|lspace|rspace|notation"
)


# After each click the whole card is sent again, most of it as it was.
@lru_cache(maxsize=1024)
def to_html(markdown: str, *, inline: bool = False) -> str:
    """HTML with MathML for the live card; `inline` for labels, where a paragraph cannot go."""
    html = _render(_live(), markdown, inline)
    return _AND_SIGN.sub(r'<span style="white-space: nowrap">\1\2</span>', html)


def to_static_html(markdown: str, *, inline: bool = False) -> str:
    """HTML that keeps `$…$`, for stored outputs: sanitisers drop MathML and MathJax reads this."""
    return _render(_static(), markdown, inline)


def to_anki_html(markdown: str, *, inline: bool = False) -> str:
    r"""HTML with `\(…\)` and `\[…\]`, which is how Anki marks what its MathJax shall draw."""
    return _render(_anki(), markdown, inline)


def math_faults(markdown: str) -> list[str]:
    """Everything in the math of `markdown` that would not be shown as it was meant."""
    faults = []
    for token in _inline_tokens(markdown):
        if token.type.startswith("math"):
            faults += _formula_faults(token.content)
        elif token.type == "text" and "$" in token.content:
            faults.append(f"a dollar sign without its partner in {token.content.strip()!r}")
    return faults


def render_verdict(verdict: dict) -> str:
    """A verdict as HTML for a cell's output, with `$…$`.

    `verdict` has `correct` (True, False or None), `title`, and optionally `message` and `notice`
    (text that may quote a learner), `explain` (Markdown), `feedback` and `hints` (lists of it).
    The colours are inline, because an output has no stylesheet, and say nothing that the words
    do not.
    """
    mark, colour = _MARKS[verdict["correct"]]
    said = [
        f"<p><strong>{mark} {escape(verdict['title'])}</strong></p>",
        _plain(verdict.get("message")),
        *map(to_static_html, verdict.get("feedback", ())),
        to_static_html(verdict.get("explain", "")),
        *fold_hints(verdict.get("hints", ())),
        _plain(verdict.get("notice")),
    ]
    return f'<div style="{_PANEL.format(colour)}">{"".join(said)}</div>'


def fold(summary: str, html: str) -> str:
    """`html` behind a line to click, which works where no script runs."""
    return (
        f'<details><summary data-lm-suppress-shortcuts="true">{escape(summary)}</summary>'
        f"{html}</details>"
    )


def fold_hints(hints) -> list[str]:
    """Each hint behind its own line."""
    return [fold(f"Hint {n}", to_static_html(hint)) for n, hint in enumerate(hints, start=1)]


_MARKS = {
    True: ("✓", "var(--jp-success-color1, #388e3c)"),
    False: ("✗", "var(--jp-warn-color1, #f57c00)"),
    None: ("●", "var(--jp-brand-color1, #1976d2)"),
}
_PANEL = "border-left: 4px solid {}; padding: 4px 0 4px 16px; margin: 8px 0; max-width: 44rem"


def _plain(text):
    """A paragraph of text, `…` in it as code; it may quote a learner, whose dollars are dollars."""
    code = re.sub("`([^`]+)`", r"<code>\1</code>", escape(text or ""))
    return f'<p class="mathjax_ignore tex2jax_ignore">{code}</p>' if text else ""


# A formula in a line and the sign after it, which a browser would take to the next line alone.
_AND_SIGN = re.compile(r'(<span class="math inline">(?:(?!</span>).)*</span>)([.,;:?!)]+)')


def _render(md, markdown, inline):
    return (md.renderInline if inline else md.render)(markdown).strip()


@cache
def _live():
    return _markdown(lambda tex, options: _mathml(tex, display=options["display_mode"]))


@cache
def _static():
    return _markdown(lambda tex, options: escape(_dollars(tex, options["display_mode"]), False))


@cache
def _anki():
    return _markdown(lambda tex, options: escape(_brackets(tex, options["display_mode"]), False))


def _markdown(math):
    md = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    md.validateLink = lambda url: bool(re.match(r"https?://|#", url, re.IGNORECASE))
    dollarmath_plugin(md, allow_labels=False, allow_digits=False, double_inline=True, renderer=math)
    md.add_render_rule("link_open", _link_open)
    return md


def _link_open(self, tokens, index, options, env):
    if not tokens[index].attrs["href"].startswith("#"):
        tokens[index].attrSet("target", "_blank")
        tokens[index].attrSet("rel", "noopener noreferrer")
    # Without this a key pressed on a focused link would work on the notebook.
    tokens[index].attrSet("data-lm-suppress-shortcuts", "true")
    return self.renderToken(tokens, index, options, env)


def _dollars(tex, display):
    return f"$${tex}$$" if display else f"${tex}$"


def _brackets(tex, display):
    return rf"\[{tex}\]" if display else rf"\({tex}\)"


def _mathml(tex, *, display):
    try:
        root = convert_to_element(tex, display="block" if display else "inline")
    except Exception:  # its errors share no base class; the lint has named the fault by then
        return f"<code>{escape(_dollars(tex, display))}</code>"
    _polish(root)
    return _serialise(root)


def _serialise(element):
    # latex2mathml leaves entities in its texts for the serialiser to undo; undone here, and
    # escaped again, so that no text can open an element.
    inner = escape(unescape(element.text or ""), quote=False)
    inner += "".join(_serialise(child) for child in element)
    if not MATH_TAG.fullmatch(element.tag):
        return inner
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if MATH_ATTRIBUTE.fullmatch(name)
    )
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


SCRIPTED = ("msub", "msup", "msubsup")


def _polish(element):
    """Set what latex2mathml sets badly: "2tanhz", "ReLU (z)", "= − 2", "| 5 |", small primes."""
    for child in list(element):
        _polish(child)
        if child.tag == "mo" and _is_word(child):
            child.tag = "mi"
        if child.tag == "msup" and unescape(child[-1].text or "") in ("′", "″"):
            # As in running text: fonts made for mathematics shrink a prime, others draw it small.
            child.tag, child[-1].tag = "mrow", "mtext"
    if element.tag in SCRIPTED:  # its children are base and scripts, no name and its argument
        return
    bars = [child for child in element if _shows(child, "|")]
    for number, bar in enumerate(bars if len(bars) % 2 == 0 else []):
        # Of an absolute value: one opens and the next closes, neither stands between two numbers.
        bar.set("form", "postfix" if number % 2 else "prefix")
    for position, (before, after) in reversed(list(enumerate(pairwise(element)))):
        # After another operator it is a sign and no subtraction, which the page cannot tell.
        opens = _shows(before, "([{=<>≤≥≈→,·×/−+") or before.get("form") == "prefix"
        if _shows(after, "−+") and opens:
            after.set("form", "prefix")
        apart = _is_name(before) and after.tag not in ("mo", "mspace")
        if apart or (_is_name(after) and before.tag not in ("mo", "mspace")):
            element.insert(position + 1, Element("mspace", {"width": "0.167em"}))


def _is_word(element):
    text = element.text or ""
    return len(text) > 1 and text.isalpha()


def _is_name(element):
    base = element[0] if element.tag in SCRIPTED else element
    return base.tag == "mi" and _is_word(base)


def _shows(element, operators):
    return element.tag == "mo" and unescape(element.text or " ") in operators


def _inline_tokens(markdown):
    # An escaped dollar is meant as one, and the tokens no longer tell.
    for token in _live().parse(markdown.replace(r"\$", "")):
        yield from token.children or [token]


def _formula_faults(tex):
    try:
        root = convert_to_element(tex)
    except Exception as error:  # as in _mathml
        return [f"math that does not convert in ${tex}$ ({type(error).__name__})"]
    return [f"{fault} in ${tex}$" for element in root.iter() if (fault := _element_fault(element))]


def _element_fault(element):
    text = unescape(element.text or "")
    if not MATH_TAG.fullmatch(element.tag):
        return f"<{element.tag}>, which the card does not show,"
    for name in element.attrib:
        if name != "xmlns" and not MATH_ATTRIBUTE.fullmatch(name):
            return f"{name}, which the card does not show,"
    if element.tag == "mtext":
        return ""
    if macro := re.search(r"\\\w+", text):
        return f"the unknown macro {macro.group()}"
    if element.tag == "mi" and text in ("&", "{", "}", "\\"):
        return f"a stray {text}"
    return "" if text or element.tag not in ("mi", "mo") else "an empty operator"
