"""Whole runs: a study with all its stages, and the slopes of a loss by all methods asked for.

Never computes a law itself, prints or writes: stages and methods do the one, the command the other.
"""

from compare.job.network_job import NetworkInterrupted, run_network_study
from compare.job.slope_job import SlopesInterrupted, run_slopes
from compare.job.study_job import Interrupted, run_study
from theory.base.arguments import check_faces

__all__ = [
    "Interrupted",
    "NetworkInterrupted",
    "SlopesInterrupted",
    "run_network_study",
    "run_slopes",
    "run_study",
]

check_faces("compare.job")
