"""Result files of the slope of a loss: JSON for numbers, NetCDF for the losses."""

from __future__ import annotations

from compare.results.sealed import SLOPE_NUMBERS, SLOPES, seal, with_timings
from compare.results.slope_numbers import slopes_as_json, slopes_as_netcdf
from compare.results.study_files import header, plain
from compare.slope import LossSlopes
from compare.study import SlopeStudy


def slope_files(study: SlopeStudy, slopes: LossSlopes) -> dict[str, bytes]:
    """The contents of `slope.json` and `slope.nc`, sealed with each other, and of `timings.json` once complete."""
    numbers = {**header(study), "complete": slopes.complete, **slopes_as_json(slopes)}
    losses = slopes_as_netcdf(slopes)
    files = {SLOPE_NUMBERS: seal(plain(numbers), None, losses), SLOPES: losses}
    return with_timings(files, slopes.timings) if slopes.complete else files
