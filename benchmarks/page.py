"""A JupyterLab and a browser for what is measured in a real page."""

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tools")]

from browser import INSTALL, on_the_machine  # noqa: E402
from lab import PATIENCE, Lab, Notebook, open_page  # noqa: E402

__all__ = ["PATIENCE", "Notebook", "lab_and_browser", "open_page"]


@contextmanager
def lab_and_browser():
    """Both started, and ended at the end. Leaves with a hint where there is no browser."""
    executable = on_the_machine() or sys.exit(INSTALL)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        browser = playwright.chromium.launch(executable_path=executable, timeout=PATIENCE)
        try:
            yield lab, browser
        finally:
            browser.close()
            lab.close()
