"""The checks of exercise 11_uncertainty on losses, calibration and comparison."""

import numpy as np

from dropgrade.checks.calling import listening
from dropgrade.checks.patterns import fresh
from dropgrade.checks.uncertain import (
    mixed_net,
    random_logits,
    random_probs,
    read_comparison,
    read_number,
    settle,
)
from dropgrade.checks.uncertain_results import (
    comparisons,
    edge_cases,
    known_ece,
    losses,
    other_eces,
    verdict_cases,
)
from dropgrade.checks.verdicts import Checklist, Failed, Functions
from dropgrade.reference import uncertainty as right

checks = Checklist()


@checks.add(points=2, uses=("nll",))
def nll_of_the_label(functions: Functions, rng: np.random.Generator) -> str:
    """nll is the mean of minus the natural logarithm of the label's probability, one number."""
    probs, labels = random_probs(rng, 50, 6), rng.integers(6, size=50)
    found = read_number(functions["nll"](probs.copy(), labels.copy()), "nll")
    settle("nll", found, right.nll(probs, labels), losses(probs, labels))
    return "the mean of -ln p(label)."


@checks.add(points=1, uses=("nll",))
def impossible_label(functions: Functions, rng: np.random.Generator) -> str:
    """A label whose probability is 0 costs infinity, without a warning."""
    probs, labels = random_probs(rng, 8, 3), rng.integers(3, size=8)
    row = int(rng.integers(8))
    probs[row] = 0
    probs[row, (labels[row] + 1) % 3] = 1
    with listening() as noise:
        found = functions["nll"](probs.copy(), labels.copy())
    found = read_number(found, "nll")
    if found != np.inf:
        raise Failed(
            f"One label has probability 0, so nll should be inf; it is {found:.4g}.", "hides_infinite_loss"
        )
    if noise.first():
        raise Failed(f"nll should be silent where a probability is 0; it said: {noise.first()}.", "noisy")
    return "one impossible label makes the loss infinite."


@checks.add(points=2, uses=("ece",))
def ece_by_the_rule(functions: Functions, rng: np.random.Generator) -> str:
    """ece weights the gap of each bin by its share of the examples, for any number of bins."""
    for bins in (5, 16, 1):
        probs, labels, value = known_ece(rng, bins)
        found = read_number(functions["ece"](probs.copy(), labels.copy(), bins), "ece")
        settle("ece", found, value, other_eces(probs, labels, bins), f" with {bins} bins")
    probs, labels = random_probs(rng, 200, 4), rng.integers(4, size=200)
    found = read_number(functions["ece"](probs.copy(), labels.copy(), 7), "ece")
    settle("ece", found, right.ece(probs, labels, 7), other_eces(probs, labels, 7), " with 7 bins")
    return "the value by construction, with 1, 5 and 16 bins."


@checks.add(points=1, uses=("ece",))
def ece_edges(functions: Functions, rng: np.random.Generator) -> str:
    """A confidence on an edge belongs to the bin below, 1 to the last; of equal classes the first counts."""
    for what, probs, labels in edge_cases(rng):
        found = read_number(functions["ece"](probs.copy(), labels.copy(), 4), "ece")
        expected = right.ece(probs, labels, 4)
        settle("ece", found, expected, [("bin_edges", found)], f" for {what} in 4 bins")
    return "edges and ties fall where the rule puts them."


@checks.add(points=1, uses=("ece",))
def ece_empty_bins(functions: Functions, rng: np.random.Generator) -> str:
    """A bin without examples counts nothing: no NaN, no warning."""
    probs, labels = random_probs(rng, 5, 3), rng.integers(3, size=5)
    with listening() as noise:
        found = functions["ece"](probs.copy(), labels.copy(), 50)
    found = read_number(found, "ece")
    if np.isnan(found) or noise.first():
        heard = f"it said: {noise.first()}." if noise.first() else "it is NaN."
        raise Failed(f"With 5 examples in 50 bins ece should be a number, in silence; {heard}", "empty_bins")
    settle("ece", found, right.ece(probs, labels, 50), other_eces(probs, labels, 50), " with 50 bins")
    return "5 examples in 50 bins are no trouble."


@checks.add(points=2, uses=("compare",))
def interval_is_paired(functions: Functions, rng: np.random.Generator) -> str:
    """compare gives the mean difference of the losses, first minus second, with a paired 95 % interval."""
    for n in (400, 5):
        first = random_probs(rng, n, 4)
        second = 0.8 * first + 0.2 * random_probs(rng, n, 4)
        labels = rng.integers(4, size=n)
        found, _ = read_comparison(functions["compare"](first.copy(), second.copy(), labels.copy()))
        expected = np.array(right.compare(first, second, labels)[:3])
        settle(
            "(difference, low, high)",
            found,
            expected,
            comparisons(first, second, labels),
            f" for {n} examples",
        )
    return "difference and interval, for 400 examples and for 5."


@checks.add(points=1, uses=("compare",))
def verdict_follows_the_interval(functions: Functions, rng: np.random.Generator) -> str:
    """The verdict is "first" or "second" only if the whole interval says so, else "undecided"."""
    n = 60
    labels, base = rng.integers(3, size=n), random_probs(rng, n, 3)
    for expected, first, second in verdict_cases(rng, base, labels):
        _, verdict = read_comparison(functions["compare"](first.copy(), second.copy(), labels.copy()))
        if verdict != expected:
            turned = {"first", "second"} == {expected, verdict}
            name = "winner_without_interval" if expected == "undecided" else None
            raise Failed(
                f'The verdict should be "{expected}"; it is "{verdict}".',
                "difference_reversed" if turned else name,
            )
    return "a winner where the interval names one, undecided where it does not."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Ordinary inputs set off no warning and write nothing to stderr."""
    logits, labels = random_logits(rng), rng.integers(5, size=30)
    probs, other = random_probs(rng, 30, 5), random_probs(rng, 30, 5)
    calls = {
        "mc_logits": (mixed_net(rng, 0.5), rng.normal(size=(4, 6)), 2, fresh(rng)),
        "predict": (logits,),
        "uncertainty": (logits,),
        "nll": (probs, labels),
        "ece": (probs, labels, 5),
        "compare": (probs, other, labels),
    }
    for name, arguments in calls.items():
        with listening() as noise:
            result = functions[name](*arguments)
        if result is None:
            raise Failed(f"{name} returned None.", "wrong_return")
        if noise.first():
            raise Failed(f"{name} should be silent; it said: {noise.first()}.", "noisy")
    return "no warning and nothing on stderr."
