"""The judge: distances between laws with their noise floors, comparisons, studies, figures, the command.

The public names are loaded when they are first used, so that the command can speak before they are. Every
argument is checked by its annotation: a mistake is an `InputError` of one line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compare.comparison import Comparison, compare_laws
    from compare.curvature import NoiseAgainstHessian, noise_against_hessian
    from compare.distances import Distance, hellinger, kullback_leibler, total_variation, wasserstein
    from compare.job import run_study
    from compare.report import LawReport, Report
    from compare.slope import (
        ByFokkerPlanck,
        ByFormula,
        BySampling,
        ByTransitionOperator,
        FiniteRateSlope,
        FiniteRateSlopes,
        LossSlope,
        LossSlopes,
        SlopePrediction,
        StationaryLoss,
        finite_rate_slopes,
        loss_slope,
    )
    from compare.slope_job import run_slopes
    from compare.study import (
        SlopeStudy,
        Study,
        load_slope_study,
        load_study,
        read_slope_study,
        read_study,
        shipped_studies,
    )
    from compare.temperature import NearestGibbs, nearest_gibbs

_HOMES = {
    "ByFokkerPlanck": "compare.slope",
    "ByFormula": "compare.slope",
    "BySampling": "compare.slope",
    "ByTransitionOperator": "compare.slope",
    "FiniteRateSlope": "compare.slope",
    "FiniteRateSlopes": "compare.slope",
    "LossSlope": "compare.slope",
    "LossSlopes": "compare.slope",
    "SlopeStudy": "compare.study",
    "load_slope_study": "compare.study",
    "read_slope_study": "compare.study",
    "run_slopes": "compare.slope_job",
    "SlopePrediction": "compare.slope",
    "StationaryLoss": "compare.slope",
    "finite_rate_slopes": "compare.slope",
    "loss_slope": "compare.slope",
    "Comparison": "compare.comparison",
    "Distance": "compare.distances",
    "LawReport": "compare.report",
    "NearestGibbs": "compare.temperature",
    "NoiseAgainstHessian": "compare.curvature",
    "Report": "compare.report",
    "Study": "compare.study",
    "compare_laws": "compare.comparison",
    "hellinger": "compare.distances",
    "kullback_leibler": "compare.distances",
    "load_study": "compare.study",
    "nearest_gibbs": "compare.temperature",
    "noise_against_hessian": "compare.curvature",
    "read_study": "compare.study",
    "run_study": "compare.job",
    "shipped_studies": "compare.study",
    "total_variation": "compare.distances",
    "wasserstein": "compare.distances",
}

__all__ = [
    "ByFokkerPlanck",
    "ByFormula",
    "BySampling",
    "ByTransitionOperator",
    "Comparison",
    "Distance",
    "FiniteRateSlope",
    "FiniteRateSlopes",
    "LawReport",
    "LossSlope",
    "LossSlopes",
    "NearestGibbs",
    "NoiseAgainstHessian",
    "Report",
    "SlopePrediction",
    "SlopeStudy",
    "StationaryLoss",
    "Study",
    "compare_laws",
    "finite_rate_slopes",
    "hellinger",
    "kullback_leibler",
    "load_slope_study",
    "load_study",
    "loss_slope",
    "nearest_gibbs",
    "noise_against_hessian",
    "read_slope_study",
    "read_study",
    "run_slopes",
    "run_study",
    "shipped_studies",
    "total_variation",
    "wasserstein",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from theory.base.arguments import at_face

        globals()[name] = at_face(getattr(import_module(_HOMES[name]), name), "compare")
        return globals()[name]
    raise AttributeError(f"module 'compare' has no attribute {name!r}")
