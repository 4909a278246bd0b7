"""Measures of a study that cost nothing, at the top of a module as processes need them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from compare import Study
from theory import Landscape
from theory.base.arrays import Array


def ratio(study: Study) -> dict[str, float | str]:
    """Learning rate over batch size, part of the seed, and a reason for large batches."""
    rate, batch = study.sgd.learning_rate, study.sgd.batch_size
    return {"ratio": rate / batch, "luck": float(study.seed % 1009), "reason": "large" if batch > 2 else ""}


def fails_on_two(study: Study) -> dict[str, float | str]:
    """`ratio`, with an error for batches of two while the file named by the environment is not there."""
    if study.sgd.batch_size == 2 and not Path(os.environ["SWEEP_TEST_FILE"]).exists():
        raise RuntimeError("not now\nsorry")
    return ratio(study)


def dies_once(study: Study) -> dict[str, float | str]:
    """`ratio`, but the first process that comes to batches of two is killed."""
    file = Path(os.environ["SWEEP_TEST_FILE"])
    if study.sgd.batch_size == 2 and not file.exists():
        file.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ratio(study)


def slow_ratio(study: Study) -> dict[str, float | str]:
    """`ratio`, after some time."""
    time.sleep(0.1)
    return ratio(study)


def kill_myself() -> None:
    """The end of a process."""
    os.kill(os.getpid(), signal.SIGKILL)


def heed_nothing(file: Path) -> None:
    """A process that does not end when it is asked to, once the file is there."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    file.write_text(str(os.getpid()))
    time.sleep(600)


def landscape_values(landscapes: list[Landscape], w: Array) -> list[Array]:
    """The values (n,) of each at w (n, d)."""
    return [one.value(w) for one in landscapes]
