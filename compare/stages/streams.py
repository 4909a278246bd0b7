"""Random streams of a study: one a stage, so that no stage depends on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compare.study import Study
from simulate.data import DataSet, draw_data
from theory.models import ProductModel


@dataclass(frozen=True)
class Streams:
    """Start positions, data set, SGD, survival, coarse and fine Langevin paths, loss slope, noise against H.

    Then second opinions, SGD with other samplings, and coarse and fine Langevin paths on the data set at hand.
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
    data_coarse: np.random.Generator
    data_fine: np.random.Generator

    @staticmethod
    def of(seed: int) -> Streams:
        """The streams of a study's seed."""
        return Streams(*(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(12)))


def data_of(study: Study) -> DataSet | None:
    """The data set of a study that has one: the same whenever it is asked for."""
    if study.data_examples is None:
        return None
    assert isinstance(study.model, ProductModel)  # the reader refuses data for anything else
    return draw_data(study.model, study.data_examples, Streams.of(study.seed).data)
