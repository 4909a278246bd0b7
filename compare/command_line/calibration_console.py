"""One run of the command `gibbsgap calibrate`: score, keep, print."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from compare.calibration import (
    SHIPPED,
    CoefficientScore,
    Score,
    calibration_targets,
    coefficient_targets,
    estimator_named,
    sampler_named,
    score,
    score_estimator,
    source_of,
)
from compare.results import plain, require_writable, write_whole
from compare.tasks import Processes, ProcessKilled, imported_by, sources_digest, versions
from theory.base.errors import InputError, require
from theory.base.progress import progress_bar

SIZES = {"quick": (200, 20), "full": (2000, 40)}  # steps that count, repeats
REPEATS = {"quick": (6,), "full": (20,)}  # of estimators, whose steps are their own
FORMAT = 1
AnyScore: TypeAlias = Score | CoefficientScore
Kept: TypeAlias = tuple[AnyScore, float]


@dataclass(frozen=True)
class _Kind:
    """What is calibrated: its role, sizes, targets, how one is scored, the record of a score, and the table."""

    role: str
    sizes: Mapping[str, tuple[int, ...]]
    targets: list[str]
    score: Callable[..., Kept]
    record: type[AnyScore]
    table: Callable[..., str]


def calibrate_sampler(name: str, *, quick: bool, out: Path, seed: int, workers: int | None) -> None:
    """Score the sampler on all targets, print the table, and write calibration.json and calibration.nc.

    Raises
    ------
    InputError
        On any mistake of the user or of the sampler, and after an interruption; what was scored is kept.
    """
    kind = _Kind("sampler", SIZES, list(calibration_targets()), score_named, Score, score_table)
    _calibrate(kind, name, repr(sampler_named(name)), "quick" if quick else "full", out, seed, workers)


def calibrate_estimator(name: str, *, quick: bool, out: Path, seed: int, workers: int | None) -> None:
    """The same of an estimator of learning coefficients, on minima where they are known.

    Raises
    ------
    InputError
        As `calibrate_sampler`.
    """
    targets = list(coefficient_targets())
    kind = _Kind("estimator", REPEATS, targets, score_estimator_named, CoefficientScore, coefficient_table)
    _calibrate(kind, name, repr(estimator_named(name)), "quick" if quick else "full", out, seed, workers)


def _calibrate(kind: _Kind, name: str, shown: str, size: str, out: Path, seed: int, workers: int | None) -> None:
    require_writable(out)
    key = _key(name, shown, size, seed)
    shelf = out / size
    shelf.mkdir(parents=True, exist_ok=True)
    names = kind.targets
    found = {one: kept for one in names if (kept := _kept(shelf / f"{one}.json", key, kind.record)) is not None}
    try:
        _score_rest(kind, name, [one for one in names if one not in found], size, seed, workers, shelf, key, found)
    except KeyboardInterrupt:
        raise InputError(
            f"interrupted with {len(found)} of {len(names)} targets scored, in {out}; the same command goes on"
        ) from None
    ordered = [found[one] for one in names]
    content = {
        "format": FORMAT,
        kind.role: name,
        "size": size,
        "seed": seed,
        "targets": [_told(one) for one in ordered],
    }
    write_whole(out / "calibration.json", (json.dumps(plain(content), indent=2) + "\n").encode())
    write_whole(out / "calibration.nc", _netcdf([one for one, _ in ordered]))
    print(kind.table([one for one, _ in ordered], sum(seconds for _, seconds in ordered)))
    print(f"\nresults in {out}: calibration.json, calibration.nc")


def _key(name: str, shown: str, size: str, seed: int) -> str:
    """All that scores depend on: the sampler with what its file imports, the size, and the code that scores."""
    own = source_of(name)
    needed = {one: version(one) for one in getattr(SHIPPED.get(name), "packages", ())}
    what = (shown, needed) if own is None else (name.rpartition(":")[2], own.read_bytes().hex(), imported_by(own))
    code = sources_digest(_is_no_part), dict(versions())
    return hashlib.sha256(repr((FORMAT, what, SIZES[size], REPEATS[size], seed, code)).encode()).hexdigest()


def _is_no_part(source: str) -> bool:
    """Whether scores do not depend on a source of these packages: on all that compute they do."""
    return source.startswith(("compare/claims/", "compare/sweeps/", "compare/maps/", "compare/explorer/"))


def score_table(scores: Sequence[Score], seconds: float) -> str:
    """One line a target, and how many are good."""
    lines = [f"{'target':24} {'exact':>9} {'mean':>9} {'bias/sd':>8} {'covered':>8} {'gradients':>10}"]
    for one in scores:
        if one.failure:
            lines.append(f"{one.target:24} {one.exact:9.4f} {one.failure}")
            continue
        mark = "" if one.good else "  bad"
        covered = f"{one.covered}/{one.repeats}"
        numbers = f"{one.exact:9.4f} {one.mean:9.4f} {one.bias:8.3f} {covered:>8} {one.gradients:10d}"
        lines.append(f"{one.target:24} {numbers}{mark}")
    good = sum(one.good for one in scores)
    return "\n".join([*lines, f"{good} of {len(scores)} good; {seconds:.3g} s of processor time"])


def coefficient_table(scores: Sequence[CoefficientScore], seconds: float) -> str:
    """The same of an estimator."""
    lines = [
        f"{'target':24} {'exact':>7} {'mean':>9} {'bias':>8} {'half':>8} {'covered':>8} {'refused':>8} "
        f"{'evaluations':>12}"
    ]
    for one in scores:
        if not one.answered:
            lines.append(f"{one.target:24} {one.exact:7.4f} refused: {one.failure}")
            continue
        covered, mark = f"{one.covered}/{one.answered}", "" if one.good else "  bad"
        numbers = f"{one.exact:7.4f} {one.mean:9.4f} {one.bias:8.1%} {one.width:8.1%} {covered:>8}"
        lines.append(f"{one.target:24} {numbers} {one.repeats - one.answered:8d} {one.evaluations:12d}{mark}")
    good, covered_all = sum(one.good for one in scores), sum(one.covered for one in scores)
    answered = sum(one.answered for one in scores)
    lines.append(
        f"{good} of {len(scores)} good; {covered_all} of {answered} intervals cover; {seconds:.3g} s of processor "
        "time"
    )
    return "\n".join(lines)


def _score_rest(
    kind: _Kind,
    name: str,
    rest: list[str],
    size: str,
    seed: int,
    workers: int | None,
    shelf: Path,
    key: str,
    found: dict[str, Kept],
) -> None:
    if not rest:
        return
    with (
        Processes(os.cpu_count() or 1 if workers is None else workers) as pool,
        progress_bar(len(rest), None) as count,
    ):
        tasks = {pool.submit(kind.score, name, one, *kind.sizes[size], seed): one for one in rest}
        for task in as_completed(tasks):
            one = tasks[task]
            try:
                found[one] = task.result()
            except ProcessKilled as killed:
                raise InputError(
                    f"the {kind.role} must finish {one}, {killed}; make it lighter, or correct it"
                ) from None
            content = {"key": key, **_told(found[one])}
            write_whole(shelf / f"{one}.json", (json.dumps(plain(content)) + "\n").encode())
            count(1)


def score_named(name: str, target: str, steps: int, repeats: int, seed: int) -> Kept:
    """The score of the sampler of this name on the target of that."""
    return score(sampler_named(name), calibration_targets()[target], steps=steps, repeats=repeats, seed=seed)


def score_estimator_named(name: str, target: str, repeats: int, seed: int) -> Kept:
    """The score of the estimator of this name on the target of that."""
    return score_estimator(estimator_named(name), coefficient_targets()[target], repeats=repeats, seed=seed)


def _told(kept: Kept) -> dict[str, Any]:
    one, seconds = kept
    return {**asdict(one), "bias": one.bias, "good": one.good, "seconds": seconds}


def _kept(path: Path, key: str, record: type[AnyScore] = Score) -> Kept | None:
    """The score with this key, if it is here and whole."""
    try:
        content = json.loads(path.read_bytes())
        require(content["key"] == key, "of another run")
        numbers = {one.name: content[one.name] for one in fields(record)}
        texts = {"target", "family", "failure"}
        numbers |= {
            key: float(value) for key, value in numbers.items() if isinstance(value, str) and key not in texts
        }
        return record(**numbers), float(content["seconds"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _netcdf(scores: Sequence[AnyScore]) -> bytes:
    import xarray as xr  # half a second that only files need

    names = [one.name for one in fields(scores[0])]
    columns = {name: ("target", [getattr(one, name) for one in scores]) for name in names if name != "target"}
    data = xr.Dataset(
        columns | {"bias": ("target", [one.bias for one in scores])}, {"target": [one.target for one in scores]}
    )
    return bytes(data.to_netcdf(engine="h5netcdf"))
