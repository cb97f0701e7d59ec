"""Returns p first and the learning rate second."""

# fails: grid_spans_the_space as columns_swapped
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, paired_interval

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def propose(method, n, space, rng):
    (slow, fast), (least, most) = space["rate"], space["p"]
    side = round(n**0.5)
    if method == "grid":
        rates, ps = np.meshgrid(np.geomspace(slow, fast, side), np.linspace(least, most, side))
        return np.column_stack([ps.ravel(), rates.ravel()])
    rates = np.exp(rng.uniform(np.log(slow), np.log(fast), n))
    return np.column_stack([rates, rng.uniform(least, most, n)])
