"""Files that are no studies: each is refused in one line, before work begins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from compare.study import load_study
from theory.base.errors import InputError


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'name = "\xe9"\n', "must be text in UTF-8"),
        (b"name = \n", "must be TOML"),
        (b"<html>\n", "must be TOML"),
        (b"\0", "must be TOML"),
        (b"seed = " + b"9" * 5000, "must be TOML"),
        (b"a = " + b"[" * 5000, "must be TOML"),
        (b"", "needs `name`"),
        (b'name = "x"\ngrid = 3\n', "must be a table, got 3"),
        (None, "must be a readable file.*No such file"),
    ],
)
def test_a_file_that_is_no_study_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "study.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        load_study(str(path))
    assert "\n" not in str(caught.value)


def test_a_name_that_does_not_ship_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"got 'regulr'; did you mean 'regular'\?"):
        load_study("regulr")
    (tmp_path / "d.toml").mkdir()
    with pytest.raises(InputError, match="Is a directory"):
        load_study(str(tmp_path / "d.toml"))


FILES = [
    ('name = "x"\n' + ".".join(["a"] * 20_000) + " = 1", "50 dotted parts"),
    ("[" + " . ".join(["a"] * 20_000) + "]", "50 dotted parts"),
    ("x = {" + ".".join(["'a'"] * 20_000) + " = 1}", "50 dotted parts"),
    (" " * 2_000_000, "may have 1000000 bytes"),
    ("name = '" + "x" * 900_000 + "'", "needs `grid`"),  # one word, which was searched once a letter
    ("k" * 900_000 + " = 1", "needs `name`"),
    ("x = " + "[" * 100_000, "must be TOML"),
    ("name = 1", "must be a text"),  # control: read, and refused for what it says
]


@pytest.mark.parametrize(("text", "words"), FILES)
def test_a_file_that_is_no_study_is_refused_before_work_begins(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        load_study(path)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "folder.toml").mkdir()
    for name, words in (
        ("pipe", "a pipe or a device"), ("zero", "a pipe or a device"), ("folder", "Is a directory"),
        ("nul\0", "has a NUL"), ("x" * 300, "name too long"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            load_study(tmp_path / f"{name}.toml")
