"""What comparisons and slopes show of themselves: their verdicts, in one line and in notebooks."""

import numpy as np
import pytest

from compare import (
    ByFormula,
    Comparison,
    Distance,
    compare_laws,
    finite_rate_slopes,
    load_slope_study,
    loss_slope,
    noise_against_hessian,
    run_slopes,
)
from simulate import SGD
from theory import Constant, Grid, Histogram, NoisyGradient, SymbolicLandscape, gibbs

GRID = Grid(-3, 3, 40)
LOSS = SymbolicLandscape("w**2/2", ["w"])
MODEL = NoisyGradient(LOSS, Constant([[1.0]]))
PLAIN = SGD(0.1, 1)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    warm = gibbs(LOSS, 0.5, GRID)
    seen = Histogram(GRID, np.random.default_rng(0).multinomial(2000, warm.probabilities))
    return compare_laws(seen, {"gibbs": warm, "<b>cold</b>": gibbs(LOSS, 0.1, GRID)})


def test_a_comparison_tells_names_distances_floors_and_verdicts(comparison):
    shown = repr(comparison)
    assert "\n" not in shown
    assert "2000 walkers" in shown
    for name in comparison.names:
        distance = comparison.distances[name]["total_variation"]
        assert f"{name} {comparison.verdict(name)}, total variation {distance.value:.4g}" in shown
        assert f"(floor {distance.noise_floor:.3g})" in shown
    assert (comparison.verdict("gibbs"), comparison.verdict("<b>cold</b>")) == ("agrees", "differs")


def test_a_notebook_shows_a_row_for_each_prediction_and_no_element_of_a_name(comparison):
    shown = comparison._repr_html_()
    assert shown.count("<tr>") == 1 + len(comparison.names)
    assert "&lt;b&gt;cold&lt;/b&gt;" in shown
    assert "<b>cold" not in shown
    assert shown.count("differs") == shown.count("agrees") == 1
    assert compare_laws(gibbs(LOSS, 0.5, GRID), {"same": gibbs(LOSS, 0.5, GRID)})._repr_html_().count("<tr>") == 2


def test_a_slope_tells_prediction_and_verdict():
    found = loss_slope(MODEL, PLAIN, [0.05, 0.1, 0.2], method=ByFormula())
    shown, table = repr(found), found._repr_html_()
    assert "\n" not in shown
    assert all(one in shown for one in ("slope=0.25", "prediction=0.25", "verdict=agrees", "rates=0.05 to 0.2"))
    assert table.count("<tr>") == 1 + len(found.losses)
    assert "verdict: agrees" in table


def test_slopes_by_several_methods_tell_what_each_found():
    found = run_slopes(load_slope_study("loss-slope-quartic"))
    shown, table = repr(found), found._repr_html_()
    assert f"verdict: {found.verdict}" in shown
    assert all(name in shown for name in found.found)
    assert table.count("<tr>") == 1 + len(found.found)


def test_slopes_at_finite_rates_tell_their_verdict():
    found = finite_rate_slopes(MODEL, PLAIN, [0.1], rng=np.random.default_rng(0), walkers=50, steps=50)
    assert f"verdict={found.verdict}" in repr(found)
    assert "operator 0.277008 +- " in repr(found)
    assert found._repr_html_().count("<tr>") == 2


def test_noise_against_the_hessian_tells_three_verdicts():
    found = noise_against_hessian(MODEL, PLAIN, gibbs(LOSS, 0.05, GRID), GRID)
    assert repr(found).count("agrees") == 3
    assert "constant=1 +- 0" in repr(found)
    assert found._repr_html_().count("<tr>") == 4
    assert "best constant of C = c H" in found._repr_html_()


def test_a_distance_of_ones_own_has_a_column_and_no_prediction_no_row():
    law = gibbs(LOSS, 0.5, GRID)

    def largest(p, q, *, confidence=0.95):
        gap = float(np.abs(p.probabilities - q.probabilities).max())
        return Distance(gap, 0.0, gap, gap, 0.0, 0.0, confidence)

    found = compare_laws(law, {"cold": gibbs(LOSS, 0.1, GRID)}, distances={"largest_gap": largest})
    assert "<th" in found._repr_html_()
    assert "largest gap" in found._repr_html_()
    empty = Comparison({}, 0.95)
    assert repr(empty) == "Comparison(observed: a computed law; 95% intervals)"
    assert empty._repr_html_().count("<tr>") == 1
    assert empty.to_xarray().sizes["prediction"] == 0
