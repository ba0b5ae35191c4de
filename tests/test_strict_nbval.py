"""Change copies of notebooks and see nbval fail in the changed cells, and in no other."""

import base64
import copy
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image
from tests.drawing import png
from tests.strict_nbval import pytest_configure

from bend import notebooks
from bend.pictures import PICTURE

REPO = Path(__file__).parents[1]
PREFIX = "data:image/png;base64,"
HTML_PICTURE = """import base64, io
from IPython.display import HTML
file = io.BytesIO()
plt.figure().savefig(file)
plt.close()
HTML(f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">')"""
CELLS = {
    "imports": "import os, ipywidgets\nimport matplotlib.pyplot as plt",
    "number": "6 * 7",
    "text": "print('six')\nprint('by seven')",
    "picture": "plt.plot([0, 1], [0, 1]);",
    "html": HTML_PICTURE,
    "semicolon": "1 + 1;",
    "widget": "ipywidgets.IntSlider()",
}
INDEX = {name: index for index, name in enumerate(CELLS)}


def run_nbval(folder, path=(), **env):
    """{notebook: [numbers of the cells that failed]} for all notebooks in `folder`."""
    if sys.platform != "linux":
        pytest.skip("nbval is lax here")
    command = ["pytest", "--nbval", "-p", "tests.strict_nbval", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", *command, "-c", REPO / "pyproject.toml", folder],
        env={
            **os.environ,
            **notebooks.ENVIRONMENT,
            "PYTHONPATH": os.pathsep.join(map(str, [*path, REPO])),
            **env,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    failed = {file.name: [] for file in folder.glob("*.ipynb")}
    for name, cell in re.findall(r"^FAILED (\S+)::Cell (\d+)", done.stdout, re.MULTILINE):
        failed[Path(name).name].append(int(cell))
    return failed


def notebook(sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(notebooks.METADATA))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return notebooks.execute(notebook(CELLS.values()), "tiny", tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def failed(stored, tmp_path_factory):
    """Which cells fail in each of several copies of the stored notebook."""
    folder = tmp_path_factory.mktemp("copies")
    changed = copy.deepcopy(stored)
    outputs = {name: changed.cells[index].outputs for name, index in INDEX.items()}
    outputs["number"][0].data["text/plain"] = "41"
    outputs["text"][0].text = "six\nby eight\n"
    outputs["picture"][0].data["image/png"] = png()
    outputs["html"][0].data["text/html"] = f'<img src="{PREFIX}{png()}">'
    without_outputs = copy.deepcopy(stored)
    for cell in without_outputs.cells:
        cell.outputs = []
    copies = {
        "untouched": stored,
        "changed": changed,
        "cleared": notebooks.strip_outputs(stored),
        "without_outputs": without_outputs,
        "dead": notebook(["1", "import os\nos._exit(1)", "2"]),
    }
    for name, content in copies.items():
        nbformat.write(content, folder / f"{name}.ipynb")
    return run_nbval(folder)


def test_an_untouched_notebook_passes(failed):
    assert failed["untouched.ipynb"] == []


@pytest.mark.parametrize("name", ["number", "text", "picture", "html"])
def test_a_changed_output_fails(failed, name):
    assert INDEX[name] in failed["changed.ipynb"]


def test_only_the_changed_cells_fail(failed):
    assert len(failed["changed.ipynb"]) == 4


def test_a_cleared_notebook_fails_in_every_cell(failed):
    assert failed["cleared.ipynb"] == list(range(len(CELLS)))


def test_a_cell_without_its_output_fails(failed):
    silent = {INDEX["imports"], INDEX["semicolon"]}
    assert set(failed["without_outputs.ipynb"]) == set(range(len(CELLS))) - silent


def test_a_dead_kernel_fails_its_cell_and_the_following(failed):
    assert failed["dead.ipynb"][1:] == [1, 2]


def test_nbval_is_lax_where_the_arithmetic_is_another(monkeypatch, pytestconfig):
    config = copy.deepcopy(pytestconfig.option)
    config.nbval, config.nbval_lax = True, False
    monkeypatch.setattr(sys, "platform", "darwin")
    pytest_configure(type("Config", (), {"option": config}))
    assert (config.nbval, config.nbval_lax) == (False, True)


# Lesson 01 itself.


@pytest.fixture
def lesson():
    return notebooks.read(REPO / "notebooks" / "01_why_nonlinearity.ipynb")


def blot(png):
    """The picture with a black spot of 10 by 10 pixels, both in base64."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture.paste((0, 0, 0), (50, 50, 60, 60))
    file = io.BytesIO()
    picture.save(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


def first(cells, matches):
    """The number of the first cell whose last output matches."""
    last = ((n, cell.outputs[-1]) for n, cell in enumerate(cells) if cell.outputs)
    return next(n for n, output in last if matches(output.get("data", output)))


def test_each_change_in_a_lesson_fails_its_cell_and_no_other(lesson, tmp_path):
    cells = [cell for cell in lesson.cells if cell.cell_type == "code"]
    number = first(cells, lambda data: re.search(r"\d", data.get("text", "")))
    picture = first(cells, lambda data: PICTURE.search(data.get("text/html", "")))
    card = first(cells, lambda data: "Question" in data.get("text/html", ""))
    text, html = cells[number].outputs[-1], cells[picture].outputs[-1].data
    text.text = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), text.text, count=1)
    html["text/html"] = PICTURE.sub(lambda png: PREFIX + blot(png[1]), html["text/html"])
    cells[card].outputs, cells[card].execution_count = [], None
    nbformat.write(lesson, tmp_path / "lesson.ipynb")
    assert run_nbval(tmp_path) == {"lesson.ipynb": sorted([number, picture, card])}


@pytest.mark.parametrize(("key", "failing"), [("100.0", []), ("1000.0", [1])])
def test_a_changed_key_in_the_bank_fails_the_audit(lesson, tmp_path, key, failing):
    shutil.copytree(REPO / "lib" / "bend", tmp_path / "bend")
    bank = shutil.copytree(REPO / "quizzes", tmp_path / "bend" / "quizzes")
    questions = (bank / "01_why_nonlinearity.toml").read_text(encoding="utf-8")
    assert questions.count("answer = 100.0") == 1
    changed = questions.replace("100.0", key)
    (bank / "01_why_nonlinearity.toml").write_text(changed, encoding="utf-8")
    lesson.cells = [cell for cell in lesson.cells if re.search("^import|^audit", cell.source)]
    (tmp_path / "course").mkdir()
    nbformat.write(lesson, tmp_path / "course" / "audit.ipynb")
    assert run_nbval(tmp_path / "course", path=[tmp_path]) == {"audit.ipynb": failing}
