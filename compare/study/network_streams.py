"""Random streams of a study of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NetworkStreams:
    """Data, descents, starts, SGD, normal noise, coarse and fine Langevin paths, Gibbs measure and posterior.

    One a stage, so that no stage depends on another.
    """

    data: np.random.Generator
    minimum: np.random.Generator
    start: np.random.Generator
    sgd: np.random.Generator
    normal: np.random.Generator
    coarse: np.random.Generator
    fine: np.random.Generator
    gibbs: np.random.Generator
    posterior: np.random.Generator

    @staticmethod
    def of(seed: int) -> NetworkStreams:
        """The streams of a study's seed."""
        return NetworkStreams(*(np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(9)))
