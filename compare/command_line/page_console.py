"""One run of the command `gibbsgap report`: read the judgements, make the page, say what it lacks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from compare.command_line.judgements import require_judgements
from compare.page import entries_of, page_of
from compare.results import require_writable, write_whole
from theory.base.errors import require


def write_page(folder: Path, out: Path) -> None:
    """Write the page of the judgements in `folder` to the file `out`.

    Raises
    ------
    InputError
        If `folder` is none or holds no judgement, `out` is a folder or cannot be written, or, once the page is
        written, a judgement cannot be read or a picture not be drawn.
    """
    require_judgements(folder)
    require(not out.is_dir(), f"`--out` must be a file, {str(out)!r} is a folder; choose a name ending in .html")
    require_writable(out.parent)
    entries = entries_of(folder)
    faults: list[str] = []
    text = page_of(entries, faults.append)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, text.encode(errors="replace"))  # a lone surrogate is no letter
    counted = Counter(entry.verdict_kind for entry in entries if not entry.missing)
    absent = len(entries) - counted.total()
    print(", ".join(f"{number} {kind}" for kind, number in counted.items()))
    if absent:
        print(f"{absent} of {len(entries)} claims have no judgement in {folder}; gibbsgap claims gives them one")
    outdated = [entry.identifier for entry in entries if entry.outdated]
    if outdated:
        print(f"judged by other code or versions: {', '.join(outdated)}; run gibbsgap claims again")
    print(f"\npage in {out}")
    faults += [f"{entry.identifier}: {entry.problem}" for entry in entries if entry.verdict_kind == "unreadable"]
    require(not faults, f"{len(faults)} of {len(entries)} have a fault, the page says so: {'; '.join(faults)}")
