"""One server and one browser for all browser tests, where possible on an island without network."""

import os
import shutil
from pathlib import Path

import pytest
from island import Island, why_not
from lab import PATIENCE, Lab, open_page
from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# What is expected comes at once on an idle machine, and later on a busy one.
expect.set_options(timeout=PATIENCE)

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
    """The island, or None where the machine cannot have one; `.ci/run` takes that as a failure."""
    if reason := why_not():
        if os.environ.get("BEND_REQUIRE_NAMESPACE"):
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
def page(browser):
    with open_page(browser) as page:
        yield page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and call.when == "call":
        shown = (getattr(value, "page", value) for value in item.funcargs.values())
        for page in (value for value in shown if isinstance(value, Page)):
            page.screenshot(path=f"test-results/{item.name}.png")
    return report
