"""The judge: distances between laws with their noise floors, comparisons, studies, figures, the command.

Its rooms, each importing those before it only: `distances`, `samples`, `slope`, `comparison`, `testing`, `study`,
`report`, `stages`, `job`, `pictures`, `results`, `tasks`, `claims`, `calibration`, `sweeps`, `maps`, `figures`,
`page`, `explorer`, `command_line`. `studies` has those that ship.

The public names are loaded when they are first used, so that the command can speak before they are. Every
argument is checked by its annotation: a mistake is an `InputError` of one line.

Never holds a method that finds a law: those are in `theory` and `simulate`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compare.comparison import Comparison, NoiseAgainstHessian, compare_laws, noise_against_hessian
    from compare.distances import (
        Distance,
        LawDistance,
        check_distance,
        hellinger,
        kullback_leibler,
        total_variation,
        wasserstein,
    )
    from compare.figures import draw
    from compare.job import run_network_study, run_slopes, run_study
    from compare.maps import ValidityMap, validity_map
    from compare.report import LawReport, NetworkReport, Report
    from compare.samples import (
        Classifier,
        EnergyDistance,
        MaximumMeanDiscrepancy,
        SampleDistance,
        SlicedWasserstein,
        TwoSampleTest,
        two_sample_test,
    )
    from compare.slope import (
        ByFokkerPlanck,
        ByFormula,
        BySampling,
        ByTransitionOperator,
        FiniteRateSlope,
        FiniteRateSlopes,
        LossSlope,
        LossSlopes,
        SlopeMethod,
        SlopePrediction,
        StationaryLoss,
        finite_rate_slopes,
        loss_slope,
    )
    from compare.study import (
        NetworkStudy,
        SlopeStudy,
        Study,
        load_network_study,
        load_slope_study,
        load_study,
        read_network_study,
        read_slope_study,
        read_study,
        shipped_studies,
    )
    from compare.sweeps import measure_point, measure_settled_point, open_sweep, study_at, sweep
    from theory.equations import NearestGibbs, nearest_gibbs

_HOMES = {
    "Classifier": "compare.samples",
    "EnergyDistance": "compare.samples",
    "MaximumMeanDiscrepancy": "compare.samples",
    "SampleDistance": "compare.samples",
    "SlicedWasserstein": "compare.samples",
    "TwoSampleTest": "compare.samples",
    "two_sample_test": "compare.samples",
    "ValidityMap": "compare.maps",
    "validity_map": "compare.maps",
    "measure_settled_point": "compare.sweeps",
    "ByFokkerPlanck": "compare.slope",
    "ByFormula": "compare.slope",
    "BySampling": "compare.slope",
    "ByTransitionOperator": "compare.slope",
    "FiniteRateSlope": "compare.slope",
    "FiniteRateSlopes": "compare.slope",
    "LossSlope": "compare.slope",
    "LossSlopes": "compare.slope",
    "NetworkReport": "compare.report",
    "NetworkStudy": "compare.study",
    "load_network_study": "compare.study",
    "read_network_study": "compare.study",
    "run_network_study": "compare.job",
    "SlopeStudy": "compare.study",
    "load_slope_study": "compare.study",
    "read_slope_study": "compare.study",
    "run_slopes": "compare.job",
    "SlopePrediction": "compare.slope",
    "StationaryLoss": "compare.slope",
    "finite_rate_slopes": "compare.slope",
    "loss_slope": "compare.slope",
    "Comparison": "compare.comparison",
    "Distance": "compare.distances",
    "LawDistance": "compare.distances",
    "check_distance": "compare.distances",
    "draw": "compare.figures",
    "SlopeMethod": "compare.slope",
    "LawReport": "compare.report",
    "NearestGibbs": "theory.equations",
    "NoiseAgainstHessian": "compare.comparison",
    "Report": "compare.report",
    "Study": "compare.study",
    "compare_laws": "compare.comparison",
    "hellinger": "compare.distances",
    "kullback_leibler": "compare.distances",
    "load_study": "compare.study",
    "nearest_gibbs": "theory.equations",
    "noise_against_hessian": "compare.comparison",
    "read_study": "compare.study",
    "run_study": "compare.job",
    "shipped_studies": "compare.study",
    "measure_point": "compare.sweeps",
    "open_sweep": "compare.sweeps",
    "study_at": "compare.sweeps",
    "sweep": "compare.sweeps",
    "total_variation": "compare.distances",
    "wasserstein": "compare.distances",
}

__all__ = [
    "ByFokkerPlanck",
    "ByFormula",
    "BySampling",
    "ByTransitionOperator",
    "Classifier",
    "Comparison",
    "Distance",
    "EnergyDistance",
    "FiniteRateSlope",
    "FiniteRateSlopes",
    "LawDistance",
    "LawReport",
    "LossSlope",
    "LossSlopes",
    "MaximumMeanDiscrepancy",
    "NearestGibbs",
    "NetworkReport",
    "NetworkStudy",
    "NoiseAgainstHessian",
    "Report",
    "SampleDistance",
    "SlicedWasserstein",
    "SlopeMethod",
    "SlopePrediction",
    "SlopeStudy",
    "StationaryLoss",
    "Study",
    "TwoSampleTest",
    "ValidityMap",
    "check_distance",
    "compare_laws",
    "draw",
    "finite_rate_slopes",
    "hellinger",
    "kullback_leibler",
    "load_network_study",
    "load_slope_study",
    "load_study",
    "loss_slope",
    "measure_point",
    "measure_settled_point",
    "nearest_gibbs",
    "noise_against_hessian",
    "open_sweep",
    "read_network_study",
    "read_slope_study",
    "read_study",
    "run_network_study",
    "run_slopes",
    "run_study",
    "shipped_studies",
    "study_at",
    "sweep",
    "total_variation",
    "two_sample_test",
    "validity_map",
    "wasserstein",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from theory.base.arguments import at_face

        globals()[name] = at_face(getattr(import_module(_HOMES[name]), name), "compare")
        return globals()[name]
    raise AttributeError(f"module 'compare' has no attribute {name!r}")


def __dir__() -> list[str]:
    """All public names, those too that are not loaded yet."""
    return sorted({*globals(), *__all__})
