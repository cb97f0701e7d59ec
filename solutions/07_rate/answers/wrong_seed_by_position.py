"""Seeds a run by the position of its seed in the list."""

# fails: runs_of_one_seed_are_paired as runs_depend_on_order
import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import choose, compare, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def measure(settings, seeds, budget, train_part, judge_part):
    errors = np.empty((len(settings), len(seeds)))
    for i, setting in enumerate(settings):
        for j in range(len(seeds)):
            rng = np.random.default_rng(j)
            net = start(train_part[0].shape[1], budget["width"], 10, rng)
            trained = train(net, *train_part, budget | setting, rng)
            errors[i, j] = score(trained, *judge_part)[0]
    return errors
