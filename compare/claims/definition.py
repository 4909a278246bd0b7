"""A claim: a statement of a source, and the function that puts it to the test."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from compare.claims.evidence import Evidence
from theory.base.absent import Absent
from theory.base.errors import InputError, require

NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,59}")
SIZES = ("quick", "full")
Function = Callable[..., Evidence | Absent]


@dataclass(frozen=True)
class Source:
    """A publication: authors, year, title, and where to find it."""

    authors: str
    year: int
    title: str
    link: str = ""

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}), {self.title}" + (f", {self.link}" if self.link else "")


@dataclass(frozen=True)
class Claim:
    """A statement of a source with the function that finds evidence on it.

    Parameters
    ----------
    identifier
        A letter, then letters, digits, '.', '_' or '-', 60 at most: files are named after it.
    where
        Section or figure of the source.
    statement
        As the source makes it.
    prediction
        What is to be seen if it is true, and the theory that says so.
    sizes
        The keywords that the function gets at each size, `quick` and `full`.
    function
        ``function(*, rng, **keywords)`` -> Evidence, or Absent with the reason why there can be none yet.

    Raises
    ------
    InputError
        If the identifier has another form, a text is empty, the function has not these keywords, or the repr of a
        keyword's value raises.
    """

    identifier: str
    source: Source
    where: str
    statement: str
    prediction: str
    sizes: Mapping[str, Mapping[str, Any]] = field(repr=False)
    function: Function = field(repr=False)

    def __post_init__(self) -> None:
        require(
            NAME.fullmatch(self.identifier) is not None,
            f"`identifier` must be a letter, then at most 59 letters, digits, '.', '_' or '-', got "
            f"{self.identifier!r}",
        )
        for name in ("statement", "prediction"):
            require(bool(getattr(self, name).strip()), f"claim {self.identifier}: `{name}` must not be empty")
        parameters = inspect.signature(self.function).parameters
        takes = {p.name for p in parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD} - {"rng"}
        require("rng" in parameters, f"the function of claim {self.identifier} must take `rng`, it does not")
        for size in SIZES:
            given = set(self.sizes[size])
            require(
                given == takes,
                f"claim {self.identifier}: `{size}` must give {sorted(takes)}, it gives {sorted(given)}",
            )
            for name, value in self.sizes[size].items():
                _require_shown(f"claim {self.identifier}: `{name}` at the size `{size}`", value)
        frozen = {size: MappingProxyType(dict(self.sizes[size])) for size in SIZES}
        object.__setattr__(self, "sizes", MappingProxyType(frozen))

    def evidence(self, size: str, rng: np.random.Generator) -> Evidence | Absent:
        """What the function finds at the size `quick` or `full`.

        Raises
        ------
        InputError
            If it gives neither Evidence nor Absent.
        """
        require(size in SIZES, f"`size` must be one of {', '.join(SIZES)}, got {size!r}")
        found = self.function(rng=rng, **self.sizes[size])
        require(
            isinstance(found, Evidence | Absent),
            f"the function of claim {self.identifier} must return Evidence, got {type(found).__name__}",
        )
        return found


def _require_shown(what: str, value: Any) -> None:
    try:
        repr(value)
    except Exception as error:  # whatever a user's own class does wrong
        raise InputError(f"{what} must have a repr, it raises {type(error).__name__}: {error}") from error


def claim(
    identifier: str,
    *,
    source: Source,
    statement: str,
    prediction: str,
    where: str = "",
    quick: Mapping[str, Any] = MappingProxyType({}),
    full: Mapping[str, Any] | None = None,
) -> Callable[[Function], Claim]:
    """Make a claim of a function ``(*, rng, **keywords)`` that returns its Evidence.

    `quick` and `full` are the keywords of the function at both sizes; without `full` they are the same.

    Raises
    ------
    InputError
        As `Claim`.
    """

    def decorate(function: Function) -> Claim:
        sizes = {"quick": quick, "full": quick if full is None else full}
        return Claim(identifier, source, where, statement, prediction, sizes, function)

    return decorate
