"""What a sweep is to do: a study, ranges of its numbers and a measure, and what its results depend on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compare.study import Study, read_study
from compare.sweeps.about import About
from compare.sweeps.point import LABELS, Measure
from compare.sweeps.ranges import Numbers, Range, points_of, read_ranges, with_numbers, without
from compare.sweeps.seeds import seed_of
from compare.tasks import code_of, sources_digest, versions
from theory.base.errors import InputError, require

NO_PART = ("compare/claims/", "compare/testing/", "compare/maps/", "compare/explorer/")  # of what a point measures
KEPT = ("name", "sgd", "grid", "substeps", "data_examples", "posterior_examples", "beta", "basin")


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep before it runs; it goes to every process that works on it.

    Parameters
    ----------
    table
        Of the study, as TOML has it.
    code
        Of the sources and versions that a process must have too.
    """

    table: Mapping[str, Any]
    ranges: tuple[Range, ...]
    measure: Measure
    code: str

    @staticmethod
    def of(study: Study, measure: Measure, ranges: tuple[Range, ...]) -> Plan:
        """The plan to range over numbers of `study`, once its first and last point prove to be studies.

        Raises
        ------
        InputError
            If the study was not read from a table, or a range holds what none can have.
        """
        plan = Plan(_table(study), ranges, measure, code_here())
        for numbers in (plan.corner(0), plan.corner(-1)):
            try:
                plan.study(numbers)
            except InputError as error:
                told = ", ".join(f"{name} = {value}" for name, value in numbers.items())
                raise InputError(f"at {told}: {error}") from None
        return plan

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all numbers that are ranged over."""
        return tuple(name for one in self.ranges for name in one.names)

    @property
    def point_count(self) -> int:
        """The number of points."""
        return math.prod(len(one.values) for one in self.ranges)

    @property
    def about(self) -> About:
        """What all results of this plan depend on, beside the point."""
        return About(
            title=str(self.table["name"]),
            study=without(self.table, self.names),
            seed=self.table["seed"],
            ranges=tuple(one.names for one in self.ranges),
            measure={"name": _name_of(self.measure), "code": code_of(self.measure)},
            sources=sources_digest(no_part),
            versions=dict(versions()),
            labels=dict(getattr(self.measure, LABELS, {})),
        )

    def points(self) -> Iterator[dict[str, Any]]:
        """The numbers of every point."""
        return points_of(self.ranges)

    def corner(self, index: int) -> dict[str, Any]:
        """The point of all first values (0), or of all last ones (-1)."""
        return next(points_of([Range(one.names, (one.values[index],)) for one in self.ranges]))

    def study(self, numbers: Numbers) -> Study:
        """The study at a point, with a seed of its own.

        Raises
        ------
        InputError
            If these numbers make none.
        """
        seed = seed_of(self.table["seed"], numbers)
        return read_study({**with_numbers(self.table, numbers), "seed": seed})


def study_at(study: Study, **numbers: Any) -> Study:
    """The study that a sweep of `study` measures at the point with these numbers, with the seed it has there.

    Raises
    ------
    InputError
        As `sweep`, of ranges with one value each.
    """
    plan = Plan.of(study, _nothing, read_ranges({name: [value] for name, value in numbers.items()}))
    return plan.study(plan.corner(0))


def _nothing(study: Study) -> Mapping[str, float | str]:
    return {}


def no_part(name: str) -> bool:
    """Whether a source is no part of what is measured at a point."""
    return name.startswith(NO_PART)


def code_here() -> str:
    """The sources and versions that this process would compute a point with."""
    return f"{sources_digest(no_part)} {dict(versions())}"


def _name_of(measure: Measure) -> str:
    return f"{getattr(measure, '__module__', '')}.{getattr(measure, '__qualname__', type(measure).__qualname__)}"


def _table(study: Study) -> dict[str, Any]:
    """The table of a study as it is now: with another seed, walkers or steps than it was read with, if so.

    Raises
    ------
    InputError
        If it has no table, or other parts were replaced.
    """
    require(
        bool(study.source),
        "a sweep needs a study that was read from a table, got one made by hand; see read_study",
    )
    table: dict[str, Any] = with_numbers(study.source, {"seed": study.seed})
    for name, value in (("steps", study.steps), ("walkers", study.walkers)):
        table["sgd"][name] = value
    again = read_study(table)
    for name in KEPT:
        same = getattr(study, name) == getattr(again, name)
        require(same, f"a sweep needs a study as its table has it, `{name}` was replaced; put it in the table")
    return table
