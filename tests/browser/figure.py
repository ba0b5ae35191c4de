"""A live figure on a plain page: the page as in JupyterLab, Python in this process."""

import base64
import re
import sys
from pathlib import Path

from playwright.sync_api import expect

from bend.assets import joined

THEMES = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab")
ADDRESS = "http://127.0.0.1/"

PAGE = """<!doctype html><html lang="en"><title>A live figure</title><meta charset="utf-8">
<style id="theme">:root {{ {variables} }}
body {{ background: var(--jp-layout-color1); color: var(--jp-ui-font-color0) }}</style>
<link rel="stylesheet" href="figure.css"><main><h1>A lesson</h1><div id="figure"></div></main>"""

# What anywidget gives a figure, with the kernel reached through a function of this test.
DRAW = """async () => {
  const heard = {};
  const decode = (value) => {
    if (Array.isArray(value)) return value.map(decode);
    if (!value || typeof value !== "object") return value;
    if (!("bytes" in value)) {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
    }
    // At an odd place in its buffer, as on the wire.
    const data = Uint8Array.from("." + atob(value.bytes), (letter) => letter.charCodeAt(0));
    return new DataView(data.buffer, 1);
  };
  const fire = (name) => (heard[name] ?? []).forEach((hear) => hear());
  const take = (state) => {
    window.state = decode(state);
    fire("change:values");
    fire("change:picture");
  };
  const model = {
    on: (name, hear) => (heard[name] ??= []).push(hear),
    off: () => {},
    get: (name) => window.state[name],
    async send(message) {
      if (!window.asleep) take(await window.python(message));
    },
  };
  Object.assign(window, { fire, take });
  take(await window.python(null));
  (await import("/figure.js")).default.render({ model, el: document.getElementById("figure") });
}"""


class Figure:
    """A live figure on its page. `heard` lists the messages that Python got."""

    def __init__(self, page):
        self.page, self.live, self.heard, self.theme = page, None, [], "light"
        page.expose_function("python", self._hear)
        page.route(f"{ADDRESS}**", self._serve)

    def __call__(self, live, theme="light"):
        self.live, self.theme, self.heard = live, theme, []
        self.page.goto(ADDRESS)
        self.page.evaluate(DRAW)
        self.settled()
        return self

    def _hear(self, message):
        if message:
            self.heard.append(message)
            self.live._hear(None, message, [])
        return encode({name: getattr(self.live, name) for name in ("form", "values", "picture")})

    def _serve(self, route):
        name = route.request.url.removeprefix(ADDRESS)
        if name == "figure.js":
            route.fulfill(body=joined(self.live.scripts), content_type="text/javascript")
        elif name == "figure.css":
            route.fulfill(body=joined(self.live.sheets), content_type="text/css")
        else:
            page = PAGE.format(variables=theme_variables(self.theme))
            route.fulfill(body=page, content_type="text/html")

    def settled(self):
        """Wait until the page has drawn the newest picture and says what it shows."""
        expect(self.page.locator(".bend-live")).to_have_attribute("data-drawn", str(self.live.sent))
        expect(self.summary).to_have_text(self.live.shown.summary)

    def set_to(self, name, value):
        """Wait until Python has this value, and its picture is drawn."""
        expect(self.page.locator(".bend-live")).to_be_visible()
        for _ in range(100):
            if self.live.values[name] == value:
                break
            self.page.wait_for_timeout(20)
        assert self.live.values[name] == value
        self.settled()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def summary(self):
        return self.page.locator(".bend-summary")

    def control(self, name):
        """What holds the control `name`."""
        return self.page.locator(f'[data-control="{name}"]')


def encode(value):
    """The state as JSON, bytes in base64."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: encode(part) for key, part in value.items()}
    return [encode(part) for part in value] if isinstance(value, list | tuple) else value


def theme_variables(theme):
    """JupyterLab's own, of its light or dark theme."""
    css = (THEMES / f"theme-{theme}-extension/index.css").read_text()
    return ";".join(line for line in re.split("[;{}]", css) if line.strip().startswith("--"))
