"""Each notebook in JupyterLab, run from top to bottom, and what axe finds in what it shows."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Notebook, open_page

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[2]
# A lesson may train for a minute and a half on two idle cores.
MINUTES = 4 * 60_000


@pytest.fixture(scope="module", params=sorted(p.name for p in ROOT.glob("notebooks/*.ipynb")))
def lesson(request, browser, lab):
    with open_page(browser) as page:
        lesson = Notebook(page, lab, request.param)
        lesson.run_all(MINUTES)
        yield lesson
        lesson.close()


def test_it_runs_from_top_to_bottom(lesson):
    code = [cell for cell in lesson.cells() if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert lesson.complaints() == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_what_it_shows(lesson, theme):
    lesson.theme(theme)
    lesson.unroll()
    # In JupyterLab's body of height 0 no contrast would be judged.
    lesson.page.add_style_tag(content="body { height: 100vh }")
    found = Axe().run(lesson.page, context=".jp-Notebook .jp-OutputArea")
    assert found.violations_count == 0, found.generate_report()
