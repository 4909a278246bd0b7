"""Many claims judged, several at a time, each in a process of its own kind: what is finished is kept."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from compare.claims.definition import Claim
from compare.claims.fingerprint import fingerprint, forget
from compare.claims.imported import imported_by
from compare.claims.judgement import Judgement, failed, judge_claim, judged_as
from compare.claims.shelf import Shelf
from compare.claims.shipped import claims_of_file, shipped_claim, shipped_modules, text_of
from compare.claims.verdict import Kind, Verdict
from theory.base.errors import InputError, require

SPAWN = multiprocessing.get_context("spawn")  # threads and forks do not go together
KILLED = "error: its process was killed twice, by lack of memory or from outside"
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
        _Processes(order, keys, shelf, finished).judge(left, workers)
    return {identifier: found[identifier] for identifier in order.identifiers}


@dataclass(frozen=True)
class _Processes:
    """Judges claims in processes of their own, which may die without harm to other claims."""

    order: Order
    keys: Mapping[str, str]
    shelf: Shelf
    finished: Callable[[Judgement], None]

    def judge(self, identifiers: Sequence[str], workers: int) -> None:
        """Judge all, `workers` at a time; those that were at work when a process died are tried again alone."""
        waiting = list(identifiers)
        while waiting:
            for suspect in self._until_one_dies(waiting, workers):
                if self._until_one_dies([suspect], 1):
                    claim = self.order.claim(suspect)
                    verdict = Verdict(Kind.ERROR, KILLED)
                    self.finished(judged_as(claim, self.order.size, self.order.seed, self.keys[suspect], verdict))

    def _until_one_dies(self, waiting: list[str], workers: int) -> list[str]:
        """Take claims from those waiting until none is left, or a process dies; gives who was at work then."""
        running: dict[Future[Judgement], str] = {}
        with ProcessPoolExecutor(workers, SPAWN, _end_with_parent) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < workers:
                        name = waiting.pop(0)
                        running[pool.submit(_judge, self.order, name, self.keys[name], self.shelf)] = name
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=lambda one: one.exception() is not None):
                        self.finished(self._result(running[future], future))
                        del running[future]
            except BrokenProcessPool:
                _stop(pool)  # one that does not heed signals would be waited for
            except BaseException:
                _stop(pool)
                raise
        return list(running.values())

    def _result(self, identifier: str, future: Future[Judgement]) -> Judgement:
        """What a process found, or why it could not begin: somebody changed the file of claims meanwhile."""
        try:
            return future.result()
        except InputError as error:
            claim = self.order.claim(identifier)
            return failed(claim, self.order.size, self.order.seed, self.keys[identifier], error)


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


def _stop(pool: ProcessPoolExecutor) -> None:
    """End all processes now; what they had finished is on the shelf."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        _end(process)


def _end(process: BaseProcess) -> None:
    """End a process with all that it has started, whatever signals it has come to ignore."""
    if process.pid is None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, OSError):  # no such groups there, or not yet one of its own
        process.kill()


def _end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends, and leave Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            _end(multiprocessing.current_process())
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
