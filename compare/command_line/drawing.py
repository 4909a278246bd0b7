"""One run of the command `gibbsgap draw`: read a result, draw its figures anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compare.figures import Style, check_format, draw_files
from compare.figures.formats import USUAL
from compare.results import NUMBERS, SLOPE_NUMBERS, read_results, write_whole
from theory.base.errors import InputError, require


def draw_folder(
    folder: Path,
    *,
    out: Path | None,
    overwrite: bool,
    width: str | None,
    formats: Sequence[str],
    style: Path | None,
    latex: bool,
) -> None:
    """Draw the figures of the result in `folder` and write them there, or to `out`, without computing anything.

    Raises
    ------
    InputError
        On any mistake of the user.
    """
    look = Style.of(width, latex=latex, sheet=style)
    wanted = tuple(check_format(name) for name in formats) or USUAL
    require(folder.is_dir(), f"`FOLDER` must be a folder with a result, {str(folder)!r} is none; give a run's")
    held = [name for name in (NUMBERS, SLOPE_NUMBERS) if (folder / name).exists()]
    require(
        len(held) > 0,
        f"`FOLDER` must hold a result, {str(folder)!r} has neither {NUMBERS} nor {SLOPE_NUMBERS}; "
        f"{_remedy(folder)}",
    )
    drawn = draw_files(read_results(folder), look, wanted)
    require(len(drawn) > 0, f"the result in {str(folder)!r} has no figure: its laws have more than two variables")
    target = folder if out is None else out
    if out is not None:
        _make(out, drawn, overwrite)
    for name, content in drawn.items():
        write_whole(target / name, content)
    print(f"figures in {target}: {', '.join(drawn)}")


def _remedy(folder: Path) -> str:
    """How the figure of what the folder holds instead is drawn."""
    from compare.sweeps.journal import FILE  # of sweeps, whose imports a result does not need

    if (folder / FILE).exists():
        return "a map is drawn again by its own gibbsgap map with --width and --format, a sweep by open_sweep"
    return "run gibbsgap compare first"


def _make(out: Path, drawn: Sequence[str] | dict[str, bytes], overwrite: bool) -> None:
    """A folder for figures, in which no other figure is lost."""
    there = [name for name in drawn if (out / name).exists()]
    require(
        overwrite or not there,
        f"`--out` must not hold {', '.join(there)}, {str(out)!r} does; choose another or add --overwrite",
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"`--out` must be a folder, {str(out)!r} cannot be one: {error.strerror}; choose another"
        ) from None
