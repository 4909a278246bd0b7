"""How the stationary solve of gibbsgap grows with the grid, and where it is as accurate as FiPy on 200x200.

    python benchmarks/fokker_planck_scaling.py

L1 errors and seconds of FiPy are those of `fokker_planck.py`, run here where it is installed.
"""

from __future__ import annotations

from importlib.util import find_spec

from fokker_planck import PROBLEMS, apart, factorisation, measure


def growth(problem: str, n: int = 200) -> str:
    """What a doubling of the cells costs, and the time over that of one LU of the same matrix."""
    coarse, fine = (apart(measure, problem, "gibbsgap", cells) for cells in (n, 2 * n))
    factors = [apart(factorisation, problem, cells) for cells in (n, 2 * n)]
    if not (isinstance(coarse, dict) and isinstance(fine, dict) and "seconds" in coarse and "seconds" in fine):
        return "no result"
    times = (coarse["seconds"], fine["seconds"])
    ratios = ", ".join(f"{found[1]:.2f}" for found in factors if isinstance(found, tuple))
    return f"{times[0]:.2f} s, {times[1]:.2f} s, growth {times[1] / times[0]:.1f}, of one LU {ratios}"


def equal_error(problem: str) -> str:
    """The coarsest grid on which gibbsgap has no larger an error than the better row of FiPy on 200x200."""
    rows = [apart(measure, problem, f"FiPy, {kind}", 200) for kind in ("central", "exponential")]
    peers = [row for row in rows if isinstance(row, dict) and "l1" in row]
    for cells in range(24, 201, 4) if peers else ():
        row = apart(measure, problem, "gibbsgap", cells)
        peer = min(peers, key=lambda one: float(one["l1"]))
        if isinstance(row, dict) and "l1" in row and row["l1"] <= peer["l1"]:
            faster = peer["seconds"] / row["seconds"]
            return f"{cells}x{cells}: L1 {row['l1']:.1e} in {row['seconds']:.3f} s, {faster:.0f} times faster"
    return "not reached"


if __name__ == "__main__":
    for name in PROBLEMS:
        print(f"{name:20} {growth(name)}", flush=True)
        if find_spec("fipy"):
            print(f"{name:20} as FiPy on {equal_error(name)}", flush=True)
