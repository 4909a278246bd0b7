"""Slopes by laws on grids of their own: in the plane, and where tails are powers."""

from __future__ import annotations

from slope_studies import slope_table, slopes


def test_the_limit_of_minibatches_in_the_plane_is_told_to_a_hundredth() -> None:
    """Tails are powers: on 64 x 64 cells over 8 standard deviations the slope was known to 13 % only."""
    model = {"q": ["w1 + 2*w2", "w2 - 1"], "noise_std": 0.5}
    table = slope_table(model, ["fokker planck"], rates=[0.01, 0.02, 0.04])
    one = slopes(table)["fokker planck"]
    assert abs(one.slope - 6 / 64) <= one.slope.error < 0.01 * one.slope  # tr C / (4 B), C = H / 4
    excess = one.losses[1].excess
    assert abs(excess - 0.00193134) <= excess.error < 1e-3 * excess  # tr(H M) / 2 of H M + M H = (eta / B) E[C]
    assert one.verdict == "agrees"


def test_the_operator_in_the_plane_has_a_grid_of_its_own() -> None:
    noise = {"kind": "constant", "matrix": [[1.0, 0.3], [0.3, 0.5]]}
    table = slope_table({"landscape": "a**2/2 + 2*b**2 + a*b/2"}, ["operator", "formula"], noise=noise)
    table["loss_slope"]["rates"] = [0.02, 0.04, 0.06]
    operator, formula = (slopes(table)[name] for name in ("operator", "formula"))
    for one, exact in zip(operator.losses, formula.losses, strict=True):
        assert abs(one.excess - exact.excess) <= one.excess.error < 1e-5 * exact.excess
    assert operator.verdict == "agrees"


def test_errors_cover_where_tails_are_powers() -> None:
    """Near the edge, and with small batches: the operator and Fokker-Planck against their closed forms."""
    for batch, rates in ((20, [0.5, 1.0, 1.6]), (2, [0.2, 0.4, 0.6])):
        found = slopes(
            slope_table({"q": "w"}, ["operator", "fokker planck"], rates=rates, sgd={"batch_size": batch})
        )
        operator, limits = found["operator"].losses, found["fokker planck"].losses
        for rate, steps, limit in zip(rates, operator, limits, strict=True):
            exact = rate / (2 * batch * (2 - rate * (1 + 2 / batch)))
            assert abs(steps.excess - exact) <= steps.excess.error
            heat = rate / (2 * batch)
            assert abs(limit.excess - heat / (2 - 4 * heat)) <= limit.excess.error
