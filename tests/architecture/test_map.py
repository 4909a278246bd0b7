"""The README's table of rooms is what the rooms say of themselves."""

from __future__ import annotations

import ast
import re

from repository import ROOT
from sources import FOLDERS, ROOMS, TREES, room_of

ROW = re.compile(r"^\| `theory/(\w+)` \| (.*) \|$", re.MULTILINE)
LONGEST = 15  # lines: a map is read in a minute


def table(text: str) -> list[tuple[str, str]]:
    """The rooms of the table with what they hold, in its order."""
    return ROW.findall(text)


def holds(tree: ast.Module) -> str:
    """The first line of a docstring without its full stop."""
    return (ast.get_docstring(tree) or "").splitlines()[0].removesuffix(".")


def test_the_map_names_every_room_with_its_own_words() -> None:
    found = table((ROOT / "README.md").read_text("utf-8"))
    assert dict(found) == {
        room_of(name): holds(TREES[name]) for name in FOLDERS if name.count(".") == 1 and room_of(name)
    }
    assert len(found) <= LONGEST


def test_the_map_stands_in_the_order_of_imports() -> None:
    found = table((ROOT / "README.md").read_text("utf-8"))
    assert [room for room, _ in found] == [room for layer in ROOMS for room in layer]


def unnamed_folders(text: str) -> set[str]:
    """Folders of `simulate` and `compare` that the words after the table do not name."""
    words = text.partition("\n`simulate` holds")[2].partition("\n## ")[0]
    folders = {name.rpartition(".")[2] for name in FOLDERS if name.startswith(("simulate.", "compare."))}
    return {folder for folder in folders | {"studies"} if f"`{folder}`" not in words}


def test_words_after_the_map_name_the_folders_of_the_others() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert unnamed_folders(text) == set()
    assert unnamed_folders(text.replace("`distances`", "")) == {"distances"}


def test_a_row_that_is_wrong_is_seen() -> None:
    assert table("| `theory/laws` | What a law is |") == [("laws", "What a law is")]
    assert table("| theory/laws | What a law is |") == []
    assert holds(ast.parse('"""A room.\n\nNever holds a path.\n"""')) == "A room"
