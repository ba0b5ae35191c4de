"""Answer a card as a learner does, wrongly or rightly, by what the bank says."""

import re

from playwright.sync_api import expect

from bend.quiz.fresh import instance
from bend.quiz.parts import gap_kind
from bend.quiz.sketch import true_heights


def choices(question, right):
    """The ids to choose: all the right ones, or one wrong one."""
    chosen = [choice.id for choice in question.choices if choice.correct is right]
    return chosen if right else chosen[:1]


def number(question, right):
    """What to type: the answer, or what people often type in its place."""
    if right:
        return repr(question.answer)
    return repr(question.catches[0].near if question.type == "numeric" else 2 * question.answer + 1)


def draw(card, question, right):
    """Drag along the true curve, or along the lower edge of the plot."""
    curve, (bottom, top) = question.curve(()), question.y
    card.locator(".bend-plot").scroll_into_view_if_needed()
    box = card.locator(".bend-sheet").bounding_box()
    mouse = card.page.mouse
    for n, y in enumerate(true_heights(question, curve.z) if right else [bottom] * len(curve.z)):
        across, down = n / (len(curve.z) - 1), (top - y) / (top - bottom)
        mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        if n == 0:
            mouse.down()
    mouse.up()


def as_asked(card, question):
    """The question with the numbers that the card shows, where it draws some."""

    def signs(text):
        return re.sub(r"[^-+\d]", "", text.replace("−", "-"))

    shown = signs(card.locator(".bend-prompt").inner_text())
    draws = (instance(question, seed) for seed in range(1000))
    return next((draw for draw in draws if signs(draw.prompt) == shown), question)


def match(card, question, right):
    """Choose each category; to be wrong, the same one every time."""
    for item in question.items:
        category = item.category if right else question.items[0].category
        card.locator(f'[data-id="{item.id}"] input[value="{category}"]').check()


def order(card, question, right):
    """Bring one step after the other to the top; to be wrong, so that they end backwards."""
    ids = [step.id for step in question.steps]
    for id in reversed(ids) if right else ids:
        up = card.locator(f'[data-id="{id}"] .bend-up')
        while up.get_attribute("aria-disabled") == "false":
            up.click()


def cloze(card, question, right):
    """Fill each gap; to be wrong, with what its first catch or wrong choice is about."""
    for gap in question.gaps:
        field = card.locator(f'[data-gap="{gap.id}"] > :is(input, select)')
        kind = gap_kind(gap)
        if kind == "choice":
            field.select_option(choices(gap, right)[0])
        elif kind == "number":
            field.fill(repr(gap.answer if right else gap.catches[0].near))
        else:
            field.fill(gap.answers[0] if right else gap.catches[0].answers[0])


FILL = {"sketch": draw, "match": match, "order": order, "cloze": cloze}


def fill(card, question, right):
    """Choose, type or draw; nothing is submitted yet."""
    if question.type in FILL:
        FILL[question.type](card, question, right)
    elif question.type == "recall":
        card.get_by_role("textbox").fill("from memory")
    elif getattr(question, "choices", ()):
        for id in choices(question, right):
            card.locator(f'input[value="{id}"]').check()
    else:
        card.get_by_role("textbox").fill(number(as_asked(card, question), right))


def answer(card, question, right):
    """Answer the card, which is open, and wait for its verdict."""
    fill(card, question, right)
    if question.type == "recall":
        card.get_by_role("button", name="Compare").click()
        for point in question.points if right else ():
            card.locator(f'input[value="{point.id}"]').check()
        card.get_by_role("button", name="Good" if right else "Again").click()
    else:
        name = "Commit" if question.type == "predict" else "Submit"
        card.get_by_role("button", name=name).click()
    expect(title(card)).to_have_text(verdict(question, right))


def verdict(question, right):
    """The title of the verdict."""
    return "Noted" if question.type == "predict" else "Right" if right else "Not quite"


def title(card):
    return card.locator(".bend-title")


def retry(card):
    """Open the card again after a wrong answer."""
    card.get_by_role("button", name="Try again").click()
    expect(title(card)).to_have_count(0)
