"""Keyword options that runs of walkers share, as records for `**options: Unpack[...]`."""

from __future__ import annotations

from typing import TypedDict

from theory.laws.grid import Grid


class WalkerOptions(TypedDict, total=False):
    """Options of everything that runs walkers.

    Parameters
    ----------
    threads
        Blocks of walkers at the same time, all processors by default; the result does not depend on it.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.
    """

    threads: int | None
    progress: bool | None


class DomainOptions(WalkerOptions, total=False):
    """Those of `WalkerOptions`, and where the walkers live.

    Parameters
    ----------
    domain
        Positions are wrapped along the periodic axes of this grid after every step.
    """

    domain: Grid | None


class RunOptions(DomainOptions, total=False):
    """Those of `DomainOptions`, and how a run is observed.

    Parameters
    ----------
    grid
        Counts the observations on this grid and keeps their moments instead of the positions, so that memory does
        not grow with their number (the final positions are kept).
    """

    grid: Grid | None


class ObservedOptions(WalkerOptions, total=False):
    """Those of `WalkerOptions`, and how the walkers are observed.

    Parameters
    ----------
    save_every
        Steps between observations, the start and the end included; None observes the end only.
    grid
        As that of `RunOptions`.
    """

    save_every: int | None
    grid: Grid | None
