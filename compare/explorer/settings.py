"""What sliders set: the numbers of a study that are moved, and the table of the study that has them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

PARTS = "; "  # between the formulas of a q with several
SCALES = {"isotropic": "temperature", "hessian": "scale", "loss": "scale"}  # of the kinds of [noise]
OTHER_QUESTIONS = ("loss_slope", "noise_against_hessian")
Table = Mapping[str, Any]


@dataclass(frozen=True)
class PointSettings:
    """The numbers of a study that the explorer moves, and its formula.

    Parameters
    ----------
    formula
        That of q or of the landscape; several of q with a semicolon between.
    learning_rate, batch_size, momentum
        Of SGD.
    noise
        Of a model its `noise_std`; of a bare landscape the temperature or scale of [noise], of a constant matrix a
        factor.
    added_noise
        Standard deviation of Gaussian noise that is added to the gradient, 0 for none.
    examples
        Those that the posterior has seen, None for no posterior.
    """

    formula: str
    learning_rate: float
    batch_size: int
    momentum: float
    noise: float
    added_noise: float
    examples: float | None

    @staticmethod
    def of(table: Table) -> PointSettings:
        """Those that the table of a study has, which was read before."""
        model, sgd, posterior = table["model"], table["sgd"], table.get("posterior")
        formula = model.get("q", model.get("landscape"))
        return PointSettings(
            formula if isinstance(formula, str) else PARTS.join(formula),
            float(sgd["learning_rate"]),
            int(sgd["batch_size"]),
            float(sgd.get("momentum", 0.0)),
            _noise(table),
            next((float(one["std"]) for one in _added(table) if one.get("kind") == "gaussian"), 0.0),
            None if posterior is None else float(posterior["examples"]),
        )


def noise_name(table: Table) -> str:
    """What the noise of a study is measured by, for people."""
    if "q" in table["model"]:
        return "label noise, standard deviation"
    kind = table["noise"]["kind"]
    return "temperature" if kind == "isotropic" else "factor of the noise" if kind == "constant" else "noise scale"


def explored_table(table: Table, settings: PointSettings) -> dict[str, Any]:
    """The table of the study with the numbers of `settings`, and all else as it was.

    Where one is moved the study asks for laws alone: its questions of slopes and Hessians may not fit any more.

    Raises
    ------
    InputError
        If a formula of several is empty.
    """
    found = deepcopy(dict(table))
    model, sgd = found["model"], found["sgd"]
    if settings != PointSettings.of(table):
        found = {key: value for key, value in found.items() if key not in OTHER_QUESTIONS}
        model["q" if "q" in model else "landscape"] = _formula(settings.formula)
        sgd |= {"learning_rate": settings.learning_rate, "batch_size": settings.batch_size}
        _set_momentum(sgd, settings.momentum)
        _set_noise(found, settings.noise)
        _set_added_noise(sgd, settings.added_noise)
    if settings.examples is not None:
        found["posterior"] = {**found.get("posterior", {}), "examples": settings.examples}
    return found


def _formula(text: str) -> str | list[str]:
    from theory.base.errors import require  # the process of the page reads settings and nothing else

    parts = [part.strip() for part in text.split(PARTS.strip())]
    require(all(parts), f"a formula must not be empty, got {text!r}; write one such as w**2 - 1")
    return parts[0] if len(parts) == 1 else parts


def _added(table: Table) -> list[Table]:
    """The tables [sgd.noise]."""
    found = table["sgd"].get("noise", [])
    return list(found) if isinstance(found, list) else [found]


def _noise(table: Table) -> float:
    if "q" in table["model"]:
        return float(table["model"].get("noise_std", 1.0))
    noise = table["noise"]
    return float(noise[SCALES[noise["kind"]]]) if noise["kind"] in SCALES else 1.0


def _set_momentum(sgd: dict[str, Any], momentum: float) -> None:
    sgd["momentum"] = momentum
    if not momentum:
        for key in ("momentum", "nesterov"):
            sgd.pop(key, None)


def _set_noise(table: dict[str, Any], amount: float) -> None:
    if "q" in table["model"]:
        table["model"]["noise_std"] = amount
        return
    noise = table["noise"]
    if noise["kind"] in SCALES:
        noise[SCALES[noise["kind"]]] = amount
    else:
        noise["matrix"] = [[amount * entry for entry in row] for row in noise["matrix"]]


def _set_added_noise(sgd: dict[str, Any], amount: float) -> None:
    """Gaussian noise of this size instead of that of the study, at its place among others."""
    parts = _added({"sgd": sgd})
    place = next((k for k, one in enumerate(parts) if one.get("kind") == "gaussian"), len(parts))
    parts[place : place + 1] = [{"kind": "gaussian", "std": amount}] if amount else []
    sgd.pop("noise", None)
    if parts:
        sgd["noise"] = parts
