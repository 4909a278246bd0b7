"""What both commands do around a run: tell how far it is, and save what it has found, whole or in part."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from compare.command_line.interruption import interruptions_held
from compare.results import ResultFolder, open_results
from theory.base.errors import InputError

Files = Mapping[str, bytes]


def teller() -> Callable[[str], None]:
    """Prints lines with the seconds that have passed since now."""
    begin = time.perf_counter()
    return lambda line: print(f"[{time.perf_counter() - begin:5.1f} s] {line}", flush=True)


def interrupted(folder: ResultFolder, files: Files, finished: Sequence[str], things: str) -> InputError:
    """What to say of an interruption, after what was `finished` until then is saved."""
    kept = folder.keep_part(files)
    where = (
        f"kept in {folder.path}; start again with --overwrite for the rest"
        if kept
        else f"the earlier result in {folder.path} is left as it was; start again with --overwrite"
    )
    return InputError(
        f"interrupted with {len(finished)} {things} finished ({', '.join(finished) or 'none'}), {where}"
    )


def save(folder: ResultFolder, made: Callable[[], Files]) -> tuple[Path, list[str]]:
    """Where the files that are `made` went, and the names of the figures beside them.

    Raises
    ------
    InputError
        If it was asked to stop meanwhile, once all is saved.
    """
    with interruptions_held() as asked:
        files = made()
        figures: dict[str, bytes] = {}
        try:
            from compare.figures import draw_files  # matplotlib takes a second, which a refused run need not wait

            figures = draw_files(open_results(files))
        finally:  # the numbers are not lost with a figure
            written = folder.publish({**files, **figures})
    if asked:
        raise InputError(f"interrupted when all was finished, the whole result is in {written}")
    return written, list(figures)
