"""Pictures come back from data sets and tables as they went in."""

import csv
import io

import numpy as np
import pytest

from compare.pictures import (
    Axis,
    Mark,
    Panel,
    Picture,
    Plane,
    Role,
    Series,
    picture_from_xarray,
    picture_tables,
    picture_to_xarray,
)
from theory import InputError

X, Y = np.linspace(0.0, 1.0, 3), np.linspace(-1.0, 1.0, 2)


def both():
    lines = Panel(
        Axis("rate $\\eta$", True, (0.1, 2.0)),
        Axis("loss"),
        [
            Series.measured("SGD", [1.0, 2.0], [3.0, np.nan], 0.5),
            Series.predicted("theory", [1.0, 1.5, 2.0], [1.0, 2.0, 3.0]),
            Series.control("other", [1.0], [2.0], [0.1]),
        ],
        "a title",
        [Mark(2.0, "edge"), Mark(0.5, "floor", vertical=False)],
    )
    plane = Plane(
        Axis("x"), Axis("y"), X, Y, np.arange(6.0).reshape(3, 2), "density", "a plane", decades=3.0,
        contours=np.ones((3, 2)), points=[[0.5, 0.0]], arrows=np.zeros((2, 3, 2)),
    )  # fmt: skip
    return Picture([lines, plane], "two", columns=1, share_x=True)


def test_a_picture_comes_back(tmp_path):
    before = both()
    picture_to_xarray(before).to_netcdf(tmp_path / "picture.nc", engine="h5netcdf")
    import xarray as xr

    with xr.open_dataset(tmp_path / "picture.nc", engine="h5netcdf") as data:
        after = picture_from_xarray(data.load())
    assert (after.caption, after.columns, after.share_x, after.share_y) == ("two", 1, True, False)
    lines, plane = after.panels
    assert (lines.x, lines.y, lines.title, lines.marks) == (
        before.panels[0].x,
        before.panels[0].y,
        "a title",
        before.panels[0].marks,
    )
    for old, new in zip(before.panels[0].series, lines.series, strict=True):
        assert (old.label, old.role, old.joined) == (new.label, new.role, new.joined)
        for name in ("x", "y", "low", "high"):
            np.testing.assert_array_equal(getattr(old, name), getattr(new, name))
    for name in ("x_centres", "y_centres", "values", "contours", "points", "arrows"):
        np.testing.assert_array_equal(getattr(before.panels[1], name), getattr(plane, name))
    assert (plane.decades, plane.signed, plane.saturated) == (3.0, False, None)


def test_tables_have_every_number():
    tables = picture_tables(both())
    rows = list(csv.reader(io.StringIO(tables["panel0"])))
    assert rows[0] == ["series", "role", "rate $\\eta$", "loss", "low", "high"]
    assert rows[1] == ["SGD", "measured", "1.0", "3.0", "2.5", "3.5"]
    assert len(rows) == 1 + 2 + 3 + 1
    cells = list(csv.reader(io.StringIO(tables["panel1"])))
    assert cells[0] == ["x", "y", "density", "contours"]
    assert [float(v) for v in cells[-1]] == [1.0, 1.0, 5.0, 1.0]


def test_roles():
    assert [one.role for one in both().panels[0].series] == [Role.MEASURED, Role.PREDICTED, Role.CONTROL]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Series("a", [1.0, 2.0], [1.0]), "`y` must have the shape"),
        (lambda: Series("a", [1.0], [1.0], low=[0.5]), "come together"),
        (lambda: Axis("a", True, (0.0, 1.0)), "above 0"),
        (lambda: Axis("a", limits=(1.0, 1.0)), "lowest and highest"),
        (lambda: Panel(Axis("x"), Axis("y"), []), "at least one series"),
        (lambda: Picture([]), "at least one panel"),
        (lambda: Picture(both().panels, columns=0), "at least 1"),
        (lambda: Plane(Axis("x"), Axis("y"), X, Y, np.ones((2, 3))), "`values` must have the shape"),
        (lambda: Plane(Axis("x"), Axis("y"), X, Y, np.ones((3, 2)), arrows=np.ones((3, 2))), "`arrows`"),
    ],
)
def test_what_does_not_fit_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
