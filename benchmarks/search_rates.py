"""Which learning rate suits which activation: `python benchmarks/search_rates.py`.

For each task, number of hidden layers and activation every rate of a grid trains ten networks until
95 of 100 training examples are right. Best is the rate at which the fewest of the ten fail, then
that with the fewest steps in the median, then that with the lowest loss at the end. The table is
printed and written to `rates.csv` beside this file. Lesson 04 and its tests take their rates from
there and use seeds that the search has not seen. It takes about five minutes.
"""

import csv
import sys
from itertools import product
from pathlib import Path

import numpy as np

from bend import (
    Momentum,
    binary_cross_entropy,
    digits,
    fit,
    glorot,
    he,
    leaky_relu,
    mlp,
    relu,
    sigmoid,
    softmax_cross_entropy,
    spirals,
    tanh,
)
from bend.errors import TrainingDiverged

SEEDS = range(100, 110)
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
PATIENCE = {"digits": 600, "spirals": 1500}
DEPTHS = {"digits": (1, 2, 3, 4, 6), "spirals": (1, 2)}
ACTIVATIONS = {
    "relu": (relu, he()),
    "tanh": (tanh, glorot()),
    "sigmoid": (sigmoid, glorot()),
    "leaky 0.01": (leaky_relu(0.01), he()),
    "leaky 0.1": (leaky_relu(0.1), he()),
    "leaky 0.3": (leaky_relu(0.3), he()),
}


def task(name, rng):
    """(x, y, outputs, loss): 500 digits, or 200 points on two spirals."""
    if name == "spirals":
        return *spirals(200, rng=rng, standardise=True), 1, binary_cross_entropy
    x, labels = digits()
    rows = rng.permutation(len(x))[:500]
    return (x[rows] - x.mean()) / x.std(), labels[rows], 10, softmax_cross_entropy


def train(name, activation, depth, rate, seed):
    """Steps to the goal and the last loss: full batches, momentum 0.9."""
    g, start = ACTIVATIONS[activation]
    rng = np.random.default_rng(seed)
    x, y, outputs, loss = task(name, rng)
    widths = [x.shape[1]] + [32] * depth + [outputs]
    network = mlp(widths, g, rng=rng, initializer=start)
    goal = {"steps": PATIENCE[name], "stop_at_accuracy": 0.95, "progress": False}
    try:
        history = fit(network, x, y, loss=loss, optimizer=Momentum(rate), **goal)
    except TrainingDiverged:
        return np.inf, np.inf
    return history.steps if history.reached else np.inf, history.losses[-1]


def search(name, activation, depth):
    """{rate: (failures, median steps, median last loss)}: the least is the best."""
    found = {}
    for rate in RATES:
        steps, losses = zip(*(train(name, activation, depth, rate, s) for s in SEEDS), strict=True)
        found[rate] = steps.count(np.inf), float(np.median(steps)), float(np.median(losses))
    return found


def main():
    print("median steps at rate", *(f"{rate:5g}" for rate in RATES), " best", sep="  ")
    rows = []
    for name, depths in DEPTHS.items():
        for depth, activation in product(depths, ACTIVATIONS):
            found = search(name, activation, depth)
            best = min(found, key=found.get)
            steps = [f"{s:5.0f}" if np.isfinite(s) else "never" for _, s, _ in found.values()]
            print(f"{name:8}{depth} {activation:10}", *steps, f"{best:5g}", sep="  ", flush=True)
            rows.append([name, depth, activation, f"{best:g}", f"{found[best][1]:g}"])
    with Path(__file__).with_name("rates.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["task", "hidden layers", "activation", "rate", "median steps"])
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
