import ast
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from tools import browser, install

ROOT = Path(__file__).parents[1]


def test_a_python_that_is_too_old_is_told_so():
    assert "3.11 or newer" in install.obstacle(version=(3, 10, 9))


def test_an_old_python_can_read_the_installer():
    ast.parse((ROOT / "tools" / "install.py").read_text(), feature_version=(3, 7))


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_missing_venv_module_comes_with_its_cure(missing):
    obstacle = install.obstacle(find=lambda name: name != missing)
    assert "apt install python3-venv" in obstacle


def test_nothing_keeps_this_python_from_making_an_environment():
    assert install.obstacle() is None


def test_the_browser_that_was_named_is_taken(monkeypatch):
    monkeypatch.setenv("BEND_BROWSER", "mine")
    assert browser.on_the_machine() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for a Unix shell")
def test_a_browser_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    for name, code in [("chromium", 1), ("google-chrome", 0)]:
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("BEND_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "playwrights_own", lambda: None)
    assert browser.on_the_machine() == str(tmp_path / "google-chrome")


def test_an_installation_is_announced_and_its_result_tried(capfd, monkeypatch):
    monkeypatch.setattr(browser, "on_the_machine", iter([None, "new", "new"]).__next__)
    nothing, fails = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(1)"]
    ways = [("one that fails", [fails]), ("one that starts not", [nothing]), ("this", [nothing])]
    monkeypatch.setattr(browser, "ways_to_install", lambda: ways)
    assert browser.install() == "new"
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [f"No browser found: installing {what}" for what, _ in ways]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only a Unix has root")
@pytest.mark.parametrize(("user", "ways"), [(0, 2), (1000, 1)])
def test_only_root_installs_debians_browser(monkeypatch, user, ways):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert len(list(browser.ways_to_install())) == ways


def test_without_a_browser_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(browser, "on_the_machine", lambda: None)
    monkeypatch.setattr(browser, "ways_to_install", list)
    # A text as exit code is printed and becomes 1.
    with pytest.raises(SystemExit, match="install Chromium or Chrome"):
        browser.main()


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def opened(clone, log):
    """The page that `make lab` in the clone says to open."""
    outer = {"VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    env = {key: value for key, value in os.environ.items() if key not in outer}
    with log.open("w") as out:
        make = subprocess.Popen(
            ["make", "lab", "NO_BROWSER=1"], cwd=clone, env=env, stdout=out, stderr=out
        )
    try:
        while not (found := re.search(r"http://127\S+token=\w+", log.read_text())):
            assert make.poll() is None, log.read_text()
            time.sleep(0.2)
        with urlopen(found[0]) as page:
            return page.url
    finally:
        make.terminate()
        make.wait(30)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="there is no make on Windows")
def test_a_bare_clone_opens_the_first_lesson_with_one_command(clone, tmp_path):
    assert "/lab/tree/00_start_here.ipynb" in opened(clone, tmp_path / "first.log")
    assert (clone / "my-course" / "00_start_here.ipynb").exists()
    opened(clone, tmp_path / "again.log")
    assert "Installing" not in (tmp_path / "again.log").read_text()
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=clone, capture_output=True).stdout == b""
