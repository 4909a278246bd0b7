"""Stationary laws of `FokkerPlanck` against the peers that are installed, in one run, one process a row.

    pip install fipy py-pde findiff fplanck
    python benchmarks/fokker_planck.py

Each solver but py-pde is warmed up on a small grid; the best of three runs is taken, of fewer once they add up
to 2 seconds. L1 is the sum of |p - exact| over the cells; "neg/max" the most negative value over the largest;
"mass" as it was handed over; "MB" what the run added to the peak memory of its process. The line "splu" is
one sparse LU of the generator whose null vector gibbsgap's answer starts from, without its last row and column.

Everything runs on one core. The box ends at 6 standard deviations, so findiff and py-pde have p = 0 there and the
others a wall. fplanck has one diffusion coefficient an axis and no tensor: it is run where the noise is isotropic.
py-pde has no stationary solver of a general equation: it marches to time `horizon`, at which a linear drift has
forgotten its start.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from scipy import constants, sparse
from scipy.sparse.linalg import splu
from stationary_problems import PROBLEMS, Array, Problem

from theory import FokkerPlanck
from theory.fokker_planck.generator.matrix import build_generator

TIME_LIMIT = 200.0  # seconds a row
SETTLED = 1e-6  # change of the sweeps of FiPy, relative to the largest value


Answer = tuple[Array, str]  # values at the cell centres, remark


def gibbsgap(problem: Problem) -> Answer:
    solution = FokkerPlanck(problem.sde, problem.grid).solution
    error = solution.density.error
    own = "no error estimate" if error is None else f"own estimate of 2 TV {2 * error:.1e}"
    cut = f", {solution.negative_mass:.0e} negative mass set to 0" if solution.negative_mass else ""
    order = "exact" if solution.order is None else f"order {solution.order}"
    return solution.density.values, f"{type(solution.flux).__name__}, {order}, {own}{cut}"


def findiff(problem: Problem, accuracy: int) -> Answer:
    """Operators as sparse matrices, p = 0 on the outer cells; one value fixed at the peak, then scaled to mass 1.

    A row of ones in place of that value gives the same law, but fills the factors and takes three times as long.
    """
    from findiff import FinDiff

    grid, tensor = problem.grid, problem.tensor
    drift = [sparse.diags_array(b.ravel()) for b in problem.drift(*np.moveaxis(grid.centers, -1, 0))]
    steps = grid.spacing
    first = [FinDiff(i, steps[i], 1, acc=accuracy).matrix(grid.shape) for i in range(2)]
    second = [FinDiff(i, steps[i], 2, acc=accuracy).matrix(grid.shape) for i in range(2)]
    operator = tensor[0, 0] * second[0] + tensor[1, 1] * second[1] + 2 * tensor[0, 1] * (first[0] @ first[1])
    operator = sparse.csr_array(operator - first[0] @ drift[0] - first[1] @ drift[1])
    fixed = np.ones(grid.shape)
    fixed[1:-1, 1:-1] = 0
    peak = int(np.argmax(problem.log_density))
    fixed.flat[peak] = 1
    matrix = sparse.diags_array(1 - fixed.ravel()) @ operator + sparse.diags_array(fixed.ravel())
    right = (np.arange(grid.size) == peak).astype(float)
    values = splu(sparse.csc_array(matrix)).solve(right).reshape(grid.shape)
    return values / (values.sum() * grid.cell_volume), "splu, one value fixed, then scaled"


def fipy(problem: Problem, convection: str) -> Answer:
    """DiffusionTerm with the full tensor, one cell pinned, LU, swept: its cross derivatives are explicit."""
    import fipy as fp

    grid, tensor = problem.grid, problem.tensor
    mesh = fp.Grid2D(nx=grid.shape[0], ny=grid.shape[1], dx=grid.spacing[0], dy=grid.spacing[1])
    mesh = mesh + np.array(grid.lower)[:, None]
    p = fp.CellVariable(mesh=mesh, value=0.0)
    drift = fp.FaceVariable(mesh=mesh, rank=1, value=problem.drift(*np.asarray(mesh.faceCenters)))
    scalar = bool(np.array_equal(tensor, tensor[0, 0] * np.eye(2)))
    diffusion = fp.DiffusionTerm(coeff=float(tensor[0, 0]) if scalar else (tensor,))
    pinned = np.zeros(grid.size)
    pinned[np.argmax(problem.log_density.T)] = 1e10
    pin = fp.CellVariable(mesh=mesh, value=pinned)
    equation = diffusion - getattr(fp, convection)(coeff=drift) - fp.ImplicitSourceTerm(coeff=pin) + pin == 0
    solver = fp.LinearLUSolver(tolerance=0, iterations=1)
    last = p.value.copy()
    for sweep in range(1, 2 if scalar else 101):  # noqa: B007
        equation.sweep(var=p, solver=solver)
        change = float(np.abs(p.value - last).max() / np.abs(p.value).max())
        if change < SETTLED or not np.isfinite(change) or np.abs(p.value).max() > 1e12:
            break
        last = p.value.copy()
    values = p.value.reshape(grid.shape[::-1]).T
    change_text = "" if scalar else f", last change {change:.0e}"
    with np.errstate(all="ignore"):
        return values / (values.sum() * grid.cell_volume), f"{sweep} sweeps{change_text}"


def py_pde(problem: Problem) -> Answer:
    """Runge-Kutta to `horizon` from a Gaussian in the middle, at nine tenths of its largest stable step."""
    import pde

    grid, tensor = problem.grid, problem.tensor
    box = pde.CartesianGrid(list(zip(grid.lower, grid.upper, strict=True)), grid.shape)
    first, second = problem.drift_text
    spread = f"{tensor[0, 0]}*d2_dx2(p) + {tensor[1, 1]}*d2_dy2(p) + {2 * tensor[0, 1]}*d_dx(d_dy(p))"
    equation = pde.PDE({"p": f"{spread} - d_dx(({first})*p) - d_dy(({second})*p)"}, bc={"value": 0})
    bumps = np.exp(-18 * (grid.centers / np.array(grid.upper)) ** 2).prod(axis=-1)
    start = pde.ScalarField(box, bumps / (bumps.sum() * grid.cell_volume))
    step = 0.9 * 2.78 / (4 * (np.diag(tensor) / grid.spacing**2).sum())
    law, info = equation.solve(
        start, problem.horizon, dt=step, solver="runge-kutta", tracker=None, ret_info=True, backend="numba"
    )
    compiling = info["controller"]["profiler"]["compilation"]
    return law.data, f"{problem.horizon / step:.0f} steps; {compiling:.1f} s of the time is compilation"


def fplanck(problem: Problem) -> Answer:
    """Forces in units of the temperature; its own sparse eigenvector."""
    import fplanck as package

    if not hasattr(np, "product"):
        setattr(np, "product", np.prod)  # noqa: B010  # fplanck 0.2 wants NumPy 1
    grid = problem.grid
    if not np.array_equal(problem.tensor, np.eye(2)):
        raise NotImplementedError("no diffusion tensor with off-diagonal entries")
    well = problem.sde.potential(grid.centers) is not None
    value = problem.sde.landscape.value
    field = {"potential": lambda *x: value(np.stack(x, axis=-1))} if well else {"force": problem.drift}
    extent, unit = (np.array(grid.shape) - 0.5) * grid.spacing, 1 / constants.k
    solver = package.fokker_planck(temperature=unit, drag=1, extent=extent, resolution=grid.spacing, **field)
    return solver.steady_state() / grid.cell_volume, "potential" if well else "force"


SOLVERS: dict[str, tuple[str, Callable[[Problem], Answer]]] = {
    "gibbsgap": ("gibbsgap", gibbsgap),
    "findiff order 2": ("findiff", lambda problem: findiff(problem, 2)),
    "findiff order 4": ("findiff", lambda problem: findiff(problem, 4)),
    "FiPy, central": ("fipy", lambda problem: fipy(problem, "CentralDifferenceConvectionTerm")),
    "FiPy, exponential": ("fipy", lambda problem: fipy(problem, "ExponentialConvectionTerm")),
    "py-pde": ("py-pde", py_pde),
    "fplanck": ("fplanck", fplanck),
}
PEERS_AS_ABOVE = [name for name in SOLVERS if name not in ("gibbsgap", "fplanck")]
LEFT_OUT = {(f"rotated OU {a}", "py-pde"): "left out: a minute of compilation" for a in (1, 10, 1000)}
LEFT_OUT |= {("well 30, drift only", name): "left out: the same as on well 30" for name in PEERS_AS_ABOVE}


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    times: list[float] = []
    while len(times) < 3 and sum(times) < 2:
        begin = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - begin)
    return answer, min(times)


def measure(problem_name: str, solver_name: str, n: int) -> dict[str, float | str]:
    """One row, in a process of its own."""
    warnings.simplefilter("ignore")
    problem, solve = PROBLEMS[problem_name](n), SOLVERS[solver_name][1]
    if solver_name != "py-pde":  # which compiles anew for every equation
        with suppress(Exception):
            solve(PROBLEMS[problem_name](40))
    before = peak_megabytes()
    try:
        (values, remark), seconds = timed(lambda: solve(problem))
    except Exception as error:
        return {"remark": f"{type(error).__name__}: {error}"[:150]}
    volume = problem.grid.cell_volume
    return {
        "seconds": seconds,
        "megabytes": peak_megabytes() - before,
        "l1": float(np.abs(values - problem.exact).sum() * volume),
        "negative": min(0.0, float(values.min() / values.max())),
        "mass": float(values.sum() * volume),
        "remark": remark,
    }


def factorisation(problem_name: str, n: int) -> tuple[float, float]:
    """Seconds of one LU of the matrix whose null vector the answer starts from, and those of the answer over it.

    The two take turns, and the best of five turns counts, as the speed of a machine drifts.
    """
    problem = PROBLEMS[problem_name](n)
    taken = FokkerPlanck(problem.sde, problem.grid).solution.flux
    matrix = sparse.csc_matrix(build_generator(problem.sde, problem.grid, taken)[:-1, :-1])
    turns = []
    for _ in range(5):
        begin = time.perf_counter()
        splu(matrix, permc_spec="MMD_AT_PLUS_A")
        middle = time.perf_counter()
        gibbsgap(problem)
        turns.append((middle - begin, time.perf_counter() - middle))
    lu, solve = (min(times) for times in zip(*turns, strict=True))
    return lu, solve / lu


def apart(work: Callable[..., object], *arguments: object) -> object:
    """`work` in a fresh process on one core, or the line that it ran past the limit."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # read when the new process starts
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            return pool.apply_async(work, arguments).get(TIME_LIMIT)
        except multiprocessing.TimeoutError:
            return {"remark": f"stopped after {TIME_LIMIT:.0f} s"}


def main(n: int = 200) -> list[dict[str, object]]:
    """Rows as records; prints them as one table."""
    versions: dict[str, str | None] = {}
    for package, _ in SOLVERS.values():
        with suppress(PackageNotFoundError):
            versions[package] = None
            versions[package] = version(package)
    print(json.dumps(versions).replace("null", '"not installed"'), flush=True)
    heads = f"{'s':>8} {'MB':>6} {'L1':>9} {'neg/max':>9} {'mass':>11}"
    print(f"{'problem':20} {'solver':18} {'grid':>8} {heads}  remark")
    records: list[dict[str, object]] = []
    for problem in PROBLEMS:
        for solver, (package, _) in SOLVERS.items():
            reason = LEFT_OUT.get((problem, solver)) if versions[package] else "not installed"
            row = {"remark": reason} if reason else apart(measure, problem, solver, n)
            assert isinstance(row, dict)
            records.append({"problem": problem, "solver": solver, **row})
            figures = " " * 47
            if "l1" in row:
                figures = f"{row['seconds']:8.2f} {row['megabytes']:6.0f} {row['l1']:9.1e} {row['negative']:9.0e} "
                figures += f"{row['mass']:11.7f}"
            print(f"{problem:20} {solver:18} {f'{n}x{n}':>8} {figures}  {row['remark']}", flush=True)
        found = apart(factorisation, problem, n)
        if isinstance(found, tuple):
            ratio = f"gibbsgap takes {found[1]:.2f} of it"
            print(f"{problem:20} {'splu':18} {f'{n}x{n}':>8} {found[0]:8.2f} {'':38}  {ratio}", flush=True)
    return records


if __name__ == "__main__":
    main()
