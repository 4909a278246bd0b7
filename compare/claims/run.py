"""Many claims judged, several at a time, each in a process of its own kind: what is finished is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from compare.claims.definition import Claim
from compare.claims.fingerprint import fingerprint
from compare.claims.judgement import Judgement, failed, judge_claim, judged_as
from compare.claims.shelf import Shelf
from compare.claims.shipped import claims_of_file, shipped_claim, shipped_modules, text_of
from compare.claims.verdict import Kind, Verdict
from compare.tasks import CannotStart, Processes, ProcessKilled, forget, imported_by
from theory.base.errors import InputError, require

Tell = Callable[[Judgement, bool], None]


@dataclass(frozen=True)
class Order:
    """What is to be judged: claims that ship, or those of a user's `file`, at one size with one seed."""

    identifiers: tuple[str, ...]
    size: str = "quick"
    seed: int = 1
    file: Path | None = None

    def claim(self, identifier: str) -> Claim:
        """The claim with this identifier.

        Raises
        ------
        InputError
            If there is none.
        """
        return shipped_claim(identifier) if self.file is None else claims_of_file(self.file)[identifier]

    def key(self, identifier: str) -> str:
        """The fingerprint of all that its judgement depends on.

        Raises
        ------
        InputError
            If there is no such claim.
        """
        claim = self.claim(identifier)
        text = text_of(identifier) if self.file is None else self.file.read_bytes()
        beside = {} if self.file is None else imported_by(self.file)
        return fingerprint(text + repr(beside).encode(), self.size, claim.sizes[self.size], self.seed)


def outdated(judgement: Judgement) -> bool:
    """Whether a judgement of a claim that ships was made by other code, parameters or versions than those here."""
    name = judgement.identifier
    return name in shipped_modules() and judgement.key != Order((name,), judgement.size, judgement.seed).key(name)


def judge_claims(
    order: Order, shelf: Shelf, *, workers: int = 1, tell: Tell = lambda judgement, kept: None
) -> dict[str, Judgement]:
    """The judgements of the order by identifier; those that the shelf holds already are not made again.

    Each finished one is put on the shelf at once, and `tell` gets it with whether it was there before. Numbers
    depend on neither `workers` nor the order in which they finish.

    Raises
    ------
    InputError
        If there is no such claim, or no worker.
    """
    require(workers >= 1, f"`workers` must be at least 1, got {workers}")
    keys = {identifier: order.key(identifier) for identifier in order.identifiers}
    found: dict[str, Judgement] = {}
    for identifier, key in keys.items():
        kept = shelf.kept(identifier, key)
        if kept is not None:
            found[identifier] = kept
            tell(kept, True)
    left = [identifier for identifier in order.identifiers if identifier not in found]

    def finished(judgement: Judgement) -> None:
        found[judgement.identifier] = judgement
        tell(judgement, False)

    if workers == 1 or len(left) == 1:
        for identifier in left:
            finished(_judge(order, identifier, keys[identifier], shelf))
    else:
        _judge_in_processes(order, {name: keys[name] for name in left}, shelf, workers, finished)
    return {identifier: found[identifier] for identifier in order.identifiers}


def _judge_in_processes(
    order: Order, keys: Mapping[str, str], shelf: Shelf, workers: int, finished: Callable[[Judgement], None]
) -> None:
    """Judge those with `keys`, `workers` at a time, each in a process that may die without harm to others."""
    with Processes(workers) as processes:
        running = {processes.submit(_judge, order, name, key, shelf): name for name, key in keys.items()}
        for future in as_completed(running):
            name = running[future]
            try:
                judgement = future.result()
            except CannotStart:
                raise
            except InputError as error:  # it could not begin: somebody changed the file of claims meanwhile
                judgement = failed(order.claim(name), order.size, order.seed, keys[name], error)
            except ProcessKilled as error:
                verdict = Verdict(Kind.ERROR, f"error: {error}")
                judgement = judged_as(order.claim(name), order.size, order.seed, keys[name], verdict)
            finished(judgement)


def _judge(order: Order, identifier: str, key: str, shelf: Shelf) -> Judgement:
    """One judgement, put on the shelf by the process that makes it: it outlives the one that asked."""
    claim = order.claim(identifier)
    judgement = judge_claim(claim, size=order.size, seed=order.seed, key=key)
    forget()
    try:
        require(order.key(identifier) == key, "its code was changed while it was judged; judge it again")
        shelf.put(judgement)
    except OSError:  # no room, which the next one will not have either
        raise
    except Exception as error:  # a picture that no file can hold
        judgement = failed(claim, order.size, order.seed, key, error)
        shelf.put(judgement)
    return judgement
