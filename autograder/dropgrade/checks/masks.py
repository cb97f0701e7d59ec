"""Judging masks by counting: nothing here knows how a mask was drawn, only what chance can explain.

Each function draws masks through ``draw(shape, p, rng) -> bool array`` and ends in a sentence or in `Failed`.
All counts of a function share `ALPHA` (Bonferroni), so it fails a right answer with at most that chance.
A second bug should not cost a second check: a rate that is off is taken as it is where only independence is
asked, and rows that are copies of one another are counted once where only the entries of a row matter.
"""

import numpy as np

from dropgrade.checks.calling import global_state
from dropgrade.checks.patterns import (
    SETTLED,
    SHAPE,
    Draw,
    draw_many,
    fresh,
    independent_entries,
    lagged,
    name_pattern,
    name_rate,
    name_repetition,
    settled_rate,
)
from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import agreement, limits, pmf, strays
from dropgrade.checks.verdicts import Failed

ALPHA = 2e-8
"""Chance that any count of one of the functions below strays although the answer is right."""
FALSE_ALARM = ALPHA + 2 * SETTLED
"""Chance that one of the functions below fails a right answer."""
SMALL, MASKS = (6, 10), 160
CORNER, CORNERS = (6, 4), 128
LAGS = (1, 2, 3, 4, 8, 16, 48)
FLAT_LAGS = (64, 128, 256, 512, 1024, 2048, 4096, 6144)
SHIFTS = (0, 1, 2, 3, 4, 8, SHAPE[1], -1, -2, -3, -4, -8, -SHAPE[1])


def judge_rate(draw: Draw, rng: np.random.Generator, plan: tuple[tuple[float, tuple[int, int]], ...]) -> str:
    """Does the share of kept entries match 1 - p? `plan` lists pairs of p and shape."""
    seen = []
    for p, shape in plan:
        keep = draw(shape, p, fresh(rng))
        entries = independent_entries(keep, draw, rng)
        kept, n = int(entries.sum()), entries.size
        if strays(kept, n, 1 - p, ALPHA / len(plan)):
            low, high = limits(n, 1 - p, ALPHA / len(plan))
            raise Failed(
                f"At p = {p:g}, {percent(1 - p)} should be kept, and chance alone stays between "
                f"{percent(low / n)} and {percent(high / n)}; {percent(kept / n)} of {n} were kept.",
                name_rate(draw, rng, kept, n, p),
            )
        seen.append(f"{percent(kept / n)} kept at p = {p:g}")
    return ", ".join(seen) + "."


def judge_rows(draw: Draw, rng: np.random.Generator) -> str:
    """Do two rows agree no more often than independent ones?"""
    keep = draw(SHAPE, 0.5, fresh(rng))
    usual = agreement(settled_rate(keep, 0.5))
    if np.all(keep == keep[:, :1]):  # a row is one draw; that is another check's business
        keep = keep[:, :1]
    distances = (1, 2, SHAPE[0] // 2)
    for distance in distances:
        pairs = keep.reshape(-1, 2, distance, keep.shape[1])
        agree, n = int((pairs[:, 0] == pairs[:, 1]).sum()), keep.size // 2
        if strays(agree, n, usual, ALPHA / len(distances)):
            alike = np.all(keep == keep[0], axis=1).mean() > 0.5
            raise Failed(
                f"At p = 0.5 two rows that are {distance} apart should agree in about {percent(usual)} of "
                f"their entries; yours agree in {percent(agree / n)}.",
                name_pattern(keep) or ("one_mask_for_the_batch" if alike else "correlated_neighbours"),
            )
    return f"the {SHAPE[0]} rows have masks of their own."


def judge_entries(draw: Draw, rng: np.random.Generator) -> str:
    """Are the entries of a row independent of one another, and is no place favoured?"""
    keep = draw(SHAPE, 0.5, fresh(rng))
    q = settled_rate(keep, 0.5)
    usual, pairs = agreement(q), pairs_of(keep)
    for where, (a, b) in pairs.items():
        agree = int((a == b).sum())
        if strays(agree, a.size, usual, ALPHA / 3 / len(pairs)):
            raise Failed(
                f"At p = 0.5 entries {where} should agree in about {percent(usual)} of the cases; "
                f"yours agree in {percent(agree / a.size)}.",
                name_pattern(keep) or "correlated_neighbours",
            )
    judge_columns(keep, q)
    judge_places(draw, rng)
    return "neighbours, columns and places show no pattern."


def pairs_of(keep: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Disjoint pairs of entries by how they lie to one another; of the first row only if all are copies."""
    if np.all(keep == keep[0]):
        return {f"{lag} apart in a row": lagged(keep[:1], lag) for lag in LAGS}
    flat = keep.reshape(1, -1)
    half = keep.size // 2
    return (
        {f"{lag} apart in a row": lagged(keep, lag) for lag in LAGS}
        | {f"{lag} apart, counted through the rows,": lagged(flat, lag) for lag in FLAT_LAGS}
        | {"mirrored about the middle": (flat[0, :half], flat[0, ::-1][:half])}
    )


def judge_columns(keep: np.ndarray, q: float) -> None:
    """Is each column kept as often as the others? (Says nothing if all rows are copies.)"""
    counts = keep.sum(axis=0)
    odd = np.flatnonzero(strays(counts, len(keep), q, ALPHA / 3))
    if odd.size and not np.all(keep == keep[0]):
        raise Failed(
            f"At p = 0.5 each column should be kept in about {percent(q)} of the rows; "
            f"column {odd[0]} was kept in {counts[odd[0]]} of {len(keep)} rows.",
            name_pattern(keep) or "wrong_rate",
        )


def judge_places(draw: Draw, rng: np.random.Generator) -> None:
    """Over many small masks, is each place kept as often as the others? (Says nothing about frozen masks.)"""
    p = 0.75
    q = settled_rate(draw(SHAPE, p, fresh(rng)), 1 - p)
    masks = draw_many(draw, CORNER, p, rng, CORNERS)
    counts = masks.sum(axis=0)
    odd = np.argwhere(strays(counts, CORNERS, q, ALPHA / 3))
    if odd.size and not np.all(masks == masks[0]):
        place = tuple(int(i) for i in odd[0])
        raise Failed(
            f"At p = {p:g} each place of a mask of shape {CORNER} should be kept in about {percent(q)} of "
            f"the calls; place {place} was kept in {counts[place]} of {CORNERS}.",
            "wrong_rate",
        )


def judge_count(draw: Draw, rng: np.random.Generator) -> str:
    """Does the number of kept entries vary as a binomial count, in masks, in their rows, in their columns?"""
    masks = draw_many(draw, SMALL, 0.5, rng, MASKS)
    if np.all(masks == masks[0]):
        raise Failed(
            f"{MASKS} generators with different seeds draw the same mask, so its count cannot vary.",
            name_repetition(draw, rng),
        )
    rows, columns = SMALL
    for where, counts, n in (
        ("a mask", masks.sum(axis=(1, 2)), rows * columns),
        ("a row", masks.sum(axis=2).ravel(), columns),
        ("a column", masks.sum(axis=1).ravel(), rows),
    ):
        near = int((np.abs(2 * counts - n) <= 2).sum())  # within one of the expected count
        usual = float(pmf(n, 0.5)[n // 2 - 1 : n // 2 + 2].sum())
        if near > limits(counts.size, usual, ALPHA / 3)[1]:
            raise Failed(
                f"At p = 0.5 about {percent(usual)} of the time {n // 2 - 1} to {n // 2 + 1} of the {n} "
                f"entries of {where} should be kept; with yours it is {percent(near / counts.size)}.",
                "fixed_count",
            )
    return f"the number of kept entries varies from mask to mask ({MASKS} masks)."


def judge_calls(draw: Draw, rng: np.random.Generator) -> str:
    """Does a second call with the same generator draw a mask that has nothing to do with the first?"""
    theirs = fresh(rng)
    first, second = draw(SHAPE, 0.5, theirs), draw(SHAPE, 0.5, theirs)
    usual = agreement(settled_rate(first, 0.5))
    a, b = single_draws(first, second)
    for shift in (shift for shift in SHIFTS if abs(shift) < a.size // 2):
        x, y = a[max(0, shift) : a.size + min(0, shift)], b[max(0, -shift) : b.size - max(0, shift)]
        agree = int((x == y).sum())
        if strays(agree, x.size, usual, ALPHA / len(SHIFTS)):
            moved = f", moved by {abs(shift)} places," if shift else ""
            raise Failed(
                f"At p = 0.5 two calls with the same generator should agree in about {percent(usual)} of the "
                f"entries; your second mask{moved} agrees with the first in {percent(agree / x.size)}.",
                name_pattern(first) or (name_repetition(draw, rng) if agree > 0.9 * x.size else None),
            )
    return "two calls draw two unrelated masks."


def single_draws(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two masks as vectors; copies of a row, or of a column, are counted once."""
    for cut in (np.s_[:1], np.s_[:, :1]):
        if np.all(first == first[cut]) and np.all(second == second[cut]):
            return first[cut].ravel(), second[cut].ravel()
    return first.ravel(), second.ravel()


def judge_rng(draw: Draw, rng: np.random.Generator) -> str:
    """Does the generator handed over decide the mask, and nothing else?"""
    seed = int(rng.integers(2**63))
    with global_state(rng) as touched:
        first, again = (draw(SHAPE, 0.5, np.random.default_rng(seed)) for _ in range(2))
    if touched:
        raise Failed(f"The call changed the global state of {touched[0]}.", "global_rng")
    if not np.array_equal(first, again):
        raise Failed("Two generators with the same seed should give the same mask; yours differ.", "own_rng")
    if np.array_equal(first, draw(SHAPE, 0.5, fresh(rng))):
        raise Failed(
            "Generators with different seeds give the same mask, so the rng handed over does not decide it.",
            name_pattern(first) or name_repetition(draw, rng),
        )
    return "the same seed gives the same mask, and no global state is touched."
