"""One run of the command `gibbsgap figures`: the pictures of judged claims, with their data beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from compare.claims import Shelf, outdated, shipped_claims
from compare.command_line.judgements import require_judgements
from compare.figures import Style, check_format, draw_picture, image
from compare.pictures import Picture, picture_tables, picture_to_xarray
from compare.results import require_writable, write_whole
from theory.base.errors import InputError, in_one_line, require
from theory.base.hints import hint


@dataclass(frozen=True)
class Paper:
    """The style of figures and the formats that they are written in."""

    style: Style
    formats: tuple[str, ...]

    @staticmethod
    def of(width: str | None, formats: str, sheet: Path | None, *, latex: bool) -> Paper:
        """Those of the words of a command; `formats` stand between commas.

        Raises
        ------
        InputError
            If a width, a format or a sheet is none.
        """
        names = tuple(check_format(name.strip()) for name in formats.split(","))
        return Paper(Style.of(width, latex=latex, sheet=sheet), names)


def draw_claims(names: Sequence[str], paper: Paper, *, full: bool, claims: Path, out: Path) -> None:
    """Draw the pictures of the claims that were judged into `claims`, and write them with their data to `out`.

    Raises
    ------
    InputError
        If `claims` is no folder, a name is no claim or was not judged, nothing was, a judgement is damaged once
        all others are drawn, or the folder cannot be written.
    """
    require_judgements(claims)
    shelf = Shelf(claims / ("full" if full else "quick"))
    asked = _asked(names, shelf, full)
    require_writable(out)
    drawn, without, old, faults = [], [], [], []
    with paper.style.applied():
        for name in tqdm(asked, unit="figure", leave=False, disable=None):
            try:
                found = shelf.get(name, shelf.folder.name)
            except InputError as error:
                faults.append(str(error))
                continue
            if found.picture is None:
                without.append(name)
                continue
            try:
                files = files_of(name, found.picture, paper.formats)
            except Exception as error:  # labels of a user's own may be no mathematics
                faults.append(f"the picture of {name} cannot be drawn: {in_one_line(str(error))}")
                continue
            for file, content in files.items():
                _write(out / file, content)
            drawn.append(name)
            old += [name] if outdated(found) else []
    if drawn:
        print(f"figures of {', '.join(drawn)} in {out}, each with its numbers as NetCDF and CSV")
    if old:
        print(f"judged by other code or versions: {', '.join(old)}; run gibbsgap claims again")
    if without:
        print(f"no picture: {', '.join(without)}")
    require(not faults, "; ".join(faults))


def files_of(name: str, picture: Picture, formats: Sequence[str]) -> Mapping[str, bytes]:
    """A picture in all formats, under the style that holds, and its data as NetCDF and CSV, by file name."""
    figure = draw_picture(picture)
    files = {f"{name}.{suffix}": image(figure, suffix, picture.caption or name) for suffix in formats}
    tables = picture_tables(picture)
    data = {f"{name}.nc": bytes(picture_to_xarray(picture).to_netcdf(engine="h5netcdf"))}
    return files | data | {f"{name}-{panel}.csv": text.encode() for panel, text in tables.items()}


def _asked(names: Sequence[str], shelf: Shelf, full: bool) -> list[str]:
    """The identifiers that were asked for, all judged ones without any."""
    judged = shelf.names()
    names = [name if name in judged or name.upper() not in judged else name.upper() for name in names]
    again = f"gibbsgap claims{' --full' if full else ''}"
    for name in names:
        if name in judged:
            continue
        known = sorted({*shipped_claims(), *judged})
        require(name in known, f"no claim is called {name!r}; {hint(name, known, 'see gibbsgap claims --list')}")
        raise InputError(
            f"{name} must be judged before its picture is drawn, it was not; run {again} {name} first"
        )
    require(len(judged) > 0, f"{str(shelf.folder)!r} must hold judged claims, it holds none; run {again} first")
    return list(dict.fromkeys(names)) or judged


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
