"""The playground on a plain page: a real one behind it, the themes' own colours, and no kernel."""

import base64
import re
import sys
from pathlib import Path

from bend.assets import joined
from bend.playground.widget import Playground

THEMES = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab")
ADDRESS = "http://127.0.0.1/"
PAGE = """<!doctype html><html lang="en"><title>The playground</title><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>:root {{ {variables} }}
body {{ margin: 8px; background: var(--jp-layout-color1); color: var(--jp-ui-font-color0) }}</style>
<link rel="stylesheet" href="playground.css"><main><h1>A lesson</h1><div id="here"></div></main>"""

# What anywidget gives the page, with the kernel reached through a function of this test.
DRAW = """async () => {
  const names = ["form", "state", "data", "frame"];
  const heard = Object.fromEntries(
    [...names.map((name) => `change:${name}`), "comm_live_update"].map((name) => [name, []]));
  const view = (thing) => {
    if (Array.isArray(thing)) return thing.map(view);
    if (thing === null || typeof thing !== "object") return thing;
    if ("bytes" in thing) {
      return new DataView(Uint8Array.from(atob(thing.bytes), (c) => c.charCodeAt(0)).buffer);
    }
    return Object.fromEntries(Object.entries(thing).map(([name, value]) => [name, view(value)]));
  };
  window.sent = [];
  let traits = view(await window.python(null));
  const model = {
    on: (name, hear) => heard[name].push(hear),
    off: () => {},
    get: (name) => traits[name],
    async send(message) {
      window.sent.push(message);
      if (window.asleep) return;
      const changed = view(await window.python(message));
      traits = { ...traits, ...changed };
      for (const name of Object.keys(changed)) heard[`change:${name}`].forEach((hear) => hear());
    },
  };
  window.close_it = (await import("/playground.js")).default.render(
    { model, el: document.getElementById("here") });
}"""


class Shown:
    """A playground on its page."""

    def __init__(self, page):
        self.page = page
        self.theme, self.playground = "light", None
        page.expose_function("python", self._hear)
        page.route(f"{ADDRESS}**", self._serve)

    def __call__(self, what="", theme="light", steps=0):
        self.theme, self.playground = theme, Playground(what, steps=steps)
        # What runs here is Playwright's own loop, which has the page wait for the answer.
        self.playground.loop = None
        self.known = {}
        self.page.goto(ADDRESS)
        self.page.evaluate(DRAW)
        self.page.wait_for_function("document.querySelector('.bend-playground').dataset.drawn")
        return self

    def _hear(self, message):
        if message is not None:
            self.playground._hear(None, message)
        now = {name: getattr(self.playground, name) for name in ("form", "state", "data", "frame")}
        changed = {n: v for n, v in now.items() if self.known.get(n) is not v}
        self.known = now
        return packed(changed)

    def _serve(self, route):
        name = route.request.url.removeprefix(ADDRESS)
        if name == "playground.js":
            route.fulfill(body=joined(Playground.scripts), content_type="text/javascript")
        elif name == "playground.css":
            route.fulfill(body=joined(Playground.sheets), content_type="text/css")
        else:
            page = PAGE.format(variables=theme_variables(self.theme))
            route.fulfill(body=page, content_type="text/html")


def packed(thing):
    """With bytes as the page can be handed them."""
    if isinstance(thing, bytes):
        return {"bytes": base64.b64encode(thing).decode()}
    if isinstance(thing, dict):
        return {name: packed(value) for name, value in thing.items()}
    return [packed(value) for value in thing] if isinstance(thing, list | tuple) else thing


def theme_variables(theme):
    css = (THEMES / f"theme-{theme}-extension/index.css").read_text()
    return ";".join(line for line in re.split("[;{}]", css) if line.strip().startswith("--"))
