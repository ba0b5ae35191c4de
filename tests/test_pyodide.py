"""The quiz core and the card run in Pyodide, which is Python in a browser, and without NumPy.

Pyodide itself comes from npm and runs under Node; pydantic's compiled half comes from PyPI, which
has it for Pyodide as for any other platform. The folders of this machine are mounted into it.
"""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bend.quiz.bank import load_bank
from bend.quiz.log import Log

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[1]
PYODIDE, PYTHON, PLATFORM = "314.0.7", "3.14", "pyemscripten_2026_0_wasm32"
NEEDED = [
    "anywidget", "click", "fsrs", "hypothesis", "latex2mathml", "markdown-it-py", "mdit-py-plugins",
    "platformdirs", "pydantic", "pytest",
]  # fmt: skip

# argv: the module of Pyodide, the program, then folders to mount under /mnt.
LAUNCHER = """
const [module, program, ...folders] = process.argv.slice(1);
const { loadPyodide } = await import(module);
const pyodide = await loadPyodide();
folders.forEach((folder, n) => pyodide.mountNodeFS(`/mnt/${n}`, folder));
process.exitCode = pyodide.runPython(program);
"""
PREPARE = """
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/mnt/0/lib", "/mnt/1"]
"""
# Left out: what judges with NumPy or draws the true curve; threads and time.tzset, which are not
# there; and a line of 9999 brackets, which takes all of Node's stack before Python can refuse it.
RUN_TESTS = """
import pytest
os.environ["BEND_HOME"] = "none"
os.chdir("/mnt/0")
files = "bank card grading log schedule session sketch text transfer"
without = "function recognised true_ unknown_truth no_curve_can threads midnight unreadable_lines"
code = pytest.main([
    "-q", "-c", "/dev/null", "--rootdir=.", "--noconftest", "-W", "error",
    "-p", "no:cacheprovider", "-k", " and ".join(f"not {word}" for word in without.split()),
    *(f"tests/test_{name}.py" for name in files.split()),
])
assert not {"numpy", "matplotlib"} & sys.modules.keys()
int(code)
"""
ANSWER = """
os.environ["BEND_HOME"] = "/mnt/2"
from bend.quiz.bank import load_bank
from bend.quiz.card import Card
from bend.quiz import due

for question in load_bank():
    if question.type == "single":
        card = Card(question)
        wrong = next(choice.id for choice in question.choices if not choice.correct)
        card._hear(None, {"do": "answer", "response": wrong, "confidence": "sure"}, [])
        assert card.view["verdict"]["title"] == "Not quite", card.view
        assert card.view["verdict"]["again"], card.view
        assert card.view["notice"] == "", card.view
due()
0
"""


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    except FileNotFoundError:
        pytest.fail(f"{command[0]} is needed: install Node.js 20 or newer, which brings npm")
    assert done.returncode == 0, done.stdout[-9000:] + done.stderr[-9000:]
    return done.stdout


@pytest.fixture(scope="module")
def in_pyodide(tmp_path_factory):
    """Run a program in Pyodide, with the checkout, the packages and further folders mounted."""
    folder = tmp_path_factory.mktemp("pyodide")
    npm = folder / "npm"
    run("npm", "install", "--no-audit", "--no-fund", "--prefix", npm, f"pyodide@{PYODIDE}")
    packages = folder / "packages"
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--target", packages, "--no-compile",
        "--platform", PLATFORM, "--python-version", PYTHON, "--only-binary=:all:", "tzdata",
        *(f"{name}=={version(name)}" for name in NEEDED),
    )  # fmt: skip
    assert not (packages / "numpy").exists()
    module = npm / "node_modules" / "pyodide" / "pyodide.mjs"

    def in_pyodide(program, *folders):
        arguments = [module, PREPARE + program, ROOT, packages, *folders]
        return run("node", "--input-type=module", "--eval", LAUNCHER, *map(str, arguments))

    return in_pyodide


def test_the_core_and_the_card_pass_their_tests_in_pyodide_without_numpy(in_pyodide):
    assert " passed" in in_pyodide(RUN_TESTS)


def test_what_is_answered_in_pyodide_is_logged_and_read_here(in_pyodide, tmp_path):
    in_pyodide(ANSWER, tmp_path)
    singles = {question.id for question in load_bank() if question.type == "single"}
    events = Log(tmp_path).events()
    assert {e["question"] for e in events} == singles
    assert {(e["kind"], e["correct"], e["confidence"]) for e in events} == {
        ("answer", False, "sure")
    }
