"""Walker-steps a second of networks, against a plain jitted scan of the same model in JAX, and their memory.

    python benchmarks/networks.py

The scan is what a user of JAX writes by hand: all walkers at once, batches gathered on the device, nothing checked
or observed, its own random numbers. The two-layer network has 30 weights and 200 points; the larger one 10^4
weights and pictures of 784 pixels. JAX and PyTorch take the threads that they take; `run_sgd` runs its blocks of
512 walkers side by side.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from simulate import SGD, WithReplacement, run_sgd
from theory import DatasetModel, from_jax, from_torch, two_layer_network

HIDDEN, POINTS, BATCH, RATE = 10, 200, 10, 0.01
TURNS = 7
RNG = np.random.default_rng(1)
X = RNG.normal(size=(POINTS, 2))
Y = np.tanh(X @ [1.0, -0.5]) + 0.3 * RNG.normal(size=POINTS)
START = RNG.normal(size=3 * HIDDEN) / 2
PIXELS, UNITS, CLASSES = 784, 12, 10
PICTURES, LABELS = RNG.normal(size=(2000, PIXELS)), RNG.integers(CLASSES, size=2000)


def two_layers(tree, x, y):
    import jax.numpy as jnp

    return (tree["a"] @ jnp.tanh(tree["b"] @ x) - y) ** 2 / 2


def perceptron(tree, x, y):
    import jax
    import jax.numpy as jnp

    hidden = jnp.tanh(tree["w1"] @ x + tree["b1"])
    return -jax.nn.log_softmax(tree["w2"] @ hidden + tree["b2"])[y]


def scan(loss: Callable[..., object], tree: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray, batch: int):
    """A jitted loop over steps of SGD for walkers w (n, d), as one writes it in JAX."""
    import jax
    from jax.flatten_util import ravel_pytree

    unravel = ravel_pytree(tree)[1]
    inputs, labels = jax.numpy.asarray(x), jax.numpy.asarray(y)

    def mean(w, xs, ys):
        return jax.vmap(loss, (None, 0, 0))(unravel(w), xs, ys).mean()

    gradients = jax.vmap(jax.grad(mean))

    @jax.jit
    def run(w, keys):
        def step(w, key):
            chosen = jax.random.randint(key, (len(w), batch), 0, len(inputs))
            return w - RATE * gradients(w, inputs[chosen], labels[chosen]), None

        return jax.lax.scan(step, w, keys)[0]

    def work(start: np.ndarray, steps: int) -> None:
        run(start, jax.random.split(jax.random.key(1), steps)).block_until_ready()

    return work


def ours(model: DatasetModel, batch: int, threads: int | None) -> Callable[[np.ndarray, int], None]:
    sgd = SGD(RATE, batch, sampling=WithReplacement())

    def work(start: np.ndarray, steps: int) -> None:
        run_sgd(model, sgd, start, steps=steps, rng=np.random.default_rng(1), threads=threads)

    return work


def rates(
    works: dict[str, Callable[[np.ndarray, int], None]], start: np.ndarray, steps: int
) -> dict[str, tuple[float, float]]:
    """Walker-steps a second, and a second of a processor, of the best of several turns after one that compiles."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(TURNS + 1):
        for name, work in works.items():
            begin = time.perf_counter(), time.process_time()
            work(start, steps)
            if turn:
                times[name].append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
    total = len(start) * steps
    return {name: tuple(total / min(column) for column in zip(*each, strict=True)) for name, each in times.items()}


def module_of(layers: tuple[int, ...]) -> object:
    import torch

    pairs = pairwise(layers)
    parts = [part for a, b in pairs for part in (torch.nn.Linear(a, b), torch.nn.Tanh())]
    return torch.nn.Sequential(*parts[:-1])


def small() -> None:
    tree = {"a": START[:HIDDEN], "b": START[HIDDEN:].reshape(HIDDEN, 2)}
    models = {"by hand, NumPy": two_layer_network(X, Y, HIDDEN), "from_jax": from_jax(two_layers, tree, X, Y)}
    if importlib.util.find_spec("torch"):
        import torch

        module = torch.nn.Sequential(
            torch.nn.Linear(2, HIDDEN, bias=False), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 1, bias=False)
        )
        models["from_torch"] = from_torch(module, lambda out, y: (out[:, 0] - y) ** 2 / 2, X, Y)
    works = {"plain JAX scan": scan(two_layers, tree, X, Y, BATCH)}
    works |= {name: ours(model, BATCH, None) for name, model in models.items()}
    works["from_jax, one thread"] = ours(models["from_jax"], BATCH, 1)
    for walkers in (512, 4096, 32):
        start, steps = np.tile(START, (walkers, 1)), 100_000 // walkers
        found = rates(works, start, steps)
        for name, (wall, processor) in found.items():
            shares = wall / found["plain JAX scan"][0], processor / found["plain JAX scan"][1]
            print(
                f"{walkers:5} walkers  {name:22} {wall:10,.0f} a second  {shares[0]:5.2f} of the scan   "
                f"{processor:10,.0f} a processor's second  {shares[1]:5.2f}",
                flush=True,
            )


def large() -> None:
    import jax

    rng = np.random.default_rng(2)
    tree = {
        "b1": np.zeros(UNITS), "b2": np.zeros(CLASSES), "w1": rng.normal(size=(UNITS, PIXELS)) / 28,
        "w2": rng.normal(size=(CLASSES, UNITS)) / 3,
    }  # fmt: skip
    models = {"from_jax": from_jax(perceptron, tree, PICTURES, LABELS)}
    if importlib.util.find_spec("torch"):
        from torch.nn.functional import cross_entropy

        models["from_torch"] = from_torch(module_of((PIXELS, UNITS, CLASSES)), cross_entropy, PICTURES, LABELS)
    works = {"plain JAX scan": scan(perceptron, tree, PICTURES, LABELS, 32)}
    works |= {name: ours(model, 32, None) for name, model in models.items()}
    start = np.tile(models["from_jax"].start, (32, 1))
    print(f"{start.shape[1]} weights, 32 walkers, batches of 32, {jax.devices()[0].platform}")
    for name, (wall, processor) in rates(works, start, 10).items():
        told = f"{32 / wall * 1000:8.1f} ms a step of all walkers, {32 / processor * 1000:8.1f} of a processor"
        print(f"{name:16} {told}")
    print(f"peak memory of all {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    if importlib.util.find_spec("jax") is None:
        sys.exit("needs JAX: pip install 'gibbsgap[jax]'")
    import jax

    with jax.enable_x64(True):
        small()
        large()
