import json
import os
import re
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from jupyterlab.handlers.announcements import NeverCheckForUpdate
from jupyterlab.labapp import LabApp

import bend.cli
import bend.quiz.log
import bend.workspace


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two lessons; commands work in `course`, and no server starts."""
    source = tmp_path / "notebooks"
    source.mkdir()
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["text"]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for name in ("00_start_here", "01_why_nonlinearity"):
        (source / f"{name}.ipynb").write_text(json.dumps(notebook))
    monkeypatch.setattr(bend.workspace, "notebooks_folder", lambda: source)
    monkeypatch.setattr(bend.workspace, "course_folder", lambda: tmp_path / "my-course")
    monkeypatch.setattr(bend.cli, "start_jupyterlab", lambda arguments: None)
    return tmp_path / "my-course"


def run(*arguments, **options):
    return CliRunner().invoke(bend.cli.main, [str(a) for a in arguments], **options)


def test_lab_makes_the_working_copy_and_says_where(course):
    done = run("lab")
    assert done.exit_code == 0
    assert f"Your working copy is {course}" in done.output
    assert "New: 00_start_here.ipynb, 01_why_nonlinearity.ipynb" in done.output
    assert (course / "00_start_here.ipynb").exists()


def test_lab_names_a_kept_lesson_and_the_command_that_renews_it(course):
    run("lab")
    (course / bend.workspace.RECORD).unlink()
    (course / "01_why_nonlinearity.ipynb").write_text("mine")
    assert "`bend reset 01`" in run("lab").output


def test_reset_says_what_became_of_the_old_copy(course):
    assert run("reset", "01").output == "01_why_nonlinearity.ipynb is fresh.\n"
    (course / "01_why_nonlinearity.ipynb").write_text("mine")
    assert "01_why_nonlinearity-old-1.ipynb" in run("reset", "1").output


@pytest.mark.usefixtures("course")
def test_a_course_error_is_one_sentence_and_exit_code_1():
    done = run("reset", "7")
    assert done.exit_code == 1
    assert done.output == (
        "Error: there is no lesson '7'; the lessons are 00_start_here, 01_why_nonlinearity\n"
    )


def test_a_folder_that_cannot_be_written_is_one_sentence(course):
    course.write_text("a file where the folder should be")
    done = run("lab")
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert len(done.output.splitlines()) == 1


@pytest.mark.usefixtures("course")
def test_into_a_file_of_another_encoding_the_key_is_written_all_the_same():
    env = os.environ | {"PYTHONIOENCODING": "cp1252", "BEND_HOME": "none"}
    said = subprocess.run([sys.executable, "-m", "bend", "key", "03"], env=env, capture_output=True)
    assert (said.returncode, said.stderr) == (0, b"")
    assert "σ" in said.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows tells nobody that the reader is gone")
def test_a_reader_that_stops_is_no_error():
    command = f"{sys.executable} -m bend key | true"
    said = subprocess.run(command, shell=True, env=os.environ | {"BEND_HOME": "none"},
                          capture_output=True)  # fmt: skip
    assert said.stderr == b""


def test_check_prints_every_fault_and_fails(monkeypatch):
    monkeypatch.setattr("bend.quiz.bank.load_bank", lambda: ["question"])
    monkeypatch.setattr("bend.quiz.lint.lint", lambda bank, notebooks: ["one fault", "another"])
    done = run("check")
    assert done.exit_code == 1
    assert done.output.splitlines() == ["one fault", "another", "1 questions, 2 faults"]


def test_check_reports_a_bank_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr("bend.quiz.bank.find_quizzes", lambda: tmp_path)
    (tmp_path / "01_broken.toml").write_text("lesson = ")
    done = run("check")
    assert done.exit_code == 1
    assert "01_broken.toml" in done.output
    assert "Traceback" not in done.output


def test_the_bank_of_the_course_has_no_fault():
    done = run("check")
    assert done.exit_code == 0, done.output
    assert done.output.endswith(" questions, 0 faults\n")


def test_where_names_the_folder_its_size_and_how_to_move_it(tmp_path, monkeypatch):
    (tmp_path / "events-1.jsonl").write_text("x" * 1500)
    monkeypatch.setenv("BEND_HOME", str(tmp_path))
    output = run("where").output
    assert f"Your progress is in {tmp_path} (1.5 kB)." in output
    assert "BEND_HOME" in output


def test_where_says_that_progress_in_memory_is_not_kept(monkeypatch):
    monkeypatch.setenv("BEND_HOME", "none")
    assert "forgotten" in run("where").output


def test_jupyterlab_is_for_this_machine_only_and_opens_the_first_lesson(tmp_path):
    arguments = bend.cli.lab_arguments(tmp_path, None, False)
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert f"--ServerApp.root_dir={tmp_path}" in arguments
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in arguments
    assert "--ServerApp.answer_yes=True" in arguments
    assert not [a for a in arguments if "port" in a or "browser" in a or "token" in a]


def test_a_port_that_was_asked_for_is_used_or_nothing(tmp_path):
    arguments = bend.cli.lab_arguments(tmp_path, 8899, True)
    assert {"--ServerApp.port=8899", "--ServerApp.port_retries=0", "--no-browser"} < {*arguments}


def test_the_server_asks_for_neither_news_nor_updates(tmp_path):
    app = LabApp()
    app.parse_command_line(bend.cli.lab_arguments(tmp_path, None, False))
    assert app.news_url is None
    assert app.check_for_updates_class is NeverCheckForUpdate
    assert app.extension_manager == "readonly"


def test_a_relative_home_is_one_folder_for_every_kernel(tmp_path, monkeypatch):
    for name in ("JUPYTER_CONFIG_PATH", "PATH", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back after this
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BEND_HOME", "here")
    monkeypatch.setattr(LabApp, "launch_instance", lambda arguments: None)
    bend.cli.start_jupyterlab([])
    assert os.environ["BEND_HOME"] == str(tmp_path / "here")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only a Unix has root")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_only_when_it_is_root(tmp_path, monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in bend.cli.lab_arguments(tmp_path, None, False)) == allowed


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(address, token) of a JupyterLab that `bend lab` started."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "bend", "lab", "--no-browser", "--port", port]
    # The user's own Jupyter is neither asked nor written to.
    own = {f"JUPYTER_{x}_DIR": str(folder / x) for x in ("CONFIG", "DATA", "RUNTIME")}
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--folder", folder / "my-course"],
            env=os.environ | own,
            stdout=out,
            stderr=out,
        )
    yield f"http://127.0.0.1:{port}", _token(process, log)
    process.terminate()
    process.wait(30)


def _token(process, log):
    deadline = time.monotonic() + 60
    while not (found := re.search("token=([0-9a-f]+)", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return found[1]


def fetch(server, path):
    address, token = server
    with urlopen(f"{address}{path}?token={token}") as response:
        return response.url, response.read().decode()


def test_the_server_opens_the_first_lesson(server):
    url, _ = fetch(server, "/")
    assert "/lab/tree/00_start_here.ipynb" in url


def test_the_server_lets_nobody_in_without_the_token(server):
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(f"{server[0]}/api/contents")
    refused.value.close()


def test_the_page_asks_for_neither_news_nor_updates(server):
    _, settings = fetch(server, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
    properties = json.loads(settings)["schema"]["properties"]
    assert properties["checkForUpdates"]["default"] is False
    assert properties["fetchNews"]["default"] == "false"


def test_notebooks_are_saved_with_the_state_of_their_cards(server):
    _, settings = fetch(server, "/lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin")
    assert json.loads(settings)["schema"]["properties"]["saveState"]["default"] is True


def test_review_opens_the_last_notebook_as_lab_opens_the_first(course, monkeypatch):
    started = []
    monkeypatch.setattr(bend.cli, "start_jupyterlab", started.extend)
    done = run("review", "--port", 8899)
    assert done.exit_code == 0
    assert (course / "00_start_here.ipynb").exists()
    assert "--LabApp.default_url=/lab/tree/10_review.ipynb" in started
    assert "--ServerApp.port=8899" in started


def test_progress_is_one_sentence_before_anything_was_answered(monkeypatch):
    monkeypatch.setenv("BEND_HOME", "none")
    done = run("progress")
    assert done.output == (
        "Nothing is answered yet. What you answer in the lessons is counted here.\n"
    )
