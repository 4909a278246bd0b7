"""Throughput of `sample_paths` against the bare random numbers that it needs and against other packages.

    python benchmarks/langevin.py

All in one run. A plane double well with a full tensor that depends on the state; Euler-Maruyama needs two normal
numbers a step. The limit is the rate at which the same generator gives these to a compiled loop that only adds
them. Packages that are not installed are named as such.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import sympy
from numba import njit

from theory import (
    BAOAB,
    AlphaStable,
    EulerMaruyama,
    HalfSpace,
    Heun,
    Isotropic,
    Langevin,
    LeimkuhlerMatthews,
    Milstein,
    Platen,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    TamedEuler,
    Underdamped,
    first_passage_times,
    sample_paths,
)

X, Y = sympy.symbols("x y", real=True)
WELL = SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2 + x*y/4")
FULL = SymbolicTensor(sympy.Matrix([[1 + X**2 / 4, 0], [X * Y / 5, 1 + Y**2 / 6]]) / 4, (X, Y))
DIAGONAL = SymbolicTensor(sympy.diag(1 + X**2 / 4, 1 + Y**2 / 6) / 4, (X, Y))
DT = 0.01


@njit(nogil=True)
def bare_numbers(stream: np.random.Generator, steps: int) -> float:
    total = 0.0
    for _ in range(steps):
        total += stream.standard_normal() + stream.standard_normal()
    return total


def rate(work: Callable[[], object], path_steps: int, repeats: int = 5) -> float:
    """Path-steps a second of the fastest of `repeats`: the one least disturbed."""
    work()  # compile
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return path_steps / min(times)


def ours(walkers: int, steps: int) -> dict[str, float]:
    """All schemes, each on an equation that it takes."""

    def run(sde: Langevin | Underdamped, scheme: object, threads: int = 1) -> float:
        start = np.zeros((walkers, sde.dim))
        options = {"dt": DT, "steps": steps, "scheme": scheme, "threads": threads}
        return rate(lambda: sample_paths(sde, start, rng=np.random.default_rng(1), **options), walkers * steps)

    full, warm = Langevin(WELL, FULL), Langevin(WELL, Isotropic(0.1, 2))
    rates = {
        "EulerMaruyama, one thread": run(full, EulerMaruyama()),
        "EulerMaruyama, two threads": run(full, EulerMaruyama(), 2),
        "TamedEuler": run(full, TamedEuler()),
        "Milstein, diagonal noise": run(Langevin(WELL, DIAGONAL), Milstein()),
        "Heun, diagonal noise": run(Langevin(WELL, DIAGONAL, Stratonovich()), Heun()),
        "Platen": run(full, Platen()),
        "AlphaStable(1.5, .1)": run(warm, AlphaStable(1.5, 0.1)),
        "LeimkuhlerMatthews": run(warm, LeimkuhlerMatthews()),
        "BAOAB": run(Underdamped(WELL, 1.0, 0.1), BAOAB()),
    }
    start, far = np.zeros((walkers, 2)), HalfSpace(9.0)
    watched = {"dt": DT, "steps": steps, "threads": 1}
    rates["first_passage_times, EulerMaruyama"] = rate(
        lambda: first_passage_times(warm, start, far, rng=np.random.default_rng(1), **watched), walkers * steps
    )
    return rates


def drift_and_factor(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drift (n, 2) and sqrt(2) times the factor of D (n, 2, 2) at w (n, 2), written by hand."""
    x, y = w.T
    drift = -np.stack([x * (x * x - 1) + y / 4, y + x / 4], axis=1)
    scale = math.sqrt(2) / 4
    rows = [[1 + x * x / 4, 0 * x], [x * y / 5, 1 + y * y / 6]]
    return drift, scale * np.moveaxis(np.array(rows), 2, 0)


def numpy_rate(walkers: int, steps: int) -> float:
    """Plain NumPy, all walkers at once."""
    rng = np.random.Generator(np.random.SFC64(1))

    def work() -> None:
        w = np.zeros((walkers, 2))
        for _ in range(steps):
            drift, factor = drift_and_factor(w)
            noise = rng.standard_normal((walkers, 2))
            w += DT * drift + math.sqrt(DT) * np.einsum("nik,nk->ni", factor, noise)

    return rate(work, walkers * steps, repeats=2)


def sdeint_rate(walkers: int, steps: int) -> float:
    """One path after the other, in Python."""
    import sdeint

    def drift(w: np.ndarray, _: float) -> np.ndarray:
        return drift_and_factor(w[None])[0][0]

    def factor(w: np.ndarray, _: float) -> np.ndarray:
        return drift_and_factor(w[None])[1][0]

    times = np.arange(steps + 1) * DT
    return rate(lambda: sdeint.itoEuler(drift, factor, np.zeros(2), times), steps, repeats=1)


def diffrax_rate(walkers: int, steps: int) -> float:
    """Compiled by JAX, in double precision, vectorised over the paths."""
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def drift(_: object, w: jax.Array, __: object) -> jax.Array:
        return -jnp.array([w[0] * (w[0] * w[0] - 1) + w[1] / 4, w[1] + w[0] / 4])

    def factor(_: object, w: jax.Array, __: object) -> jax.Array:
        rows = [[1 + w[0] * w[0] / 4, 0.0 * w[0]], [w[0] * w[1] / 5, 1 + w[1] * w[1] / 6]]
        return math.sqrt(2) / 4 * jnp.array(rows)

    end = steps * DT

    def path(key: jax.Array) -> jax.Array:
        shape = jax.ShapeDtypeStruct((2,), jnp.float64)
        brownian = diffrax.UnsafeBrownianPath(shape=shape, key=key)
        terms = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(factor, brownian))
        solution = diffrax.diffeqsolve(
            terms,
            diffrax.Euler(),
            0.0,
            end,
            DT,
            jnp.zeros(2),
            adjoint=diffrax.DirectAdjoint(),
            max_steps=steps + 9,
        )
        return solution.ys[-1]

    batch = jax.jit(jax.vmap(path))
    keys = jax.random.split(jax.random.key(1), walkers)
    return rate(lambda: batch(keys).block_until_ready(), walkers * steps, repeats=3)


def torchsde_rate(walkers: int, steps: int) -> float:
    """PyTorch in double precision on one thread, vectorised over the paths."""
    import torch
    import torchsde

    torch.set_num_threads(1)

    class Equation(torch.nn.Module):
        noise_type, sde_type = "general", "ito"

        def f(self, _: object, w: torch.Tensor) -> torch.Tensor:
            x, y = w[:, 0], w[:, 1]
            return -torch.stack([x * (x * x - 1) + y / 4, y + x / 4], dim=1)

        def g(self, _: object, w: torch.Tensor) -> torch.Tensor:
            x, y = w[:, 0], w[:, 1]
            rows = [1 + x * x / 4, 0 * x, x * y / 5, 1 + y * y / 6]
            return math.sqrt(2) / 4 * torch.stack(rows, dim=1).reshape(-1, 2, 2)

    start = torch.zeros((walkers, 2), dtype=torch.float64)
    times = torch.tensor([0.0, steps * DT], dtype=torch.float64)

    def work() -> object:
        with torch.no_grad():
            return torchsde.sdeint(Equation(), start, times, dt=DT, method="euler")

    return rate(work, walkers * steps, repeats=2)


def peers() -> dict[str, float | None]:
    """Rates of other packages; None for those that are not installed. Sizes suit each package."""
    rates: dict[str, float | None] = {}
    for name, measure, walkers, steps in (
        ("plain NumPy", numpy_rate, 10_240, 200),
        ("diffrax", diffrax_rate, 10_240, 200),
        ("torchsde", torchsde_rate, 10_240, 200),
        ("sdeint", sdeint_rate, 1, 2000),
    ):
        try:
            rates[name] = measure(walkers, steps)
        except ImportError:
            rates[name] = None
    return rates


def main(walkers: int = 20_480, steps: int = 500) -> dict[str, float | None]:
    """Rates in path-steps a second; prints them with their ratio to the limit."""
    stream = np.random.Generator(np.random.SFC64(1))
    limit = rate(lambda: bare_numbers(stream, walkers * steps), walkers * steps)
    rates: dict[str, float | None] = {"bare normal numbers": limit, **ours(walkers, steps), **peers()}
    for name, value in rates.items():
        if value is None:
            print(f"{name:36} not installed")
        else:
            print(f"{name:36} {value / 1e6:10.3f} million path-steps a second, {value / limit:8.4f} of the limit")
    return rates


if __name__ == "__main__":
    main()
