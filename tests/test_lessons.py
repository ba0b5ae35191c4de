"""What every stored notebook of the course must be."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from bend import notebooks
from bend.quiz.bank import load_bank

FOLDER = Path(__file__).parents[1] / "notebooks"
LESSONS = {path.stem: notebooks.read(path) for path in sorted(FOLDER.glob("*.ipynb"))}
# What each lesson owes: a cell that measures it and a question about it.
CLAIMS = {
    "01_why_nonlinearity": ["C01", "C02", "C03", "C04", "C05", "C06", "C51"],
    "02_geometry": ["C07", "C08", "C09", "C10", "C11"],
    "03_sigmoid_and_tanh": ["C12", "C13", "C14", "C15", "C16", "C17", "C18", "C53"],
    "04_relu_family": ["C19", "C20", "C21", "C22", "C23", "C24", "C25", "C26", "C27", "C28"],
    "05_dying_relu": ["C29", "C30", "C31", "C32", "C33"],
    "06_choosing": ["C34", "C35", "C36", "C37", "C38"],
    "07_vanishing_gradients": ["C39", "C40", "C41", "C42", "C43", "C44", "C45", "C46", "C52"],
    "08_remedies": ["C47", "C48", "C49", "C50"],
}
# A way of speaking is asked about and has nothing to measure.
CONVENTIONS = {"C09"}
DUE = [(lesson, claim) for lesson, claims in CLAIMS.items() for claim in claims]

every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())


def codes(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    return [output for cell in codes(notebook) for output in cell.outputs]


def markdown(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def anchors(notebook):
    """The anchors of the headings, as JupyterLab makes them."""
    return {h.strip().replace(" ", "-") for h in re.findall(r"(?m)^#+ +(.+)$", markdown(notebook))}


def tree(notebook):
    return ast.parse("\n".join(cell.source for cell in codes(notebook)))


def asked(notebook):
    """(function, id) of every `ask`, `predict`, `prediction` and `check` that names a question."""
    calls = [node for node in ast.walk(tree(notebook)) if isinstance(node, ast.Call)]
    names = {"ask", "predict", "prediction", "check"}
    return [
        (call.func.id, call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in names
    ]


def definitions(notebook):
    return {
        node.name
        for node in ast.walk(tree(notebook))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the notebooks were run on Linux")
@pytest.mark.parametrize(
    "which", [FOLDER / "00_start_here.ipynb", pytest.param(FOLDER, marks=pytest.mark.soak)]
)
def test_running_a_notebook_again_changes_no_byte(which):
    command = [sys.executable, "-m", "bend.notebooks", "--check", which]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@every_lesson
def test_metadata_is_the_same_everywhere(lesson):
    assert (lesson.nbformat, lesson.nbformat_minor) == (4, 5)
    assert lesson.metadata == notebooks.METADATA
    assert {key for cell in lesson.cells for key in cell.metadata} <= {"tags", "jupyter"}


@every_lesson
def test_cells_have_names_of_their_own(lesson):
    ids = Counter(cell.id for cell in lesson.cells)
    assert max(ids.values()) == 1


@every_lesson
def test_cells_were_run_from_top_to_bottom(lesson):
    counts = [cell.execution_count for cell in codes(lesson)]
    assert counts == list(range(1, len(counts) + 1))


@every_lesson
def test_code_cells_are_short(lesson):
    assert [cell.id for cell in codes(lesson) if cell.source.count("\n") >= 10] == []


@every_lesson
def test_no_cell_failed_or_warned(lesson):
    assert [
        o for o in outputs(lesson) if o.output_type == "error" or o.get("name") == "stderr"
    ] == []


@every_lesson
def test_nbval_compares_every_cell(lesson):
    assert re.findall(r"NBVAL_\w+|nbval-[\w-]+|raises-exception", nbformat.writes(lesson)) == []


@every_lesson
def test_no_widget_view_is_stored(lesson):
    assert [o for o in outputs(lesson) if notebooks.WIDGET_VIEW in o.get("data", {})] == []


@every_lesson
def test_no_outside_address_is_stored(lesson):
    addresses = re.findall(r"(?:https?:|[\"'(])//[\w-]+\.[\w./-]+", nbformat.writes(lesson))
    # The names of XML's own vocabularies look like addresses, and nobody asks for them.
    assert [a for a in addresses if "//www.w3.org/" not in a] == []


@every_lesson
def test_links_lead_to_a_heading(lesson):
    for text, target in re.findall(r"\[([^]]*)\]\(([^)\s]*)\)", markdown(lesson)):
        name, _, anchor = target.partition("#")
        if not re.match(r"https?:|mailto:", target):
            there = LESSONS[Path(name).stem] if name else lesson
            assert not anchor or anchor in anchors(there), f"[{text}]({target})"


@every_lesson
def test_questions_lead_to_a_heading_that_teaches(lesson):
    stems = load_bank().stems
    for _, id in asked(lesson):
        there, section = load_bank()[id].place
        assert section in {anchor.lower() for anchor in anchors(LESSONS[stems[there]])}, id
        assert section not in {"recall", "looking-back"}, id


@every_lesson
def test_a_question_that_looks_back_leads_to_an_earlier_lesson(lesson):
    looking_back = [q for _, id in asked(lesson) if (q := load_bank()[id]).taught_in]
    assert all(q.taught_in < q.lesson for q in looking_back)


@every_lesson
def test_every_id_asked_for_is_in_the_bank(lesson):
    assert {id for _, id in asked(lesson)} <= {question.id for question in load_bank()}


@pytest.mark.parametrize(("lesson", "claim"), [d for d in DUE if d[1] not in CONVENTIONS])
def test_every_claim_due_is_measured_by_a_cell_that_shows_it(lesson, claim):
    cells = [c for c in codes(LESSONS[lesson]) if claim in c.metadata.get("tags", ())]
    assert any(cell.outputs for cell in cells)


@pytest.mark.parametrize(("lesson", "claim"), DUE)
def test_every_claim_due_is_asked_about_in_its_lesson(lesson, claim):
    questions = [load_bank()[id] for _, id in asked(LESSONS[lesson])]
    assert any(claim in question.claims for question in questions if question.type != "predict")


def test_nothing_is_defined_in_two_notebooks():
    defined = Counter(name for lesson in LESSONS.values() for name in definitions(lesson))
    assert [name for name, count in defined.items() if count > 1] == []
