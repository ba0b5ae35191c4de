"""How long the lessons take to run: `python benchmarks/lessons.py`, best with nothing else to do.

Prints for each lesson the seconds in all and those of its slowest cell, the limits, and whether
they hold; exits with 1 if one does not.
"""

import sys
import tempfile
from datetime import datetime
from pathlib import Path

from nbclient import NotebookClient

from bend import notebooks

LESSONS = Path(__file__).parents[1] / "notebooks"
# A learner waits ten seconds for a cell and a minute and a half for a lesson; nbval for all.
CELL, LESSON, COURSE = 10, 90, 420


def seconds(path, folder):
    """{cell id: seconds} of one run."""
    notebook = notebooks.strip_outputs(notebooks.read(path))
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": folder}},
        extra_arguments=["--Application.log_level=ERROR"],
    )
    client.execute()
    codes = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    return {cell.id: _lasted(cell.metadata.execution) for cell in codes}


def _lasted(times):
    start, end = (
        datetime.fromisoformat(times[f"iopub.{moment}"])
        for moment in ("execute_input", "status.idle")
    )
    return (end - start).total_seconds()


def judged(value, limit):
    return f"{value:6.1f} s of {limit}{'' if value <= limit else '  too slow'}"


def main():
    ok, course = True, 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(LESSONS.glob("*.ipynb")):
            cells = seconds(path, folder)
            slowest = max(cells, key=cells.get)
            lesson, cell = sum(cells.values()), cells[slowest]
            course += lesson
            ok &= lesson <= LESSON and cell <= CELL
            print(f"{path.stem:24}{judged(lesson, LESSON)}   {slowest}{judged(cell, CELL)}")
    print(f"{'all':24}{judged(course, COURSE)}")
    return 0 if ok and course <= COURSE else 1


if __name__ == "__main__":
    sys.exit(main())
