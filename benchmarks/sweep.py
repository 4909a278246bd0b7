"""Sweeps: speed of two processes over one, kills, overhead a point, memory, opening; dask with `gibbsgap[dask]`.

    python benchmarks/sweep.py speed|kills|overhead|memory|dask [POINTS]

Times are of processors where the machine may be shared; `speed` wants a quiet machine of two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

from compare import Study, load_study, open_sweep, sweep
from compare.sweeps.point import measure_point
from compare.sweeps.point_record import PointRecord
from simulate import transition_operator

RATES = [float(rate) for rate in np.geomspace(0.01, 0.3, 32)]
SIZES = list(range(1, 33))
KILLS = 20
WORKERS = int(os.environ.get("SWEEP_WORKERS", "2"))  # of the sweeps that are killed


def exact_mean(study: Study) -> dict[str, float | str]:
    """The cheap setting: mean and variance of SGD's exact stationary law on 400 cells."""
    law = transition_operator(study.model, study.sgd, study.grid).stationary()
    return {"mean": float(law.mean[0]), "variance": float(law.covariance[0, 0])}


def trivial(study: Study) -> dict[str, float | str]:
    """Nothing: what is left is the overhead."""
    return {"ratio": study.sgd.learning_rate / study.sgd.batch_size, "reason": ""}


def plane(count: int, store: Path | None = None, **options: object) -> object:
    """The plane of `count` x `count` points."""
    study = load_study("regular")
    ranges = {"learning_rate": RATES[:count], "batch_size": SIZES[:count], "cells": [400]}
    return sweep(study, store=store, **{"measure": exact_mean} | ranges | options)


def speed(count: int) -> None:
    seconds = {}
    for workers in (1, 2):
        begin = time.perf_counter()
        plane(count, measure=measure_point, workers=workers)
        seconds[workers] = time.perf_counter() - begin
    print(f"{count} x {count} points: {seconds[1]:.1f} s by one process, {seconds[2]:.1f} s by two, ", end="")
    print(f"{seconds[1] / seconds[2]:.2f} times as fast")


def kills(count: int) -> None:
    """Begin, kill at a random moment, go on; the end must be that of an uninterrupted sweep."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        store, killed = Path(folder) / "store", 0
        fork = multiprocessing.get_context("fork")  # all is imported: what is killed is the sweep alone
        options = {"workers": WORKERS}
        while killed < KILLS:
            process = fork.Process(target=plane, args=(count, store), kwargs=options)
            process.start()
            begin = records(store)
            wanted = begin + chance.randint(1, max(1, count * count // (KILLS + 5)))
            while process.is_alive() and records(store) < wanted:
                time.sleep(chance.random() / 10)
            if not process.is_alive():
                break
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            killed += 1
            print(f"killed at {records(store)} points", flush=True)
        plane(count, store, workers=WORKERS)
        whole = open_sweep(store)
    assert whole.identical(plane(count, workers=1)), "the resumed sweep differs"
    print(f"{count} x {count} points, killed {killed} times: every point once, equal to the uninterrupted run")


def records(store: Path) -> int:
    """How many points are there."""
    try:
        data = open_sweep(store)
    except Exception:
        return 0
    return int((data["failure"] == "").sum())


def overhead(points: int) -> None:
    before = time.process_time()
    sweep(
        load_study("regular"), measure=trivial, workers=1, learning_rate=[1e-6 * i for i in range(1, points + 1)]
    )
    each = (time.process_time() - before) / points * 1e3
    print(f"{each:.2f} ms of processor a point, work included; {points} points")


class Instant(Executor):
    """Gives outcomes without work: what is left is the parent."""

    num_workers = 2

    def submit(self, function, /, plan, batch):
        future = Future()
        future.set_result(
            ([PointRecord({"ratio": 1.0, "more": 2.0}, {"reason": ""}) for _ in batch], 1e-6 * len(batch))
        )
        return future


def memory(points: int) -> None:
    side = round(points**0.5)
    ranges = {"learning_rate": [1e-6 * i for i in range(1, side + 1)], "batch_size": list(range(1, side + 1))}
    with tempfile.TemporaryDirectory() as folder:
        before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
        sweep(load_study("regular"), measure=trivial, executor=Instant(), store=folder, **ranges)
        after, end = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
        print(
            f"parent {after:.0f} MiB ({before:.0f} before), {(end - begin) / side**2 * 1e3:.3f} ms a point, "
            f"{side**2} points"
        )
        begin = time.process_time()
        open_sweep(folder)
        print(f"opened in {time.process_time() - begin:.2f} s of processor")


def dask(count: int) -> None:
    from distributed import Client, LocalCluster

    alone = plane(count, workers=1)
    options = {"n_workers": 3, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client, tempfile.TemporaryDirectory() as folder:
        victim = next(iter(client.run(os.getpid).values()))

        def kill() -> None:
            while records(Path(folder)) < count:
                time.sleep(0.2)
            os.kill(victim, signal.SIGKILL)
            print(f"killed a worker at {records(Path(folder))} points", flush=True)

        threading.Thread(target=kill).start()
        found = plane(count, Path(folder), executor=client.get_executor(pure=False))
    assert found.identical(alone), "the sweep on dask differs"
    print(f"{count} x {count} points on three workers, one killed: equal to one process")


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    usual = {"overhead": 2000, "memory": 100_000}
    {"speed": speed, "kills": kills, "overhead": overhead, "memory": memory, "dask": dask}[what](
        int(given[0]) if given else usual.get(what, 32)
    )
