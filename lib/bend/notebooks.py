"""Execute notebooks so that the same content gives the same bytes: `python -m bend.notebooks`.

A diff of a notebook then shows what a reader would see change, and nothing else.
"""

import copy
import os
import sys
import time
from pathlib import Path

import click
import nbformat

from bend.errors import BadInput, CourseError
from bend.pictures import look_the_same

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
# Progress stays out of notebooks, and sums are added in one order whatever the number of cores.
ENVIRONMENT = {"BEND_HOME": "none", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
CELL_TIMEOUT = 60


class CellFailed(CourseError):
    """A cell of a notebook raised, hung or took its kernel down."""


def read(path):
    """The notebook at `path`.

    Raises:
        BadInput: the file is not a notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BadInput(f"{path} cannot be read as a notebook: {reason}") from error


def to_bytes(notebook):
    """The file that holds `notebook`: one spelling on every system."""
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def strip_outputs(notebook):
    """A copy of `notebook` as a learner first meets it: not run, nothing folded."""
    fresh = copy.deepcopy(notebook)
    for cell in fresh["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
            cell["metadata"].get("jupyter", {}).pop("outputs_hidden", None)
            if not cell["metadata"].get("jupyter", True):
                del cell["metadata"]["jupyter"]
    return fresh


def normalise(notebook):
    """Take out of `notebook`, in place, whatever differs between two equal runs."""
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    notebook["metadata"] = nbformat.from_dict(METADATA)
    for cell in notebook["cells"]:
        kept = {k: v for k, v in cell["metadata"].items() if k in ("jupyter", "tags") and v}
        cell["metadata"] = nbformat.from_dict(kept)
        for output in cell.get("outputs", ()):
            # Without its kernel JupyterLab draws a stored view as an error and hides the fallback.
            output.get("data", {}).pop(WIDGET_VIEW, None)


def keep_what_looks_the_same(run, stored):
    """Put back into `run`, in place, each stored output that a reader could not tell from it.

    Another processor rounds differently, and a picture's bytes differ long before it does.
    """
    for cell, before in zip(run["cells"], stored["cells"], strict=True):
        if len(cell.get("outputs", ())) == len(before.get("outputs", ())) > 0:
            cell["outputs"] = [
                old if look_the_same(new, old) else new
                for new, old in zip(cell["outputs"], before["outputs"], strict=True)
            ]


def execute(notebook, name, folder):
    """A copy of `notebook` run from top to bottom by this Python, in `folder`, and normalised.

    Raises:
        CellFailed: naming the notebook, the cell and what happened in it.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    run = strip_outputs(notebook)
    for fresh, cell in zip(run["cells"], notebook["cells"], strict=True):
        fresh["metadata"] = copy.deepcopy(cell["metadata"])
    running = []
    client = NotebookClient(
        run,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        # Every kernel would otherwise remark on its transport.
        extra_arguments=["--Application.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: running.append(cell_index),
    )
    client.km = _this_python(client.create_kernel_manager())
    try:
        client.execute(env={**os.environ, **ENVIRONMENT})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell = run["cells"][running[-1]]
        raise CellFailed(f"{name}, cell {running[-1]} ({cell['id']}): {_what(error)}") from error
    normalise(run)
    return run


def _this_python(manager):
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        # A kernel called python3 may be installed for the user and run another Python.
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    manager.kernel_spec_manager = ThisPython()
    return manager


def _what(error):
    if hasattr(error, "ename"):
        return f"{error.ename}: {error.evalue}"
    return str(error).strip().splitlines()[0]


def find(paths):
    """The notebooks among `paths`, folders searched one level deep.

    Raises:
        BadInput: a path does not exist or holds no notebook.
    """
    found = []
    for path in map(Path, paths):
        here = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
        if not here or not here[0].is_file():
            raise BadInput(f"no notebook at {path}; name a notebook or a folder of notebooks")
        found += here
    return found


@click.command(help="Execute notebooks in place; unchanged content leaves every byte as it was.")
@click.argument("paths", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when a notebook would change.")
def main(paths, check):
    """Run the notebooks named, or all in `notebooks/`."""
    stale = []
    try:
        for path in find(paths or ["notebooks"]):
            start = time.perf_counter()
            stored = read(path)
            run = execute(stored, path.name, path.parent.resolve())
            keep_what_looks_the_same(run, stored)
            data = to_bytes(run)
            same = data == path.read_bytes()
            if not same:
                stale.append(path.name)
                if not check:
                    path.write_bytes(data)
            verdict = "unchanged" if same else "differs" if check else "rewritten"
            click.echo(f"{path.name}  {verdict}  {time.perf_counter() - start:.1f} s")
    except CourseError as error:
        raise click.ClickException(str(error)) from error
    if check and stale:
        raise click.ClickException(f"run `make notebooks`: {', '.join(stale)} would change")


if __name__ == "__main__":
    sys.exit(main())
