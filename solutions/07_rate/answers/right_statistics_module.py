"""Leaves mean and deviation to the statistics module, and caches each seed's start."""

import statistics

import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile


def paired_interval(a, b, level):
    d = [float(y - x) for x, y in zip(a, b, strict=True)]  # other lengths raise ValueError here
    if len(d) < 2 or not all(abs(one) < float("inf") for one in d):
        raise ValueError(f"no interval from {d}")
    mean = statistics.fmean(d)
    half = t_quantile(level, len(d) - 1) * statistics.stdev(d) / len(d) ** 0.5
    return [mean, mean - half, mean + half]


def choose(validation):
    def cost(errors):
        mean = float(np.mean(errors))
        return mean if mean == mean else float("inf")

    return [min(range(len(arm)), key=lambda place: cost(arm[place])) for arm in validation]


def compare(validation, test, level):
    first, *others = choose(validation)
    reports = []
    for arm, place in enumerate(others, 1):
        ends = paired_interval(test[0, first], test[arm, place], 1 - (1 - level) / len(others))
        report = dict(zip(("mean", "low", "high"), ends, strict=True))
        sign = (report["low"] > 0) - (report["high"] < 0)
        report["verdict"] = ("undecided", "worse", "better")[sign]
        reports.append(report | {"rates": (first, place)})
    return reports


def propose(method, n, space, rng):
    if method == "grid":
        steps = np.linspace(0, 1, int(n**0.5 + 0.5))
        unit = np.array([(x, y) for x in steps for y in steps])
    else:
        unit = rng.random((n, 2))
    (slow, fast), (least, most) = space["rate"], space["p"]
    return np.stack([slow * (fast / slow) ** unit[:, 0], least + (most - least) * unit[:, 1]], axis=1)


def measure(settings, seeds, budget, train_part, judge_part):
    errors = np.zeros((len(settings), len(seeds)))
    for j, seed in enumerate(seeds):
        net = start(train_part[0].shape[1], budget["width"], 10, np.random.default_rng([seed, 0]))
        for i, setting in enumerate(settings):
            trained = train(net, *train_part, {**setting, **budget}, np.random.default_rng([seed, 1]))
            errors[i, j] = score(trained, *judge_part)[0]
    return errors
