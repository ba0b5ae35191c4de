"""Print the path of a Chromium or Chrome that runs, installing one if there is none.

The path goes to standard output; what is being done goes to standard error, before it is done.
"""

import os
import shutil
import subprocess
import sys

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
INSTALL = (
    "no browser for the tests: install Chromium or Chrome "
    "(Debian: apt install chromium), or name one: BEND_BROWSER=/path/to/chrome make test"
)


def on_the_machine():
    """The first browser that is here and starts; None if there is none."""
    if named := os.environ.get("BEND_BROWSER"):
        return named
    candidates = [*map(shutil.which, NAMES), MACOS, playwrights_own()]
    return next((path for path in candidates if path and starts(path)), None)


def playwrights_own():
    """Where Playwright would put its browser, be it there or not."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def starts(path):
    """Whether the browser is there with the libraries it needs, and is not a mere signpost."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def ways_to_install():
    """(what it is, the commands) for every way open to this user."""
    yield "Playwright's Chromium", [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield "Debian's Chromium", [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]


def install():
    """Try each way until a browser starts; None if none does."""
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    for what, commands in ways_to_install():
        print(f"No browser found: installing {what}", file=sys.stderr, flush=True)
        done = all(subprocess.call(command, stdout=sys.stderr) == 0 for command in commands)
        if done and on_the_machine():
            return on_the_machine()
    return None


def main():
    """Print the path, or fail with a message that says what to install."""
    print(on_the_machine() or install() or sys.exit(INSTALL))


if __name__ == "__main__":
    main()
