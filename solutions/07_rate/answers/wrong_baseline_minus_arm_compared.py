"""Compares the baseline with the arm instead of the arm with the baseline."""

# fails: compares_as_agreed as sign_of_difference
from dropgrade.reference.paired import choose, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def compare(validation, test, level):
    chosen, reports = choose(validation), []
    each = 1 - (1 - level) / (len(chosen) - 1)
    for arm in range(1, len(chosen)):
        mean, low, high = paired_interval(test[arm, chosen[arm]], test[0, chosen[0]], each)
        word = "better" if low > 0 else "worse" if high < 0 else "undecided"
        rates = (chosen[0], chosen[arm])
        reports.append({"rates": rates, "mean": mean, "low": low, "high": high, "verdict": word})
    return reports
