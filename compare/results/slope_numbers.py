"""The slopes of a loss as result files hold them."""

from __future__ import annotations

from typing import Any

from compare.slope import LossSlope, LossSlopes
from compare.slope.several import NOT_RUN


def slopes_as_netcdf(slopes: LossSlopes) -> bytes:
    """The bytes of `slope.nc`."""
    return bytes(slopes.to_xarray().to_netcdf(engine="h5netcdf"))


def slopes_as_json(slopes: LossSlopes) -> dict[str, Any]:
    """Minimum, prediction, and of every method its status, losses, slope with interval and verdict."""
    predicted = slopes.prediction
    return {
        "minimum": {
            "position": slopes.minimum.position.tolist(),
            "loss": slopes.minimum.loss,
            "sharpness": slopes.minimum.sharpness,
            "regular": slopes.minimum.regular,
        },
        "rates": list(slopes.rates),
        "edge_of_stability": slopes.edge,
        "confidence": slopes.confidence,
        "prediction": {"value": predicted.value, "formula": predicted.formula, "reason": predicted.reason},
        "verdict": slopes.verdict,
        "methods": {name: _method(slopes, name) for name in slopes.asked},
    }


def _method(slopes: LossSlopes, name: str) -> dict[str, Any]:
    found = slopes.methods.get(name, NOT_RUN)
    if not isinstance(found, LossSlope):
        return {"status": str(found), "verdict": slopes.verdict_of(name)}
    coefficient = found.learning_coefficient
    return {
        "status": "ok",
        "how": found.method,
        "slope": float(found.slope),
        "slope_error": found.slope.error,
        "interval": list(found.interval()),
        "verdict": found.verdict,
        "fit": found.extrapolation.form,
        "fit_probability": found.extrapolation.fit_probability,
        "learning_coefficient": None if coefficient is None else float(coefficient),
        "learning_coefficient_error": None if coefficient is None else coefficient.error,
        "losses": [
            {
                "learning_rate": one.learning_rate,
                "excess_loss": float(one.excess),
                "error": one.excess.error,
                "variance_reduction": one.variance_reduction,
            }
            for one in found.losses
        ],
    }
