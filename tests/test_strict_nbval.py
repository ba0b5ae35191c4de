"""Change copies of notebooks and see nbval fail in the changed cells, and in no other."""

import base64
import copy
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from bend import notebooks

from tests.strict_nbval import MAX_RMS, pytest_configure, rms

REPO = Path(__file__).parents[1]
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


def png(**changes):
    """A figure like the course's in base64, with a line, a marker and a number."""
    values = {"slope": 1.0, "label": "0.25", "jitter": 0.0} | changes
    x = np.linspace(-5, 5, 200)
    fig, ax = plt.subplots()
    ax.plot(x, values["slope"] * np.tanh(x) + values["jitter"] * np.sin(50 * x))
    ax.text(1, -0.5, values["label"])
    file = io.BytesIO()
    fig.savefig(file)
    plt.close(fig)
    return base64.b64encode(file.getvalue()).decode()


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
    outputs["html"][0].data["text/html"] = f'<img src="data:image/png;base64,{png()}">'
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


def test_equal_pictures_do_not_differ():
    assert rms(png(), png()) == 0


@pytest.mark.parametrize("change", [{"label": "0.26"}, {"slope": 1.001}], ids=str)
def test_a_change_that_a_reader_could_see_is_over_the_limit(change):
    assert rms(png(), png(**change)) > 2 * MAX_RMS


def test_rounding_that_a_reader_could_not_see_is_under_the_limit():
    assert rms(png(), png(jitter=1e-5)) < MAX_RMS / 2


def test_pictures_of_different_size_differ():
    fig = plt.figure(figsize=(1, 1))
    file = io.BytesIO()
    fig.savefig(file)
    plt.close(fig)
    assert rms(png(), base64.b64encode(file.getvalue())) == np.inf


def test_nbval_is_lax_where_the_arithmetic_is_another(monkeypatch, pytestconfig):
    config = copy.deepcopy(pytestconfig.option)
    config.nbval, config.nbval_lax = True, False
    monkeypatch.setattr(sys, "platform", "darwin")
    pytest_configure(type("Config", (), {"option": config}))
    assert (config.nbval, config.nbval_lax) == (False, True)
