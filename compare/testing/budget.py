"""The false alarms that a session of tests may give, shared out over its tests."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class AlphaBudget:
    """Chance that any test of a session fails though all predictions hold, by the sum of the alphas of its tests.

    Parameters
    ----------
    budget
        The chance, for the whole session.
    expected
        Number of tests that share it; None: as many as are collected, which all workers of pytest-xdist do alike.
    collected
        Names of the tests that share it.
    spent
        What each test took.
    """

    budget: float
    expected: int | None = None
    collected: set[str] = field(default_factory=set)
    spent: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The chance that each test has."""
        return self.budget / (self.expected or max(len(self.collected), 1))

    @property
    def total(self) -> float:
        """What all tests took together."""
        return sum(self.spent.values())

    def share_of(self, test: str) -> AlphaShare:
        """What the test of this name may take."""
        return AlphaShare(self, test)


@dataclass(frozen=True)
class AlphaShare:
    """What one test may take of the false alarms of its session: `alpha_budget()` gives it an alpha."""

    whole: AlphaBudget
    test: str

    def __call__(self, calls: int = 1) -> float:
        """The alpha of each of so many `calls` of assertions: the test's share over their number; once a test.

        Raises
        ------
        InputError
            If there are no calls, the share is spent, or that of the session is.
        """
        whole, share = self.whole, self.whole.share
        if calls < 1:
            _refuse(f"`calls` must be at least 1, got {calls}")
        if self.test in whole.spent:
            _refuse(
                f"a test has one share of the false alarms, {share:.3g}, and this one is spent; ask once for all "
                "its assertions, alpha_budget(calls=...)"
            )
        if self.test not in whole.collected:
            _refuse("only a test with alpha_budget among its arguments has a share of it; name it there")
        if whole.expected is not None and len(whole.spent) >= whole.expected:
            _refuse(f"the false alarms of the session are for {whole.expected} tests; raise `alpha_budget_tests`")
        whole.spent[self.test] = share
        return share / calls


def _refuse(message: str) -> None:
    """Raise the error of a mistake in a call.

    Raises
    ------
    InputError
        Always.
    """
    from theory.base.errors import InputError  # a second or two that only a mistake need wait

    raise InputError(message)
