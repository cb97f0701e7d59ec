"""Spells everything out in loops, with sums instead of NumPy's statistics."""

import math

import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile


def paired_interval(a, b, level):
    n = len(a)
    if n != len(b) or n < 2:
        raise ValueError("a and b must have the same length, at least 2")
    differences = [float(y) - float(x) for x, y in zip(a, b, strict=True)]
    if not math.isfinite(sum(differences)):
        raise ValueError("a run diverged")
    mean = sum(differences) / n
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    half = t_quantile(level, n - 1) * math.sqrt(variance / n)
    return mean, mean - half, mean + half


def choose(validation):
    places = [0] * len(validation)
    for arm, errors in enumerate(validation):
        for place in range(len(errors)):
            if not sum(errors[places[arm]]) <= sum(errors[place]) and math.isfinite(sum(errors[place])):
                places[arm] = place
    return places


def compare(validation, test, level):
    chosen, reports = choose(validation), []
    arms = len(chosen)
    for arm in range(1, arms):
        each = 1 - (1 - level) / (arms - 1)
        mean, low, high = paired_interval(test[0][chosen[0]], test[arm][chosen[arm]], each)
        verdict = "better" if high < 0 else "worse" if low > 0 else "undecided"
        reports.append({"mean": mean, "low": low, "high": high, "verdict": verdict})
        reports[-1]["rates"] = chosen[0], chosen[arm]
    return reports


def propose(method, n, space, rng):
    (slow, fast), (least, most), settings = space["rate"], space["p"], []
    if method == "random":
        for _ in range(n):
            settings.append((slow * (fast / slow) ** rng.random(), least + (most - least) * rng.random()))
    else:
        side = round(math.sqrt(n))
        for i in range(n):
            rate = slow * (fast / slow) ** (i // side / (side - 1))
            settings.append((rate, least + (most - least) * (i % side) / (side - 1)))
    return np.array(settings)


def measure(settings, seeds, budget, train_part, judge_part):
    table = np.zeros((len(settings), len(seeds)))
    for i, j in np.ndindex(table.shape):
        rng = np.random.default_rng(seeds[j])
        net = start(train_part[0].shape[1], budget["width"], 10, rng)
        net = train(net, *train_part, {**budget, **settings[i]}, rng)
        table[i, j] = score(net, *judge_part)[0]
    return table
