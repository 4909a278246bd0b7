"""Processes may die: their call is tried again, others go on, and none is left when the work is left."""

import multiprocessing
import time

import numpy as np
import pytest
from measures import heed_nothing, kill_myself, landscape_values

from compare.tasks import Processes, ProcessKilled
from theory import InputError, ProductModel, SymbolicLandscape

W = np.linspace(-1.0, 1.0, 5)[:, None]


def test_processes_die_without_harm_to_others_and_end_whatever_they_heed(tmp_path):
    used = [SymbolicLandscape("(w**2 - 1)**2/4"), ProductModel("w - 1/2")]
    expected = landscape_values(used, W)
    with pytest.raises(KeyError), Processes(1) as processes:  # noqa: PT012
        killed, fine = processes.submit(kill_myself), processes.submit(landscape_values, used, W)
        with pytest.raises(ProcessKilled, match="killed twice"):
            killed.result()
        np.testing.assert_array_equal(fine.result(), expected)
        deaf = processes.submit(heed_nothing, tmp_path / "there")
        while not (tmp_path / "there").exists() or not (tmp_path / "there").read_text():
            time.sleep(0.02)
        raise KeyError
    assert deaf.exception() is not None
    number = int((tmp_path / "there").read_text())
    while number in [one.pid for one in multiprocessing.active_children()]:  # until its end is noted
        time.sleep(0.02)


def test_no_worker_is_refused():
    with pytest.raises(InputError, match="`workers` must be at least 1, got 0"):
        Processes(0)
