"""Numbers with errors drawn: eigenvalues, learning coefficients, visits of walks, noise against curvature."""

from __future__ import annotations

import numpy as np

from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.sheet import Sheet
from compare.pictures import Axis, Series
from simulate.walks import Visits
from theory.base.shares import percent
from theory.learning import LocalLearningCoefficient
from theory.markov import Spectrum
from theory.noise import CovarianceComparison

LEVEL = 0.95


@drawn_by(Spectrum)
def spectrum(found: Spectrum, sheet: Sheet) -> None:
    """Rates of relaxation with their errors in order; eigenvalues in the complex plane where some turn."""
    values = found.eigenvalues
    error = (
        np.zeros(len(values)) if found.error is None else np.where(np.isfinite(found.error), found.error, np.nan)
    )
    if np.abs(values.imag).any():
        axes = sheet.axes
        axes.errorbar(
            values.real, values.imag, error, error, linestyle="none", marker="o", ms=3.5, capsize=2,
            elinewidth=0.8, color=sheet.options.get("colour"), label=sheet.label(),
        )  # fmt: skip
        axes.set(xlabel="Re $\\lambda$ (per unit of time)", ylabel="Im $\\lambda$ (per unit of time)")
        return
    numbers = np.arange(len(values))
    series = Series.measured(sheet.label(), numbers, -values.real, error)
    sheet.lines(Axis("number of the eigenvalue"), Axis("relaxation rate $-\\lambda$ (per unit of time)"), series)


@drawn_by(LocalLearningCoefficient)
def local_learning_coefficient(found: LocalLearningCoefficient, sheet: Sheet) -> None:
    """The estimate with its interval, and the estimates that it was carried on from, with standard errors."""
    low, high = found.interval(LEVEL)
    rows = {
        "at this $n\\beta$": (float(found.tempered), found.tempered.error, found.tempered.error),
        "without\nlocalization": (float(found.energy), found.energy.error, found.energy.error),
        f"large $n$,\n{percent(LEVEL)} interval": (found.value, found.value - low, high - found.value),
    }
    places = np.arange(len(rows))[::-1]
    values, below, above = np.array(list(rows.values())).T
    sheet.axes.errorbar(
        values, places, xerr=[below, above], linestyle="none", marker="o", ms=3.5, capsize=2, elinewidth=0.8,
        color=sheet.options.get("colour"), label=sheet.label(),
    )  # fmt: skip
    sheet.axes.set_yticks(places, list(rows))
    sheet.axes.set(xlabel="learning coefficient $\\lambda$", ylim=(-0.6, len(rows) - 0.4))


@drawn_by(Visits)
def visits(found: Visits, sheet: Sheet) -> None:
    """The mean at every site with its standard error."""
    series = Series.measured(
        sheet.label(f"{found.walks} walks"), np.arange(len(found.mean)), found.mean, found.error
    )
    sheet.lines(Axis("site"), Axis("mean visits"), series)


@drawn_by(CovarianceComparison)
def covariance_comparison(found: CovarianceComparison, sheet: Sheet) -> None:
    """The angle between C and H at every point, against the way along the points; 0 means proportional."""
    steps = np.linalg.norm(np.diff(found.points, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    series = Series.measured(sheet.label(), way, found.angle)
    sheet.lines(Axis("way along the points"), Axis("angle between $C$ and $H$ (radians)"), series)
