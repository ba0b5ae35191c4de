import random
import re
import subprocess
from pathlib import Path

import pytest

from bend.cli import main
from bend.quiz.bank import load_bank
from bend.quiz.sketch import find_faults, true_heights

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# With a mark in each, so that this file does not hold what it forbids.
HOSTS = "pypi!.org pythonhosted!.org npmjs!.org anaconda!.org deb.debian!.org cdn.playwright!.dev"
PLACES = "/work!/ /root!/ /home!/ /Users!/ /tmp!/ C:\\!Users"
FORBIDDEN = f"{HOSTS} {PLACES}".replace("!", "").split()
SKETCHES = [question for question in load_bank() if question.type == "sketch"]


def tracked():
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


def texts():
    for path in tracked():
        if path.suffix not in (".npz", ".png"):
            yield path, path.read_text(encoding="utf-8")


def test_the_readme_lists_every_lesson_and_no_other():
    listed = set(re.findall(r"^\| `(\d\d_\w+)` \|", README, re.M))
    assert listed == {path.stem for path in ROOT.glob("notebooks/*.ipynb")}


@pytest.mark.parametrize("command", main.commands)
def test_the_readme_explains_every_command(command):
    assert re.search(rf"^\| `bend {command}\b", README, re.M)


def test_every_lesson_has_its_questions():
    # The review asks what the lessons asked.
    lessons = {path.stem for path in ROOT.glob("notebooks/*.ipynb")} - {"10_review"}
    assert lessons == {p.stem for p in ROOT.glob("quizzes/*.toml") if p.stem != "retired"}


@pytest.mark.parametrize("question", SKETCHES, ids=lambda question: question.id)
@pytest.mark.parametrize("part", [-0.03, 0.03])
def test_a_curve_drawn_a_little_too_high_or_too_low_is_right(question, part):
    bottom, top = question.y
    truth = true_heights(question, question.curve(()).z)
    drawn = [min(max(y + part * (top - bottom), bottom), top) for y in truth]
    assert find_faults(question, drawn) == []


@pytest.mark.parametrize("question", SKETCHES, ids=lambda question: question.id)
def test_a_shaky_hand_does_no_harm(question):
    rng, (bottom, top) = random.Random(0), question.y
    truth = true_heights(question, question.curve(()).z)
    drawn = [
        [min(max(y + rng.gauss(0, 0.02) * (top - bottom), bottom), top) for y in truth]
        for _ in range(20)
    ]
    assert sum(find_faults(question, curve) == [] for curve in drawn) >= 18


def test_links_in_the_documents_lead_somewhere():
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / target).exists(), f"{document} links to {target}"


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_no_file_names_a_package_host_or_a_place_on_one_machine(forbidden):
    assert [str(path) for path, text in texts() if forbidden in text] == []


def test_make_targets_named_in_the_documents_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    for document in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make (\w+)", text, re.M)) <= targets
