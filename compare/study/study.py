"""Studies: what to compare, read from TOML as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import Any, TypedDict

from compare.study.algorithm import read_sgd
from compare.study.box import read_grid
from compare.study.definition.tables import LARGEST_SEED, MOST_NUMBERS, STUDY
from compare.study.limit import limit_equation
from compare.study.loss_slope import SlopePlan, read_slope_plan
from compare.study.model import check_on_grid, read_model
from compare.study.noise_study import NoisePlan, check_places, read_noise_plans
from compare.study.section import Section
from compare.study.source import study_table
from compare.study.start import Start, read_start
from simulate.noise import LabelNoise
from simulate.preconditioner import matrix_of
from simulate.sampling import Fresh, WithoutReplacement
from simulate.schedule import BatchGrowth
from simulate.sgd import SGD
from theory.base.absent import Absent
from theory.base.errors import require
from theory.base.renamed import renamed, warn_renamed
from theory.equations import Langevin
from theory.landscapes import SymbolicLandscape
from theory.laws import Grid
from theory.models import FreshModel, ProductModel
from theory.tensors import FactoredField

MOST_STEPS = 10**12
MOST_SCHEDULED = 10**7  # steps of a schedule, whose rates are all held at once


@renamed(examples="posterior_examples")
@dataclass(frozen=True, eq=False)
class Study:
    """Everything that a comparison needs; `source` is the table it was read from.

    Parameters
    ----------
    diffusion
        The D(w) that plain SGD has with these numbers, before preconditioner and added noise.
    substeps
        Euler-Maruyama steps a learning rate.
    data_examples
        Size of the fixed data set; None: fresh data.
    posterior_examples, beta
        The examples that the posterior has seen, None: no posterior, and its inverse temperature.
    basin
        An interval of the first coordinate whose survival is followed.
    slope
        What is asked of the slope of the loss.
    noises
        The places where the noise of SGD is set against the Hessian.

    Raises
    ------
    InputError
        If a number is out of range, or parts do not fit each other.
    """

    name: str
    seed: int
    model: FreshModel
    sgd: SGD
    steps: int
    walkers: int
    start: Start
    diffusion: FactoredField
    grid: Grid
    substeps: int = 4
    data_examples: int | None = None
    posterior_examples: float | None = None
    beta: float = 1.0
    basin: tuple[float, float] | None = None
    slope: SlopePlan | None = None
    noises: tuple[NoisePlan, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        most = MOST_NUMBERS // self.grid.dim
        for name, number, least, largest in (
            ("seed", self.seed, 0, LARGEST_SEED),
            ("walkers", self.walkers, 1, most),
            ("steps", self.steps, 1, MOST_SCHEDULED if self.sgd.schedules else MOST_STEPS),
        ):
            require(number >= least, f"`{name}` must be at least {least}, got {number}")
            require(number <= largest, f"`{name}` must be at most {largest}, got {number}; reduce it")

    @property
    def examples(self) -> float | None:
        """Deprecated: `posterior_examples`."""
        warn_renamed("Study.examples", "posterior_examples")
        return self.posterior_examples

    @property
    def epoch(self) -> int | None:
        """Steps of one pass through the data set without replacement; None where there are no such passes."""
        ordered = isinstance(self.sgd.sampling, WithoutReplacement)
        grows = any(isinstance(schedule, BatchGrowth) for schedule in self.sgd.schedules)
        return (
            None
            if self.data_examples is None or not ordered or grows
            else -(-self.data_examples // self.sgd.batch_size)
        )

    @cached_property
    def equation(self) -> Langevin | Absent:
        """The Langevin equation that SGD follows at small learning rates, or why there is none."""
        return limit_equation(self.model, self.sgd, self.diffusion)

    @property
    def landscape(self) -> SymbolicLandscape:
        """The bare landscape."""
        landscape = self.model if isinstance(self.model, ProductModel) else self.model.landscape
        assert isinstance(landscape, SymbolicLandscape)
        return landscape

    def resized(self, *, seed: int | None, walkers: int | None, steps: int | None) -> Study:
        """The same study with another seed, number of walkers or steps, where given."""
        return replace(
            self,
            seed=self.seed if seed is None else seed,
            walkers=self.walkers if walkers is None else walkers,
            steps=self.steps if steps is None else steps,
        )


def load_study(name_or_path: str | PathLike[str]) -> Study:
    """The study that ships under this name, or that a TOML file holds.

    Raises
    ------
    InputError
        If there is none, the file is no TOML, or anything in it is unknown, missing or out of range.
    """
    return read_study(study_table(str(name_or_path)))


def read_study(table: Mapping[str, Any]) -> Study:
    """The study that `table` describes.

    Raises
    ------
    InputError
        If anything in it is unknown, missing or out of range.
    """
    require(
        "network" not in table,
        "a study with [network] is for gibbsgap compare, which has its laws by sampling; in Python for "
        "load_network_study and run_network_study",
    )
    require(
        "loss_slope" not in table or "start" in table,
        "a study with [loss_slope] and no [start] is for gibbsgap slope, it has no laws to compare; run that, or "
        "add [start]",
    )
    top = Section(table, STUDY)
    name, seed = top.text("name"), top.whole("seed")
    grid = read_grid(top.needed("grid"))
    model, noise, steps_section = top.needed("model"), top.section("noise"), top.needed("sgd")
    sgd = read_sgd(steps_section)
    steps, walkers = steps_section.whole("steps"), steps_section.whole("walkers")
    steps_section.close()
    study_model, diffusion = read_model(model, noise, sgd)
    matrix_of(sgd.preconditioner, study_model.dim)  # refuses one that does not fit
    require(
        isinstance(study_model, ProductModel) or not any(isinstance(n, LabelNoise) for n in sgd.noises),
        "noise of kind label in [sgd.noise] needs a model with `q`, a bare landscape has no labels; take gaussian",
    )
    require(
        study_model.dim == grid.dim,
        f"[grid] must have as many axes as the model has variables, got {grid.dim} and {study_model.dim}",
    )
    slope = top.section("loss_slope")
    start = read_start(top.needed("start"), grid)
    study = Study(
        name=name,
        seed=seed,
        model=study_model,
        sgd=sgd,
        steps=steps,
        walkers=walkers,
        start=start,
        diffusion=diffusion,
        grid=grid,
        data_examples=_read_data(top.section("data"), sgd, study_model),
        slope=None if slope is None else read_slope_plan(slope, study_model, sgd, grid),
        noises=read_noise_plans(top, start, grid, sgd),
        source=dict(table),
        **_read_options(top, grid),
    )
    top.close()
    require(
        study.posterior_examples is None or not isinstance(study_model, ProductModel) or study_model.noise_std > 0,
        "[posterior] needs `noise_std` > 0 in [model], got 0: without label noise the posterior is no density",
    )
    require(
        not (isinstance(study_model, ProductModel) and any(grid.periodic)),
        "`periodic` in [grid] needs a bare `landscape`, a model with `q` lives on the whole space; leave it out",
    )
    check_on_grid(study.landscape, diffusion, grid)
    check_places(study.noises, study.landscape, diffusion, grid)
    return study


def _read_data(section: Section | None, sgd: SGD, model: FreshModel) -> int | None:
    fixed = not isinstance(sgd.sampling, Fresh)
    require(fixed == (section is not None), "a fixed data set needs both [data] and a `sampling` other than fresh")
    if section is None:
        return None
    require(isinstance(model, ProductModel), "[data] needs a model with `q`, this one is a bare landscape")
    examples = section.whole("examples")
    section.close()
    require(
        not isinstance(sgd.sampling, WithoutReplacement) or sgd.batch_size <= examples,
        f"`batch_size` must not exceed the data set without replacement, got {sgd.batch_size} of {examples}; "
        "reduce it or sample with replacement",
    )
    return examples


class _Options(TypedDict, total=False):
    """Fields of a study that small tables give."""

    substeps: int
    posterior_examples: float
    beta: float
    basin: tuple[float, float]


def _read_options(top: Section, grid: Grid) -> _Options:
    options: _Options = {}
    if langevin := top.section("langevin"):
        options["substeps"] = langevin.whole("substeps")
        langevin.close()
    if posterior := top.section("posterior"):
        options["posterior_examples"] = posterior.number("examples")
        options["beta"] = posterior.number("beta")
        posterior.close()
    if survival := top.section("survival"):
        basin = survival.numbers("basin")
        survival.close()
        require(
            grid.dim == 1 and basin[0] < basin[1],
            f"`basin` in [survival] must be an interval [low, high] of a model with one variable, got {basin}",
        )
        require(
            grid.lower[0] <= basin[0] and basin[1] <= grid.upper[0],
            f"`basin` in [survival] must lie in [grid], {grid.lower[0]:g} to {grid.upper[0]:g}, got {basin}",
        )
        options["basin"] = (basin[0], basin[1])
    return options
