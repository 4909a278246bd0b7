"""What the page shows of a point: picture and words as HTML, and the point as a study; or one line of refusal."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from compare.explorer.point import ExploredPoint, explore_point
from compare.explorer.saved import study_toml
from compare.explorer.settings import PointSettings, explored_table
from compare.explorer.told import law_rows, sgd_line, stability_of, verdict_line
from compare.figures import Style, draw_explored, image
from compare.report import Report
from compare.results.law_files import report_as_xarray
from compare.study import Study, read_study
from theory.base.errors import InputError, in_one_line

TEMPLATE = "point.html.j2"
WIDE, NARROW = "page", "single"  # widths of a picture, on a screen and on a phone


@dataclass(frozen=True)
class PointAnswer:
    """The HTML of a point and its study as TOML; of a `problem`, one line, the HTML says that alone."""

    html: str
    toml: str
    problem: str = ""


def answer(
    study: Study, settings: PointSettings, earlier: ExploredPoint | None, *, narrow: bool
) -> tuple[PointAnswer, ExploredPoint | None]:
    """What to show of `study` with the numbers of `settings`, and the point where there is one.

    A mistake, of the user or of ours, is one line. `earlier` is used where nothing but the posterior has changed.
    """
    try:
        table = explored_table(study.source, settings)
        read_study(table)  # the saved study has all tables, those too that are not drawn here
        point = explore_point(study, settings, earlier=earlier)
        html = _page(problem="", point=point, picture=_picture(point, narrow=narrow))
        return PointAnswer(html, study_toml(table)), point
    except InputError as error:
        return refusal(str(error)), None
    except Exception as error:  # whatever goes wrong in a formula of the user's: never a traceback
        return refusal(in_one_line(f"this point cannot be computed: {type(error).__name__}: {error}")), None


def refusal(problem: str) -> PointAnswer:
    """What stands in the place of a point that is none."""
    return PointAnswer(_page(problem=problem, point=None, picture=""), "", problem)


def _page(*, problem: str, point: ExploredPoint | None, picture: str) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = (resources.files("compare.explorer") / TEMPLATE).read_text("utf-8")
    told: Mapping[str, Any] = {"problem": problem, "picture": picture, "point": point}
    if point is not None:
        told = {
            **told,
            "rows": law_rows(point),
            "sgd": sgd_line(point),
            "stability": stability_of(point),
            "verdict": verdict_line(point),
        }
    return environment.from_string(text).render(told)


def _picture(point: ExploredPoint, *, narrow: bool) -> str:
    """The picture as an address that holds it; empty where there is no law at all."""
    drawn = _drawn(point)
    if all(law.law is None for law in drawn.laws.values()):
        return ""
    with Style.of(NARROW if narrow else WIDE).applied():
        content = image(draw_explored(report_as_xarray(drawn)), "svg", point.report.study.name)
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


def _drawn(point: ExploredPoint) -> Report:
    """The report with SGD's law once, under the name that says how it was found."""
    twice = "sgd" if point.exact else "sgd_exact"
    return replace(point.report, laws={name: law for name, law in point.report.laws.items() if name != twice})
