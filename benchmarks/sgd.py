"""Throughput of `run_sgd` against the bare random numbers that it needs, on one core, in one run.

    python benchmarks/sgd.py

Cubic q in one dimension, batch 30, fresh data: two random numbers a step, a gamma and a normal one. The limit is
the rate at which the same generator gives these numbers to a compiled loop that does nothing with them but add.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import numpy as np
from numba import njit

from simulate import SGD, run_sgd
from theory import ProductModel, langevin_limit, sample_paths

BATCH = 30


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


def main(walkers: int = 20_480, steps: int = 1000) -> dict[str, float]:
    """Rates in steps a second; prints them with their ratio to the limit."""
    model = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
    sgd = SGD(0.004, BATCH)
    start = np.full((walkers, 1), -1.8)
    stream = np.random.Generator(np.random.SFC64(1))
    total = walkers * steps

    def sgd_run(threads: int, length: int = steps) -> Callable[[], object]:
        return lambda: run_sgd(model, sgd, start, steps=length, rng=np.random.default_rng(1), threads=threads)

    def paths() -> object:
        sde = langevin_limit(model, sgd)
        return sample_paths(sde, start, dt=0.0005, steps=steps, rng=np.random.default_rng(1), threads=1)

    bare_numbers(stream, 1, 0.5 * BATCH)
    sgd_run(1, 1)()  # compile
    rates = {
        "bare gamma and normal": rate(lambda: bare_numbers(stream, total, 0.5 * BATCH), total),
        "run_sgd, one thread": rate(sgd_run(1), total),
        "run_sgd, two threads": rate(sgd_run(2), total),
        "sample_paths, one thread": rate(paths, total),
    }
    limit = rates["bare gamma and normal"]
    for name, value in rates.items():
        print(f"{name:26} {value / 1e6:8.1f} million steps a second, {value / limit:5.2f} of the limit")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sgd_run(1, 10 * steps)()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"ten times the steps add {(after - before) / 1024:.1f} MB to the peak memory of {after / 1024:.0f} MB")
    return rates


if __name__ == "__main__":
    main()
