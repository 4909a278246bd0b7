"""Reports of studies that nobody ran: laws drawn by hand, so that one thing at a time is true of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from compare.comparison import compare_laws
from compare.report import GibbsFigures, LastHalf, Law, LawReport, Report, SampledFigures
from compare.report.moments import ComputedMoments
from compare.study import Study, read_study
from theory.base.absent import Absent
from theory.equations import nearest_gibbs
from theory.laws import Density, Histogram
from theory.points import find_minima

WALKERS = 40_000


def wells(rate: float = 0.01, start: tuple[float, float] = (-3.6, 3.6), **sgd: Any) -> Study:
    """A sharp minimum at -1.8, where eta h = 336 rate, and a flat one at 1.8; walkers start in `start`."""
    return read_study(
        {
            "name": "wells",
            "model": {"q": "(w + 1.8)*(w - 1.8)**2", "loss_scale": 1.0},
            "sgd": {"learning_rate": rate, "batch_size": 20, "steps": 50, "walkers": WALKERS, **sgd},
            "start": {"uniform": [list(start)]},
            "grid": {"lower": [-4.0], "upper": [4.0], "cells": [160]},
        }
    )


def valley(noise: dict[str, Any], **more: Any) -> Study:
    """The loss w^2/2 + w^4/4 with a bare noise."""
    return read_study(
        {
            "name": "valley",
            "model": {"landscape": "w**2/2 + w**4/4"},
            "sgd": {"learning_rate": 0.05, "batch_size": 4, "steps": 50, "walkers": WALKERS},
            "noise": noise,
            "start": {"normal": {"mean": [0.0], "std": [0.3]}},
            "grid": {"lower": [-3.0], "upper": [3.0], "cells": [120]},
            **more,
        }
    )


def bumps(study: Study, *parts: tuple[float, float, float], error: float = 1e-6) -> Density:
    """The mixture of normal laws (weight, mean, standard deviation) on the study's grid."""
    w = study.grid.centers[..., 0]
    values = sum(weight / std * np.exp(-(((w - mean) / std) ** 2) / 2) for weight, mean, std in parts)
    return Density.normalised(study.grid, values, error)


def counted(law: Density, seed: int, walkers: int = WALKERS, diverged: float = 0.0) -> Histogram:
    """So many walkers of a law, and a share of diverged ones."""
    gone = round(diverged * walkers)
    counts = np.random.default_rng(seed).multinomial(
        walkers - gone, law.probabilities.ravel() / law.probabilities.sum()
    )
    return Histogram(law.grid, counts.reshape(law.grid.shape), diverged=gone)


def report_of(study: Study, last_half: LastHalf | None = None, **laws: Law) -> Report:
    """A report with these laws and their comparison."""
    report = Report(study, last_half=last_half, minima=find_minima(study.landscape, study.grid))
    for name, law in laws.items():
        fine = (law,) if isinstance(law, Density) else ()
        report.laws[name] = LawReport(_figures(study, name, law, laws["sgd"]), law, fine)
    for name in ("langevin", "fokker_planck", "gibbs", "posterior"):
        report.laws.setdefault(name, LawReport(Absent("nobody has drawn it")))
    observed = laws.pop("sgd")
    assert isinstance(observed, Histogram)
    report.comparison = compare_laws(observed, laws)
    return report


def _figures(study: Study, name: str, law: Law, seen: Law) -> Any:
    if isinstance(law, Histogram):
        return SampledFigures(law.walkers, law.diverged, law.outside, int(law.counts.sum()), None)
    if name == "gibbs":
        assert isinstance(law, Density)
        assert isinstance(seen, Histogram)
        temperature = nearest_gibbs(seen, study.landscape).temperature
        return GibbsFigures(ComputedMoments.of(law, study.landscape), temperature)
    return Absent("drawn by hand")


def shifted(density: Density, cells: int) -> Density:
    """The same moved by so many cells."""
    return replace(density, values=np.roll(density.values, cells))
