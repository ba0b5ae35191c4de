"""How fast `due()` is with 100,000 logged events: `python benchmarks/due.py`.

Prints the seconds, the limit and whether it holds; exits with 1 if one does not. Each is the best
of several, on the processor: on a machine with nothing else to do they are those that one waits.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bend.quiz.bank import load_bank
from bend.quiz.log import stamp
from bend.quiz.schedule import comes_back

EVENTS, FILES, REPEATS = 100_000, 500, 3
LIMITS = {
    "a new kernel": 4.0,
    "the same kernel": 0.3,
    "the same kernel, one answer later": 0.3,
}
RUN = """
import json, sys
from time import process_time

def seconds(act):
    start = process_time()
    act()
    return process_time() - start

def first():
    from bend.quiz import due
    due()

cold = seconds(first)
from bend.quiz import due
from bend.quiz.bank import load_bank
from bend.quiz.log import default_log, now
from bend.quiz.session import record

warm = min(seconds(due) for _ in range(5))
question = load_bank()["chain-rule"]
after = []
for _ in range(5):
    record(default_log(), question, "answer", now(), attempt=1, hints=0, seed=0, correct=True)
    after.append(seconds(due))
assert len(default_log().events()) == %d + 5
print(json.dumps([cold, warm, min(after)]), file=sys.stderr)
"""


def write_log(home):
    """First attempts at every question, the heaviest that a log can hold, over some years."""
    chance, moment = random.Random(0), datetime(2020, 1, 1, tzinfo=UTC)
    questions = [question for question in load_bank() if comes_back(question)]
    files = [(home / f"events-{n}.jsonl").open("w") for n in range(FILES)]
    for n in range(EVENTS):
        moment += timedelta(seconds=chance.expovariate(1 / 2000))
        question = chance.choice(questions)
        event = {
            "v": 1, "id": f"{n:032x}", "kernel": f"{n % FILES:032x}", "n": n, "at": stamp(moment),
            "kind": "answer", "question": question.id, "rev": question.rev,
            "lesson": question.lesson, "type": question.type, "attempt": 1, "hints": 0,
            "seconds": 12.3, "seed": 0, "response": "tanh", "confidence": None,
            "correct": chance.random() < 0.85, "caught": [], "bend": "0.1.0", "learner": "0" * 32,
        }  # fmt: skip
        files[n * FILES // EVENTS].write(json.dumps(event, separators=(",", ":")) + "\n")
    for file in files:
        file.close()


def measure(home):
    """Seconds of one new kernel, in the order of LIMITS."""
    code, environment = RUN % EVENTS, os.environ | {"BEND_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    for file in home.glob("events-*.jsonl"):
        if len(file.stem) > 10:
            file.unlink()
    return json.loads(done.stderr.splitlines()[-1])


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder))
        runs = [measure(Path(folder)) for _ in range(REPEATS)]
    failed = 0
    best = map(min, zip(*runs, strict=True))
    for (what, limit), measured in zip(LIMITS.items(), best, strict=True):
        failed += measured > limit
        verdict = "ok" if measured <= limit else "TOO SLOW"
        print(f"due(), {EVENTS:,} events, {what:35} {measured:5.2f} s  ≤ {limit} s  {verdict}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
