"""The present point as a study of its own: a TOML file, and the command that computes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

LONGEST_NAME = 40  # letters of a file


def study_toml(table: Mapping[str, Any]) -> str:
    """The table of a study as a TOML text that `load_study` reads, to the last digit."""
    import tomli_w  # comes with the extra

    return tomli_w.dumps(table)


def file_name(study: str) -> str:
    """A name for the file of a point of the study that ships under this name, or that a file holds."""
    stem = study.replace("\\", "/").rpartition("/")[2].removesuffix(".toml").removesuffix("-explored")
    letters = re.sub(r"[^\w-]+", "-", stem, flags=re.ASCII).strip("-")[:LONGEST_NAME]
    return f"{letters or 'study'}-explored.toml"


def command_line(file: str) -> str:
    """What computes the saved study in full."""
    return f"gibbsgap compare {shlex.quote(file)}"
