"""One run of the command `gibbsgap sweep`: read ranges, measure all points, tell what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.study import load_study
from compare.sweeps import SweepInterrupted, on_scheduler, sweep
from theory.base.errors import InputError, require

if TYPE_CHECKING:
    import xarray as xr

SPACINGS: dict[str, Callable[..., Any]] = {"linear": np.linspace, "log": np.geomspace}
WHOLE = {"batch_size", "steps", "walkers", "seed", "cells", "substeps", "data_examples"}
DIGITS = 12  # of values between the ends of a range
MOST_VALUES = 1_000_000
MOST_REASONS = 5


def sweep_study(
    name: str, over: Sequence[str], *, out: Path, workers: int | None, scheduler: str | None, retry: bool
) -> None:
    """Measure the study at all points of the ranges, each given as KEY=VALUES, and print what was found.

    Raises
    ------
    InputError
        On any mistake of the user, after an interruption, and where every point failed.
    """
    require(
        scheduler is None or workers is None, "a sweep takes --workers or --scheduler, got both; leave one out"
    )
    ranges = read_over(over)
    study = load_study(name)
    with nullcontext() if scheduler is None else on_scheduler(scheduler) as executor:
        try:
            data = sweep(
                study, executor=executor, workers=workers, store=out, retry=retry,
                tell=lambda line: print(line, flush=True), **ranges,
            )  # fmt: skip
        except SweepInterrupted as stop:
            raise InputError(
                f"interrupted with {stop.there} of {stop.wanted} points there, kept in {out}; the same command "
                "goes on from there"
            ) from None
    print(_summary(data))
    print(f"\nresults in {out}: sweep.nc")
    require(
        bool((data["failure"] == "").any()),
        "every point failed, see the reasons above; correct them, then --retry",
    )


def read_values(key: str, text: str) -> list[Any]:
    """Values such as 1,2,4 or LOW:HIGH:COUNT with :linear or :log after it; parts of one value stand between /.

    Raises
    ------
    InputError
        If they are neither.
    """
    if "+" in key:
        return [tuple(_value(part) for part in value.split("/")) for value in text.split(",")]
    if ":" not in text:
        return [_value(part) for part in text.split(",")]
    low, high, count, *spacing = text.split(":")[:4] if text.count(":") in (2, 3) else ("", "", "")
    kind = spacing[0] if spacing else "linear"
    ends = [_value(low), _value(high)]
    fine = all(isinstance(end, int | float) for end in ends) and count.isdecimal() and kind in SPACINGS
    require(
        fine,
        f"`{key}` must be values with commas, or LOW:HIGH:COUNT with :linear or :log, got {text!r}; write it as "
        "0.01,0.02 or 0.01:0.1:8",
    )
    number = int(count)
    require(2 <= number <= MOST_VALUES, f"`{key}` must have 2 to {MOST_VALUES} values, got {count}")
    first, last = (float(end) for end in ends)
    require(np.isfinite(first) and np.isfinite(last), f"`{key}` must have finite ends, got {text!r}")
    require(first < last, f"`{key}` must rise, got {low} to {high}; exchange them")
    require(kind == "linear" or first > 0, f"`{key}` must begin above 0 for log, got {low}")
    values = [float(f"{value:.{DIGITS}g}") for value in SPACINGS[kind](first, last, number)]
    return list(dict.fromkeys(round(value) for value in values)) if key in WHOLE else values


def read_over(over: Sequence[str]) -> dict[str, Any]:
    """The values of each range by its name, from KEY=VALUES.

    Raises
    ------
    InputError
        If one is none, or is there twice.
    """
    found: dict[str, Any] = {}
    for one in over:
        key, sign, text = one.partition("=")
        key = key.strip().replace("-", "_")
        require(bool(sign and key), f"a range must be KEY=VALUES, got {one!r}; write it as batch_size=1,2,4")
        require(bool(text.strip()), f"`{key}` must have at least one value, got none; write it as {key}=1,2,4")
        require(key not in found, f"each range may be given once, `{key}` is there twice; leave one out")
        found[key] = read_values(key, text)
    return found


def _value(text: str) -> Any:
    """A number, where it is one; else a text, as formulas are."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def _summary(data: xr.Dataset) -> str:
    """How many points there are, and the reasons of those that failed."""
    failures = Counter(data["failure"].values.flat)
    fine = failures.pop("", 0)
    shape = " x ".join(f"{name} ({size})" for name, size in data.sizes.items())
    lines = [f"{fine + failures.total()} points of {shape}: {fine} measured, {failures.total()} failed"]
    lines += [f"  {count} failed: {reason}" for reason, count in failures.most_common(MOST_REASONS)]
    if len(failures) > MOST_REASONS:
        lines.append(f"  and {len(failures) - MOST_REASONS} reasons more, see `failure` in sweep.nc")
    return "\n".join(lines)
