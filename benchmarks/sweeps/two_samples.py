"""False alarms and power of `two_sample_test`, on normal laws in 2, 10 and 50 dimensions.

``python benchmarks/sweeps/two_samples.py alarms|power [PART OF A NAME] [SEED] [DIMENSION]`` prints rows;
docs/coverage.md keeps them. Alarms: 1000 pairs of equal samples. Power: a size at which the mean of three
statements is that a shift near .1 standard deviations, in one direction, is found with probability .9; then how
often that, and half of it, is found.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from compare import compare_laws
from compare.samples import Classifier, EnergyDistance, MaximumMeanDiscrepancy, SlicedWasserstein, two_sample
from compare.samples.contract import SampleDistance
from theory import Draws, Ensemble, Grid, gaussian

METHODS: dict[str, SampleDistance] = {
    "energy distance": EnergyDistance(),
    "sliced Wasserstein": SlicedWasserstein(50),
    "MMD, Gaussian, median": MaximumMeanDiscrepancy(),
    "classifier": Classifier(),
}
DIMENSIONS = (2, 10, 50)
EQUAL, SIZE, LEVELS = 1000, 50, (0.1, 0.05)
SHIFT, REPEATS, PERMUTATIONS = 0.1, {2: 100, 10: 100, 50: 40}, 199
STATEMENTS = 3  # whose mean is the shift that is counted
FIRST = {2: 3000, 10: 4700, 50: 9000}  # sizes that are tried first
CORRELATION, CLOSE = 0.9, 0.05
HEADING = {
    "alarms": "| method | d | alarms at .1 | at .05 |",
    "power": "| method | d | points each | stated | found | half the shift |",
}


def p_value(
    x: np.ndarray,
    y: np.ndarray,
    method: SampleDistance,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> float:
    """That of a test without its power, which costs most."""
    kept = two_sample._detectable
    two_sample._detectable = lambda *given: math.nan
    try:
        return two_sample.two_sample_test(x, y, rng=rng, method=method, permutations=permutations).p_value
    finally:
        two_sample._detectable = kept


def alarms(method: SampleDistance, dim: int, seed: int) -> str:
    streams = np.random.default_rng(seed).spawn(EQUAL)
    found = np.array([p_value(*rng.standard_normal((2, SIZE, dim)), method, rng) for rng in streams])
    return " | ".join(f"{(found <= level).mean():.1%}" for level in LEVELS)


def chains(rng: np.random.Generator, dim: int, thinned: bool) -> np.ndarray:
    """Draws of four correlated chains, thinned or not."""
    draws = np.empty((1000, 4, dim))
    draws[0] = rng.standard_normal((4, dim))
    for k in range(1, len(draws)):
        fresh = rng.standard_normal((4, dim))
        draws[k] = CORRELATION * draws[k - 1] + math.sqrt(1 - CORRELATION**2) * fresh
    kept = Draws(draws)
    return kept.independent().final if thinned else kept.all[: len(kept.independent().final)]


def alarms_of_chains(dim: int, thinned: bool, seed: int) -> str:
    streams = np.random.default_rng(seed).spawn(EQUAL // 4)
    found = np.array(
        [p_value(chains(rng, dim, thinned), chains(rng, dim, thinned), EnergyDistance(), rng) for rng in streams]
    )
    return " | ".join(f"{(found <= level).mean():.1%}" for level in LEVELS)


def laws_of_chains(correlation: float, counted: bool, seed: int) -> str:
    """How often chains of a normal law, counted by their effective size or one by one, differ from that law."""
    grid = Grid(-5.0, 5.0, 50)
    law, found = gaussian([0.0], [[1.0]], grid), []
    for rng in np.random.default_rng(seed).spawn(EQUAL // 4):
        draws = np.empty((500, 8, 1))
        draws[0] = rng.standard_normal((8, 1))
        for k in range(1, len(draws)):
            draws[k] = correlation * draws[k - 1] + math.sqrt(1 - correlation**2) * rng.standard_normal((8, 1))
        seen = Draws(draws) if counted else Ensemble.from_samples(draws.reshape(-1, 1))
        found.append(compare_laws(seen, {"law": law}).verdict("law") == "differs")
    return f"{np.mean(found):.1%}"


def power(method: SampleDistance, dim: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    size = FIRST[dim]
    for _ in range(3):
        pairs = [rng.standard_normal((2, size, dim)) for _ in range(STATEMENTS)]
        told = [two_sample.two_sample_test(*pair, rng=rng, method=method).detectable for pair in pairs]
        stated = float(np.mean(told))
        if abs(stated / SHIFT - 1) < CLOSE:
            break
        size = math.ceil(size * (stated / SHIFT) ** 2)
    shares = []
    for factor in (1.0, 0.5):
        chances = []
        for stream in rng.spawn(REPEATS[dim] if factor == 1 else REPEATS[dim] // 3):
            way = stream.standard_normal(dim)
            x, y = stream.standard_normal((2, size, dim))
            moved = y + factor * stated * way / np.linalg.norm(way)
            chances.append(p_value(x, moved, method, stream, PERMUTATIONS))
        shares.append(float(np.mean(np.array(chances) <= 0.05)))
    return f"{size} | {stated:.3g} ({min(told):.3g} to {max(told):.3g}) | {shares[0]:.0%} | {shares[1]:.0%}"


if __name__ == "__main__":
    kind, part, asked, only = sys.argv[1:] + ["alarms", "", "1", ""][len(sys.argv) - 1 :]
    print(HEADING[kind])
    for name, method in METHODS.items():
        for dim in DIMENSIONS:
            if part in name and only in ("", str(dim)):
                ask = alarms if kind == "alarms" else power
                print(f"| {name} | {dim} | {ask(method, dim, int(asked))} |", flush=True)
    if kind == "alarms" and part in "chains" and not only:
        for correlation in (0.5, 0.9, 0.95):
            told = [laws_of_chains(correlation, counted, int(asked)) for counted in (True, False)]
            print(f"| compare_laws, chains of correlation {correlation} | 1 | {told[0]}, as walkers {told[1]} |")
        for thinned in (True, False):
            words = "draws of chains, thinned" if thinned else "draws of chains as they are (control)"
            print(f"| energy distance, {words} | 2 | {alarms_of_chains(2, thinned, int(asked))} |", flush=True)
