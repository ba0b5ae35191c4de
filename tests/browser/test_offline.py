"""Nothing in the course asks for anything outside this machine."""

import subprocess
import sys
import time

import pytest
from lab import Notebook

OUTSIDE = {
    "an address": "socket.create_connection(('192.0.2.1', 80), 1)",
    "a name": "socket.getaddrinfo('bend.example', 80)",
}


@pytest.fixture
def sealed(island):
    if island is None:
        pytest.skip("this machine has no network namespaces; `.ci/run` insists on them")
    return island


@pytest.mark.parametrize("call", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_an_attempt_to_leave_fails_and_is_counted(sealed, call):
    before = sealed.attempts()
    program = [*sealed.enter, sys.executable, "-c", f"import socket; {call}"]
    assert subprocess.run(program, stderr=subprocess.PIPE, text=True).returncode == 1
    assert sealed.attempts() > before


def test_a_request_of_a_page_to_the_outside_is_seen(page, lab):
    page.goto(lab.address("login"))
    page.evaluate("() => fetch('http://192.0.2.1/').catch(() => null)")
    page.wait_for_timeout(200)
    assert page.outside == ["http://192.0.2.1/"]
    page.outside.clear()


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_neither_server_nor_page_asks_for_the_outside(page, lab, sealed, app):
    before = sealed.attempts()
    lab.write("offline.ipynb", "from bend.quiz import ask", "import bend.figures")
    notebook = Notebook(page, lab, "offline.ipynb", app)
    notebook.run_all()
    notebook.save()
    time.sleep(2)
    assert (sealed.attempts() - before, page.outside) == (0, [])
    assert page.get_by_text("official Jupyter news").count() == 0


@pytest.mark.parametrize("question", ["news", "update"])
def test_the_server_asks_for_no_news_even_when_a_page_wants_some(page, lab, sealed, question):
    page.goto(lab.address("lab"))
    before = sealed.attempts()
    answer = page.evaluate(
        "(url) => fetch(url).then(r => r.ok)", lab.address(f"lab/api/{question}")
    )
    assert (answer, sealed.attempts() - before) == (True, 0)
