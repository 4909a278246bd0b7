"""A process of its own computes points: the page answers and draws meanwhile, and no formula can hang it."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import warnings
from collections import OrderedDict
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from compare.explorer.loading import loading
from compare.explorer.point_answer import PointAnswer

if TYPE_CHECKING:  # what computes takes a second to load: the other process begins first, and loads it meanwhile
    from compare.explorer.opening import Opening
    from compare.explorer.settings import PointSettings

PATIENCE = 60.0  # seconds that a point may take
BEGINNING = 300.0  # seconds that the process may take to begin, on a machine that is busy
LAST_WORDS = 5.0  # seconds that a process takes to end by itself
KEPT = 200  # answers that are shown again without computing


class PointWorker:
    """The process, begun again where it ended or was too slow.

    Raises
    ------
    InputError
        If there is no such study, or it has more than two variables.
    """

    def __init__(self, study: str) -> None:
        self._study = study
        self._closed = False
        self._one = threading.Lock()
        self._kept: OrderedDict[tuple[PointSettings, bool], PointAnswer] = OrderedDict()
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, self._study), daemon=True)
        in_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main else None  # inherited: Ctrl-C is for us
        try:
            self._process.start()
        finally:
            if in_main:
                signal.signal(signal.SIGINT, before)
        there.close()
        self._opening: Opening | None = None

    def opening(self) -> Opening:
        """What the page is built from, once the process has read the study.

        Raises
        ------
        InputError
            If it is no study that can be explored.
        """
        if self._opening is None:
            try:
                found = self._answer(BEGINNING)
            except (EOFError, OSError, TimeoutError):
                found = "the process that computes must begin, it does not; try again on a machine less busy"
            if isinstance(found, str):
                from theory.base.errors import InputError

                raise InputError(found)
            self._opening = found
        return self._opening

    def ask(self, settings: PointSettings, *, narrow: bool) -> PointAnswer:
        """The `PointAnswer` for the settings with its picture, or why there is none; one question at a time."""
        with self._one:
            if self._closed:
                return PointAnswer("", "", "the explorer has ended; start it again")
            if (settings, narrow) in self._kept:
                return self._kept[settings, narrow]
            try:
                self.opening()
                self._here.send(settings)
                from compare.explorer.picture import draw_once

                draw_once()  # while the other process computes and the browser reads the page
                return self._keep(settings, self._answer(PATIENCE), narrow=narrow)
            except (EOFError, OSError):
                problem = "the computation ended, out of memory perhaps; try again, or take fewer examples"
            except TimeoutError:
                problem = f"this point takes longer than {PATIENCE:g} s; take a simpler formula or another value"
            self._process.kill()
            if not self._closed:
                self._begin()
            return PointAnswer("", "", problem)

    def _keep(self, settings: PointSettings, found: PointAnswer, *, narrow: bool) -> PointAnswer:
        """The answer with its picture, to be shown again without computing."""
        from compare.explorer.picture import with_picture

        pictured = with_picture(found, narrow=narrow)
        if found.drawn is not None and pictured.problem:  # what could not be drawn may be the next time
            return pictured
        self._kept[settings, narrow] = pictured
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return pictured

    def _answer(self, patience: float) -> Any:
        if not self._here.poll(patience):
            raise TimeoutError
        return self._here.recv()

    def close(self) -> None:
        """End the process: one that waits for a question by itself, one that computes at once."""
        self._closed = True
        if not self._one.acquire(blocking=False):
            self._process.kill()
            self._one.acquire()  # once what was asked has its answer, and no process can be begun any more
        self._here.close()
        self._process.join(LAST_WORDS)
        self._process.kill()
        self._process.join()
        self._one.release()


def _serve(questions: Connection, name: str) -> None:
    """Read the study, then answer question after question until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with loading():
        from tqdm import tqdm

        from compare.explorer.opened import opened
        from theory.base.errors import InputError

    tqdm.set_lock(threading.RLock())  # else bars make a semaphore that a process which is killed leaves behind

    try:
        study, opening = opened(name)
    except InputError as error:
        questions.send(str(error))
        return
    questions.send(opening)
    with loading():
        from compare.explorer.answer import answer  # loads the rest while the page is begun

    point = None
    while True:
        try:
            settings = questions.recv()
        except (EOFError, OSError):
            return
        found, latest = answer(study, settings, point)
        point = latest or point
        questions.send(found)
