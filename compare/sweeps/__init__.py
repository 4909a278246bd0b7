"""Sweeps: ranges of a study's numbers, measured point by point on any executor, kept in one store.

Never holds what theory or SGD say at a point: that is measured by what other rooms offer.
"""

from compare.sweeps.cluster import on_scheduler
from compare.sweeps.plan import study_at
from compare.sweeps.point import labelled, measure_point, measure_settled_point
from compare.sweeps.run import SweepInterrupted, sweep
from compare.sweeps.store import open_sweep
from theory.base.arguments import check_faces

__all__ = [
    "SweepInterrupted",
    "labelled",
    "measure_point",
    "measure_settled_point",
    "on_scheduler",
    "open_sweep",
    "study_at",
    "sweep",
]

check_faces("compare.sweeps")
