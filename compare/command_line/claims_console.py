"""One run of the command `gibbsgap claims`: find, judge, keep, print."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tqdm import tqdm

from compare.claims import (
    Claim,
    Judgement,
    Kind,
    Order,
    Shelf,
    claims_of_file,
    evidence_text,
    judge_claims,
    shipped_claims,
    statement_list,
    verdict_table,
)
from compare.results import require_writable, write_whole
from theory.base.errors import InputError, require

NARROWEST = 60  # characters of a line


def judge(names: Sequence[str], *, full: bool, out: Path, seed: int | None, workers: int | None) -> None:
    """Judge the claims, print the table, of one its evidence, and write the verdicts to `claims-SIZE.json`.

    Raises
    ------
    InputError
        On any mistake of the user, after an interruption, and if a claim ends in an error, once all others are
        judged.
    """
    order, claims = ordered(names, full=full, seed=seed)
    path = (out / f"claims-{order.size}.json").absolute()  # a claim of one's own may go to another folder
    shelf = Shelf(path.parent / order.size)
    require_writable(shelf.folder)
    begin = time.perf_counter()
    with tqdm(total=len(claims), unit="claim", leave=False, disable=None) as bar:

        def tell(judgement: Judgement, kept: bool) -> None:
            bar.update()
            if bar.disable and not kept:
                passed = time.perf_counter() - begin
                print(f"[{passed:6.1f} s] {judgement.identifier}: {judgement.verdict.words}", flush=True)

        try:
            found = judge_claims(
                order, shelf, workers=(os.cpu_count() or 1) if workers is None else workers, tell=tell
            )
        except KeyboardInterrupt:
            raise InputError(
                f"interrupted; what was judged is kept in {out}, the same command goes on from there"
            ) from None
    width = max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)
    _print(list(found.values()), width)
    write_whole(path, _table(shelf, order).encode(errors="backslashreplace"))
    print(f"\nverdicts in {out / path.name}, the numbers and the picture of each claim in {out / order.size}")
    errors = [name for name, one in found.items() if one.verdict.kind is Kind.ERROR]
    require(not errors, f"no verdict on {', '.join(errors)}: see the errors above, correct them, run again")


def _table(shelf: Shelf, order: Order) -> str:
    """The verdicts of all claims on the shelf, those judged earlier too."""
    kept = {}
    for name in shelf.names():
        with suppress(InputError):  # damaged: the claim is judged again when it is asked for
            kept[name] = shelf.get(name)
    told = {
        n: {"verdict": j.verdict.kind.value, "words": j.verdict.words, "seed": j.seed} for n, j in kept.items()
    }
    return json.dumps({"size": order.size, "claims": told}, indent=2, ensure_ascii=False) + "\n"


def ordered(names: Sequence[str], *, full: bool, seed: int | None) -> tuple[Order, dict[str, Claim]]:
    """What is asked for by identifiers, or by one Python file of the user's; all that ship without either.

    Raises
    ------
    InputError
        If there is no such claim or file, or the seed is negative.
    """
    size, number = "full" if full else "quick", 1 if seed is None else seed
    require(number >= 0, f"`seed` must not be negative, got {number}")
    files = [name for name in names if name.endswith(".py")]
    if files:
        require(len(names) == 1, f"a file of claims must come alone, got {', '.join(names)}; judge it by itself")
        path = Path(files[0])
        claims = claims_of_file(path)
        return Order(tuple(claims), size, number, path.absolute()), claims
    claims = shipped_claims(dict.fromkeys(names) if names else None)
    return Order(tuple(claims), size, number), claims


def list_statements(names: Sequence[str]) -> None:
    """Print the statements under their sources."""
    _, claims = ordered(names, full=False, seed=None)
    print(statement_list(claims, max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)))


def _print(found: Sequence[Judgement], width: int) -> None:
    print()
    print(evidence_text(found[0], width) if len(found) == 1 else verdict_table(found, width))
    for one in found:
        if one.trace:
            print(f"\n{one.identifier}, where the error arose:\n{one.trace}", file=sys.stderr)
