"""What all results of a sweep depend on, and how two sweeps differ in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from theory.base.errors import InputError

FORMAT = 1


@dataclass(frozen=True)
class About:
    """Of a sweep: its study but for the numbers ranged over, their names, the measure, the sources, the versions.

    Parameters
    ----------
    ranges
        Names of the numbers of each dimension.
    labels
        Names of variables in words.
    """

    title: str
    study: Mapping[str, Any]
    seed: int
    ranges: tuple[tuple[str, ...], ...]
    measure: Mapping[str, str]
    sources: str
    versions: Mapping[str, str]
    labels: Mapping[str, str]
    format: int = FORMAT

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all numbers, in the order of the dimensions."""
        return tuple(name for names in self.ranges for name in names)

    def as_json(self) -> str:
        """As a journal holds it."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> About:
        """What `as_json` made.

        Raises
        ------
        InputError
            If another version's did.
        """
        found = json.loads(text)
        if found.get("format") != FORMAT:
            raise InputError(
                f"a sweep must have format {FORMAT}, got {found.get('format')}: another version's; choose another "
                "folder"
            )
        return About(**found | {"ranges": tuple(map(tuple, found["ranges"]))})

    def differs(self, other: About) -> str | None:
        """In what another sweep differs from this one, in words, or None where its results are as good."""
        if sorted(map(sorted, self.ranges)) != sorted(map(sorted, other.ranges)):
            return f"its ranges are {_shown(self.ranges)}, not {_shown(other.ranges)}"
        for what, mine, yours in (
            ("the study's", self.study, other.study),
            ("the version of", self.versions, other.versions),
        ):
            for key, (before, after) in _differences(mine, yours):
                return f"{what} {key} is {before} there and {after} here"
        if self.measure["name"] != other.measure["name"]:
            return f"its measure is {self.measure['name']}, not {other.measure['name']}"
        if self.measure["code"] != other.measure["code"]:
            return f"the code of its measure {self.measure['name']} has changed"
        return "the code of gibbsgap has changed" if self.sources != other.sources else None


def _shown(ranges: tuple[tuple[str, ...], ...]) -> str:
    return " x ".join("+".join(names) for names in ranges)


def _differences(mine: Any, yours: Any, path: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """Dotted keys at which two tables differ, with both values."""
    if isinstance(mine, Mapping) and isinstance(yours, Mapping):
        for key in [*mine, *(key for key in yours if key not in mine)]:
            yield from _differences(mine.get(key), yours.get(key), f"{path}.{key}" if path else key)
    elif json.loads(json.dumps(mine)) != json.loads(json.dumps(yours)):
        yield path, (_value(mine), _value(yours))


def _value(value: Any) -> str:
    return "missing" if value is None else repr(value)
