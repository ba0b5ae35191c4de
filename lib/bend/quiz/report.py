"""How it stands with what was learnt: numbers, the coming days, the weakest sections.

`Report` is computed; `in_text` is what `bend progress` prints, `show` what a notebook shows.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from bend.quiz.bank import load_bank
from bend.quiz.fresh import instance
from bend.quiz.places import find_section
from bend.quiz.reviewing import memories, say
from bend.quiz.schedule import comes_back, day, moment

DAYS = 14
WEAKEST = 5
NOTHING_YET = "Nothing is answered yet. What you answer in the lessons is counted here."


@dataclass(frozen=True)
class Report:
    """`forecast`: (date, questions due) of the coming days; `weakest`: (question, right, tries).

    The question of a weakest section is any one of its questions.
    """

    total: int
    memories: tuple
    streak: int
    forecast: tuple
    weakest: tuple
    sure_but_wrong: tuple
    left_out: str


def make(log, now):
    """The report on a log at a moment."""
    known = tuple(memories(log))
    return Report(
        total=sum(comes_back(question) for question in load_bank()),
        memories=known,
        streak=_streak(log.events(), day(now)),
        forecast=_forecast(known, day(now)),
        weakest=_weakest(known),
        sure_but_wrong=tuple(m.question for m in known if m.sure_but_wrong),
        left_out=_left_out(log),
    )


def _streak(events, today):
    """Days in a row with an answer, up to today, or to yesterday while today has none yet."""
    times = {moment(event["at"]) for event in events if event["kind"] == "answer"}
    days = {day(time) for time in times if time}
    last = today if today in days else today - timedelta(1)
    length = 0
    while last - timedelta(length) in days:
        length += 1
    return length


def _forecast(known, today):
    """What is overdue is due today."""
    counts = Counter(max(day(memory.due), today) for memory in known)
    coming = (today + timedelta(n) for n in range(DAYS))
    return tuple((date, counts[date]) for date in coming)


def _weakest(known):
    sections = defaultdict(list)
    for memory in known:
        sections[memory.question.place].append(memory)
    tries = [(its[0].question, [o for memory in its for o in memory.outcomes])
             for _, its in sorted(sections.items())]  # fmt: skip
    scores = [(question, sum(right), len(right)) for question, right in tries if not all(right)]
    return tuple(sorted(scores, key=lambda score: score[1] / score[2])[:WEAKEST])


def _left_out(log):
    """What a reader has to know about the log: what of it does not count."""
    counts = {"damaged lines": log.unreadable, "events of a newer version of Bend": log.newer}
    found = ", ".join(f"{what} ({count})" for what, count in counts.items() if count)
    return " ".join(filter(None, [f"Left out of your log: {found}." if found else "", log.notice]))


# In words


def numbers(report):
    """(what, how much) of each line of the table."""
    first = [memory.outcomes[0] for memory in report.memories]
    later = [outcome for memory in report.memories for outcome in memory.outcomes[1:]]
    due = report.forecast[0][1]
    return [
        ("Answered", f"{len(first)} of {report.total} questions"),
        ("Right at first attempt", _share(first)),
        ("Right when they came back", _share(later) if later else "none has come back yet"),
        ("Days in a row", str(report.streak)),
        ("Due today", str(due)),
    ]


def _share(outcomes):
    return f"{sum(outcomes)} of {len(outcomes)} ({sum(outcomes) / len(outcomes):.0%})"


def in_text(report):
    """The report as lines of plain text."""
    if not report.memories:
        return "\n".join(filter(None, [NOTHING_YET, report.left_out]))
    width = max(len(what) for what, _ in numbers(report))
    lines = [f"{what:{width}}  {much}" for what, much in numbers(report)]
    lines += ["", f"Due in the coming {DAYS} days"]
    lines += [
        f"  {date:%a %d %b} {count:4} {'#' * min(count, 60)}" for date, count in report.forecast
    ]
    if report.weakest:
        lines += ["", "Weakest sections"]
        lines += [f"  {question.place[0]} {find_section(question)[0]}: {right} of {tries} right"
                  for question, right, tries in report.weakest]  # fmt: skip
    if report.sure_but_wrong:
        lines += ["", "Sure but wrong"]
        lines += [f"  {question.lesson} {question.id}" for question in report.sure_but_wrong]
    return "\n".join(lines + ["", report.left_out] * bool(report.left_out))


def show(log, now):
    """Show the report in the cell's output."""
    report = make(log, now)
    if not report.memories:
        say(in_text(report))
        return
    from IPython.display import display

    display({"text/html": _table(report), "text/plain": in_text(report)}, raw=True)
    if any(count for _, count in report.forecast):
        _draw(report.forecast)
    if lists := _lists(report):
        display({"text/html": lists, "text/plain": ""}, raw=True)


def _table(report):
    cell = 'style="text-align: left; padding: 4px 24px 4px 0"'
    rows = "".join(
        f'<tr><th scope="row" {cell}>{escape(what)}</th><td {cell}>{escape(much)}</td></tr>'
        for what, much in numbers(report)
    )
    return f'<table style="margin: 0">{rows}</table>'


def _lists(report):
    parts = []
    if report.weakest:
        items = (f"{_link(question)}: {right} of {tries} right"
                 for question, right, tries in report.weakest)  # fmt: skip
        parts.append(_list("Weakest sections", items))
    if report.sure_but_wrong:
        items = (f"{_prompt(q)} ({_link(q)})" for q in report.sure_but_wrong)
        parts.append(_list("Sure but wrong, and asked first when they come back", items))
    if report.left_out:
        parts.append(f"<p>{escape(report.left_out)}</p>")
    return "".join(parts)


def _list(title, items):
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<p><strong>{escape(title)}</strong></p><ul>{listed}</ul>"


def _prompt(question):
    from bend.quiz.text import to_static_html

    return to_static_html(instance(question).prompt.strip().split("\n\n")[0], inline=True)


def _link(question):
    title, address = find_section(question)
    keys = 'data-lm-suppress-shortcuts="true" style="text-decoration: underline"'
    return f'{question.place[0]} <a href="{escape(address)}" {keys}>{escape(title)}</a>'


def _draw(forecast):
    from matplotlib.ticker import MaxNLocator

    from bend.page import COLOURS, panels, show

    fig, ax = panels(width=6.4, height=2.6)
    places, counts = range(len(forecast)), [count for _, count in forecast]
    ax.bar(places, counts, color=COLOURS["blue"], width=0.7)
    labels = [f"{date:%a}\n{date.day}" for date, _ in forecast]
    ax.set_xticks(places, [f"today\n{forecast[0][0].day}", *labels[1:]])
    ax.grid(False, axis="x")
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.set(ylabel="questions due", ylim=(0, 1.1 * max(counts)))
    show(fig, alt=in_words(forecast), caption=f"Questions due in the coming {DAYS} days")


def in_words(forecast):
    """What the picture of the coming days shows."""
    days = [f"{count} on {date:%A} {date.day} {date:%B}" for date, count in forecast[1:] if count]
    listed = ", ".join([f"{forecast[0][1]} today", *days])
    return f"Questions due in the coming {DAYS} days: {listed}."
