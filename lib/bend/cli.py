"""The `bend` command: open the course, renew a lesson, check the bank, find the progress."""

import os
import shutil
import sys
from pathlib import Path

import click

from bend import __version__
from bend.errors import CourseError

FIRST, REVIEW = "00_start_here.ipynb", "10_review.ipynb"


class Course(click.Group):
    """A group of commands whose foreseeable errors are one sentence, not a traceback."""

    def invoke(self, ctx):
        """Run the command; a course error or a failing disk ends it with exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # nobody reads on: click ends quietly
        except (CourseError, OSError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Course)
@click.version_option(__version__)
def main():
    """Bend: a course on activation functions."""
    # Into a pipe or a file Windows writes in a code page that has no σ.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not stream.isatty():
            stream.reconfigure(encoding="utf-8")


def _opens(command):
    """The options of a command that starts JupyterLab."""
    port = click.option("--port", type=click.IntRange(0, 65535), help="Use this port and no other.")
    no_browser = click.option(
        "--no-browser", is_flag=True, help="Print the address instead of opening it."
    )
    folder = click.option(
        "--folder", type=click.Path(path_type=Path), help="Keep the working copy here."
    )
    return port(no_browser(folder(command)))


@main.command()
@_opens
def lab(port, no_browser, folder):
    """Open the course in JupyterLab, in a working copy that is yours."""
    _open(FIRST, port, no_browser, folder)


@main.command()
@_opens
def review(port, no_browser, folder):
    """Open what is due for review, as `bend lab` opens the course."""
    _open(REVIEW, port, no_browser, folder)


def _open(notebook, port, no_browser, folder):
    from bend.workspace import course_folder, notebooks_folder, update

    course = (folder or course_folder()).absolute()
    _tell(update(notebooks_folder(), course), course)
    click.echo("JupyterLab is starting; Ctrl+C here stops it.")
    start_jupyterlab(lab_arguments(course, port, no_browser, notebook))


@main.command()
@click.argument("lesson")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the working copy is.")
def reset(lesson, folder):
    """Make a LESSON (such as 01) fresh; keep the old one."""
    from bend.workspace import course_folder, notebooks_folder, renew

    fresh, old = renew(lesson, notebooks_folder(), folder or course_folder())
    click.echo(f"{fresh.name} is fresh." + (f" Your copy is now {old.name}." if old else ""))


@main.command()
def check():
    """Check the question bank and say everything that is wrong with it."""
    from bend.quiz.bank import load_bank
    from bend.quiz.lint import lint
    from bend.workspace import notebooks_folder

    bank = load_bank()
    faults = lint(bank, notebooks_folder())
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(bank)} questions, {len(faults)} faults")
    sys.exit(1 if faults else 0)


@main.command()
def where():
    """Say where your progress is, how to move and delete it."""
    from bend.quiz import log

    log.where()


def _named(default):
    return click.argument("file", default=default, type=click.Path(path_type=Path))


replacing = click.option("--force", is_flag=True, help="Replace the file if there is one.")


@main.group()
def export():
    """Write your progress, or the questions, to a file."""


@main.group("import")
def import_():
    """Read what was exported."""


@export.command("anki")
@_named("bend.apkg")
@replacing
def export_anki(file, force):
    """The questions as Anki decks; a later FILE renews them."""
    from bend.quiz import bank, export, log, transfer

    transfer.save(file, export.anki_package(bank.load_bank(), log.now()), force=force)
    click.echo(f"The decks are in {file}; open it with Anki.")


@export.command("csv")
@_named("bend.csv")
@replacing
def export_csv(file, force):
    """The questions and answers as a table."""
    from bend.quiz import bank, export, transfer

    transfer.save(file, export.csv_table(bank.load_bank()), force=force)
    click.echo(f"{len(bank.load_bank())} questions in {file}")


@export.command("log")
@_named("bend-log.jsonl")
@replacing
def export_log(file, force):
    """Your progress in one FILE, for another machine."""
    from bend.quiz import log, transfer

    mine = log.default_log()
    mine.check_home()
    transfer.save(file, transfer.export_log(mine), force=force)
    click.echo(f"{transfer.count(len(mine.events()), 'event')} in {file}{transfer.left_out(mine)}")


@import_.command("log")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_log(files):
    """Add the progress in exported FILES to yours."""
    from bend.quiz import log, transfer

    click.echo(transfer.import_log(files, log.default_log()))


@main.command()
@click.argument("lessons", nargs=-1)
def key(lessons):
    """Print the answer key of LESSONS (such as 01), or of all."""
    from bend.quiz import bank, sheet

    questions = bank.load_bank()
    chosen = [lesson.zfill(2) for lesson in lessons] or questions.stems
    width = min(shutil.get_terminal_size().columns, 100)
    click.echo(sheet.answer_key(questions, chosen, width))


@main.command()
def progress():
    """Print what you answered, what stays and what is due when."""
    from bend.quiz import log, report

    log.default_log().check_home()
    click.echo(report.in_text(report.make(log.default_log(), log.now())))


@main.command("class")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def class_(files):
    """Print what a class found hard, from the learners' exported FILES."""
    from bend.quiz import bank, classroom

    width = min(shutil.get_terminal_size().columns, 100)
    click.echo(classroom.in_text(classroom.learners(files), bank.load_bank(), width))
    if said := classroom.not_read(files):
        click.echo(f"\n{said}")


def lab_arguments(
    course: Path, port: int | None, no_browser: bool, notebook: str = FIRST
) -> list[str]:
    """The command line of JupyterLab: on this machine only, asking the network for nothing."""
    chosen = [] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return [
        f"--ServerApp.root_dir={course}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.answer_yes=True",  # one Ctrl+C stops it, as it says
        "--ServerApp.kernel_websocket_connection_class=bend.server.PromptConnection",
        *chosen,
        *(["--no-browser"] if no_browser else []),
        # The server refuses to run as root unless told to; on other accounts nothing changes.
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        f"--LabApp.default_url=/lab/tree/{notebook}",
        # The server itself asks for news and updates, whatever the page's settings are.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # The user's other notebooks keep their own layout.
        f"--LabApp.workspaces_dir={course / '.bend' / 'workspaces'}",
        "--Application.log_level=WARN",
    ]


def start_jupyterlab(arguments: list[str]):
    """Run JupyterLab in this process, with the course's settings beneath the user's own."""
    settings = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    # `bend` works in JupyterLab's terminal too, though nobody activated the environment.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if os.environ.get("BEND_HOME", "none") not in ("", "none"):
        from bend.quiz.log import default_log

        # Kernels run in the working copy, where a relative path would be another folder.
        os.environ["BEND_HOME"] = str(default_log().home)
    # The course's matrices are small: a second thread would spin more than it computes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(arguments)


def _tell(done, course):
    click.echo(f"Your working copy is {course}")
    if done.new:
        click.echo(f"New: {', '.join(done.new)}")
    if done.renewed:
        click.echo(f"Renewed: {', '.join(done.renewed)}")
    for name in done.kept:
        click.echo(f"{name} has a newer version and yours is kept; see `bend reset {name[:2]}`.")


if __name__ == "__main__":
    main()
