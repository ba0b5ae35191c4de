"""Make `pytest --nbval` strict: what a reader would see differ fails, and nothing else does.

There are no sanitise rules. A picture inside HTML is compared as a picture and not as text,
because its bytes change with the version of the compressor while its pixels do not.
"""

import base64
import functools
import io
import re
import sys
import time
from queue import Empty

import nbformat
import nbval.kernel
import nbval.plugin
import numpy as np
import pytest
from PIL import Image

# On a scale of 0 to 255, over all pixels. Another digit in a label gives 1.5, a line that is 0.1 %
# steeper 1.1; jitter of 1e-4 of an axis 0.3, of 1e-5 0.02.
MAX_RMS = 0.5
# A picture is stored in 256 colours chosen for it, and a rounding difference, which changes the
# choice, moves whole areas by up to 7 shades that nobody sees.
SHADES = 8
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


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


def pixels(png):
    """The picture as an array (height, width, 4) of 0..255."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"), dtype=float)


def rms(png, other):
    """Root mean square of the visible differences of two pictures; inf if their sizes differ."""
    a, b = pixels(png), pixels(other)
    if a.shape != b.shape:
        return np.inf
    difference = np.abs(a - b)
    return np.sqrt(np.mean(np.where(difference > SHADES, difference, 0) ** 2))


def split_pictures(outputs):
    """(outputs without their pictures, the pictures in base64, in order)."""
    rest, pictures = [], []
    for output in outputs:
        data = dict(output.get("data", {}))
        if "image/png" in data:
            pictures.append(data["image/png"])
        if "text/html" in data:
            pictures += PICTURE.findall(data["text/html"])
            data["text/html"] = PICTURE.sub("data:image/png;base64,", data["text/html"])
        rest.append(nbformat.from_dict({**output, "data": data}) if data else output)
    return rest, pictures


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
        test, test_pictures = split_pictures(test)
        ref, ref_pictures = split_pictures(ref)
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
