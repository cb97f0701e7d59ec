"""Keeps the rules of a study in a small class; the five functions are its front door."""

from dataclasses import dataclass

import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile


@dataclass
class Difference:
    mean: float
    low: float
    high: float

    @classmethod
    def between(cls, a, b, level):
        pairs = np.array(list(zip(a, b, strict=True)), dtype=float).reshape(-1, 2)
        if len(pairs) < 2 or not np.isfinite(pairs).all():
            raise ValueError("at least two pairs are needed, and no run may have diverged")
        d = np.diff(pairs, axis=1)[:, 0]
        half = t_quantile(level, len(d) - 1) * np.sqrt(np.var(d, ddof=1) / len(d))
        return cls(np.mean(d), np.mean(d) - half, np.mean(d) + half)

    @property
    def verdict(self):
        return "undecided" if self.low <= 0 <= self.high else "better" if self.mean < 0 else "worse"


def paired_interval(a, b, level):
    found = Difference.between(a, b, level)
    return found.mean, found.low, found.high


def choose(validation):
    usable = np.isfinite(validation).all(axis=2, keepdims=True)
    return np.where(usable, validation, np.inf).mean(axis=2).argmin(axis=1)


def compare(validation, test, level):
    best, reports = choose(validation), []
    for arm in range(1, len(best)):
        pair = test[0, best[0]], test[arm, best[arm]]
        found = Difference.between(*pair, 1 - (1 - level) / (len(best) - 1))
        reports.append(vars(found) | {"verdict": found.verdict, "rates": (int(best[0]), int(best[arm]))})
    return reports


def propose(method, n, space, rng):
    exponents, drops = np.log2(space["rate"]), space["p"]
    places, side = np.array([rng.random(n), rng.random(n)]), round(n**0.5)
    if method == "grid":
        places = np.indices((side, side)).reshape(2, -1) / (side - 1)
    rate = 2 ** (exponents[0] + (exponents[1] - exponents[0]) * places[0])
    return np.array([rate, drops[0] + (drops[1] - drops[0]) * places[1]]).T


def measure(settings, seeds, budget, train_part, judge_part):
    def run(one, seed):
        net = start(train_part[0].shape[1], budget["width"], 10, np.random.default_rng(seed))
        trained = train(net, *train_part, dict(budget, **one), np.random.default_rng(seed + 1))
        return score(trained, *judge_part)[0]

    return [[run(one, seed) for seed in seeds] for one in settings]
