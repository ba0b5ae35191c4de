"""What goes wrong on a learner's machine, done for real: a calm sentence, and nothing is lost."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty
from zoneinfo import ZoneInfo

import pytest
from jupyter_client.manager import start_new_kernel

from bend.errors import BankError
from bend.quiz import schedule
from bend.quiz.bank import load_bank
from bend.quiz.card import Card, to_fallback
from bend.quiz.log import Log, now
from bend.quiz.report import in_text, make
from bend.quiz.session import Session

DATA = Path(__file__).parent / "data"
BANK = load_bank(DATA / "quizzes")
GOOD = (DATA / "quizzes" / "90_practice.toml").read_text(encoding="utf-8")
PATIENCE = 60
START = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)
RETRY = {"do": "retry"}
KEPT = "Your answer is kept while this notebook runs, and saving is tried again with the next one."

# What every process of a learner begins with.
BEGIN = f"""
import json, os, signal, subprocess, sys, time
from pathlib import Path
from bend.quiz.bank import load_bank
from bend.quiz.card import Card
from bend.quiz.log import Log, default_log
BANK = load_bank({str(DATA / "quizzes")!r})
HOME = os.environ["BEND_HOME"]
def answer(card, response):
    card._hear(None, {{"do": "answer", "response": response}}, [])
    return card.view
def again(card):
    card._hear(None, {{"do": "retry"}}, [])
"""


def answer(response, **more):
    return {"do": "answer", "response": response} | more


def ask(id, log, *acts, **more):
    """A session as a card has one, and what is done in it."""
    session = Session(BANK[id], log, **more)
    for message in acts:
        session.act(message)
    return session


def attempts(home, id="zero-centred"):
    return [e["attempt"] for e in Log(home).events() if e["question"] == id]


def start(program, home, *arguments, enter=()):
    return subprocess.Popen(
        [*enter, sys.executable, "-c", BEGIN + program, *map(str, arguments)],
        env=os.environ | {"BEND_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """The lines of JSON that a program printed, once it has ended well."""
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


# A kernel killed with -9


class Kernel:
    """A real kernel, and the page's side of a card in it."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.run(BEGIN + 'card = Card(BANK["zero-centred"])')
        self.card = self.run("", "card.model_id")

    def run(self, code, value="None"):
        found = []
        reply = self.client.execute_interactive(
            f"{code}\nprint(repr({value}), end='')",
            output_hook=lambda message: found.append(message["content"].get("text", "")),
            timeout=PATIENCE,
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(found).strip("'")

    def click(self, **message):
        """What the page sends when a button is pressed."""
        data = {"method": "custom", "content": message}
        content = {"comm_id": self.card, "data": data}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def shown(self):
        """The titles of the verdicts that reach the page, until the kernel is idle or dead."""
        titles = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Empty:
                if not self.manager.is_alive():
                    return titles
                continue
            view = message["content"].get("data", {}).get("state", {}).get("view", {})
            titles += [view["verdict"]["title"]] if view.get("verdict") else []
            if message["content"].get("execution_state") == "idle":
                return titles


@contextmanager
def kernel(home):
    manager, client = start_new_kernel(env=os.environ | {"BEND_HOME": str(home)})
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


has_sigkill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="Windows cannot kill as the others do"
)

DIE = """
write = os.write
def die(file, data=b""):
    if DIE == "while it is written":
        write(file, data[:60])
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, "fsync" if DIE == "once it is written" else "write", die)
"""


@has_sigkill
@pytest.mark.parametrize(
    ("moment", "kept"),
    [("before it is written", []), ("while it is written", []), ("once it is written", [1])],
)
def test_a_kernel_killed_between_click_and_verdict_loses_nothing_that_was_shown(
    tmp_path, moment, kept
):
    with kernel(tmp_path) as first:
        first.run(f"DIE = {moment!r}{DIE}")
        first.click(**answer("relu"))
        assert first.shown() == []
        assert not first.manager.is_alive()
    assert attempts(tmp_path) == kept
    with kernel(tmp_path) as second:
        assert second.run("", "card.view['phase']") == ("answered" if kept else "open")
        second.click(do="retry")
        second.shown()
        second.click(**answer("tanh"))
        assert second.shown() == ["Right"]
    assert attempts(tmp_path) == [*kept, len(kept) + 1]


ANSWER_FOR_EVER = """
card = Card(BANK["zero-centred"])
card.send = lambda message: print(card.session.attempt, card.session.phase, flush=True)
while True:
    again(card)
    answer(card, "relu")
"""


@has_sigkill
@pytest.mark.parametrize("kills", [4, pytest.param(30, marks=pytest.mark.soak)])
def test_every_verdict_shown_before_a_kill_is_in_the_log(tmp_path, kills):
    rng = random.Random(kills)
    for _ in range(kills):
        process = start(ANSWER_FOR_EVER, tmp_path)
        first = process.stdout.readline()
        time.sleep(rng.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        seen = (first + process.communicate()[0]).splitlines()
        acknowledged = [int(line.split()[0]) for line in seen if line.endswith("answered")]
        logged = attempts(tmp_path)
        # A new process goes on where the log ends: a lost answer would leave a gap.
        assert logged == list(range(1, len(logged) + 1))
        assert set(acknowledged) <= set(logged)


# Two kernels at once

ANSWER_FOR_A_WHILE = """
card, log, said = Card(BANK["zero-centred"]), default_log(), 0
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    card.session.act({"do": "answer", "response": "relu"})
    assert card.session.phase == "answered" and not log.notice
    card.session.act({"do": "retry"})
    said += 1
    time.sleep(0.002)
print(json.dumps([log.kernel, said]))
"""


@pytest.mark.parametrize("seconds", [1, pytest.param(60, marks=pytest.mark.soak)])
def test_two_kernels_that_write_at_once_lose_nothing(tmp_path, seconds):
    kernels = [start(ANSWER_FOR_A_WHILE, tmp_path, seconds) for _ in range(2)]
    assert [k.stdout.readline() for k in kernels] == ["ready\n"] * 2
    for k in kernels:
        k.stdin.write("go\n")
        k.stdin.flush()
    reader, seen = Log(tmp_path), set()
    while any(k.poll() is None for k in kernels):
        found = {e["id"] for e in reader.events()}
        assert seen <= found
        seen = found
        time.sleep(seconds / 10)
    written = dict(line for k in kernels for line in finish(k))
    assert min(written.values()) > 20 * seconds
    assert Counter(e["kernel"] for e in reader.events()) == written
    assert reader.unreadable == 0


# The disk


@pytest.fixture(scope="module")
def private():
    """A command that runs another where what it mounts is seen by nobody else."""
    if sys.platform != "linux":
        pytest.skip("only Linux mounts for one process alone")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    enter = ["unshare", *user, "--mount"]
    try:
        trial = subprocess.run(
            [*enter, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True
        )
        reason = trial.stderr.decode()
    except FileNotFoundError as error:
        reason = str(error)
    if reason:
        where = pytest.fail if os.environ.get("CI") else pytest.skip
        where(f"a small disk cannot be mounted here: {reason}")
    return enter


def said(reason, home):
    return f"Not saved: {reason} ({home}). {KEPT}"


SMALL_DISK = """
def mount(*arguments):
    subprocess.run(["mount", *arguments, HOME], check=True)

def said(view):
    print(json.dumps([view["verdict"]["title"], view["notice"]]))

os.makedirs(HOME)
mount("-t", "tmpfs", "-o", "size=64k", "none")
card = Card(BANK["zero-centred"])
"""
FULL = """
ballast = Path(HOME, "ballast")
ballast.write_bytes(bytes(52 * 1024))
failed = 0
while failed < 3:
    again(card)
    said(answer(card, "relu"))
    failed += bool(card.view["notice"])
on_disk = Path(default_log().path).read_bytes()
assert on_disk.endswith(b"}\\n")
ballast.unlink()
again(card)
said(answer(card, "tanh"))
log = Log(HOME)
print(json.dumps([e["attempt"] for e in log.events()]))
assert not log.unreadable
"""


def test_a_full_disk_is_said_calmly_and_everything_is_saved_once_there_is_room(private, tmp_path):
    home = tmp_path / "home"
    *shown, logged = finish(start(SMALL_DISK + FULL, home, enter=private))
    calm = said("no space left on device", home)
    wrong, right = shown[:-1], shown[-1]
    assert wrong[0] == ["Not quite", ""]
    assert wrong[-3:] == [["Not quite", calm]] * 3
    assert right == ["Right", ""]
    assert logged == list(range(1, len(shown) + 1))


READ_ONLY = """
said(answer(card, "relu"))
mount("-o", "remount,ro")
card = Card(BANK["zero-centred"], Log(HOME))
said(card.view)
again(card)
said(answer(card, "relu"))
mount("-o", "remount,rw")
again(card)
said(answer(card, "tanh"))
print(json.dumps([e["attempt"] for e in Log(HOME).events()]))
"""


def test_a_home_that_becomes_read_only_is_read_and_written_again_later(private, tmp_path):
    home = tmp_path / "home"
    assert finish(start(SMALL_DISK + READ_ONLY, home, enter=private)) == [
        ["Not quite", ""],
        ["Not quite", ""],
        ["Not quite", said("read-only file system", home)],
        ["Right", ""],
        [1, 2, 3],
    ]


def test_a_home_deleted_while_the_kernel_runs_is_made_again(tmp_path):
    log = Log(tmp_path / "home")
    ask("zero-centred", log, answer("relu"))
    shutil.rmtree(tmp_path / "home")
    view = ask("which-saturate", log, answer(["relu"])).view()
    assert (view["phase"], view["notice"]) == ("answered", "")
    assert attempts(tmp_path / "home", "which-saturate") == [1]


# The files


@pytest.fixture
def home(tmp_path):
    """Three hundred answers of one kernel, then the last one of another."""
    log = Log(tmp_path)
    session = ask("peak-of-slope", log)
    for _ in range(300):
        session.act(answer("1"))
        session.act(RETRY)
    ask("zero-centred", Log(tmp_path), answer("relu"))
    return tmp_path


def large(home):
    return max(home.glob("*.jsonl"), key=lambda file: file.stat().st_size)


def left_out(home):
    """What `progress()` says about the log."""
    return in_text(make(Log(home), now())).split("\n")[-1]


def test_a_torn_last_line_costs_that_line_alone(home):
    file = large(home)
    file.write_bytes(file.read_bytes()[:-20])
    assert attempts(home, "peak-of-slope") == list(range(1, 300))
    assert left_out(home) == "Left out of your log: damaged lines (1)."
    session = ask("peak-of-slope", Log(home), RETRY, answer("0.25"))
    assert session.view()["verdict"]["title"] == "Right"
    assert attempts(home, "peak-of-slope") == list(range(1, 301))


@pytest.mark.parametrize("seed", range(5))
def test_512_bytes_of_garbage_cost_only_the_lines_they_hit(home, seed):
    rng, file = random.Random(seed), large(home)
    content = bytearray(file.read_bytes())
    at = rng.randrange(len(content) - 512)
    hit = content[:at].count(b"\n"), content[: at + 512].count(b"\n")
    content[at : at + 512] = rng.randbytes(512)
    file.write_bytes(content)
    expected = [n for n in range(1, 301) if not hit[0] < n <= hit[1] + 1]
    assert attempts(home, "peak-of-slope") == expected
    assert left_out(home).startswith("Left out of your log: damaged lines (")
    assert ask("zero-centred", Log(home)).view()["phase"] == "answered"
    ask("which-saturate", Log(home), answer(["relu"]))
    assert file.read_bytes() == content


def test_the_copies_that_a_sync_leaves_count_once(home):
    before, file = Log(home).events(), large(home)
    half = b"\n".join(file.read_bytes().split(b"\n")[:150])
    file.with_name(f"{file.stem} (1).jsonl").write_bytes(file.read_bytes())
    file.with_name(f"{file.stem}.sync-conflict-20261123.jsonl").write_bytes(half)
    assert Log(home).events() == before
    assert "Left out" not in left_out(home)


def test_a_log_from_a_newer_version_is_left_alone_and_said(home):
    file = home / "events-newer.jsonl"
    file.write_text('{"v":2,"what":"ever"}\n')
    assert left_out(home) == "Left out of your log: events of a newer version of Bend (1)."
    assert ask("which-saturate", Log(home), answer(["relu"])).view()["notice"] == ""
    assert file.read_text() == '{"v":2,"what":"ever"}\n'


# The clock


def test_after_the_clock_went_back_a_restart_shows_the_answer_given_last(tmp_path):
    log = Log(tmp_path)
    earlier = START - timedelta(hours=3)
    ask("zero-centred", log, answer("relu"), now=lambda: START)
    ask("zero-centred", log, RETRY, answer("tanh"), now=lambda: earlier)
    view = ask("zero-centred", Log(tmp_path)).view()
    assert (view["response"], view["verdict"]["title"]) == ("tanh", "Right")
    assert sorted(attempts(tmp_path)) == [1, 2]


def test_the_hour_that_comes_twice_keeps_its_order(tmp_path):
    half_past_two = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    summer, winter = half_past_two, half_past_two.replace(minute=10, fold=1)
    ask("zero-centred", Log(tmp_path), answer("relu"), now=lambda: summer)
    ask("zero-centred", Log(tmp_path), RETRY, answer("tanh"), now=lambda: winter)
    assert attempts(tmp_path) == [1, 2]
    assert ask("zero-centred", Log(tmp_path)).view()["response"] == "tanh"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the system")
@pytest.mark.parametrize("evening", [datetime(2026, 3, 28, 22, 30), datetime(2026, 10, 24, 23, 59)])
def test_a_night_of_23_or_25_hours_is_one_night(tmp_path, monkeypatch, evening):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        late = evening.astimezone()
        session = ask("zero-centred", Log(tmp_path), answer("relu"), now=lambda: late)
        assert session.view()["verdict"]["again"] == "You will see this again tomorrow."
        memories = schedule.fold(Log(tmp_path).events(), BANK).values()
        assert not schedule.due(memories, late)
        next_morning = (evening + timedelta(days=1)).replace(hour=0, minute=5).astimezone()
        assert len(schedule.due(memories, next_morning)) == 1
    finally:
        monkeypatch.undo()
        time.tzset()


# The bank


def faults(folder):
    with pytest.raises(BankError) as error:
        load_bank(folder)
    first, *others = str(error.value).split("\n  ")
    assert first == f"{len(others)} faults in the question bank"
    return others


def test_every_kind_of_mistake_in_every_file_is_reported_at_once(tmp_path):
    alone = 0
    for number, file in enumerate(sorted(DATA.glob("bad_*.toml")), 70):
        folder = tmp_path / file.stem
        folder.mkdir()
        text = file.read_text(encoding="utf-8").replace('"90"', f'"{number}"')
        for copy in (folder, tmp_path):
            (copy / f"{number}_{file.name}").write_text(text, encoding="utf-8")
        with pytest.raises(BankError) as error:
            load_bank(folder)
        alone += len(str(error.value).split("\n  ")) - 1
    others = {
        "90_good.toml": GOOD,
        "91_again.toml": GOOD.replace('lesson = "90"', 'lesson = "91"').split("[[question]]\nid")[0]
        + '[[question]]\nid = "why-bend"\ntype = "essay"\nlesson = "91"',
        "92_name.toml": 'lesson = "2"',
        "93_plain.toml": 'lesson = "93"\nquestion = 3',
        "94_one.toml": 'lesson = "94"',
        "94_two.toml": 'lesson = "94"',
        "retired.toml": '[retired]\nzero-centred = "asked twice"\n[again]',
    }
    for name, text in others.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "95_latin.toml").write_bytes('lesson = "95" # é'.encode("latin-1"))
    found = faults(tmp_path)
    assert len(found) == alone + 8
    for fault in (
        "91_again.toml: why-bend: id: is used twice, also in lesson 90",
        "91_again.toml: why-bend: type: expected one of single",
        '92_name.toml: lesson: expected the file\'s two digits, "92"',
        "93_plain.toml: question: expected [[question]] tables",
        '94_two.toml: lesson: "94" is already in 94_one.toml',
        "95_latin.toml: line 1: is not UTF-8",
        "retired.toml: expected only a table [retired]",
    ):
        assert any(line.startswith(fault) for line in found), fault


def test_a_broken_bank_is_one_message_in_a_cell_and_no_traceback(tmp_path):
    (tmp_path / "90_bad.toml").write_text("lesson = ", encoding="utf-8")
    with kernel(tmp_path / "home") as cell:
        reply = cell.client.execute_interactive(f"load_bank({str(tmp_path)!r})", timeout=PATIENCE)
    assert reply["content"]["traceback"] == [
        "BankError: 1 fault in the question bank\n"
        "  90_bad.toml: last line: Invalid value (at end of document)"
    ]


def test_a_bank_of_10_megabytes_is_read(tmp_path):
    body = GOOD.split("[[question]]", 1)[1]
    copies = 10_000_000 // len(body) + 1
    renamed = (body.replace('\nid = "', f'\nid = "n{n}-') for n in range(copies))
    text = "\n".join(['lesson = "90"', *(f"[[question]]{its}" for its in renamed)])
    (tmp_path / "90_large.toml").write_text(text, encoding="utf-8")
    before = time.perf_counter()
    bank = load_bank(tmp_path)
    assert time.perf_counter() - before < 30
    assert len(bank) == copies * len(BANK)


EVIL = "<img src=x onerror=boom()><script>boom()</script>"


def test_markup_anywhere_in_a_bank_is_shown_as_written(tmp_path):
    text = f"""
lesson = "90"
[[question]]
id = "evil"
type = "single"
section = "the-slope"
prompt = "{EVIL}"
hints = ["{EVIL}"]
explain = "{EVIL}"
choice = [
  {{ id = "a", text = "{EVIL}", correct = true, feedback = "{EVIL}" }},
  {{ id = "b", text = "{EVIL} $x$", say = "x", feedback = "{EVIL}" }},
]
"""
    (tmp_path / "90_evil.toml").write_text(text, encoding="utf-8")
    card = Card(load_bank(tmp_path)["evil"], Log(None))
    for message in ({"do": "hint"}, answer("b")):
        card._hear(None, message, [])
    for html in (json.dumps(card.view), to_fallback(card.session.question)):
        assert "<img" not in html
        assert "<script" not in html
        assert html.count("&lt;img src=x onerror=boom()&gt;") >= 5
