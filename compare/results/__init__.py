"""Result files: reports as JSON and NetCDF, sealed with each other, in folders that are never half written.

Never computes a number and draws nothing: what is not in a report is in no file.
"""

from compare.results.folder import (
    ResultFolder,
    claim_folder,
    require_writable,
    temporary_for,
    write_files,
    write_whole,
)
from compare.results.network_results import network_files, views_as_xarray
from compare.results.sealed import (
    FORMATS,
    NOISES,
    NUMBERS,
    OBSERVABLES,
    SLOPE_NUMBERS,
    SLOPES,
    Results,
    open_results,
    read_results,
)
from compare.results.slope_results import slope_files
from compare.results.study_files import plain, result_files, save_report

__all__ = [
    "FORMATS",
    "NOISES",
    "NUMBERS",
    "OBSERVABLES",
    "SLOPES",
    "SLOPE_NUMBERS",
    "ResultFolder",
    "Results",
    "claim_folder",
    "network_files",
    "open_results",
    "plain",
    "read_results",
    "require_writable",
    "result_files",
    "save_report",
    "slope_files",
    "temporary_for",
    "views_as_xarray",
    "write_files",
    "write_whole",
]
