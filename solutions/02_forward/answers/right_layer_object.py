"""A layer object that checks p once and remembers its scale."""

import numpy as np


class Dropout:
    def __init__(self, p):
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], got {p}")
        self.p = p
        self.scale = 1 / (1 - p) if p < 1 else 1.0  # at p = 1 nothing is kept

    def train(self, x, rng):
        keep = np.asarray(rng.random(x.shape) >= self.p)
        return np.select([keep], [x * x.dtype.type(self.scale)], default=x.dtype.type(0)), keep

    def eval(self, x):
        return x, None


def dropout_forward(x, p, training, rng):
    layer = Dropout(p)
    return layer.train(x, rng) if training else layer.eval(x)
