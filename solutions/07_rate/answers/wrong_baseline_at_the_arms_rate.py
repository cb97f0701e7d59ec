"""Runs the baseline at each arm's best learning rate."""

# fails: compares_as_agreed as shared_rate
from dropgrade.reference.paired import choose, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def compare(validation, test, level):
    chosen, reports = choose(validation), []
    each = 1 - (1 - level) / (len(chosen) - 1)
    for arm in range(1, len(chosen)):
        mean, low, high = paired_interval(test[0, chosen[arm]], test[arm, chosen[arm]], each)
        word = "better" if high < 0 else "worse" if low > 0 else "undecided"
        rates = (chosen[arm], chosen[arm])
        reports.append({"rates": rates, "mean": mean, "low": low, "high": high, "verdict": word})
    return reports
