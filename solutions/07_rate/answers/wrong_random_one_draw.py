"""Uses one uniform number for learning rate and p."""

# fails: random_fills_the_space as settings_not_independent
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, paired_interval

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def propose(method, n, space, rng):
    (slow, fast), (least, most) = space["rate"], space["p"]
    side = round(n**0.5)
    if method == "grid":
        rates, ps = np.meshgrid(np.geomspace(slow, fast, side), np.linspace(least, most, side))
        return np.column_stack([rates.ravel(), ps.ravel()])
    u = rng.random(n)
    return np.column_stack([slow * (fast / slow) ** u, least + (most - least) * u])
