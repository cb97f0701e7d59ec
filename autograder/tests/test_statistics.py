"""Binomial tails are exact, limits keep their promise, and Bonferroni covers a whole family."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.checks import statistics

chances = st.sampled_from([0.001, 0.2, 0.3, 0.5, 0.58, 0.7, 0.999])


def exact_tail(first: int, last: int, n: int, q: float) -> Fraction:
    """The probability of first..last successes as a rational number: nothing is rounded on the way."""
    chance = Fraction(q).limit_denominator(1000)
    a, b = chance.numerator, chance.denominator - chance.numerator
    term, total = b**n, 0  # times the denominator to the power n: whole numbers
    for k in range(last + 1):
        total += term if k >= first else 0
        term = term * (n - k) * a // ((k + 1) * b)
    return Fraction(total, chance.denominator**n)


@given(n=st.integers(0, 300), q=chances, data=st.data())
def test_tails_equal_exact_rational_sums(n: int, q: float, data):
    """Both tails agree with exact arithmetic to ten digits, also where they are tiny."""
    k = data.draw(st.integers(0, n))
    assert statistics.at_most(k, n, q) == pytest.approx(float(exact_tail(0, k, n, q)), rel=1e-10)
    assert statistics.at_least(k, n, q) == pytest.approx(float(exact_tail(k, n, n, q)), rel=1e-10)


def test_tails_beyond_the_ends_are_empty():
    """Fewer than none and more than all have no chance."""
    assert statistics.at_most(-1, 5, 0.5) == statistics.at_least(6, 5, 0.5) == 0


@pytest.mark.parametrize(("n", "q", "k"), [(4096, 0.8, 3100), (12288, 0.3, 4000), (25600, 0.001, 60)])
def test_far_tails_of_the_sizes_in_use(n: int, q: float, k: int):
    """At the sizes the checks use, tails below 1e-8 are exact to nine digits."""
    upper = k > n * q
    exact = exact_tail(k, n, n, q) if upper else exact_tail(0, k, n, q)
    ours = statistics.at_least(k, n, q) if upper else statistics.at_most(k, n, q)
    assert 0 < float(exact) < 1e-8
    assert ours == pytest.approx(float(exact), rel=1e-9)


@given(n=st.integers(0, 400), q=chances, alpha=st.sampled_from([1e-2, 1e-5, 1e-9]))
def test_limits_are_the_narrowest_that_keep_alpha(n: int, q: float, alpha: float):
    """Each side misses at most alpha / 2, and one count narrower would miss more."""
    low, high = statistics.limits(n, q, alpha)
    assert statistics.at_most(low - 1, n, q) <= alpha / 2 * (1 + 1e-9)
    assert statistics.at_least(high + 1, n, q) <= alpha / 2 * (1 + 1e-9)
    assert statistics.at_most(low, n, q) > alpha / 2 * (1 - 1e-9)
    assert statistics.at_least(high, n, q) > alpha / 2 * (1 - 1e-9)
    assert statistics.false_alarm(n, q, low, high) <= alpha * (1 + 1e-9)


@pytest.mark.parametrize("q", [0.0, 1.0])
def test_certain_counts_have_no_room(q: float):
    """With chance 0 or 1 a single count is possible."""
    assert statistics.limits(7, q, 1e-6) == (int(7 * q), int(7 * q))


@given(q=chances, size=st.integers(1, 50))
def test_a_family_shares_its_alpha(q: float, size: int):
    """The chances of the single counts to stray add up to at most the family's alpha."""
    low, high = statistics.limits(200, q, 1e-4 / size)
    assert size * statistics.false_alarm(200, q, low, high) <= 1e-4
    family = np.full(size, low)
    assert not statistics.strays(family, 200, q, 1e-4).any()
    assert statistics.strays(np.append(family[1:], low - 1), 200, q, 1e-4).tolist() == [False] * (
        size - 1
    ) + [True]


def test_strays_take_a_single_count():
    """A plain integer is a family of one."""
    assert not statistics.strays(50, 100, 0.5, 1e-6)
    assert statistics.strays(100, 100, 0.5, 1e-6)


@given(q=st.floats(0, 1))
def test_agreement_counts_both_ways_of_being_equal(q: float):
    """Two draws agree when both are kept or both are dropped."""
    assert statistics.agreement(q) == pytest.approx(q**2 + (1 - q) ** 2)
