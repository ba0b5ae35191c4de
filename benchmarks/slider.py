"""How fast a figure follows its slider in a real browser: `python benchmarks/slider.py`.

Prints what was measured, its limit and whether it holds; exits with 1 if one does not. One step
of the slider, until the new picture is painted, is compared with the same figure drawn by
matplotlib under ipywidgets' `interact`, the two taking turns in one notebook.
"""

import statistics
import sys

from page import Notebook, lab_and_browser, open_page

STEPS = 61
MEDIAN, SLOWEST, FASTER = 50, 100, 3
OURS = """
from bend.live import explore_slope
explore_slope("tanh")
"""
THEIRS = """
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider, interact

ALONG = np.linspace(-6, 6, 481)

@interact(z=FloatSlider(1.0, min=-6, max=6, step=0.05))
def slope(z):
    value, slope = np.tanh(z), 1 - np.tanh(z) ** 2
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    left.plot(ALONG, np.tanh(ALONG))
    left.plot([z - 1, z + 1], [value - slope, value + slope], color="black")
    left.plot(z, value, "o")
    left.set(xlim=(-6, 6), ylim=(-1.2, 1.2), xlabel="pre-activation z", title="Value")
    right.plot(ALONG, 1 - np.tanh(ALONG) ** 2, color="C1")
    right.plot(z, slope, "o")
    right.set(xlim=(-6, 6), ylim=(-0.2, 1.2), xlabel="pre-activation z", title="Slope")
    plt.show()
"""
# Milliseconds from a step until the new picture is painted: a frame is drawn before the timeout.
STEP = """(ours) => new Promise((resolve) => {
  const painted = () => requestAnimationFrame(() =>
    setTimeout(() => resolve(performance.now() - start)));
  const figure = document.querySelector(".bend-live");
  const output = document.querySelector(".widget-interact");
  const watch = new MutationObserver(async (changes) => {
    if (ours) {
      watch.disconnect();
      return painted();
    }
    const [image] = changes.flatMap((change) => [...change.addedNodes])
      .map((node) => node.matches?.("img") ? node : node.querySelector?.("img")).filter(Boolean);
    if (!image) return;
    watch.disconnect();
    await image.decode();
    painted();
  });
  if (ours) watch.observe(figure, { attributeFilter: ["data-drawn"] });
  else watch.observe(output, { subtree: true, childList: true });
  const start = performance.now();
  if (ours) {
    const slider = figure.querySelector('[data-control="z"] input[type=range]');
    slider.stepUp();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  } else {
    const handle = output.querySelector(".noUi-handle");
    handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }
})"""


def steps(page, lab):
    """(ours, theirs): the milliseconds of each step, the two taking turns."""
    lab.write("sliders.ipynb", OURS, THEIRS)
    notebook = Notebook(page, lab, "sliders.ipynb")
    notebook.run_all()
    page.locator(".widget-interact img").wait_for()
    page.locator(".bend-live[data-drawn]").wait_for()
    assert notebook.complaints() == []
    taken = [(milliseconds(notebook, True), milliseconds(notebook, False)) for _ in range(STEPS)]
    notebook.close()
    return zip(*taken, strict=True)


def milliseconds(notebook, ours):
    """From a step to its picture, when all that came before is over."""
    notebook.page.wait_for_timeout(100)
    notebook.wait_until_ready()
    return notebook.page.evaluate(STEP, ours)


def measure():
    with lab_and_browser() as (lab, browser), open_page(browser) as page:
        return steps(page, lab)


def main():
    ours, theirs = measure()
    median, slowest = statistics.median(ours), statistics.quantiles(ours, n=20)[-1]
    other = statistics.median(theirs)
    print(f"medians of {STEPS} steps: explorer {median:.1f} ms, interact {other:.1f} ms")
    found = [
        ("step of a slider, median, ms", median, "≤", MEDIAN, median <= MEDIAN),
        ("step of a slider, 95th percentile, ms", slowest, "≤", SLOWEST, slowest <= SLOWEST),
        (
            "interact with matplotlib / explorer",
            other / median,
            "≥",
            FASTER,
            other >= FASTER * median,
        ),
    ]
    for what, measured, sign, limit, holds in found:
        print(f"{what:38} {measured:6.1f}  {sign} {limit}  {'ok' if holds else 'TOO SLOW'}")
    return not all(holds for *_, holds in found)


if __name__ == "__main__":
    sys.exit(main())
