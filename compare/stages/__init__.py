"""Stages of a study, one a module, each filling its part of a `Report` from its own random stream.

Never holds a method of its own: laws come from `theory` and `simulate`, distances from `compare.distances`.
"""

from compare.stages.fokker_planck import run_fokker_planck_stage
from compare.stages.langevin import run_langevin_stage
from compare.stages.network_laws import (
    begin,
    find_minimum,
    gibbs_temperature,
    observables_of,
    run_chains,
    run_normal_noise,
    run_paths,
    run_walkers,
)
from compare.stages.network_views import view_laws
from compare.stages.noises import run_noise_stage
from compare.stages.on_data import run_data_stage
from compare.stages.opinions import run_opinion_stage
from compare.stages.samplings import run_sampling_stage
from compare.stages.sgd import run_sgd_stage
from compare.stages.static import run_static_stage
from compare.stages.streams import Streams

__all__ = [
    "Streams",
    "begin",
    "find_minimum",
    "gibbs_temperature",
    "observables_of",
    "run_chains",
    "run_data_stage",
    "run_fokker_planck_stage",
    "run_langevin_stage",
    "run_noise_stage",
    "run_normal_noise",
    "run_opinion_stage",
    "run_paths",
    "run_sampling_stage",
    "run_sgd_stage",
    "run_static_stage",
    "run_walkers",
    "view_laws",
]
