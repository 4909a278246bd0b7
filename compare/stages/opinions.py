"""What sdeint and findiff say of the laws of theory."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from compare.report import GibbsFigures, Report, SecondOpinion, SolvedFigures
from compare.stages.fokker_planck import refinement
from compare.stages.streams import Streams
from compare.study import Study
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.base.packages import install_line
from theory.base.rounding import EPSILON
from theory.equations import Langevin
from theory.fokker_planck.residual import check_residual, residual
from theory.laws import Density, Ensemble, Histogram
from theory.models import ProductModel
from theory.paths import EulerMaruyama, Scheme, Sdeint, sample_paths
from theory.tensors import Isotropic

WALKERS, STEPS = 32, 64  # that sdeint, which is plain Python, follows in a few tenths of a second
GROWTH = 1000.0  # by which rounding errors may grow along those steps


def run_opinion_stage(report: Report, start: Array, streams: Streams) -> None:
    """What sdeint says of the paths of the equation, and findiff of every computed density of theory.

    `start`: positions, shape (walkers, d).
    """
    study = report.study
    if isinstance(study.equation, Absent):
        report.second_opinions["langevin"] = study.equation
    else:
        report.second_opinions["langevin"] = _of_paths(report, study.equation, start, streams.opinions)
    for name in ("fokker_planck", "gibbs", "posterior"):
        found = report.laws[name]
        if found.fine:
            equation = _equation(study, found.figures)
            report.second_opinions[name] = _of_densities(equation, found.fine, refinement(study))


def _missing(package: str) -> Absent | None:
    if find_spec(package) is not None:
        return None
    return Absent(f"{package} is not installed; {install_line(package)}")


def _of_paths(
    report: Report, equation: Langevin, start: Array, rng: np.random.Generator
) -> SecondOpinion | Absent:
    """The distance between paths of both on shared increments: no less than the Wasserstein distance of the laws.

    They set out from the start of the study and from the law of its paths. The control takes twice the step.
    """
    if (absent := _missing("sdeint")) is not None:
        return absent
    study, law = report.study, report.laws["langevin"].law
    places = start[:: max(1, len(start) // WALKERS)][:WALKERS]
    if isinstance(law, Histogram):
        half = len(places) // 2
        cells = rng.choice(law.grid.size, half, p=law.survivors.probabilities.ravel())
        places = np.concatenate([places[half:], law.grid.centers.reshape(-1, law.grid.dim)[cells]])
    dt, seed = float(study.sgd.times(1)) / study.substeps, int(rng.integers(2**63))

    def final(scheme: Scheme, join: int) -> Array:
        run: Ensemble = sample_paths(
            equation, places, dt=dt * join, steps=STEPS // join, rng=np.random.default_rng(seed),
            scheme=scheme, join=join, threads=1, progress=False,
        )  # fmt: skip
        return run.final

    try:
        ours, theirs = final(EulerMaruyama(), 1), final(Sdeint("itoEuler"), 1)
        twice = final(Sdeint("itoEuler"), 2)
    except InputError as error:
        return Absent(str(error))
    here = study.grid.locate(ours)[1]
    if not here.any():
        return Absent("all paths have left the grid")
    size = float(np.abs(np.append(study.grid.lower, study.grid.upper)).max())
    gap, control = (float(np.linalg.norm(ours - other, axis=1)[here].mean()) for other in (theirs, twice))
    return SecondOpinion(
        "sdeint",
        "mean distance of its paths from ours on shared increments",
        gap if np.isfinite(gap) else np.inf,
        GROWTH * EPSILON * STEPS * size,
        control if np.isfinite(control) else np.inf,
        "at twice the step",
    )


def _equation(study: Study, figures: object) -> Langevin:
    """The one that a law of theory solves: the study's, or that of isotropic noise at a temperature."""
    if isinstance(figures, SolvedFigures):
        assert not isinstance(study.equation, Absent)
        return study.equation
    temperature = (
        float(figures.temperature) if isinstance(figures, GibbsFigures) else _posterior_temperature(study)
    )
    return Langevin(study.landscape, Isotropic(temperature, study.grid.dim))


def _posterior_temperature(study: Study) -> float:
    """In units of the loss, of which exp(-loss / temperature) is the posterior."""
    assert study.posterior_examples is not None
    model = study.model
    unit = 2 * model.loss_scale * model.noise_std**2 if isinstance(model, ProductModel) else 1.0
    return unit / (study.posterior_examples * study.beta)


def _of_densities(equation: Langevin, laws: tuple[Density, ...], cell: int) -> SecondOpinion | Absent:
    """The residual of the worst of the densities; the control is moved by one cell of the study."""
    if (absent := _missing("findiff")) is not None:
        return absent
    try:
        return max((_residual(equation, law, cell) for law in laws), key=lambda one: one.value / one.threshold)
    except InputError as error:
        return Absent(str(error))


def _residual(equation: Langevin, law: Density, cell: int) -> SecondOpinion:
    axes = tuple(range(law.grid.dim))
    moved = replace(law, values=np.roll(law.values, [cell] * law.grid.dim, axes))
    found = check_residual(equation, law)
    return SecondOpinion(
        "findiff",
        "relative residual at order 6",
        found.relative,
        found.threshold,
        residual(equation, moved, 6).relative,
        "moved by one cell",
        "" if found.converges else "orders 2, 4 and 6 do not converge on this grid",
    )
