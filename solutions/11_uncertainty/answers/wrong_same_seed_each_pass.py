"""Seeds a generator anew for each pass, so all passes have the same masks."""

# fails: masks_are_independent as same_mask_each_pass
import numpy as np

from dropgrade.reference import uncertainty as right
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    seed = rng.integers(2**32)
    one = [right.mc_logits(layers, x, 1, np.random.default_rng(seed)) for _ in range(passes)]
    return np.concatenate(one)
