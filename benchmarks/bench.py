"""How fast Bend is, as ratios within one run: `python benchmarks/bench.py`.

Prints what was measured, the ratio, its limit and whether it holds; exits with 1 if one does not.
Each ratio is the median over repeats in which ours and theirs take turns, on one thread, so that
whatever slows the machine down for a while slows down both.
"""

# ruff: noqa: E402

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import subprocess
import sys
from functools import partial
from itertools import pairwise
from time import perf_counter

import numpy as np

from bend import ACTIVATIONS, SGD, Adam, binary_cross_entropy, fit, mlp, relu

try:
    import torch
except ModuleNotFoundError:
    torch = None

WIDTHS, BATCH, STEPS = (2, 64, 64, 1), 256, 20

# SGD and Adam against the bare matrix products, then against PyTorch's autograd step. How far a
# step keeps within them is the processor's: seen were 1.83, 1.97, 0.41, 0.32 and in float64 0.47,
# 0.40 on one with fast products, and 1.37, 1.54, 0.53, 0.40, 0.65, 0.55 on one with a fast PyTorch,
# where the products alone take 0.39 and 0.48 of its step. Buffers that layers share and overwrite
# would be quicker; plain passes over new arrays are what one can read.
LIMITS = {np.float32: (1.5, 1.75, 0.40, 0.35), np.float64: (None, None, 0.50, 0.45)}


def ratio(ours, theirs, repeats=101, calls=1):
    """Median of time of ours() over time of theirs(), the two taking turns."""
    for function in (ours, theirs):  # once to warm up
        function()
    return np.median([_time(ours, calls) / _time(theirs, calls) for _ in range(repeats)])


def _time(function, calls):
    start = perf_counter()
    for _ in range(calls):
        function()
    return perf_counter() - start


def data(dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, 2)).astype(dtype)
    return x, (x[:, :1] * x[:, 1:] > 0).astype(dtype)


def steps_of_bend(optimizer, dtype):
    x, y = data(dtype)
    network = mlp(WIDTHS, relu, rng=np.random.default_rng(1), dtype=dtype)
    return lambda: fit(network, x, y, loss=binary_cross_entropy, optimizer=optimizer, steps=STEPS)


def bare_products(dtype):
    """The matrix products that a step cannot do without, and nothing else."""
    rng = np.random.default_rng(2)
    inputs = [rng.normal(size=(BATCH, n)).astype(dtype) for n in WIDTHS]
    weights = [rng.normal(size=shape).astype(dtype) for shape in pairwise(WIDTHS)]

    def step():
        for a, w, grad in zip(inputs, weights, inputs[1:], strict=False):
            a @ w  # forward
            a.T @ grad  # the gradient of the weights
        for w, grad in zip(weights[1:], inputs[2:], strict=True):
            grad @ w.T  # the gradient of what went in

    return lambda: [step() for _ in range(STEPS)]


def torch_network(dtype):
    layers = []
    for n_in, n_out in pairwise(WIDTHS):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]).to(getattr(torch, np.dtype(dtype).name))


def steps_of_torch(optimizer, dtype):
    x, y = map(torch.from_numpy, data(dtype))
    network = torch_network(dtype)
    loss = torch.nn.BCEWithLogitsLoss()
    optimizer = optimizer(network.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad()
        loss(network(x), y).backward()
        optimizer.step()

    return lambda: [step() for _ in range(STEPS)]


def grids(dtype):
    ticks = np.linspace(-1, 1, 200)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2).astype(dtype)
    ours, theirs = (
        mlp(WIDTHS, relu, rng=np.random.default_rng(1), dtype=dtype),
        torch_network(dtype),
    )
    tensor = torch.from_numpy(grid)

    def forward():
        with torch.no_grad():
            theirs(tensor)

    return lambda: ours(grid), forward


# As one writes it in a notebook: the plainest that neither warns nor loses the left tail.
PLAIN = {
    "identity": (lambda z: z.copy(), lambda z: np.ones_like(z)),
    "sigmoid": (
        lambda z: np.where(z > 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
        lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
    ),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "leaky_relu": (
        lambda z: np.maximum(z, 0.01 * z),
        lambda z: np.where(z > 0, z.dtype.type(1), z.dtype.type(0.01)),
    ),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.exp(np.minimum(z, 0)),
    ),
    "selu": (
        lambda z: 1.0507 * np.where(z > 0, z, 1.6733 * np.expm1(np.minimum(z, 0))),
        lambda z: 1.0507 * np.where(z > 0, 1, 1.6733 * np.exp(np.minimum(z, 0))),
    ),
    "silu": (
        lambda z: z * PLAIN["sigmoid"][0](z),
        lambda z: PLAIN["sigmoid"][0](z) * (1 + z * PLAIN["sigmoid"][0](-z)),
    ),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: PLAIN["sigmoid"][0](z)),
}


def activations(dtype):
    z = np.random.default_rng(3).normal(0, 3, (BATCH, 64)).astype(dtype)
    for name, plain in PLAIN.items():
        ours = ACTIVATIONS[name].value, ACTIVATIONS[name].derivative
        for what, function, theirs in zip(("", " slope"), ours, plain, strict=True):
            yield name + what, ratio(partial(function, z), partial(theirs, z), calls=20), 1.2


def run_python(code):
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def measurements():
    for dtype, (sgd_bare, adam_bare, sgd_torch, adam_torch) in LIMITS.items():
        name = np.dtype(dtype).name
        sgd, adam = steps_of_bend(SGD(0.01), dtype), steps_of_bend(Adam(0.01), dtype)
        bare = bare_products(dtype)
        yield f"SGD step / bare matrix products, {name}", ratio(sgd, bare), sgd_bare
        yield f"Adam step / bare matrix products, {name}", ratio(adam, bare), adam_bare
        if torch:
            theirs = steps_of_torch(torch.optim.SGD, dtype)
            yield f"bare matrix products / PyTorch's SGD step, {name}", ratio(bare, theirs), None
            yield f"SGD step / PyTorch's, {name}", ratio(sgd, theirs), sgd_torch
            theirs = steps_of_torch(torch.optim.Adam, dtype)
            yield f"Adam step / PyTorch's, {name}", ratio(adam, theirs), adam_torch
            yield f"200 × 200 grid / PyTorch's, {name}", ratio(*grids(dtype)), 1.0
        for what, measured, limit in activations(dtype):
            yield f"{what} / plainest stable NumPy, {name}", measured, limit
    numpy = run_python("import numpy")
    yield "import bend / import numpy", ratio(run_python("import bend"), numpy, 11), 1.0
    yield (
        "from bend import fit / import numpy",
        ratio(run_python("from bend import fit"), numpy, 11),
        1.5,
    )


def main():
    print(f"NumPy {np.__version__}, ", end="")
    if torch:
        torch.set_num_threads(1)
        print(f"PyTorch {torch.__version__}")
    else:
        print("no PyTorch: its ratios are not measured")
    failed = 0
    for what, measured, limit in measurements():
        ok = limit is None or measured <= limit
        failed += not ok
        limit = "" if limit is None else f"≤ {limit:.2f}"
        print(f"{what:55} {measured:6.2f}  {limit:6}  {'ok' if ok else 'TOO SLOW'}", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
