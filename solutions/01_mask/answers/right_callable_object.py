"""An object with a __call__: the rule lives in a class, the answer is its instance."""

import numpy as np


class Bernoulli:
    def check(self, p):
        try:
            sound = 0.0 <= float(p) <= 1.0
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise ValueError(f"p must be in [0, 1], got {p!r}")

    def __call__(self, shape, p, rng):
        self.check(p)
        return np.asarray(1 - rng.random(shape) <= 1 - p)


keep_mask = Bernoulli()
