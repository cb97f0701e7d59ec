"""Chooses by sorting, reports tuples and lists, and copies the generator's state for each run of a seed."""

import copy
import itertools
import math

import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile


def paired_interval(a, b, level):
    if np.ndim(a) != 1 or np.shape(a) != np.shape(b) or len(a) == 1 or not len(a):
        raise ValueError("two samples of one length, at least 2, are needed")
    if not all(map(math.isfinite, itertools.chain(a, b))):
        raise ValueError("an error is not finite")
    d = np.subtract(b, a)
    center, spread = np.average(d), math.sqrt(np.cov(d) / d.size)
    reach = t_quantile(level, d.size - 1) * spread
    return np.array([center, center - reach, center + reach])


def choose(validation):
    def key(pair):
        return (not np.isfinite(pair[1]).all(), math.fsum(v for v in pair[1] if math.isfinite(v)))

    return tuple(sorted(enumerate(arm), key=key)[0][0] for arm in validation)


def compare(validation, test, level):
    places = choose(validation)
    rows = [test[arm][place] for arm, place in enumerate(places)]
    found = []
    for place, row in zip(places[1:], rows[1:], strict=True):
        mean, low, high = map(float, paired_interval(rows[0], row, 1 + (level - 1) / (len(rows) - 1)))
        verdict = "undecided" if low * high <= 0 else ("worse", "better")[high < 0]
        found.append(dict(rates=(places[0], place), mean=mean, low=low, high=high, verdict=verdict))
    return tuple(found)


def propose(method, n, space, rng):
    slow, fast = map(math.log, space["rate"])
    if method == "grid":
        side = math.isqrt(n)
        rates, ps = np.linspace(slow, fast, side), np.linspace(*space["p"], side)
        return [[math.exp(rate), p] for rate, p in itertools.product(rates, ps)]
    return [[math.exp(rng.uniform(slow, fast)), rng.uniform(*space["p"])] for _ in range(n)]


def measure(settings, seeds, budget, train_part, judge_part):
    errors = np.full((len(settings), len(seeds)), np.nan)
    for j, seed in enumerate(seeds):
        rng = np.random.Generator(np.random.Philox(seed))
        net = start(train_part[0].shape[-1], budget["width"], 10, rng)
        for i, setting in enumerate(settings):
            errors[i, j] = score(train(net, *train_part, budget | setting, copy.deepcopy(rng)), *judge_part)[
                0
            ]
    return errors
