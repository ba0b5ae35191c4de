"""A JupyterLab as `bend lab` starts it, and the few things that a test does with a notebook."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import expect

# Everything is slower where two cores do all the work.
PATIENCE = 30_000
READY = """() => {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = session?.session?.kernel;
  return Boolean(session?.isReady && kernel?.connectionStatus === "connected"
    && kernel.status === "idle");
}"""
CELLS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells,
  cell => cell.toJSON())"""


class Lab:
    """The server. `folder` is the learner's working copy and `home` where progress is kept."""

    def __init__(self, folder, island=None):
        self.folder, self.home = folder / "course", folder / "home"
        self.port = _free_port()
        config = folder / "config"
        config.mkdir()
        # The page then hands out its application, in which a test reads cells and kernel state.
        for app in ("LabApp", "JupyterNotebookApp"):
            file = f"jupyter_{'lab' if app == 'LabApp' else 'notebook'}_config.json"
            (config / file).write_text(json.dumps({app: {"expose_app_in_browser": True}}))
        runtime = folder / "runtime"
        env = {
            **{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")},
            "BEND_HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_RUNTIME_DIR": str(runtime),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        arguments = ["lab", "--no-browser", "--port", str(self.port), "--folder", str(self.folder)]
        self.log = folder / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*(island.enter if island else []), sys.executable, "-m", "bend", *arguments],
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.token = self._wait_for_token(runtime)

    def _wait_for_token(self, runtime):
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline and self.process.poll() is None:
            for file in runtime.glob("jpserver-*.json"):
                if token := re.search(r'"token": "(\w+)"', file.read_text()):
                    return token[1]
            time.sleep(0.1)
        self.close()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def address(self, path):
        """The address of `path`, with the token."""
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def write(self, name, *sources):
        """Put a notebook with these code cells into the working copy."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), self.folder / name)

    def close(self):
        """End the server and its kernels."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Notebook:
    """A notebook open on a page, in JupyterLab or (`app="notebooks"`) in Notebook 7."""

    def __init__(self, page, lab, name, app="lab"):
        self.page, self.lab, self.name = page, lab, name
        # The last workspace would open again whatever was open in it.
        folder = f"lab/workspaces/{uuid.uuid4().hex}/tree" if app == "lab" else app
        page.goto(lab.address(f"{folder}/{name}"))
        self.wait_until_ready()

    def wait_until_ready(self, patience=PATIENCE):
        """Wait for a kernel that is connected and idle; cells run before are silently not run."""
        self.page.wait_for_function(READY, timeout=patience)

    def command(self, name, **arguments):
        """Carry out a command of the page, as its menus do, and wait for its end."""
        self.page.evaluate(
            "([name, arguments]) => window.jupyterapp.commands.execute(name, arguments)"
            ".then(() => null)",
            [name, arguments],
        )

    def run_all(self, patience=PATIENCE):
        """Run every cell and wait for the last."""
        self.command("notebook:run-all-cells")
        self.wait_until_ready(patience)

    def restart(self):
        """Give the notebook a new kernel process; its cells are not run."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
        )
        self.wait_until_ready()

    def reload(self):
        """Load the page again; the kernel lives on."""
        self.page.reload()
        self.wait_until_ready()

    def save(self):
        """Save the notebook to its file."""
        self.command("docmanager:save")

    def save_by_key(self, word):
        """Press Ctrl+S where the focus is, and wait until the file holds a mark, `word`."""
        self.mark(word)
        # JupyterLab lets a save drop that comes while the one before is not quite over.
        for _ in range(PATIENCE // 1000):
            self.page.keyboard.press("Control+s")
            self.page.wait_for_timeout(1000)
            if f'"mark": "{word}"' in self.file.read_text():
                return
        raise AssertionError("Ctrl+S does not save the notebook")

    def cell(self, number):
        """The cell on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def card(self, id):
        """The card that `ask` or `predict` drew for a question."""
        call = re.compile(rf"\b(ask|predict)\([\"']{id}[\"']\)")
        number = next(n for n, cell in enumerate(self.cells()) if call.search(cell["source"]))
        return self.cell(number).locator(".bend-card")

    def unroll(self):
        """Make the window so tall that every cell is in sight at once."""
        cells, height = self.page.locator(".jp-Notebook .jp-Cell"), None
        # Cells out of sight only guess their height, so what comes into sight changes it again.
        for _ in range(20):
            before, height = (
                height,
                cells.evaluate_all(
                    "cells => cells.reduce((sum, cell) => sum + cell.offsetHeight + 20, 300)"
                ),
            )
            if height == before:
                break
            self.page.set_viewport_size({"width": 1280, "height": height})
            self.page.wait_for_timeout(200)
        expect(cells.last).to_be_in_viewport(timeout=PATIENCE)

    def theme(self, name):
        """Draw the page in the "Light" or the "Dark" theme of JupyterLab."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        light = str(name == "Light").lower()
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def mark(self, word):
        """Change the notebook, so that there is something to save."""
        self.page.evaluate(
            "(word) => window.jupyterapp.shell.currentWidget.model.setMetadata('mark', word)", word
        )

    def close(self):
        """End the kernel."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def cells(self):
        """The cells of the model, as JSON."""
        return self.page.evaluate(CELLS)

    def shape(self):
        """Number, types and sources of the cells: what a stray shortcut would change."""
        return [(cell["cell_type"], cell["source"]) for cell in self.cells()]

    def complaints(self):
        """Every error and every warning that a cell shows."""
        outputs = (output for cell in self.cells() for output in cell.get("outputs", ()))
        return [o for o in outputs if "error" in o["output_type"] or o.get("name") == "stderr"]

    @property
    def file(self):
        """The notebook's file in the working copy."""
        return Path(self.lab.folder, self.name)


@contextmanager
def open_page(browser):
    """A fresh page. `page.outside` lists the requests that were not for this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.outside = []
    page.set_default_timeout(PATIENCE)
    context.on("request", lambda request: _note_outside(page, request.url))
    page.on("websocket", lambda socket: _note_outside(page, socket.url))
    yield page
    context.close()
    assert page.outside == []


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _note_outside(page, url):
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
        page.outside.append(url)
