"""The order at which laws of Hessian noise in the plane come to products of lines: fitted on four grids.

python benchmarks/sweeps/hessian_noise_order.py [SEED] [PROBLEMS]
"""

from __future__ import annotations

import sys

import numpy as np
from hessian_noise import READINGS, Shape, behind_gates, bump, circle, curved, found_law, kind_for, smooth

from theory import NoStationaryDensity

SIDES = (12, 18, 27, 40)
ROUNDING = 1e-12  # misses below it say nothing of an order
KINDS = {
    "convex": (curved,),
    "smooth |H|": (smooth,),
    "gates on a torus": (circle,),
    "gates in a box": (bump,),
    "wells behind gates": (behind_gates, curved),
}


def fitted_order(shapes: tuple[Shape, ...], rng: np.random.Generator) -> float | None:
    """The slope of log miss over log spacing, None where a grid is refused or exact to rounding."""
    reading, scale = READINGS[rng.integers(3)], float(np.exp(rng.uniform(np.log(0.05), np.log(0.5))))
    kind = kind_for(shapes[0], rng)
    lines = [shapes[k % len(shapes)](rng, scale, kind) for k in range(2)]
    misses = []
    for n in SIDES:
        truth = np.multiply.outer(*(one.masses(n, scale, reading.share) for one in lines))
        try:
            law = found_law(lines, [n, n], scale, reading)
        except NoStationaryDensity:
            return None
        misses.append(float(np.abs(law.probabilities - truth).sum() / 2))
    if min(misses) < ROUNDING:
        return None
    return -float(np.polyfit(np.log(SIDES), np.log(misses), 1)[0])


def main() -> None:
    """Print the quartiles of the order of each kind."""
    given = [int(x) for x in sys.argv[1:]]
    seed, problems = given + [1, 16][len(given) :]
    print("| kind | fitted | order, quartiles |")
    print("|---|---|---|")
    for name, shapes in KINDS.items():
        rng = np.random.default_rng(seed)
        orders = [order for order in (fitted_order(shapes, rng) for _ in range(problems)) if order is not None]
        quartiles = np.quantile(orders, [0.25, 0.5, 0.75]) if orders else [np.nan] * 3
        print(f"| {name} | {len(orders)} | {' / '.join(f'{x:.1f}' for x in quartiles)} |", flush=True)


if __name__ == "__main__":
    main()
