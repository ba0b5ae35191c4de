"""Make `pytest --nbval` strict: what a reader would see differ fails, and nothing else does.

There are no sanitise rules. A picture inside HTML is compared as a picture and not as text,
because its bytes change with the version of the compressor while its pixels do not.
"""

import functools
import sys
import time
from itertools import chain
from queue import Empty

import nbformat
import nbval.kernel
import nbval.plugin
import pytest

from bend.pictures import MAX_RMS, rms, split_pictures


def pytest_configure(config):
    # Only Linux's arithmetic is the one that the outputs were stored with.
    if config.option.nbval and sys.platform != "linux":
        config.option.nbval, config.option.nbval_lax = False, True


def pytest_report_header(config):
    if config.option.nbval:
        return "nbval: strict, pictures compared by their pixels"
    if config.option.nbval_lax:
        return "nbval: lax, outputs are not compared (they are on Linux)"
    return None


def without_pictures(outputs):
    """(outputs without their pictures, the pictures in base64, in order)."""
    rest, pictures = zip(*map(split_pictures, outputs), strict=True) if outputs else ((), ())
    return [nbformat.from_dict(output) for output in rest], [*chain(*pictures)]


def compare_pictures(test, ref):
    """A sentence for each difference between two lists of pictures."""
    if len(test) != len(ref):
        return [f"{len(ref)} pictures are stored, running the cell draws {len(test)}"]
    differences = [rms(a, b) for a, b in zip(test, ref, strict=True)]
    return [
        f"picture {n} differs: RMS {difference:.2f} of 255, allowed {MAX_RMS}"
        for n, difference in enumerate(differences, 1)
        if difference > MAX_RMS
    ]


class StrictKernel(nbval.kernel.RunningKernel):
    """A kernel that runs cells as JupyterLab does, and whose death is noticed at once."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        # Without a history IPython does not see that a line ends in a semicolon.
        return self.kc.execute(
            cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )

    def get_message(self, stream, timeout=None):
        deadline = time.monotonic() + (timeout or 0)
        while True:
            left = 1 if timeout is None else deadline - time.monotonic()
            try:
                return super().get_message(stream, timeout=max(0, min(1, left)))
            except Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died while this cell ran") from None
                if timeout is not None and left <= 0:
                    raise


class StrictCell(nbval.plugin.IPyNbCell):
    """A cell that must have been run and must show what it showed when it was stored."""

    def runtest(self):
        super().runtest()
        if self.options["check"] and self.cell.execution_count is None:
            self.raise_cell_error("Stored without having been run: `make notebooks` runs it")

    def compare_outputs(self, test, ref, skip_compare=None):
        test, test_pictures = without_pictures(test)
        ref, ref_pictures = without_pictures(ref)
        if not super().compare_outputs(test, ref, skip_compare):
            return False
        self.comparison_traceback += compare_pictures(test_pictures, ref_pictures)
        return not self.comparison_traceback


class StrictFile(nbval.plugin.IPyNbFile):
    """A notebook of strict cells."""

    def collect(self):
        for cell in super().collect():
            parts = {name: getattr(cell, name) for name in ("name", "cell_num", "cell", "options")}
            yield StrictCell.from_parent(self, **parts)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    # nbval has already made its own collector, whose place this one takes.
    collectors = yield
    return [
        StrictFile.from_parent(parent, path=file_path)
        if isinstance(collector, nbval.plugin.IPyNbFile)
        else collector
        for collector in collectors
    ]


nbval.plugin.RunningKernel = StrictKernel
# A cell must not end up in the user's own IPython history.
nbval.kernel.start_new_kernel = functools.partial(
    nbval.kernel.start_new_kernel, extra_arguments=["--HistoryManager.hist_file=:memory:"]
)
