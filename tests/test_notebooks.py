"""Running notebooks so that equal content gives equal bytes."""

import copy
import re
import sys

import nbformat
import pytest
from click.testing import CliRunner
from tests.drawing import png

from bend import notebooks


def small(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    notebook = small("import sys, os, ipywidgets\nsys.executable", "os.environ['BEND_HOME']",
                     "ipywidgets.IntSlider()", "print(1)\nprint(2)")  # fmt: skip
    notebook.metadata["widgets"] = {"state": {}}
    notebook.cells[0].metadata.update(jupyter={"outputs_hidden": True}, tags=["C01"], scrolled=True)
    return notebooks.execute(notebook, "small", tmp_path_factory.mktemp("run"))


def test_running_again_changes_no_byte(run, tmp_path):
    again = notebooks.execute(run, "small", tmp_path)
    assert notebooks.to_bytes(again) == notebooks.to_bytes(run)


def test_this_python_runs_the_cells(run):
    assert run.cells[0].outputs[0].data["text/plain"] == repr(sys.executable)


def test_no_progress_is_read_or_written(run):
    assert run.cells[1].outputs[0].data["text/plain"] == "'none'"


def test_a_widget_is_stored_without_its_view(run):
    assert list(run.cells[2].outputs[0].data) == ["text/plain"]


def test_prints_are_stored_as_one_output(run):
    assert [output.text for output in run.cells[3].outputs] == ["1\n2\n"]


def test_folds_and_tags_are_kept_and_nothing_else(run):
    assert run.cells[0].metadata == {"jupyter": {"outputs_hidden": True}, "tags": ["C01"]}
    assert run.metadata == notebooks.METADATA


def test_the_learners_copy_is_not_run_and_not_folded(run):
    before = copy.deepcopy(run)
    fresh = notebooks.strip_outputs(run)
    assert [(cell.outputs, cell.execution_count) for cell in fresh.cells] == [([], None)] * 4
    assert fresh.cells[0].metadata == {"tags": ["C01"]}
    assert run == before


@pytest.mark.parametrize(
    ("source", "reason"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("import os\nos._exit(1)", "Kernel died")],
)
def test_a_failing_cell_is_named_in_one_error(tmp_path, source, reason):
    with pytest.raises(notebooks.CellFailed, match=rf"^nb.ipynb, cell 1 \(cell-1\): {reason}$"):
        notebooks.execute(small("1", source), "nb.ipynb", tmp_path)


def with_picture(picture):
    notebook = small("draw()")
    output = nbformat.v4.new_output("display_data", data={"image/png": picture})
    notebook.cells[0].outputs = [output]
    return notebook


def test_a_picture_that_differs_by_rounding_keeps_its_bytes():
    stored, run = with_picture(png()), with_picture(png(jitter=1e-5))
    assert stored != run
    notebooks.keep_what_looks_the_same(run, stored)
    assert run == stored


def test_a_picture_that_looks_different_is_stored_anew():
    stored, run = with_picture(png()), with_picture(png(slope=1.01))
    expected = copy.deepcopy(run)
    notebooks.keep_what_looks_the_same(run, stored)
    assert run == expected


def test_check_names_what_would_change_and_writes_nothing(tmp_path):
    stale = tmp_path / "stale.ipynb"
    nbformat.write(small("6 * 7"), stale)
    before = stale.read_bytes()
    result = CliRunner().invoke(notebooks.main, ["--check", str(stale)])
    assert result.exit_code == 1
    assert "run `make notebooks`: stale.ipynb would change" in result.output
    assert stale.read_bytes() == before


def test_what_is_no_notebook_is_one_error(tmp_path):
    (tmp_path / "bad.ipynb").write_text("{")
    result = CliRunner().invoke(notebooks.main, [str(tmp_path)])
    assert re.fullmatch(r"Error: \S+bad.ipynb cannot be read as a notebook: .+\n", result.output)


def test_a_missing_notebook_is_one_error(tmp_path):
    result = CliRunner().invoke(notebooks.main, [str(tmp_path / "none.ipynb")])
    assert re.fullmatch(r"Error: no notebook at \S+; name a notebook or .+\n", result.output)
