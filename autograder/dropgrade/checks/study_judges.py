"""The longer checks of 07_rate: studies by the hundred, random settings in bulk, and real trainings."""

import math
from typing import Any

import numpy as np

from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent, read_array
from dropgrade.checks.statistics import at_most, limits
from dropgrade.checks.studies import ALPHA, ENDS, SPACE, many, read_compared, read_proposed, three
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.digits import load_digits

BUDGET = {"width": 64, "steps": 150, "batch": 100, "momentum": 0.9}
MOST, LEAST = 0.2, 0.4
"""Errors on the digits: of a good setting at most, of one that cannot learn at least."""
SAME = 0.002
"""Runs with the same start and batches may differ by rounding: by so many errors of 1,000 at most."""


def judge_together(functions: Functions, rng: np.random.Generator) -> str:
    """Six arms whose truth is known: how many of 400 studies hold all five true differences?"""
    tries, arms, rates, seeds, level = 400, 6, 3, 4, 0.8
    truth = 0.2 + rng.normal(scale=0.02, size=(tries, arms, rates))
    noise = rng.normal(scale=0.02, size=(2, tries, arms, rates, seeds)) + rng.normal(
        scale=0.03, size=(2, tries, 1, 1, seeds)
    )
    validation, test = truth[..., None] + noise
    calls = [(v, t, level) for v, t in zip(validation, test, strict=True)]
    held = 0
    for study, value in zip(truth, many(functions["compare"], calls, 6 * (arms - 1)), strict=True):
        held += all(
            one["low"] <= study[arm, one["rates"][1]] - study[0, one["rates"][0]] <= one["high"]
            for arm, one in enumerate(read_compared(value, arms, rates), 1)
        )
    if at_most(held, tries, level) < ALPHA:
        raise Failed(
            f"In at least {percent(level)} of the studies all five intervals should hold the true "
            f"differences; they do in {percent(held / tries)} of {tries}, which chance does not explain.",
            "covers_too_seldom",
        )
    return f"in {percent(held / tries)} of {tries} studies all five intervals hold the truth together."


def judge_verdicts(functions: Functions, rng: np.random.Generator) -> str:
    """Four arms: far better, far worse, the same but for noise that alternates, and the baseline itself."""
    base = 0.5 + 0.2 * np.array([-1.3, -0.8, -0.1, 0.1, 0.8, 1.3]) + rng.normal(scale=0.01, size=6)
    wiggle = 0.01 * (1 + rng.random(6)) * np.tile([1, -1], 3)
    arms = [base + s + rng.permutation(wiggle) for s in (-0.1, 0.1, -0.0005)] + [base]
    order = rng.permutation(4)
    test = np.stack([base, *(arms[place] for place in order)])[:, None, :]
    reports = read_compared(functions["compare"](test.copy(), test.copy(), 0.95), 5, 1)
    for place in range(4):
        one, word = reports[list(order).index(place)], ("better", "worse", "undecided", "undecided")[place]
        if (said := one["verdict"]) != word:
            clear = "overlap_for_difference" if said == "undecided" else "verdict_reversed"
            name = (clear, clear, "verdict_from_the_mean", None)[place]  # the last has width 0, at 0
            raise Failed(
                f"For a difference in errors of {three([one[key] for key in ENDS])} the verdict should be "
                f"{word!r}; it is {said!r:.30}.",
                name if said in ("better", "worse", "undecided") else "wrong_return",
            )
    return "better, worse and undecided are each said where the interval says so."


def judge_random(functions: Functions, rng: np.random.Generator) -> str:
    """Counts in quarters of the space, each binomial for a right answer."""
    n, quarter = 4_000, 0.25
    (slow, fast), (least, most) = SPACE["rate"], SPACE["p"]
    found = read_proposed(functions["propose"]("random", n, dict(SPACE), fresh(rng)), n)
    rates, ps = found.T
    ends = rates.min() / slow, rates.max() / fast, ps.min() - least, ps.max() - most
    if ends[0] < 1 - 1e-6 or ends[1] > 1 + 1e-6 or ends[2] < -1e-6 or ends[3] > 1e-6:
        raise Failed(
            f"Learning rates should lie between {slow:g} and {fast:g}, p between {least:g} and {most:g}; "
            f"they lie between {rates.min():.3g} and {rates.max():.3g}, {ps.min():.3g} and {ps.max():.3g}.",
            "columns_swapped" if ps.max() > most and rates.max() <= most else None,
        )
    if len(np.unique(ps)) < 0.9 * n:
        raise Failed(f"{n} random settings hold only {len(np.unique(ps))} different p.", "random_on_a_grid")
    slot = np.log(np.maximum(rates, slow) / slow) / math.log(fast / slow)
    place = (ps - least) / (most - least)
    low, high = limits(n, quarter, ALPHA)
    counts = {
        "the slowest quarter of the learning rates, by their logarithm": slot < quarter,
        "the fastest quarter of the learning rates, by their logarithm": slot >= 1 - quarter,
        "the lowest quarter of p": place < quarter,
        "the highest quarter of p": place >= 1 - quarter,
        "the slower half with the lower half of p": (slot < 0.5) & (place < 0.5),
    }
    for what, inside in counts.items():
        if not low <= inside.sum() <= high:
            linear = low <= np.sum((rates - slow) / (fast - slow) < quarter) <= high
            tied = abs(np.corrcoef(slot, place)[0, 1]) > 0.5
            raise Failed(
                f"{what[0].upper()}{what[1:]} should receive between {percent(low / n)} and "
                f"{percent(high / n)} of the random settings; it receives {percent(inside.mean())}.",
                "rates_not_in_logs" if linear else "settings_not_independent" if tied else None,
            )
    return "random settings fill the space evenly."


def measured(
    functions: Functions,
    settings: list[dict[str, float]],
    seeds: list[int],
    budget: dict[str, Any] | None = None,
    parts: tuple | None = None,
) -> np.ndarray:
    """The learner's errors float64 (settings, seeds) on the digits, or on the parts given."""
    train, judge = parts or digits()
    value = functions["measure"](
        [dict(one) for one in settings], list(seeds), dict(BUDGET | (budget or {})), train, judge
    )
    found = read_array(value, (len(settings), len(seeds)), "What measure returns").astype(float)
    if not ((found >= 0) & (found <= 1)).all():
        raise Failed(
            f"Errors should be shares between 0 and 1; the largest is {found.max():.3g}.",
            "percent_returned" if found.max() > 1 else "not_finite",
        )
    return found


def digits() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Images and labels to train on, and to judge on."""
    found = load_digits()
    return (found.train_images, found.train_labels), (found.test_images, found.test_labels)


def draw_seeds(rng: np.random.Generator, count: int) -> list[int]:
    """Different seeds, as Python ints."""
    return [int(seed) for seed in rng.choice(2**31, size=count, replace=False)]


def judge_pairing(functions: Functions, rng: np.random.Generator) -> str:
    """p = 1e-15 drops a unit once in 10^10 runs; with a shared start and order it changes nothing."""
    seeds, few = draw_seeds(rng, 8), {"steps": 15}
    settings = [{"p": 0.0, "rate": 0.05}, {"p": 1e-15, "rate": 0.05}]
    found = measured(functions, settings, seeds, few)
    if len(set(found[0])) == 1:
        raise Failed(f"Eight seeds give the same error {found[0, 0]:.4g}.", "seeds_ignored")
    if np.abs(found[0] - found[1]).max() > SAME:
        raise Failed(
            f"For p = 0 and p = 1e-15 the errors of each seed should be equal; for the first four seeds they "
            f"are {np.round(found[0, :4], 3).tolist()} and {np.round(found[1, :4], 3).tolist()}.",
            "runs_not_paired",
        )
    alone = measured(functions, settings[:1], seeds[:4:-1], few)
    if np.abs(alone[0] - found[0, :4:-1]).max() > SAME:
        raise Failed(
            "A run should depend on its setting and its seed alone; with fewer seeds in another order "
            f"{np.round(found[0, :4:-1], 3).tolist()} became {np.round(alone[0], 3).tolist()}.",
            "runs_depend_on_order",
        )
    return "runs of one seed share their start and their batches."


def judge_settings(functions: Functions, rng: np.random.Generator) -> str:
    """A good setting learns the digits; too slow, too much dropout or a single step do not."""
    seeds, good = draw_seeds(rng, 2), {"p": 0.0, "rate": 0.1}
    hopeless = [{"p": 0.97, "rate": 0.1}, {"p": 0.0, "rate": 1e-4}]
    lost, slow, learnt = measured(functions, [*hopeless, good], seeds).mean(axis=1)
    short = measured(functions, [good], seeds, {"steps": 1}).mean()
    known = {"p = 0.97": lost, "rate 0.0001": slow, "a single step": short}
    if learnt < MOST and min(known.values()) > LEAST:
        return f"a good setting misreads {percent(round(learnt, 4))} of the digits, three hopeless ones more."
    told = ", ".join(f"{percent(round(error, 4))} with {what}" for what, error in known.items())
    raise Failed(
        f"Rate 0.1 and p = 0 should misread at most {percent(MOST)} of the digits after {BUDGET['steps']} "
        f"steps; with p = 0.97, rate 0.0001 or a single step it should be at least {percent(LEAST)}. Misread "
        f"were {percent(round(learnt, 4))}, and {told}.",
        "accuracy_returned" if learnt > max(lost, slow) else "settings_ignored",
    )


def judge_parts(functions: Functions, rng: np.random.Generator) -> str:
    """Digits under other names: learnt where both parts use them, all wrong where only one does."""
    (images, labels), (others, truth) = digits()
    names, seeds, good = rng.permutation(10), draw_seeds(rng, 1), [{"p": 0.0, "rate": 0.1}]
    (same,) = measured(functions, good, seeds, None, ((images, names[labels]), (others, names[truth])))[0]
    (shifted,) = measured(functions, good, seeds, None, ((images, labels), (others, (truth + 1) % 10)))[0]
    if same > MOST:
        raise Failed(
            f"With new names for the ten digits at most {percent(MOST)} should be misread; "
            f"{percent(same)} are, as if other labels than those handed in had been used.",
            "other_data",
        )
    if shifted < 1 - MOST:
        mixed = (images, rng.permutation(labels)), (others, truth)  # nothing to learn from such labels
        deaf = measured(functions, good, seeds, None, mixed)[0, 0] < MOST
        raise Failed(
            f"Where all labels of the second part are false, nearly all answers are errors; "
            f"{percent(shifted)} are.",
            "other_data" if deaf else "judged_on_training",
        )
    return "errors are counted on the images and labels that are handed in."
