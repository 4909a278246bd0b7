"""The store: one run at a time, damage and full disks told in a line, what is there stays."""

import sqlite3

import pytest
import xarray as xr
from measures import ratio

from compare import load_study, open_sweep, sweep
from compare.sweeps import SweepInterrupted
from compare.sweeps.store import opened
from theory import InputError

STUDY = load_study("regular")


def small(store, **options):
    return sweep(STUDY, **{"workers": 1, "measure": ratio, "batch_size": [1, 2], "store": store} | options)


def about(store):
    small(store)
    with sqlite3.connect(store / "journal.sqlite") as journal:
        return journal.execute("SELECT content FROM about").fetchone()[0]


def change(store, old, new):
    text = about(store)
    assert old in text
    with sqlite3.connect(store / "journal.sqlite") as journal:
        journal.execute("UPDATE about SET content = ?", (text.replace(old, new),))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"numpy": "', '"numpy": "0.', "the version of numpy is '0"),
        ('"sources": "', '"sources": "0', "the code of gibbsgap has changed"),
        ('"code": "', '"code": "0', "the code of its measure measures.ratio has changed"),
        ('"format": 1', '"format": 0', "must have format 1, got 0"),
    ],
)
def test_another_version_is_refused(tmp_path, old, new, message):
    change(tmp_path, old, new)
    with pytest.raises(InputError, match=message):
        small(tmp_path)


def test_two_runs_on_one_store_are_refused_and_readers_are_not(tmp_path):
    def measure(study):
        with pytest.raises(InputError, match=r"is being filled by process \d+ on .* since"):
            small(tmp_path)
        assert open_sweep(tmp_path)["failure"].size == 0
        return ratio(study)

    assert set(small(tmp_path, measure=measure)["failure"].values) == {""}


def test_a_full_disk_ends_the_sweep_with_what_was_there(tmp_path, monkeypatch):
    small(tmp_path)

    def full(self, outcomes):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("compare.sweeps.journal.Journal.put", full)
    with pytest.raises(InputError, match="database or disk is full; what was there is kept"):
        small(tmp_path, batch_size=[1, 2, 3])
    assert open_sweep(tmp_path).sizes == {"batch_size": 2}


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(InputError, match="must hold a sweep, it has no journal"):
        open_sweep(tmp_path)
    (tmp_path / "journal.sqlite").write_bytes(b"nonsense" * 1000)
    with pytest.raises(InputError, match="file is not a database"):
        open_sweep(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="must be writable"):
        small(tmp_path / "file")


def test_an_interruption_keeps_what_was_found(tmp_path):
    def measure(study):
        if study.sgd.batch_size == 2:
            raise KeyboardInterrupt
        return ratio(study)

    with pytest.raises(SweepInterrupted) as caught:
        small(tmp_path, measure=measure)
    assert (caught.value.there, caught.value.wanted) == (1, 2)
    assert caught.value.data["failure"].values.tolist() == ["", "not run yet"]
    assert (tmp_path / "sweep.nc").exists()


def test_a_record_is_whole_or_absent(tmp_path):
    small(tmp_path)

    def broken():
        yield from ()
        raise RuntimeError

    with opened(tmp_path, _about(tmp_path)) as journal:
        with pytest.raises(RuntimeError):
            journal.put(broken())
        assert len(journal.keys(failed=True)) == 2


def _about(folder):
    from compare.sweeps.journal import Journal

    return Journal(str(folder / "journal.sqlite")).about


@pytest.mark.parametrize("sizes", [[1, 2], [1], [1, 2, 4]])
def test_the_file_holds_all_that_the_folder_has_in_rising_order(tmp_path, sizes):
    """Whichever points this run asked for: all, fewer, or more."""
    small(tmp_path)
    small(tmp_path, batch_size=sizes)
    with xr.open_dataset(tmp_path / "sweep.nc") as written:
        xr.testing.assert_equal(written.load(), open_sweep(tmp_path))
    assert list(written["batch_size"]) == sorted({1, 2, *sizes})
