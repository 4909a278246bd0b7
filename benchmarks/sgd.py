"""Throughput of `run_sgd` against the bare random numbers that it needs and against other ways to run SGD.

    python benchmarks/sgd.py

Cubic q in one dimension, batch 30, fresh data: two random numbers a step, a gamma and a normal one. The limit is
the rate at which the same generator gives these numbers to a compiled loop that does nothing with them but add.
The peers draw every example, as their users do; those that are not installed are left out.
"""

from __future__ import annotations

import importlib.util
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
from numba import njit

from simulate import (
    SGD,
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    first_exit,
    run_sgd,
)
from theory import ProductModel, langevin_limit, sample_paths

BATCH = 30
RATE = 0.004
WALKERS = 20_480
CUBIC = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
PLANE = ProductModel(["x - 1", "x*y"], noise_std=0.5)
MATRIX = ((0.5, 0.1), (0.1, 0.4))
RULES = (
    ("clip by value", ClipByValue(1.0)),
    ("clip by norm", ClipByNorm(1.0)),
    ("weight decay", WeightDecay(0.1)),
    ("sign", Sign()),
    ("RMSprop", RMSprop()),
    ("Adam", Adam()),
    ("AdamW", AdamW()),
    ("Lion", Lion()),
    ("SGLD", StochasticLangevin(0.1)),
    ("SGHMC", StochasticHamiltonian(0.1, 0.1)),
    ("pSGLD", PreconditionedLangevin(0.1)),
)


@njit(nogil=True)
def bare_numbers(stream: np.random.Generator, steps: int, half: float) -> float:
    total = 0.0
    for _ in range(steps):
        total += stream.standard_gamma(half) + stream.standard_normal()
    return total


def rate(work: Callable[[], object], steps: int, repeats: int = 5) -> float:
    """Steps a second of the fastest of `repeats`: the one least disturbed."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return steps / min(times)


def ours(model: ProductModel, sgd: SGD, threads: int, steps: int) -> Callable[[], object]:
    start = np.full((WALKERS, model.dim), -1.8 if model.dim == 1 else 0.5)
    return lambda: run_sgd(model, sgd, start, steps=steps, rng=np.random.default_rng(1), threads=threads)


def exits(steps: int) -> Callable[[], object]:
    start = np.full((WALKERS, 1), -1.8)
    rng = np.random.default_rng
    return lambda: first_exit(CUBIC, SGD(RATE, BATCH), start, "w < 9", steps=steps, rng=rng(1), threads=1)


def paths(steps: int) -> Callable[[], object]:
    sde, start = langevin_limit(CUBIC, SGD(RATE, BATCH)), np.full((WALKERS, 1), -1.8)
    return lambda: sample_paths(sde, start, dt=0.0005, steps=steps, rng=np.random.default_rng(1), threads=1)


def main(steps: int = 1000) -> dict[str, float]:
    """Rates in steps a second; prints them with their ratio to the limit."""
    plain, plane = SGD(RATE, BATCH), SGD(0.01, BATCH)
    turned = SGD(0.01, BATCH, preconditioner=MATRIX)
    bare_numbers(np.random.Generator(np.random.SFC64(1)), 1, 0.5 * BATCH)
    stream = np.random.Generator(np.random.SFC64(1))
    total = WALKERS * steps
    works: dict[str, tuple[Callable[[], object], int]] = {
        "bare gamma and normal": (lambda: bare_numbers(stream, total, 0.5 * BATCH), total),
        "run_sgd, one thread": (ours(CUBIC, plain, 1, steps), total),
        "run_sgd, two threads": (ours(CUBIC, plain, 2, steps), total),
        "first_exit, one thread": (exits(steps), total),
        "sample_paths, one thread": (paths(steps), total),
        "2-D, plain, one thread": (ours(PLANE, plane, 1, steps // 4), total // 4),
        "2-D, matrix, one thread": (ours(PLANE, turned, 1, steps // 4), total // 4),
        "2-D, matrix, two threads": (ours(PLANE, turned, 2, steps // 4), total // 4),
    }
    works |= {f"rule: {name}": (ours(CUBIC, SGD(RATE, BATCH, rule=rule), 1, steps), total) for name, rule in RULES}
    works |= dict(peers())
    adam = SGD(RATE, BATCH, rule=Adam())
    for warm_up in (
        ours(CUBIC, plain, 1, 1),
        ours(CUBIC, adam, 1, 1),
        exits(1),
        ours(PLANE, plane, 1, 1),
        ours(PLANE, turned, 1, 1),
    ):
        warm_up()  # compile
    rates = {name: rate(work, count, 5 if count > 1e6 else 2) for name, (work, count) in works.items()}
    limit = rates["bare gamma and normal"]
    for name, value in rates.items():
        print(f"{name:26} {value / 1e6:10.4f} million steps a second, {value / limit:8.5f} of the limit")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours(CUBIC, plain, 1, 10 * steps)()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"ten times the steps add {(after - before) / 1024:.1f} MB to the peak memory of {after / 1024:.0f} MB")
    return rates


# Other ways to the same walk


def peers(steps: int = 20) -> Iterator[tuple[str, tuple[Callable[[], object], int]]]:
    yield "NumPy, all walkers at once", (lambda: numpy_walkers(steps), WALKERS * steps)
    if importlib.util.find_spec("torch"):
        yield "PyTorch, one walker", (lambda: torch_walker(20 * steps), 20 * steps)
        yield "PyTorch, all at once", (lambda: torch_walkers(steps), WALKERS * steps)
    if importlib.util.find_spec("jax"):
        run = jax_walkers(steps)
        run()
        yield "JAX scan, all at once", (run, WALKERS * steps)


def numpy_walkers(steps: int) -> object:
    rng, w = np.random.Generator(np.random.SFC64(1)), np.full(WALKERS, -1.8)
    for _ in range(steps):
        x, y = rng.standard_normal((2, WALKERS, BATCH))
        q, slope = (w + 1.8) * (w - 1.8) ** 2, (w - 1.8) * (3 * w + 1.8)
        w = w - RATE * 2 * ((q[:, None] * x - y) * x).mean(axis=1) * slope
    return w


def torch_walker(steps: int) -> object:
    import torch

    torch.set_num_threads(1)
    w = torch.tensor(-1.8, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=RATE)
    for _ in range(steps):
        x, y = torch.randn(2, BATCH, dtype=torch.float64)
        optimiser.zero_grad()
        (((w + 1.8) * (w - 1.8) ** 2 * x - y) ** 2).mean().backward()
        optimiser.step()
    return w


def torch_walkers(steps: int) -> object:
    import torch

    torch.set_num_threads(1)
    w = torch.full((WALKERS,), -1.8, dtype=torch.float64)
    for _ in range(steps):
        x, y = torch.randn(2, WALKERS, BATCH, dtype=torch.float64)
        q, slope = (w + 1.8) * (w - 1.8) ** 2, (w - 1.8) * (3 * w + 1.8)
        w = w - RATE * 2 * ((q[:, None] * x - y) * x).mean(dim=1) * slope
    return w


def jax_walkers(steps: int) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def step(w: object, key: object) -> tuple[object, None]:
        x, y = jax.random.normal(key, (2, WALKERS, BATCH))
        q, slope = (w + 1.8) * (w - 1.8) ** 2, (w - 1.8) * (3 * w + 1.8)
        return w - RATE * 2 * ((q[:, None] * x - y) * x).mean(axis=1) * slope, None

    keys, start = jax.random.split(jax.random.key(1), steps), jnp.full(WALKERS, -1.8)
    run = jax.jit(lambda: jax.lax.scan(step, start, keys)[0])
    return lambda: run().block_until_ready()


if __name__ == "__main__":
    main()
