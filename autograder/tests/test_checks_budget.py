"""False alarms and power of the statistical checks: computed from exact tails, and tried out."""

import numpy as np
import pytest

from dropgrade.checks import exercise, exercises, judge, masks, statistics
from dropgrade.reference import numpy_ops

BUDGET = 1e-6
RIGHT = {  # the exercises about one mask; the others have their own files
    "01_mask": {"keep_mask": numpy_ops.keep_mask},
    "02_forward": {"dropout_forward": numpy_ops.dropout_forward},
    "03_backward": {"dropout_backward": numpy_ops.dropout_backward},
}
STATISTICAL = [
    (task, check)
    for task in exercises()
    for check in task.checks
    if task.slug in RIGHT and check.catches.endswith("100 runs")
]
SEEDS = range(50)
ENOUGH = 49


def name_of(pair) -> str:
    """Exercise and check, as the tests are called."""
    return f"{pair[0].slug}.{pair[1].id}"


def test_budget_of_a_submission():
    """The false alarms of all checks of an exercise together stay within one in a million submissions."""
    assert {task.slug: task.false_alarm for task in exercises() if task.false_alarm > BUDGET} == {}


@pytest.mark.parametrize("pair", STATISTICAL, ids=name_of)
def test_false_alarm_is_the_sum_of_exact_tails(pair, monkeypatch):
    """Every count of a check is noted with its limits; the exact tails beyond them sum to what is stated."""
    task, check = pair
    tails = []

    def noting_strays(counts, n, q, alpha):
        size = max(np.size(counts), 1)
        tails.append(size * statistics.false_alarm(n, q, *statistics.limits(n, q, alpha / size)))
        return statistics.strays(counts, n, q, alpha)

    def noting_limits(n, q, alpha):
        tails.append(statistics.false_alarm(n, q, *statistics.limits(n, q, alpha)))
        return statistics.limits(n, q, alpha)

    monkeypatch.setattr(masks, "strays", noting_strays)
    monkeypatch.setattr(masks, "limits", noting_limits)
    assert judge(task, check, RIGHT[task.slug], seed=0).passed
    assert tails
    assert 0.01 * check.false_alarm < sum(tails) <= check.false_alarm


def rate_off(by):
    """Keeps with a probability that is off by a fixed amount."""
    return lambda shape, p, rng: rng.random(shape) >= p + by


def drops_times(factor):
    """Drops `factor` times as often as asked, close to p = 0; the rest is right."""
    return lambda shape, p, rng: rng.random(shape) >= (p * factor if p < 0.01 else p)


def keeps_times(factor):
    """Keeps `factor` times as often as asked, close to p = 1; the rest is right."""
    return lambda shape, p, rng: rng.random(shape) < ((1 - p) * factor if p > 0.99 else 1 - p)


def copying(share, axis):
    """Every second row (axis 0) or column (axis 1) copies that share of its entries from the one before."""

    def mask(shape, p, rng):
        keep = rng.random(shape) >= p
        even, odd = (np.s_[0::2], np.s_[1::2]) if axis == 0 else (np.s_[:, 0::2], np.s_[:, 1::2])
        copied = rng.random(keep[odd].shape) < share
        keep[odd] = np.where(copied, keep[even][: len(copied), : copied.shape[1]], keep[odd])
        return keep

    return mask


def half_fixed(shape, p, rng):
    """In every second mask exactly round(p n) entries are dropped."""
    n = int(np.prod(shape))
    if rng.random() < 0.5:
        return rng.random(shape) >= p
    return rng.permutation(np.arange(n) >= round(p * n)).reshape(shape)


def repeating(share):
    """Each call copies that share of its entries from the call before, if that had the same shape."""
    last = {}

    def mask(shape, p, rng):
        keep = rng.random(shape) >= p
        copied = rng.random(shape) < share
        keep = np.where(copied, last.get(shape, keep), keep)
        last[shape] = keep
        return keep

    return mask


def as_forward(mask):
    """A correct forward pass but for its mask."""

    def dropout_forward(x, p, training, rng):
        keep = mask(x.shape, p, rng)
        return np.divide(x, 1 - p, out=np.zeros_like(x), where=keep), keep

    return dropout_forward


# The smallest errors that the checks claim to see: a share s copied raises the agreement by s / 2.
STATED = {
    "rate_matches_p": ("a keep rate 3.5 percentage points off", [rate_off(0.035), rate_off(-0.035)]),
    "rate_holds_at_extremes": (
        "at p = 0.001 three times as many drops, or none; at p = 0.99975 three times as many kept, or none",
        [drops_times(3), drops_times(0), keeps_times(3), keeps_times(0)],
    ),
    "rows_differ": ("rows that agree 6 percentage points too often", [copying(0.12, 0)]),
    "entries_independent": ("neighbours that agree 6 percentage points too often", [copying(0.12, 1)]),
    "count_varies": ("a fixed number of drops in every second mask", [half_fixed]),
    "calls_differ": ("a second mask that agrees 4 percentage points too often", [repeating(0.08)]),
    "masks_independent": (
        "rows or neighbours that agree 6 percentage points too often, or a fixed number of drops in every "
        "second mask",
        [copying(0.12, 0), copying(0.12, 1), half_fixed],
    ),
}
POWER = [
    pytest.param(task, check, mask, id=f"{task.slug}.{check.id}-{k}")
    for task, check in STATISTICAL
    for k, mask in enumerate(STATED[check.id][1])
]


@pytest.mark.parametrize(("task", "check", "mask"), POWER)
def test_smallest_error_is_caught(task, check, mask):
    """The smallest error that a check states is caught with at least 49 of 50 seeds."""
    function = mask if task.slug == "01_mask" else as_forward(mask)
    caught = [
        not judge(task, check, {task.functions[0]: function}, seed=seed, limit=30).passed for seed in SEEDS
    ]
    assert sum(caught) >= ENOUGH


@pytest.mark.parametrize("pair", STATISTICAL, ids=name_of)
def test_statement_names_the_error_that_was_tried(pair):
    """The words of `catches` are the ones tried above, so that neither can drift alone."""
    _, check = pair
    assert check.catches.startswith(STATED[check.id][0])


def test_forward_also_states_its_extreme_rate():
    """02_forward.rate_matches_p claims three times as many drops at p = 0.001, or none."""
    task = exercise("02_forward")
    check = next(c for c in task.checks if c.id == "rate_matches_p")
    assert "at p = 0.001 three times as many drops, or none" in check.catches
    for factor in (3, 0):
        function = {"dropout_forward": as_forward(drops_times(factor))}
        assert sum(not judge(task, check, function, seed=seed).passed for seed in SEEDS) >= ENOUGH


@pytest.mark.parametrize(
    ("slug", "check_id", "wrong"),
    [
        ("02_forward", "kept_entries_rescaled", lambda y, keep: (y * (1 + 1e-5), keep)),
        ("03_backward", "gradient_rescaled", lambda dx: dx * (1 - 1e-5)),
        ("03_backward", "matches_own_forward", lambda dx: dx * (1 + 1e-5)),
    ],
)
def test_smallest_wrong_factor_is_caught(slug, check_id, wrong):
    """A factor that is wrong by 0.001 % is caught each time, as stated."""
    task = exercise(slug)
    check = next(c for c in task.checks if c.id == check_id)
    name = task.functions[0]
    right = RIGHT[slug][name]

    def function(*arguments):
        result = right(*arguments)
        return wrong(*result) if isinstance(result, tuple) else wrong(result)

    assert "wrong by 0.001 %" in check.catches
    assert not any(judge(task, check, {name: function}, seed=seed).passed for seed in SEEDS)


def test_rare_wrong_outcome_at_the_edges_is_caught():
    """A chance of 0.001 for a drop at p = 0 is caught in all but one of 10 billion runs: 0.999**25600."""
    task = exercise("01_mask")
    check = next(c for c in task.checks if c.id == "edges_are_exact")
    assert statistics.at_most(0, 160 * 160, 0.001) < 1e-10
    wrong = {"keep_mask": lambda shape, p, rng: rng.random(shape) >= max(p, 0.001)}
    assert not any(judge(task, check, wrong, seed=seed).passed for seed in SEEDS)
