"""Small results, and what folders hold of them."""

from __future__ import annotations

from pathlib import Path

from compare.results.sealed import seal


def result(number: int, *, complete: bool = True) -> dict[str, bytes]:
    laws = f"laws {number}".encode()
    numbers = {"complete": complete, "number": number}
    return {"comparison.json": seal(numbers, laws), "laws.nc": laws, "laws.png": f"figure {number}".encode()}


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
