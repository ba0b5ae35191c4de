import subprocess
import sys
from pathlib import Path

import pytest

WIDGETS = {"anywidget", "ipywidgets", "IPython"}
QUIZ = Path(__file__).parents[1] / "lib" / "bend" / "quiz"
# One module draws, one deals; a lesson's keys compute, and are imported only when they are asked.
QUIZ_CORE = sorted({"keys", *(path.stem for path in QUIZ.glob("[!_]*.py"))} - {"card", "deck"})


def imported_with(module):
    """The top-level modules, and those of Bend, that a new Python holds after the import."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = done.stdout.split()
    return {n.split(".")[0] for n in names} | {n for n in names if n.startswith("bend")}


def installed_packages(modules):
    """Those of the modules that are neither Python's own nor Bend's."""
    return {
        name
        for name in modules
        if not name.startswith(("_", "bend")) and name not in sys.stdlib_module_names
    }


def test_bend_itself_imports_nothing():
    assert installed_packages(imported_with("bend")) <= installed_packages(imported_with("sys"))


def test_the_numerics_are_found_under_bend_at_once():
    code = "import bend; print(bend.nn.relu.name, bend.relu.name)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "relu relu\n"


def test_the_numerics_import_numpy_only():
    modules = imported_with("bend.nn")
    assert installed_packages(modules) <= {"numpy"} | installed_packages(imported_with("sys"))
    assert {m for m in modules if m.startswith("bend.")} <= {
        "bend.errors",
        *(m for m in modules if m.startswith("bend.nn")),
    }


@pytest.mark.parametrize("module", QUIZ_CORE)
def test_the_quiz_core_imports_neither_numpy_nor_widgets(module):
    modules = imported_with(f"bend.quiz.{module}")
    assert not modules & {"numpy", "matplotlib", "bend.nn", "bend.figures", *WIDGETS}


def test_figures_import_no_quiz_and_no_widget():
    modules = imported_with("bend.figures")
    assert not {m for m in modules if m.startswith("bend.quiz")} | modules & {"anywidget"}


@pytest.mark.parametrize("package", ["live", "playground"])
def test_live_figures_and_the_playground_import_no_quiz(package):
    modules = imported_with(f"bend.{package}")
    assert not {m for m in modules if m.startswith("bend.quiz")}


def test_live_figures_do_not_know_the_playground():
    modules = imported_with("bend.live")
    assert not {m for m in modules if m.startswith("bend.playground")}


def test_the_command_answers_without_numpy_or_jupyterlab():
    assert not imported_with("bend.cli") & {"numpy", "matplotlib", "jupyterlab", *WIDGETS}
