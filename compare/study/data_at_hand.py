"""A study with the data set at hand in place of the population it was drawn from."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property

from compare.study.limit import limit_equation, more_than_w
from compare.study.study import Study
from simulate.data import DataSet
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations import EnlargedLangevin, Langevin, NoLimitEquation, langevin_limit
from theory.landscapes import SymbolicLandscape
from theory.models import ProductModel, ProductOnData
from theory.tensors import Minibatch


class StudyOnData(Study):
    """The study whose loss, noise and posterior are those of `data`: its L_n and C(w), n its examples.

    Raises
    ------
    InputError
        If the model of the study has no scalar q.
    """

    data: DataSet

    @staticmethod
    def of(study: Study, data: DataSet) -> StudyOnData:
        """The study on this data set."""
        assert isinstance(study.model, ProductModel)  # the reader refuses data for anything else
        found = StudyOnData(**{field.name: getattr(study, field.name) for field in fields(study)})
        object.__setattr__(found, "data", data)
        object.__setattr__(found, "empirical", ProductOnData(study.model, data.x, data.y))
        if study.posterior_examples is not None:
            object.__setattr__(found, "posterior_examples", float(len(data)))
        return found

    empirical: ProductOnData

    @cached_property
    def equation(self) -> Langevin | Absent:
        """The Langevin equation of this data set, or why there is none; another noise than the batches' stays."""
        try:
            if not isinstance(self.diffusion, Minibatch):
                return limit_equation(self.empirical, self.sgd, self.diffusion)
            limit = langevin_limit(self.empirical, self.sgd)
        except NoLimitEquation as refusal:
            return Absent(refusal.reason)
        except InputError as error:
            return Absent(str(error))
        return more_than_w(limit) if isinstance(limit, EnlargedLangevin) else limit

    @property
    def landscape(self) -> SymbolicLandscape:
        """The empirical loss."""
        return self.empirical
