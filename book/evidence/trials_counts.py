"""Measures of the trial about counts, T17. `p` is the chance of dropping."""

import math

import numpy as np


def exactly_half():
    """Percent of 20,000 draws at p = 0.5 that drop exactly 50 of 100 units."""
    keep = np.random.default_rng(0).random((20_000, 100)) >= 0.5
    return 100 * np.mean((~keep).sum(axis=1) == 50)


def exactly_half_of_many():
    """Percent of 20,000 draws that drop exactly half of 2,000 units (each
    draw a binomial count)."""
    dropped = np.random.default_rng(0).binomial(2000, 0.5, 20_000)
    return 100 * np.mean(dropped == 1000)


def spread_of_the_count():
    """Standard deviation of the number dropped of 100 units at p = 0.5."""
    keep = np.random.default_rng(0).random((20_000, 100)) >= 0.5
    return (~keep).sum(axis=1).std()


def tie_between_units():
    """Correlation of two of four units when exactly two are dropped each
    time; independent ones have 0."""
    rng = np.random.default_rng(0)
    keep = np.argsort(rng.random((20_000, 4)), axis=1) < 2
    return np.corrcoef(keep[:, 0], keep[:, 1])[0, 1]


def half_by_formula():
    """Probability in percent of exactly half of 100, from the binomial
    formula."""
    return 100 * math.comb(100, 50) / 2**100
