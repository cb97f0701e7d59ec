"""What several modules of measures need: intervals over seeds, and the chapters' small network, trained."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dropgrade.digits import SmallDigits, load_digits
from dropgrade.reference import mlp
from dropgrade.results.intervals import mean_interval


class Interval(NamedTuple):
    """A mean and its 95 % t interval."""

    value: float
    low: float
    high: float


def interval(samples: Sequence[float]) -> Interval:
    """Mean of at least two samples (one for each seed) with its 95 % t interval."""
    return Interval(*mean_interval([float(sample) for sample in samples]))


@functools.cache
def digits() -> SmallDigits:
    """The course's 2,000 digits to train on and 1,000 to test on, 14 by 14 pixels, read once."""
    return load_digits()


@functools.lru_cache(maxsize=64)
def trained(
    p: float, seed: int, count: int = 600, width: int = 64, steps: int = 300, rate: float = 0.1
) -> mlp.Params:
    """The network 196-width-10 of chapter 4 after training on the first `count` digits; about 50 ms.

    Args:
        p: drop rate of the hidden layer. seed: start, order and masks; runs of one seed share the first two.
        steps: updates with 50 digits each and momentum 0.9. rate: learning rate.
    """
    rng = np.random.default_rng(seed)
    settings = {"p": p, "steps": steps, "batch": 50, "rate": rate, "momentum": 0.9}
    part = digits().train_images[:count], digits().train_labels[:count]
    return mlp.train(mlp.start(196, width, 10, rng), *part, settings, rng)


def test_error(net: mlp.Params) -> float:
    """Percent of the 1,000 test digits that a network gets wrong in evaluation."""
    return 100 * mlp.score(net, digits().test_images, digits().test_labels)[0]
