"""Lets the intervals of single arms decide whether they overlap."""

# fails: verdicts_follow_intervals as overlap_for_difference
import numpy as np

from dropgrade.reference.paired import choose, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def compare(validation, test, level):
    chosen, reports = choose(validation), []
    each, nothing = 1 - (1 - level) / (len(chosen) - 1), np.zeros(test.shape[2])
    first = paired_interval(nothing, test[0, chosen[0]], each)
    for arm in range(1, len(chosen)):
        mean, low, high = paired_interval(test[0, chosen[0]], test[arm, chosen[arm]], each)
        own = paired_interval(nothing, test[arm, chosen[arm]], each)
        word = "better" if own[2] < first[1] else "worse" if own[1] > first[2] else "undecided"
        rates = (chosen[0], chosen[arm])
        reports.append({"rates": rates, "mean": mean, "low": low, "high": high, "verdict": word})
    return reports
