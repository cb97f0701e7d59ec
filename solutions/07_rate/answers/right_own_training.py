"""Trains with a loop of its own, in double precision, with three generators from one seed."""

import numpy as np

from dropgrade.reference.paired import choose, compare, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def measure(settings, seeds, budget, train_part, judge_part):
    return np.array([[one_run(s, seed, budget, train_part, judge_part) for seed in seeds] for s in settings])


def one_run(setting, seed, budget, train_part, judge_part):
    begin, order, masks = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    (x, labels), sizes = train_part, (train_part[0].shape[1], budget["width"], 10)
    w = [begin.normal(0, np.sqrt(2 / i), (i, o)) for i, o in ((sizes[0], sizes[1]), sizes[1:])]
    w += [np.zeros(sizes[1]), np.zeros(10)]
    v, queue = [0, 0, 0, 0], []
    for _ in range(budget["steps"]):
        queue = queue or np.split(order.permutation(len(x)), len(x) // budget["batch"])
        now = queue.pop()
        h = np.maximum(x[now] @ w[0] + w[2], 0)
        scale = (masks.random(h.shape) >= setting["p"]) / (1 - setting["p"])
        z = (h * scale) @ w[1] + w[3]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        d = (e / e.sum(axis=1, keepdims=True) - np.eye(10)[labels[now]]) / len(now)
        dh = (d @ w[1].T) * scale * (h > 0)
        slopes = [x[now].T @ dh, (h * scale).T @ d, dh.sum(axis=0), d.sum(axis=0)]
        v = [budget["momentum"] * old - setting["rate"] * slope for old, slope in zip(v, slopes, strict=True)]
        w = [weights + step for weights, step in zip(w, v, strict=True)]
    scores = np.maximum(judge_part[0] @ w[0] + w[2], 0) @ w[1] + w[3]
    return np.mean(scores.argmax(axis=1) != judge_part[1])
