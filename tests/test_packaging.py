"""A wheel, built from this tree and installed somewhere else, is the whole course."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import bend

ROOT = Path(__file__).parents[1]
ASK = """
import bend, bend.workspace
from bend.quiz import ask
from bend.quiz.bank import find_quizzes, load_bank

print(bend.__file__, find_quizzes(), bend.workspace.notebooks_folder(), sep="\\n")
ask(next(question.id for question in load_bank() if question.type == "single"))
"""


def run(*command, **options):
    done = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """A folder with nothing but the unpacked wheel, to be found before the editable install."""
    folder = tmp_path_factory.mktemp("site")
    run("-m", "pip", "install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


def test_the_wheel_carries_lessons_questions_and_card(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"bend/lessons/{p.name}" for p in ROOT.glob("notebooks/*.ipynb")}
    expected |= {f"bend/quizzes/{p.name}" for p in ROOT.glob("quizzes/*.toml")}
    assets = ROOT.glob("lib/bend/**/static/*")
    expected |= {str(p.relative_to(ROOT / "lib").as_posix()) for p in assets}
    expected |= {"bend/course.mplstyle"}
    expected |= {"bend/nn/digits.npz", "bend/jupyter/labconfig/default_setting_overrides.json"}
    assert expected <= names


def test_the_wheel_holds_the_course_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"bend", f"bend-{bend.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or "checkpoint" in name]


def test_a_question_is_asked_from_an_installed_wheel(elsewhere, tmp_path):
    env = os.environ | {"PYTHONPATH": str(elsewhere), "BEND_HOME": "none"}
    output = run("-c", ASK, cwd=tmp_path, env=env)
    package, quizzes, lessons, card, *options = output.splitlines()
    assert Path(package).parent == elsewhere / "bend"
    assert Path(quizzes) == elsewhere / "bend" / "quizzes"
    assert Path(lessons) == elsewhere / "bend" / "lessons"
    assert card.startswith("Question: ")
    assert len(options) >= 2


def test_a_question_is_asked_from_the_clone(tmp_path):
    output = run("-c", ASK, cwd=tmp_path, env=os.environ | {"BEND_HOME": "none"})
    assert output.splitlines()[1] == str(ROOT / "quizzes")


def test_a_learner_without_a_clone_works_where_the_command_is_given(elsewhere, tmp_path):
    env = os.environ | {"PYTHONPATH": str(elsewhere)}
    run("-m", "bend", "reset", "00", cwd=tmp_path, env=env)
    assert [path.name for path in (tmp_path / "my-course").glob("*.ipynb")] == [
        "00_start_here.ipynb"
    ]


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == bend.__version__
    assert f"version: {bend.__version__}\n" in (ROOT / "CITATION.cff").read_text()
