"""A study as the page opens it: its numbers, their ranges and what they are called."""

from __future__ import annotations

from compare.explorer.opening import Opening
from compare.explorer.ranges import stops
from compare.explorer.reduced import reduced_study
from compare.explorer.saved import file_name
from compare.explorer.settings import PointSettings, noise_name
from compare.study import Study, load_study
from simulate.rules import ShippedRule


def opened(name: str) -> tuple[Study, Opening]:
    """The study that ships under `name`, or that a file holds, and what its page is built from.

    Raises
    ------
    InputError
        If there is none, or it is none that can be explored.
    """
    study = load_study(name)
    reduced_study(study.source)
    settings = PointSettings.of(study.source)
    variables = ", ".join(map(str, study.landscape.variables))
    letter = "q" if "q" in study.source["model"] else "L"
    own = any(isinstance(rule, ShippedRule) and (rule.has_momentum or rule.samples) for rule in study.sgd.rules)
    return study, Opening(
        study.name,
        file_name(name),
        f"{letter}({variables})",
        noise_name(study.source),
        settings,
        stops(settings, study.data_examples, has_labels=letter == "q", takes_momentum=not own),
    )
