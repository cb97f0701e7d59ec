"""Constructed inputs for exercise 11_uncertainty, and what known mistakes make of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dropgrade.reference.uncertainty import WIDTH, entropy, softmax

Named = list[tuple[str, Any]]
"""Pairs of a misconception and the result that it leads to."""


def other_averages(logits: np.ndarray) -> Named:
    """What is mistaken for the average of the passes."""
    probs = softmax(logits)
    found = [
        ("averages_logits", softmax(logits.mean(axis=0))),
        ("counts_votes", np.eye(logits.shape[2])[logits.argmax(axis=2)].mean(axis=0)),
        ("softmax_axis", softmax(np.swapaxes(logits, 0, 2)).mean(axis=2).T),
        ("softmax_axis", softmax(np.swapaxes(logits, 1, 2)).mean(axis=0).T),
    ]
    if len({*logits.shape}) == 1:  # then a mean over another axis has the right shape
        found.append(("softmax_axis", probs.mean(axis=1)))
    return found


def other_entropies(logits: np.ndarray) -> Named:
    """What is mistaken for the entropy of the average."""
    probs = softmax(logits)
    return [
        ("entropies_confused", entropy(probs).mean(axis=0)),
        ("averages_logits", entropy(softmax(logits.mean(axis=0)))),
        ("log_base", entropy(probs.mean(axis=0)) / np.log(2)),
    ]


def other_informations(logits: np.ndarray) -> Named:
    """What is mistaken for the mutual information."""
    probs = softmax(logits)
    total, each = entropy(probs.mean(axis=0)), entropy(probs).mean(axis=0)
    found = [
        ("entropies_confused", each),
        ("entropies_confused", total),
        ("negative_information", each - total),
        ("log_base", (total - each) / np.log(2)),
        ("averages_logits", entropy(softmax(logits.mean(axis=0))) - each),
    ]
    for ddof in (0, 1):
        spread = probs.var(axis=0, ddof=ddof)
        values = (spread.sum(axis=1), spread.mean(axis=1), spread.max(axis=1), np.sqrt(spread).mean(axis=1))
        found += [("variance_for_information", value) for value in values]
    return found


def losses(probs: np.ndarray, labels: np.ndarray) -> Named:
    """What is mistaken for the negative log-likelihood."""
    each = -np.log(probs[np.arange(len(labels)), labels])
    return [
        ("loss_not_a_mean", each.sum()),
        ("confidence_instead_of_label", -np.log(probs.max(axis=1)).mean()),
        ("log_base", each.mean() / np.log(2)),
        ("log_base", each.mean() / np.log(10)),
    ]


def known_ece(rng: np.random.Generator, bins: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Predictions over 10 classes whose calibration error is known because they are made bin by bin.

    Each bin above a confidence of 0.2 gets 1 to 12 rows, well inside it, of which a drawn number is right; by
    turns bins have too much and too little confidence.

    Returns:
        probs float (n, 10), labels int (n,), the error as a float.
    """
    rows, labels, gaps = [], [], []
    for m in range(bins):
        low, high = max(m / bins, 0.2), (m + 1) / bins
        if high <= 0.2:
            continue
        n = int(rng.integers(1, 13))
        sure = low + (high - low) * (0.1 + 0.8 * rng.random(n))
        hits = int(rng.integers(n // 2 + 1)) if m % 2 else n - int(rng.integers(n // 2 + 1))
        classes = rng.integers(10, size=n)
        block = np.repeat((1 - sure)[:, None] / 9, 10, axis=1)
        block[np.arange(n), classes] = sure
        rows.append(block)
        labels.append(np.where(np.arange(n) < hits, classes, (classes + 1) % 10))
        gaps.append(abs(hits - sure.sum()))
    order = rng.permutation(sum(map(len, rows)))
    return np.concatenate(rows)[order], np.concatenate(labels)[order], float(sum(gaps) / len(order))


def other_eces(probs: np.ndarray, labels: np.ndarray, bins: int) -> Named:
    """What is mistaken for the expected calibration error."""
    sure, hit = probs.max(axis=1), probs.argmax(axis=1) == labels
    true = probs[np.arange(len(labels)), labels]
    n, hits, total = by_bin(sure, hit, sure, bins)
    used = n > 0
    gaps = (hits - total)[used] / n[used]
    weights = n[used] / n.sum()
    middles = hits[used] / n[used] - (np.flatnonzero(used) + 0.5) / bins
    found = [
        ("bins_not_weighted", np.abs(gaps).mean()),
        ("bins_not_weighted", np.abs(gaps).sum() / bins),
        ("largest_gap_only", np.abs(gaps).max()),
        ("signed_gaps", (weights * gaps).sum()),
        ("signed_gaps", -(weights * gaps).sum()),
        ("signed_gaps", abs((weights * gaps).sum())),
        ("bin_midpoints", np.abs(weights * middles).sum()),
    ]
    for other in {10, 15} - {bins}:
        _, hits, total = by_bin(sure, hit, sure, other)
        found.append(("bins_ignored", np.abs(hits - total).sum() / len(labels)))
    _, hits, total = by_bin(true, hit, true, bins)
    return [*found, ("confidence_instead_of_label", np.abs(hits - total).sum() / len(labels))]


def by_bin(
    values: np.ndarray, hit: np.ndarray, sure: np.ndarray, bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number of rows, number of right ones and sum of confidences in each bin of `values`, (bins,) each."""
    place = np.clip(np.ceil(values * bins).astype(int) - 1, 0, bins - 1)
    return tuple(np.bincount(place, weights=w, minlength=bins) for w in (np.ones(len(hit)), hit, sure))


def edge_cases(rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Confidences that lie on edges of 4 bins, as (what, probs, labels).

    In each, rows that belong to different bins have gaps of opposite sign, which would cancel in one bin.
    """
    for low, high in ((0.5, 0.625), (0.75, 0.875)):
        n = int(rng.integers(2, 6))
        sure = np.repeat([low, high], n)
        # On the edge all are right, above it all are wrong.
        yield f"confidences {low:g} and {high:g}", *_rows(rng, sure, np.repeat([True, False], n))
    yield "confidences 1 and 0.875", *_rows(rng, np.repeat([1.0, 0.875], 3), np.repeat([False, True], 3))
    labels = np.array([0] * int(rng.integers(1, 4)) + [1] * 5 + [2] * 4)
    yield "two classes with probability 0.5", np.tile([0.5, 0.5, 0.0, 0.0], (len(labels), 1)), labels


def _rows(rng: np.random.Generator, sure: np.ndarray, hit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities over 4 classes with these largest values, and labels that make the hits right."""
    n = len(sure)
    classes = rng.integers(4, size=n)
    probs = np.repeat((1 - sure)[:, None] / 3, 4, axis=1)
    probs[np.arange(n), classes] = sure
    return probs, np.where(hit, classes, (classes + 1) % 4)


def comparisons(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> Named:
    """What is mistaken for the mean difference and its paired interval."""
    rows, n = np.arange(len(labels)), len(labels)
    a, b = (-np.log(probs[rows, labels]) for probs in (first, second))
    d = a - b
    root = np.sqrt(n)
    unpaired = [np.sqrt((a.var(ddof=ddof) + b.var(ddof=ddof)) / n) for ddof in (0, 1)]
    found = [("unpaired_interval", around(d.mean(), WIDTH * error)) for error in unpaired]
    for factor in (1.0, 1.645, WIDTH, 2.0, 2.576):
        for error in (d.std(), d.std() / root, d.std(ddof=1), d.var() / root, d.std(ddof=1) / root):
            found.append(("interval_width", around(d.mean(), factor * error)))
    return [*found, ("difference_reversed", around(-d.mean(), WIDTH * d.std(ddof=1) / root))]


def around(mean: float, half: float) -> np.ndarray:
    """A mean and the ends of its interval, float (3,)."""
    return np.array([mean, mean - half, mean + half])


def verdict_cases(
    rng: np.random.Generator, base: np.ndarray, labels: np.ndarray
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Pairs of predictions whose verdict is known, as (verdict, first, second).

    Args:
        base: positive probabilities, float (n, classes). labels: int (n,).
    """
    rows, n = np.arange(len(labels)), len(labels)
    better = 0.5 * base + 0.5 * np.eye(base.shape[1])[labels]
    yield "first", better, base
    yield "second", base, better
    yield "undecided", base, base.copy()  # an interval of width 0, at 0
    for errors in (0.8, -0.8, 1.8, -1.8, 2.2, -2.2):  # mean difference in standard errors; 1.96 decides
        d = rng.normal(size=n)
        d = 0.1 * ((d - d.mean()) / d.std(ddof=1) + errors / np.sqrt(n))
        other = base.copy()
        other[rows, labels] *= np.exp(d)
        verdict = "undecided" if abs(errors) < 1.96 else "second" if errors > 0 else "first"
        yield verdict, 0.7 * base, 0.7 * other
