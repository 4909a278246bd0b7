"""A sweep on the workers of a dask scheduler."""

import pytest
import xarray as xr
from measures import ratio

from compare import load_study, sweep
from compare.sweeps import on_scheduler
from theory import InputError

STUDY = load_study("regular")
RANGES = {"measure": ratio, "batch_size": [1, 2, 3], "learning_rate": [0.01, 0.02]}


@pytest.mark.filterwarnings("ignore")
def test_workers_of_a_scheduler_find_the_same():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
        ) as cluster,
        on_scheduler(cluster.scheduler_address) as executor,
    ):
        data = sweep(STUDY, executor=executor, **RANGES)
    xr.testing.assert_identical(data, sweep(STUDY, workers=1, **RANGES))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://a", "127.0.0.1:notaport"])
def test_a_scheduler_that_does_not_answer_is_refused(address):
    pytest.importorskip("distributed")
    with (
        pytest.raises(InputError, match=r"must answer within 0.2 s"),
        on_scheduler(address, timeout=0.2),
    ):
        pass
