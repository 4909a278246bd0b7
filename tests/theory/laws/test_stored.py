"""Laws in files: exact to the last bit, and refused in one line when they are something else."""

from __future__ import annotations

import dataclasses
import gc
import os
import stat

import numpy as np
import pytest
import xarray as xr
from call_objects import COUNTED, ENSEMBLE, MODEL, SGD, rng
from instances import instances

import simulate
import theory
from theory import Density, Ensemble, Field, Grid, Histogram, InputError, LimitLaw, PassageTime, QuasiStationary
from theory.laws.draws import Draws
from theory.laws.stored import Stored

KINDS = [
    Density, Draws, Ensemble, Field, Histogram, LimitLaw, PassageTime, QuasiStationary, theory.SurvivalCurve,
]  # fmt: skip
WAVE = Grid((0.1, -1 / 3), (0.7, 2 / 3), (5, 7), (True, False))


def same(one, other):
    """Equal in every bit, type by type."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if dataclasses.is_dataclass(one):
        names = [part.name for part in dataclasses.fields(one)]
        return type(one) is type(other) and all(same(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, theory.Estimate):
        return same(np.array(tuple(one)), np.array(tuple(other)))
    return type(one) is type(other) and one == other


def others():
    """Laws that no instance is like."""
    random = np.random.default_rng(3)
    values = random.exponential(size=WAVE.shape)
    yield Density.normalised(WAVE, values, 1 / 3, cell_averages=True)
    yield dataclasses.replace(Density.normalised(WAVE, values), walls=((True, False), (False, True)), samples=7)
    yield Field(WAVE, values, np.where(values > 1, np.nan, values))
    yield Histogram(WAVE, random.integers(0, 9, WAVE.shape), 3, 2)
    yield COUNTED
    yield ENSEMBLE
    yield simulate.run_sgd(MODEL, simulate.SGD(0.1, 4, 0.9), np.zeros((700, 1)), steps=3, rng=rng())
    yield Ensemble.from_samples([[0.1, np.nan], [0.2, 0.3]], grid=Grid((0, 0), (1, 1), (2, 2)))


@pytest.mark.parametrize("kind", [*(kind.__name__ for kind in KINDS), "LineDensity", "others"])
def test_files_hold_every_bit(kind, tmp_path):
    path = tmp_path / "law.nc"
    for law in others() if kind == "others" else instances()[kind]:
        law.save(path)
        assert same(type(law).load(str(path)), law), law
        assert os.listdir(tmp_path) == ["law.nc"]
        assert isinstance(law, Ensemble) or same(type(law).from_xarray(law.to_xarray()), law), law
        path.unlink()


def test_a_bit_is_seen():
    law = Density.normalised(WAVE, np.ones(WAVE.shape))
    assert not same(law, dataclasses.replace(law, values=np.nextafter(law.values, 2)))
    assert not same(law, dataclasses.replace(law, samples=1))
    assert not same(np.zeros(1), -np.zeros(1))


def test_what_was_loaded_goes_on(tmp_path):
    first = simulate.run_sgd(MODEL, SGD, np.zeros((600, 1)), steps=5, rng=rng())
    first.save(tmp_path / "run.nc")
    again = Ensemble.load(tmp_path / "run.nc")
    ahead = [simulate.run_sgd(MODEL, SGD, run.checkpoint, steps=5).final for run in (first, again)]
    np.testing.assert_array_equal(*ahead)


def test_labelled_positions_make_the_ensemble_that_was_kept():
    found = Ensemble.from_xarray(ENSEMBLE.to_xarray())
    np.testing.assert_array_equal(found.positions, ENSEMBLE.positions)
    np.testing.assert_array_equal(found.times, ENSEMBLE.times)
    np.testing.assert_array_equal(found.steps, ENSEMBLE.steps)


def test_a_density_is_read_from_a_file_of_xarray(tmp_path):
    law = instances()["Density"][0]
    law.to_xarray().to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with xr.open_dataarray(tmp_path / "a.nc", engine="h5netcdf") as data:
        assert same(Density.from_xarray(data), law)


def refused(action, *words):
    with pytest.raises(InputError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "law.nc"
    Density.normalised(WAVE, np.ones(WAVE.shape)).save(path)
    whole = path.read_bytes()
    refused(lambda: Histogram.load(path), "Histogram", "got Density")
    refused(lambda: Density.load(tmp_path / "none.nc"), "readable", "No such file")
    refused(lambda: Density.load(tmp_path), "readable", "Is a directory") if os.name == "posix" else None
    refused(lambda: Density.load(5), "`path` must be")
    for content in (b"", b"\x80\x04K\x01.", b"CDF\x01", whole[: len(whole) // 2], whole[:-1], b"{}"):
        (tmp_path / "bad.nc").write_bytes(content)
        refused(lambda: Density.load(tmp_path / "bad.nc"), "NetCDF file with a Density", "bad.nc")
    middle = whole.index(np.float64(Density.load(path).values[0, 0]).tobytes())
    (tmp_path / "bad.nc").write_bytes(whole[:middle] + b"\x01" + whole[middle + 1 :])
    refused(lambda: Density.load(tmp_path / "bad.nc"), "bad.nc")
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(path, engine="h5netcdf")
    refused(lambda: Density.load(path), "changed or is not one of its files")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(lambda: Density.load(tmp_path / "pipe"), "regular file")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 300, "."])
def test_a_name_that_no_file_can_have_is_refused(name):
    law = instances()["Density"][0]
    refused(lambda: law.save(name), "`path` must be writable")
    refused(lambda: type(law).load(name), "`path` must be readable")


@pytest.mark.skipif(os.name != "posix", reason="pipes have names")
def test_a_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # as any device, none of which a test should name
    refused(lambda: instances()["Density"][0].save(tmp_path / "pipe"), "regular file")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_spoilt_file_leaves_nothing_half_open(tmp_path, recwarn):
    with pytest.MonkeyPatch.context() as patched:
        left = []
        patched.setattr("sys.unraisablehook", left.append)
        (tmp_path / "bad.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
        refused(lambda: Density.load(tmp_path / "bad.nc"), "NetCDF file with a Density")
        gc.collect()
    assert left == []


@pytest.mark.parametrize("turn", [lambda data: data.isel(w0=slice(None, None, -1)), lambda data: data.transpose(),
                                  lambda data: data.assign_coords(w1=data.w1 + 0.1)])  # fmt: skip
def test_arrays_that_are_turned_are_refused(turn):
    square = Grid((-1.0, -1.0), (1.0, 2.0), (6, 6))
    law = Density.normalised(square, np.random.default_rng(1).random(square.shape))
    data = law.to_xarray()
    assert same(Density.from_xarray(data), law)  # the control
    refused(lambda: Density.from_xarray(turn(data)), "in their order and at their places")


def test_an_ensemble_that_is_turned_is_refused():
    data = ENSEMBLE.to_xarray()
    assert same(Ensemble.from_xarray(data).positions, ENSEMBLE.positions)  # the control
    assert same(Ensemble.from_xarray(ENSEMBLE._stored()).positions, ENSEMBLE.positions)
    refused(lambda: Ensemble.from_xarray(data.transpose("walker", "time", "component")), "positions")


def test_other_arrays_are_refused():
    law = Density.normalised(WAVE, np.ones(WAVE.shape))
    data = law.to_xarray()
    refused(lambda: Density.from_xarray(xr.DataArray(np.ones(3))), "`data`", "Density")
    refused(lambda: Density.from_xarray(data.assign_attrs(format=99)), "format 1, got 99")
    refused(lambda: Density.from_xarray(data * 2), "Density")  # arithmetic drops what the values were
    refused(lambda: Density.from_xarray(data.copy(data=2 * data.values)), "integrate to 1")
    refused(lambda: Density.from_xarray(data.rename("other")), "whole Density", "density")
    without = {key: value for key, value in data.attrs.items() if key != "upper"}
    refused(lambda: Density.from_xarray(data.drop_attrs().assign_attrs(without)), "whole Density", "upper")
    refused(lambda: Density.from_xarray(3), "`data` must be")


def test_a_folder_that_is_missing_is_named(tmp_path):
    law = Density.normalised(WAVE, np.ones(WAVE.shape))
    refused(lambda: law.save(tmp_path / "no" / "law.nc"), "writable", "No such file")


def test_every_law_is_stored():
    assert {kind.__name__ for kind in Stored.__subclasses__()} == {kind.__name__ for kind in KINDS}
