"""The folder in which judgements are kept: a claim that was judged is not judged again."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from compare.claims.definition import NAME
from compare.claims.judgement import Judgement
from compare.claims.verdict import Kind, Row, Verdict
from compare.pictures import picture_from_xarray, picture_to_xarray
from compare.results import plain, write_whole
from theory.base.errors import InputError, require

FORMAT = 1
INFINITE = ("value", "low", "high")
AGAIN = "judge the claim again"


@dataclass(frozen=True)
class Shelf:
    """A folder of judgements of one size: IDENTIFIER.json for the numbers, IDENTIFIER.nc for the picture."""

    folder: Path

    def put(self, judgement: Judgement) -> None:
        """Keep a judgement, the picture first: without the numbers it means nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = _content(judgement)
        place = self.folder / f"{judgement.identifier}.nc"
        if judgement.picture is None:
            place.unlink(missing_ok=True)
        else:
            data = bytes(picture_to_xarray(judgement.picture).to_netcdf(engine="h5netcdf"))
            write_whole(place, data)
            content["picture"] = hashlib.sha256(data).hexdigest()
        content["checksum"] = _checksum(content)
        text = json.dumps(content, indent=2, allow_nan=False) + "\n"
        write_whole(self.folder / f"{judgement.identifier}.json", text.encode())

    def get(self, identifier: str, size: str | None = None) -> Judgement:
        """The judgement of a claim, as it was put here; of the `size` asked for, if any.

        Raises
        ------
        InputError
            If there is none, or it is damaged, was changed, or is of another version, size or claim.
        """
        path = self.folder / f"{identifier}.json"
        try:
            require(path.is_file() or not path.exists(), f"{str(path)!r} must be a regular file; {AGAIN}")
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise InputError(f"{str(path)!r} must hold a judgement, there is none; {AGAIN}") from None
        except InputError:
            raise
        except (OSError, ValueError, RecursionError):
            raise InputError(f"{str(path)!r} must be whole JSON, it is damaged; {AGAIN}") from None
        found = content.get("format") if isinstance(content, dict) else None
        require(
            found == FORMAT, f"{str(path)!r} must have format {FORMAT}, got {found}: another version's; {AGAIN}"
        )
        require(
            content.pop("checksum", None) == _checksum(content) and content.get("identifier") == identifier,
            f"{str(path)!r} must be as it was written, it was changed; {AGAIN}",
        )
        wrong = size is not None and content.get("size") != size
        require(not wrong, f"{str(path)!r} must be of the size {size!r}, got {content.get('size')!r}; {AGAIN}")
        try:
            return _judgement(content, self._picture(identifier, content["picture"]))
        except InputError:
            raise
        except (OSError, LookupError, TypeError, ValueError, AttributeError):
            raise InputError(f"{str(path)!r} must be this version's, it holds other fields; {AGAIN}") from None

    def kept(self, identifier: str, key: str) -> Judgement | None:
        """The judgement with this key, if it is here, whole; an error is judged again."""
        try:
            found = self.get(identifier)
        except InputError:
            return None
        return found if found.key == key and found.verdict.kind is not Kind.ERROR else None

    def holds(self, identifier: str, key: str) -> bool:
        """Whether the judgement with this key is here, whole, and no error."""
        return self.kept(identifier, key) is not None

    def names(self) -> list[str]:
        """The identifiers of the judgements here; what a killed run has half written has no such name."""
        return sorted(path.stem for path in self.folder.glob("*.json") if NAME.fullmatch(path.stem))

    def _picture(self, identifier: str, digest: str | None) -> Any:
        if digest is None:
            return None
        import xarray as xr  # half a second that only files need

        path = self.folder / f"{identifier}.nc"
        try:
            data = path.read_bytes()
        except OSError:
            raise InputError(f"{str(path)!r} must hold the picture of {identifier}; {AGAIN}") from None
        same = hashlib.sha256(data).hexdigest() == digest
        require(same, f"{str(path)!r} must be the one that was written with the numbers, it was changed; {AGAIN}")
        with xr.open_dataset(io.BytesIO(data), engine="h5netcdf") as opened:
            return picture_from_xarray(opened.load())


def _content(judgement: Judgement) -> dict[str, Any]:
    simple = {one.name for one in fields(Judgement)} - {"verdict", "rows", "picture", "parameters"}
    content: dict[str, Any] = {"format": FORMAT}
    content |= {name: getattr(judgement, name) for name in sorted(simple)}
    content["verdict"] = {"kind": judgement.verdict.kind.value, "words": judgement.verdict.words}
    content["parameters"] = {name: repr(value) for name, value in judgement.parameters.items()}
    content["rows"] = [asdict(row) for row in judgement.rows]
    return plain(content) | {"picture": None}  # type: ignore[no-any-return]


def _judgement(content: Mapping[str, Any], picture: Any) -> Judgement:
    told = {key: value for key, value in content.items() if key not in {"format", "picture"}}
    told["verdict"] = Verdict(Kind(told["verdict"]["kind"]), told["verdict"]["words"])
    told["rows"] = tuple(Row(**(row | {name: float(row[name]) for name in INFINITE})) for row in told["rows"])
    told["notes"] = tuple(told["notes"])
    return Judgement(**told, picture=picture)


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
