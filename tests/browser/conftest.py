"""One server and one browser for all browser tests, where possible on an island without network."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from island import Island, why_not
from lab import PATIENCE, Lab
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Chromium itself looks for updates and for a proxy, which is none of the course's doing.
ARGUMENTS = ["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def pytest_collection_modifyitems(items):
    # Playwright leaves an event loop behind in this thread, which others that need one refuse.
    items.sort(key=lambda item: HERE in item.path.parents)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


def find_browser():
    """The browser named by $BEND_BROWSER, else a Chromium or Chrome on the PATH."""
    found = os.environ.get("BEND_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("no Chromium or Chrome found: install one, or name it in $BEND_BROWSER")
    return found


@pytest.fixture(scope="session")
def island():
    """The island, or None where the machine cannot have one; in CI that is a failure."""
    if reason := why_not():
        if os.environ.get("CI"):
            pytest.fail(f"a network namespace is needed: {reason}")
        yield None
    else:
        island = Island()
        yield island
        island.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory, island):
    lab = Lab(tmp_path_factory.mktemp("lab"), island)
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory, island):
    executable = find_browser()
    if island:
        executable = island.wrapper(executable, tmp_path_factory.mktemp("browser"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=ARGUMENTS, timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, request):
    """A fresh page. `page.outside` lists the requests that were not for this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.outside = []
    page.set_default_timeout(PATIENCE)
    context.on("request", lambda r: _note_outside(page, r.url))
    page.on("websocket", lambda s: _note_outside(page, s.url))
    yield page
    if request.node.stash.get(FAILED, False):
        folder = Path("test-results")
        folder.mkdir(exist_ok=True)
        page.screenshot(path=folder / f"{request.node.name}.png")
    context.close()
    assert page.outside == []


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


def _note_outside(page, url):
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
        page.outside.append(url)
