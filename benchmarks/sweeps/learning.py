"""Local learning coefficients from chains, at all defaults but fewer steps, beside exact ones, in any units."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import stats
from sweep import print_rows

from theory import SymbolicLandscape, local_learning_coefficient

REGULAR = [
    ("c*w**2/2", 1 / 2),
    ("c*x**2 + d*y**2", 1.0),
    ("c*(x + y)**2 + d*(x - y)**2", 1.0),
    ("exp(c*w) - 1 - c*w", 1 / 2),
]
SINGULAR = [
    ("c*w**4", 1 / 4),
    ("c*w**6", 1 / 6),
    ("c*x**2 + d*y**4", 3 / 4),
    ("c*(x + y)**2 + d*(x - y)**4", 3 / 4),
]
CROSSING = [("c*x**2*y**2", 1 / 2), ("c*x**2*y**4", 1 / 4), ("c*x**2*(1 + y**2)", 1 / 2)]


VALLEY = [
    ("c*(y - x**2)**2 + d*x**2", 1.0),
    ("c*(y - x**2)**2 + d*x**4", 3 / 4),
    ("c*(x + y - (x - y)**2)**2 + d*(x - y)**4", 3 / 4),
    ("c*(y - x**2)**2", 1 / 2),
    ("c*(x + y)**2 + d*(x - y)**6", 2 / 3),
]


def member(cases, rng: np.random.Generator) -> list[tuple[float, float]]:
    """One problem in units of its own."""
    formula, exact = cases[rng.integers(len(cases))]
    c, d = (10.0 ** rng.uniform(-8, 8, 2)).tolist()
    if "exp" in formula:
        c = 10.0 ** rng.uniform(-4, 4)
    if cases is VALLEY:
        c = d * 10.0 ** rng.uniform(1, 5)
    landscape = SymbolicLandscape(formula.replace("c*", f"{c!r}*").replace("d*", f"{d!r}*"))
    return judged(landscape, exact, rng, 2500)


def spectrum(rng: np.random.Generator) -> list[tuple[float, float]]:
    """A quadratic form in 2 to 5 dimensions, scales over 8 decades, any rotation; half have a fourth power."""
    dim = int(rng.integers(2, 6))
    ways, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    sizes = 10.0 ** (rng.uniform(-4, 4, dim) + rng.uniform(-6, 6))
    powers = np.full(dim, 2)
    powers[rng.integers(dim)] = rng.choice([2, 4])
    lines = ["+".join(f"({float(a)!r})*x{i}" for i, a in enumerate(way)) for way in ways.T]
    terms = [f"{float(c)!r}*({line})**{n}" for c, line, n in zip(sizes, lines, powers, strict=True)]
    landscape = SymbolicLandscape("+".join(terms), [f"x{i}" for i in range(dim)])
    return judged(landscape, float((1 / powers).sum()), rng, 1500)


def judged(landscape, exact: float, rng: np.random.Generator, steps: int) -> list[tuple[float, float]]:
    """The stated error is the bias and 99 % of the t law."""
    at, examples = np.zeros(landscape.dim), 10.0 ** rng.uniform(2, 5)
    found = local_learning_coefficient(landscape, at, examples, rng=rng, steps=steps, burn_in=800)
    quantile = float(stats.t.ppf(0.995, found.degrees_of_freedom))
    return [(abs(found.value - exact), found.bias + quantile * found.error)]


KINDS = {
    "learning coefficients by chains, regular": partial(member, REGULAR),
    "learning coefficients by chains, singular": partial(member, SINGULAR),
    "learning coefficients by chains, crossings": partial(member, CROSSING),
    "learning coefficients by chains, valleys that bend": partial(member, VALLEY),
    "learning coefficients by chains, spectra in rotations": spectrum,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-3)
