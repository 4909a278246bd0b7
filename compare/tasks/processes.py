"""An executor whose processes may die without harm to any other call than the one they were at."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, TypeVar

from theory.base.errors import InputError, require

SPAWN = multiprocessing.get_context("spawn")  # threads and forks do not go together
T = TypeVar("T")


class ProcessKilled(RuntimeError):
    """The process of a call was killed twice, by lack of memory or from outside."""

    def __init__(self) -> None:
        super().__init__("its process was killed twice, by lack of memory or from outside")


class CannotStart(InputError):
    """No process can be started."""

    def __init__(self) -> None:
        super().__init__(
            "processes must be able to start, they are not; in a script put the call under "
            '`if __name__ == "__main__":`, or take one worker'
        )


class Processes(ThreadPoolExecutor):
    """An executor of spawned processes, `workers` at a time, that end when the one that made them does.

    A call whose process dies is tried again in a fresh one, then raises `ProcessKilled`; no other call notices.
    Left by an exception, it ends all calls at once. Each thread of the pool sees to one process.

    Raises
    ------
    InputError
        If there is no worker.
    """

    def __init__(self, workers: int) -> None:
        leave_while_starting()
        require(workers >= 1, f"`workers` must be at least 1, got {workers}")
        super().__init__(workers)
        self._own = threading.local()
        self._pools: set[ProcessPoolExecutor] = set()
        self._stopped = False
        self._guard = threading.Lock()

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """See `concurrent.futures.Executor`."""
        return super().submit(self._away, function, args, kwargs)

    def stop(self) -> None:
        """End all processes now, whatever they are at."""
        with self._guard:
            self._stopped = True
            pools = list(self._pools)
        super().shutdown(wait=False, cancel_futures=True)
        for pool in pools:
            _stop(pool)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `concurrent.futures.Executor`; the processes end with the last call."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            for pool in self._pools:
                pool.shutdown()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.stop()  # one that does not heed signals would be waited for
        self.shutdown()

    def _away(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        """What `function` gives in the process of this thread."""
        for _ in range(2):
            pool = self._pool()
            try:
                return pool.submit(function, *args, **kwargs).result()
            except BrokenProcessPool:
                self._leave(pool)
        raise ProcessKilled

    def _pool(self) -> ProcessPoolExecutor:
        """The one process of this thread, fresh where the last one died."""
        found: ProcessPoolExecutor | None = getattr(self._own, "pool", None)
        if found is not None:
            return found
        pool = ProcessPoolExecutor(1, SPAWN, _end_with_parent)
        with self._guard:
            if self._stopped:
                raise BrokenProcessPool("stopped")
            self._pools.add(pool)
        try:
            pool.submit(os.getpid).result()
        except BrokenProcessPool:
            self._leave(pool)
            raise CannotStart from None
        self._own.pool = pool
        return pool

    def _leave(self, pool: ProcessPoolExecutor) -> None:
        """Forget a process that died."""
        self._own.pool = None
        with self._guard:
            self._pools.discard(pool)
        pool.shutdown(wait=False)


def leave_while_starting() -> None:
    """End this process in silence if it is only being started: it has met the script that asks for it again.

    The one that starts it says what to do.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
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
        with suppress(OSError):
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
