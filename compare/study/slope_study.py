"""The part of a study that the slope of its loss needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

from compare.study.algorithm import read_sgd
from compare.study.box import read_grid
from compare.study.definition.tables import LARGEST_SEED, OF_LAWS, OF_RUNS, STUDY
from compare.study.loss_slope import SlopePlan, read_slope_plan
from compare.study.model import check_on_grid, read_model
from compare.study.section import Section
from compare.study.source import study_table
from compare.study.study import Study, read_study
from simulate.sgd import SGD
from theory.base.errors import InputError, require
from theory.landscapes import SymbolicLandscape
from theory.laws import Grid
from theory.models import FreshModel, ProductModel


@dataclass(frozen=True, eq=False)
class SlopeStudy:
    """A model, an algorithm and a `SlopePlan`; `grid` is that of the study, where it has one.

    Raises
    ------
    InputError
        If the seed is out of range.
    """

    name: str
    seed: int
    model: FreshModel
    sgd: SGD
    plan: SlopePlan
    grid: Grid | None = None
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        fine = 0 <= self.seed <= LARGEST_SEED
        require(fine, f"`seed` must lie between 0 and {LARGEST_SEED}, got {self.seed}")

    def reseeded(self, seed: int | None) -> SlopeStudy:
        """The same with another seed, where one is given."""
        return self if seed is None else replace(self, seed=seed)

    @staticmethod
    def of(study: Study) -> SlopeStudy:
        """The slope that a study of laws asks for.

        Raises
        ------
        InputError
            If it asks for none.
        """
        if study.slope is None:
            raise InputError("the slope of the loss needs [loss_slope] in the study, it is missing; add it")
        return SlopeStudy(study.name, study.seed, study.model, study.sgd, study.slope, study.grid, study.source)


def load_slope_study(name_or_path: str | PathLike[str]) -> SlopeStudy:
    """The slope of the study that ships under this name, or that a TOML file holds.

    Raises
    ------
    InputError
        As `load_study`, and if the study has no [loss_slope].
    """
    return read_slope_study(study_table(str(name_or_path)))


def read_slope_study(table: Mapping[str, Any]) -> SlopeStudy:
    """The slope that `table` asks for: a whole study with [loss_slope], or one without [start] that only has it.

    The latter needs `name`, [model], [sgd] with learning rate and batch size, [noise] for a bare landscape, and
    may have [grid].

    Raises
    ------
    InputError
        If anything in it is unknown, missing or out of range.
    """
    if "loss_slope" not in table or "start" in table:
        return SlopeStudy.of(read_study(table))
    require(
        "data" not in table,
        "[loss_slope] needs fresh data, this study has a fixed data set; leave out [data] and `sampling`",
    )
    laws = [key for key in OF_LAWS if key in table]
    require(
        not laws,
        f"[{next(iter(laws), '')}] is of a study that compares laws and has [start], this one has none; leave it "
        "out or add [start]",
    )
    top = Section(table, STUDY)
    name, seed = top.text("name"), top.whole("seed")
    grid = read_grid(top.needed("grid")) if "grid" in top else None
    model_table, noise, sgd_table = top.needed("model"), top.section("noise"), top.needed("sgd")
    sgd = read_sgd(sgd_table)
    for key in OF_RUNS:
        require(
            key not in sgd_table,
            f"{sgd_table.where(key)} is of a study with [start], this one has none; move it to [loss_slope]",
        )
    sgd_table.close()
    model, diffusion = read_model(model_table, noise, sgd)
    plan = read_slope_plan(top.needed("loss_slope"), model, sgd, grid)
    top.close()
    if grid is not None:
        require(
            model.dim == grid.dim,
            f"[grid] must have as many axes as the model has variables, got {grid.dim} and {model.dim}",
        )
        landscape = model if isinstance(model, ProductModel) else model.landscape
        assert isinstance(landscape, SymbolicLandscape)
        check_on_grid(landscape, diffusion, grid)
    return SlopeStudy(name, seed, model, sgd, plan, grid, dict(table))
