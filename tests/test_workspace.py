import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bend import workspace
from bend.errors import CourseError, UnknownName

ZERO, ONE = "00_start_here.ipynb", "01_why_nonlinearity.ipynb"


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    publish(folder / ZERO, "0")
    publish(folder / ONE, "1")
    return folder


@pytest.fixture
def course(tmp_path):
    return tmp_path / "my-course"


def publish(path, code):
    cell = new_code_cell(
        code,
        id="settles",
        execution_count=1,
        metadata={"jupyter": {"outputs_hidden": True, "source_hidden": False}, "tags": ["C01"]},
        outputs=[new_output("execute_result", {"text/plain": code}, execution_count=1)],
    )
    folded = new_code_cell("2", id="folded", metadata={"jupyter": {"outputs_hidden": True}})
    text = new_markdown_cell("# Ünïcode", id="title")
    nbformat.write(new_notebook(cells=[text, cell, folded]), str(path))


def run_in_jupyterlab(path):
    """Save the notebook as JupyterLab does: with outputs, and no line break at the end."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][1]["execution_count"] = 7
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_copy_keeps_ids_and_tags_and_drops_outputs_and_folding(source, course):
    workspace.update(source, course)
    text, cell, folded = nbformat.read(course / ZERO, as_version=4).cells
    assert (text.source, cell.id, cell.source) == ("# Ünïcode", "settles", "0")
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert cell.metadata == {"jupyter": {"source_hidden": False}, "tags": ["C01"]}
    assert folded.metadata == {}


def test_the_first_update_hands_out_every_lesson(source, course):
    assert workspace.update(source, course).new == [ZERO, ONE]


def test_a_second_update_does_nothing(source, course):
    workspace.update(source, course)
    before = {path: path.stat().st_mtime_ns for path in course.glob("*.ipynb")}
    assert workspace.update(source, course) == workspace.Update()
    assert before == {path: path.stat().st_mtime_ns for path in course.glob("*.ipynb")}


def test_an_untouched_lesson_is_renewed(source, course):
    workspace.update(source, course)
    publish(source / ONE, "new")
    assert workspace.update(source, course).renewed == [ONE]
    assert '"new"' in (course / ONE).read_text()
    assert workspace.update(source, course) == workspace.Update()


@pytest.mark.parametrize("change", [run_in_jupyterlab, lambda path: path.write_text("broken")])
def test_a_changed_lesson_is_kept_and_named_when_there_is_a_newer_one(source, course, change):
    workspace.update(source, course)
    change(course / ONE)
    before = (course / ONE).read_bytes()
    assert workspace.update(source, course) == workspace.Update()
    publish(source / ONE, "new")
    for _ in range(2):
        assert workspace.update(source, course) == workspace.Update(kept=[ONE])
    assert (course / ONE).read_bytes() == before


@pytest.mark.parametrize(
    "record", [None, "", "[]", "[1]", "null", '{"01_why_nonlinearity.ipynb": 1}']
)
def test_without_a_readable_record_no_lesson_that_differs_is_touched(source, course, record):
    workspace.update(source, course)
    publish(source / ONE, "new")
    (course / workspace.RECORD).unlink()
    if record is not None:
        (course / workspace.RECORD).write_text(record)
    assert workspace.update(source, course) == workspace.Update(kept=[ONE])


def test_new_and_deleted_lessons_arrive(source, course):
    workspace.update(source, course)
    (course / ZERO).unlink()
    publish(source / "02_geometry.ipynb", "2")
    assert workspace.update(source, course).new == [ZERO, "02_geometry.ipynb"]


def test_only_outputs_that_changed_in_the_repository_change_no_copy(source, course):
    workspace.update(source, course)
    run_in_jupyterlab(source / ONE)
    assert workspace.update(source, course) == workspace.Update()


@pytest.mark.parametrize("name", ["01", "1", "01_why_nonlinearity", ONE, f"my-course/{ONE}"])
def test_a_lesson_has_several_names(source, name):
    assert workspace.find_lesson(name, source).name == ONE


@pytest.mark.parametrize("name", ["7", "", "001", "why"])
def test_an_unknown_lesson_is_answered_with_the_known_ones(source, name):
    with pytest.raises(UnknownName, match="00_start_here, 01_why_nonlinearity"):
        workspace.find_lesson(name, source)


def test_resetting_keeps_every_old_copy(source, course):
    workspace.update(source, course)
    fresh = (course / ONE).read_bytes()
    for n in (1, 2):
        (course / ONE).write_text(f"mine {n}")
        copy, old = workspace.renew("01", source, course)
        assert copy.read_bytes() == fresh
        assert old.name == f"01_why_nonlinearity-old-{n}.ipynb"
    assert [path.read_text() for path in sorted(course.glob("*old*"))] == ["mine 1", "mine 2"]


def test_resetting_a_fresh_or_missing_lesson_leaves_no_old_copy(source, course):
    assert workspace.renew("01", source, course) == (course / ONE, None)
    assert workspace.renew("01", source, course) == (course / ONE, None)


def test_a_lesson_that_was_reset_counts_as_untouched(source, course):
    workspace.update(source, course)
    (course / ONE).write_text("mine")
    publish(source / ONE, "new")
    workspace.renew("01", source, course)
    publish(source / ONE, "newer")
    assert workspace.update(source, course).renewed == [ONE]


def test_a_copy_is_never_half_written(source, course, monkeypatch):
    workspace.update(source, course)
    publish(source / ONE, "new")
    before = (course / ONE).read_bytes()
    monkeypatch.setattr("os.replace", _interrupt)
    with pytest.raises(OSError, match="interrupted"):
        workspace.update(source, course)
    assert (course / ONE).read_bytes() == before


def _interrupt(*_):
    raise OSError("interrupted")


def test_an_empty_folder_has_no_lessons(tmp_path):
    with pytest.raises(CourseError, match="install Bend again"):
        workspace.lessons(tmp_path)


def test_in_a_clone_the_lessons_and_the_working_copy_are_at_its_root(pytestconfig):
    assert workspace.notebooks_folder() == pytestconfig.rootpath / "notebooks"
    assert workspace.course_folder() == pytestconfig.rootpath / "my-course"
