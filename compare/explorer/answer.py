"""What the page shows of a point: words as HTML, laws to draw, the point as a study; or one line that refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from compare.explorer.point import ExploredPoint, explore_point
from compare.explorer.point_answer import PICTURE, PointAnswer
from compare.explorer.saved import study_toml
from compare.explorer.settings import PointSettings, explored_table
from compare.explorer.told import law_rows, sgd_line, stability_of, verdict_line
from compare.results.law_files import report_as_arrays
from compare.study import Study, read_study
from theory.base.errors import InputError, in_one_line

TEMPLATE = "point.html.j2"


def answer(
    study: Study, settings: PointSettings, earlier: ExploredPoint | None
) -> tuple[PointAnswer, ExploredPoint | None]:
    """What to show of `study` with the numbers of `settings`, and the point where there is one.

    A mistake, of the user or of ours, is one line. `earlier` is used where nothing but the posterior has changed.
    """
    try:
        table = explored_table(study.source, settings)
        read_study(table)  # the saved study has all tables, those too that are not drawn here
        point = explore_point(study, settings, earlier=earlier)
        drawn = _drawn(point)
        html = _page(problem="", point=point, picture="" if drawn is None else PICTURE)
        return PointAnswer(html, study_toml(table), drawn=drawn), point
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


def _drawn(point: ExploredPoint) -> Any:
    """The laws, that of SGD once, under the name that says how it was found; None where there is none."""
    twice = "sgd" if point.exact else "sgd_exact"
    laws = {name: law for name, law in point.report.laws.items() if name != twice}
    if all(law.law is None for law in laws.values()):
        return None
    return report_as_arrays(replace(point.report, laws=laws))
