"""What the page says of one claim, whether it was judged or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from compare.claims import Judgement, Shelf, outdated, shipped_claim, shipped_modules
from theory.base.errors import InputError, require

SIZES = ("full", "quick")  # the longer one is shown where there are both
MISSING = "not judged"
FOREIGN = "the judgement in its place is of another statement or source; judge the claim again"


@dataclass(frozen=True)
class Entry:
    """A claim on the page: its judgement, or the `problem` why there is none.

    Parameters
    ----------
    outdated
        Whether the judgement was made by other code, versions or parameters than those here.
    """

    identifier: str
    source: str
    statement: str
    judgement: Judgement | None = None
    problem: str = ""
    outdated: bool = False

    @property
    def missing(self) -> bool:
        """Whether nobody has judged it."""
        return self.judgement is None and self.problem == MISSING

    @property
    def verdict_kind(self) -> str:
        """The kind of its verdict, or that there is none."""
        if self.judgement is None:
            return MISSING if self.missing else "unreadable"
        return self.judgement.verdict.kind.value

    @property
    def words(self) -> str:
        """The verdict in words, or the problem."""
        return self.problem if self.judgement is None else self.judgement.verdict.words

    @property
    def judged_by(self) -> str:
        """The command that judges it again."""
        if self.judgement is None:
            return f"gibbsgap claims {self.identifier}"
        return f"gibbsgap claims {self.identifier}" + (" --full" if self.judgement.size == "full" else "")


def entries_of(folder: Path) -> list[Entry]:
    """An entry for every claim that ships and for those of the user's own that `folder` has judgements of.

    Raises
    ------
    InputError
        If the folder holds no judgement at all.
    """
    shelves = [Shelf(folder / size) for size in SIZES]
    found = {name for shelf in shelves for name in shelf.names()}
    require(
        bool(found),
        f"{str(folder)!r} must hold judgements of claims, it has none; run gibbsgap claims --out {folder} first",
    )
    shipped = list(shipped_modules())
    own = sorted(found - set(shipped))
    return [_entry(name, shelves, name in shipped) for name in (*shipped, *own)]


def _entry(name: str, shelves: list[Shelf], ships: bool) -> Entry:
    shelf = next((one for one in shelves if name in one.names()), None)
    source, statement = _told(name) if ships else ("", "")
    if shelf is None:
        return Entry(name, source, statement, problem=MISSING)
    try:
        judgement = shelf.get(name, shelf.folder.name)
    except InputError as error:
        return Entry(name, source, statement, problem=str(error))
    if ships and (judgement.source, judgement.statement) != (source, statement):
        return Entry(name, source, statement, problem=FOREIGN)
    return Entry(name, judgement.source, judgement.statement, judgement, outdated=outdated(judgement))


def _told(name: str) -> tuple[str, str]:
    claim = shipped_claim(name)
    return str(claim.source), claim.statement
