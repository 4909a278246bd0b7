"""Random streams of a study: one a stage, so that no stage depends on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Streams:
    """Start positions, data set, SGD, survival, coarse and fine Langevin paths, loss slope, noise against H.

    Then second opinions, and SGD with other samplings.
    """

    start: np.random.Generator
    data: np.random.Generator
    sgd: np.random.Generator
    survival: np.random.Generator
    coarse: np.random.Generator
    fine: np.random.Generator
    slope: np.random.Generator
    noises: np.random.Generator
    opinions: np.random.Generator
    samplings: np.random.Generator

    @staticmethod
    def of(seed: int) -> Streams:
        """The streams of a study's seed."""
        return Streams(*(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(10)))
