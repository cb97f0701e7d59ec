"""Tunes one learning rate for the mean over all arms."""

# fails: each_arm_has_its_own_rate as shared_rate
import math

import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    half = t_quantile(level, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half


def choose(validation):
    means = np.where(np.isfinite(validation), validation, np.inf).mean(axis=(0, 2))
    return [int(means.argmin())] * len(validation)


def compare(validation, test, level):
    chosen = choose(validation)
    tuned, each = test[np.arange(len(chosen)), chosen], 1 - (1 - level) / (len(chosen) - 1)
    reports = []
    for place, errors in zip(chosen[1:], tuned[1:], strict=True):
        mean, low, high = paired_interval(tuned[0], errors, each)
        word = {(True, False): "better", (False, True): "worse"}.get((high < 0, low > 0), "undecided")
        reports.append({"rates": [chosen[0], place], "mean": mean, "low": low, "high": high, "verdict": word})
    return reports


def propose(method, n, space, rng):
    if method == "grid":
        side = math.isqrt(n)
        rates, ps = np.meshgrid(np.geomspace(*space["rate"], side), np.linspace(*space["p"], side))
        return np.column_stack([rates.ravel(), ps.ravel()])
    return np.column_stack([np.exp(rng.uniform(*np.log(space["rate"]), n)), rng.uniform(*space["p"], n)])


def measure(settings, seeds, budget, train_part, judge_part):
    def error(setting, seed):
        rng = np.random.default_rng(seed)
        net = start(train_part[0].shape[1], budget["width"], 10, rng)
        return score(train(net, *train_part, budget | setting, rng), *judge_part)[0]

    return np.array([[error(setting, seed) for seed in seeds] for setting in settings])
