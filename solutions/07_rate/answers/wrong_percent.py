"""Returns errors in percent."""

# fails: settings_reach_the_training as percent_returned
import numpy as np

from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import choose, compare, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def measure(settings, seeds, budget, train_part, judge_part):
    errors = np.empty((len(settings), len(seeds)))
    for i, setting in enumerate(settings):
        for j, seed in enumerate(seeds):
            rng = np.random.default_rng(seed)
            net = start(train_part[0].shape[1], budget["width"], 10, rng)
            trained = train(net, *train_part, budget | setting, rng)
            errors[i, j] = 100 * score(trained, *judge_part)[0]
    return errors
