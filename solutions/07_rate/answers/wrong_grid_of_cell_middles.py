"""Puts the settings into the middles of the cells, away from the ends."""

# fails: grid_spans_the_space as ends_left_out
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, paired_interval

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def propose(method, n, space, rng):
    (slow, fast), (least, most) = space["rate"], space["p"]
    side = round(n**0.5)
    if method == "grid":
        middles = (np.arange(side) + 0.5) / side
        rates, ps = np.meshgrid(slow * (fast / slow) ** middles, least + (most - least) * middles)
        return np.column_stack([rates.ravel(), ps.ravel()])
    rates = np.exp(rng.uniform(np.log(slow), np.log(fast), n))
    return np.column_stack([rates, rng.uniform(least, most, n)])
