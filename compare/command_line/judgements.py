"""The folder of judgements that figures and the page are made of."""

from __future__ import annotations

from pathlib import Path

from theory.base.errors import require


def require_judgements(folder: Path) -> None:
    """Refuse what is no folder, before anything is looked for in it.

    Raises
    ------
    InputError
        If it is none.
    """
    require(
        folder.is_dir(),
        f"`--claims` must be a folder of judgements, {str(folder)!r} is none; give the --out of gibbsgap claims",
    )
