"""Student's t is exact: against tables, against numerical integration, and by its own coverage."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.results import mean_interval, t_quantile
from dropgrade.results.intervals import t_coverage

TABLE = {  # two-sided 95 % and 99 %, as printed in every table of t
    1: (12.7062, 63.6567),
    2: (4.3027, 9.9248),
    3: (3.1824, 5.8409),
    4: (2.7764, 4.6041),
    5: (2.5706, 4.0321),
    7: (2.3646, 3.4995),
    9: (2.2622, 3.2498),
    10: (2.2281, 3.1693),
    29: (2.0452, 2.7564),
    30: (2.0423, 2.7500),
    120: (1.9799, 2.6174),
}


@pytest.mark.parametrize("df", TABLE)
def test_quantiles_equal_the_printed_table(df):
    """Four decimals, for 95 % and 99 %."""
    assert [round(t_quantile(level, df), 4) for level in (0.95, 0.99)] == list(TABLE[df])


@given(t=st.floats(0, 60), df=st.integers(1, 60))
def test_coverage_equals_the_incomplete_beta_function(t, df):
    """The finite sum agrees with an independent formula to twelve digits."""
    with mpmath.workdps(40):
        tail = mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, df / (df + mpmath.mpf(t) ** 2), regularized=True)
    assert t_coverage(t, df) == pytest.approx(float(1 - tail), abs=1e-12)


@given(level=st.floats(0.01, 0.9999), df=st.integers(1, 200))
def test_quantile_inverts_coverage(level, df):
    """There and back is the identity."""
    assert t_coverage(t_quantile(level, df), df) == pytest.approx(level, abs=1e-12)


def test_many_degrees_of_freedom_approach_the_normal():
    """1.96 in the limit."""
    assert t_quantile(0.95, 20_000) == pytest.approx(1.95996, abs=2e-4)


def test_interval_of_known_samples():
    """Mean 3, standard error sqrt(2.5 / 5), t = 2.7764 for five values."""
    mean, low, high = mean_interval([1, 2, 3, 4, 5])
    assert mean == 3
    assert high - mean == pytest.approx(2.776445 * math.sqrt(0.5), rel=1e-6) == mean - low


def test_intervals_cover_as_often_as_they_say():
    """Of 4,000 intervals from five normal values, 95 % hold the true mean (within 4.5 standard errors)."""
    rng = np.random.default_rng(7)
    held = 0
    for samples in rng.normal(1.0, 2.0, (4000, 5)):
        _, low, high = mean_interval(samples.tolist())
        held += low <= 1.0 <= high
    assert held / 4000 == pytest.approx(0.95, abs=4.5 * math.sqrt(0.95 * 0.05 / 4000))


def test_a_paired_interval_is_narrower_than_an_unpaired_one():
    """What two runs share cancels: the reason why arms share their seeds."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 1, 8)
    one, other = shared + rng.normal(0, 0.1, 8), shared + 0.5 + rng.normal(0, 0.1, 8)
    _, low, high = mean_interval((other - one).tolist())
    _, low_one, high_one = mean_interval(one.tolist())
    assert 0 < low < 0.5 < high and high - low < (high_one - low_one) / 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: t_quantile(1.0, 4), r"level must be in \(0, 1\), got 1.0"),
        (lambda: t_quantile(math.nan, 4), r"level must be in"),
        (lambda: t_quantile(0.95, 0), r"df must be an integer >= 1, got 0"),
        (lambda: t_coverage(1.0, 2.5), r"df must be an integer >= 1, got 2.5"),
        (lambda: t_coverage(-1.0, 2), r"t must be >= 0, got -1.0"),
        (lambda: mean_interval([1.0]), r"at least two to show a spread, got 1"),
        (lambda: mean_interval([1.0, math.nan]), r"must be finite"),
    ],
)
def test_bad_arguments_are_named(call, message):
    """Argument, rule and value."""
    with pytest.raises(ValueError, match=message):
        call()
