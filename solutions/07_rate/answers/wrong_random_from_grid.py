"""Picks random points of a grid."""

# fails: random_fills_the_space as random_on_a_grid
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, paired_interval

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def propose(method, n, space, rng):
    (slow, fast), (least, most) = space["rate"], space["p"]
    side = round(n**0.5)
    if method == "grid":
        rates, ps = np.meshgrid(np.geomspace(slow, fast, side), np.linspace(least, most, side))
        return np.column_stack([rates.ravel(), ps.ravel()])
    rates, ps = np.geomspace(slow, fast, 20), np.linspace(least, most, 20)
    return np.column_stack([rng.choice(rates, n), rng.choice(ps, n)])
