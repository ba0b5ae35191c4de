"""Answer a card as a learner does, wrongly or rightly, by what the bank says."""

from bend.quiz.sketch import true_heights
from playwright.sync_api import expect


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


def fill(card, question, right):
    """Choose, type or draw; nothing is submitted yet."""
    if question.type == "sketch":
        draw(card, question, right)
    elif question.type == "recall":
        card.get_by_role("textbox").fill("from memory")
    elif getattr(question, "choices", ()):
        for id in choices(question, right):
            card.locator(f'input[value="{id}"]').check()
    else:
        card.get_by_role("textbox").fill(number(question, right))


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
