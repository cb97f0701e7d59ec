"""Judging masks by counting: nothing here knows how a mask was drawn, only what chance can explain.

Each function draws masks through ``draw(shape, p, rng) -> bool array`` and ends in a sentence or in `Failed`.
A family of counts shares `ALPHA` (Bonferroni), so a right answer fails a check with at most that probability.
A second bug should not cost a second check: a rate that is off is taken as it is where only independence is
asked, and rows that are copies of one another are counted once where only the entries of a row matter.
"""

import random
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np

from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import agreement, limits, strays
from dropgrade.checks.verdicts import Failed

Draw = Callable[[tuple[int, ...], float, np.random.Generator], np.ndarray]

ALPHA = 2e-8
"""Chance that one of the functions below fails a right answer."""
SHAPE = (128, 96)
SMALL, MASKS = (6, 10), 160
CORNER, CORNERS = (6, 4), 128
LAGS = (1, 2, 3, 4, 8, 16, 48)
FLAT_LAGS = (64, 128, 256, 512, 1024, 2048, 4096, 6144)
SHIFTS = (0, 1, 2, 3, 4, 8, SHAPE[1], -1, -2, -3, -4, -8, -SHAPE[1])


def fresh(rng: np.random.Generator) -> np.random.Generator:
    """A generator for the learner to draw from, seeded by ours."""
    return np.random.default_rng(rng.integers(2**63))


def judge_rate(draw: Draw, rng: np.random.Generator, plan: tuple[tuple[float, tuple[int, int]], ...]) -> str:
    """Does the share of kept entries match 1 - p? `plan` lists pairs of p and shape."""
    seen = []
    for p, shape in plan:
        keep = draw(shape, p, fresh(rng))
        entries = independent_entries(keep)
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


def name_rate(draw: Draw, rng: np.random.Generator, kept: int, n: int, p: float) -> str:
    """Why the rate is off: the roles swapped, too coarse a grid, a mask of an earlier call, or just wrong."""
    if not strays(kept, n, p, 1e-3):
        return "keep_drop_swapped"
    middle = draw(SHAPE, 0.6, fresh(rng))
    if min(p, 1 - p) < 0.1 and not strays(middle.sum(), middle.size, 0.4, 1e-3):
        return "coarse_rate"
    again = draw(SHAPE, 0.2, fresh(rng))
    if np.array_equal(middle, again) and 0 < middle.sum() < middle.size:
        return "frozen_mask"
    return "wrong_rate"


def judge_rows(draw: Draw, rng: np.random.Generator) -> str:
    """Do two rows agree no more often than independent ones?"""
    keep = draw(SHAPE, 0.5, fresh(rng))
    q = settled_rate(keep, 0.5)
    if np.all(keep == keep[:, :1]):  # a row is one draw; that is another check's business
        keep = keep[:, :1]
    distances = (1, 2, SHAPE[0] // 2)
    for distance in distances:
        pairs = keep.reshape(-1, 2, distance, keep.shape[1])
        agree, n = int((pairs[:, 0] == pairs[:, 1]).sum()), keep.size // 2
        if strays(agree, n, agreement(q), ALPHA / len(distances)):
            alike = np.all(keep == keep[0], axis=1).mean() > 0.5
            named = name_pattern(keep) or ("one_mask_for_the_batch" if alike else "correlated_neighbours")
            raise Failed(
                f"Two rows that are {distance} apart should agree in about {percent(agreement(q))} of their "
                f"entries at p = 0.5; yours agree in {percent(agree / n)}.",
                named,
            )
    return f"the {SHAPE[0]} rows have masks of their own."


def judge_entries(draw: Draw, rng: np.random.Generator) -> str:
    """Are the entries of a row independent of one another, and is no place favoured?"""
    keep = draw(SHAPE, 0.5, fresh(rng))
    q = settled_rate(keep, 0.5)
    rows = keep[:1] if np.all(keep == keep[0]) else keep  # copies of a row would only be counted again
    pairs = {f"{lag} apart in a row": lagged(rows, lag) for lag in LAGS}
    if len(rows) > 1:
        flat = keep.reshape(1, -1)
        pairs |= {f"{lag} apart, counted through the rows": lagged(flat, lag) for lag in FLAT_LAGS}
        half = keep.size // 2
        pairs |= {"mirrored about the middle": (flat[0, :half], flat[0, ::-1][:half])}
    for where, (a, b) in pairs.items():
        agree = int((a == b).sum())
        if strays(agree, a.size, agreement(q), ALPHA / 3 / len(pairs)):
            raise Failed(
                f"Entries {where} should agree in about {percent(agreement(q))} of the cases at p = 0.5; "
                f"yours agree in {percent(agree / a.size)}.",
                name_pattern(keep) or "correlated_neighbours",
            )
    if len(rows) > 1:
        judge_columns(keep, q)
    judge_places(draw, rng)
    return "neighbours, columns and places show no pattern."


def judge_columns(keep: np.ndarray, q: float) -> None:
    """Is each column kept as often as the others?"""
    counts = keep.sum(axis=0)
    odd = np.flatnonzero(strays(counts, len(keep), q, ALPHA / 3))
    if odd.size:
        raise Failed(
            f"Each column should be kept in about {percent(q)} of the rows at p = 0.5; "
            f"column {odd[0]} was kept in {counts[odd[0]]} of {len(keep)} rows.",
            name_pattern(keep) or "wrong_rate",
        )


def judge_places(draw: Draw, rng: np.random.Generator) -> None:
    """Over many small masks, is each place kept as often as the others?"""
    p = 0.75
    q = settled_rate(draw(SHAPE, p, fresh(rng)), 1 - p)
    masks = np.stack([draw(CORNER, p, fresh(rng)) for _ in range(CORNERS)])
    if np.all(masks == masks[0]):  # frozen: nothing can be said about places
        return
    counts = masks.sum(axis=0)
    odd = np.argwhere(strays(counts, CORNERS, q, ALPHA / 3))
    if odd.size:
        place = tuple(int(i) for i in odd[0])
        raise Failed(
            f"In masks of shape {CORNER} each place should be kept in about {percent(q)} of the calls at "
            f"p = {p:g}; place {place} was kept in {counts[place]} of {CORNERS}.",
            "wrong_rate",
        )


def judge_count(draw: Draw, rng: np.random.Generator) -> str:
    """Does the number of kept entries vary as a binomial count, in masks, in their rows and in their columns?"""
    masks = np.stack([draw(SMALL, 0.5, fresh(rng)) for _ in range(MASKS)])
    if np.all(masks == masks[0]):
        raise Failed(
            f"{MASKS} masks drawn with {MASKS} different generators are all the same, so their count cannot vary.",
            name_repetition(draw, rng),
        )
    rows, columns = SMALL
    for where, counts, n in (
        ("a mask", masks.sum(axis=(1, 2)), rows * columns),
        ("a row", masks.sum(axis=2).ravel(), columns),
        ("a column", masks.sum(axis=1).ravel(), rows),
    ):
        near = int((np.abs(2 * counts - n) <= 2).sum())  # within one of the expected count
        usual = float(sum(binomial_near(n)))
        _, high = limits(counts.size, usual, ALPHA / 3)
        if near > high:
            raise Failed(
                f"At p = 0.5 the number of kept entries in {where} of {n} should lie within one of {n // 2} in about "
                f"{percent(usual)} of the cases; yours does in {percent(near / counts.size)}.",
                "fixed_count",
            )
    return f"the number of kept entries varies from mask to mask ({MASKS} masks)."


def judge_calls(draw: Draw, rng: np.random.Generator) -> str:
    """Does a second call with the same generator draw a mask that has nothing to do with the first?"""
    theirs = fresh(rng)
    first, second = draw(SHAPE, 0.5, theirs), draw(SHAPE, 0.5, theirs)
    q = settled_rate(first, 0.5)
    a, b = first, second
    if np.all(first == first[0]) and np.all(second == second[0]):
        a, b = first[:1], second[:1]
    elif np.all(first == first[:, :1]) and np.all(second == second[:, :1]):
        a, b = first[:, :1], second[:, :1]
    a, b = a.ravel(), b.ravel()
    for shift in SHIFTS:
        if abs(shift) >= a.size // 2:
            continue
        x, y = a[max(0, shift) : a.size + min(0, shift)], b[max(0, -shift) : b.size - max(0, shift)]
        agree = int((x == y).sum())
        if strays(agree, x.size, agreement(q), ALPHA / len(SHIFTS)):
            moved = f", moved by {abs(shift)} places," if shift else ""
            raise Failed(
                f"Two calls with the same generator should agree in about {percent(agreement(q))} of the entries "
                f"at p = 0.5; your second mask{moved} agrees with the first in {percent(agree / x.size)}.",
                name_pattern(first) or name_repetition(draw, rng),
            )
    return "two calls draw two unrelated masks."


def judge_rng(draw: Draw, rng: np.random.Generator) -> str:
    """Does the generator handed over decide the mask, and nothing else?"""
    seed = int(rng.integers(2**63))
    with global_state(rng) as touched:
        first = draw(SHAPE, 0.5, np.random.default_rng(seed))
        again = draw(SHAPE, 0.5, np.random.default_rng(seed))
    if touched:
        raise Failed(f"The global state of {touched[0]} was changed by the call.", "global_rng")
    if not np.array_equal(first, again):
        raise Failed("Two generators with the same seed should give the same mask; yours differ.", "own_rng")
    other = draw(SHAPE, 0.5, fresh(rng))
    if np.array_equal(first, other):
        raise Failed(
            "Generators with different seeds give the same mask, so the rng handed over does not decide it.",
            name_pattern(first) or name_repetition(draw, rng),
        )
    return "the same seed gives the same mask, and no global state is touched."


def independent_entries(keep: np.ndarray) -> np.ndarray:
    """The entries that were drawn by themselves: one row if all rows are copies, one column likewise."""
    if np.all(keep == keep[0]):
        return keep[0]
    if np.all(keep == keep[:, :1]):
        return keep[:, 0]
    return keep.ravel()


def settled_rate(keep: np.ndarray, q: float) -> float:
    """`q` where the mask's rate agrees with it, else the rate observed (the rate itself is judged elsewhere)."""
    kept = int(keep.sum())
    if not strays(kept, keep.size, q, 1e-12):
        return q
    if kept in (0, keep.size):
        word = "kept" if kept else "dropped"
        raise Failed(
            f"At p = {1 - q:g} every entry was {word}, so nothing can be said about chance.", "wrong_rate"
        )
    return kept / keep.size


def lagged(rows: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Disjoint pairs of entries `lag` apart inside each row: disjoint, so their agreements are independent."""
    usable = rows.shape[1] // (2 * lag) * 2 * lag
    pairs = rows[:, :usable].reshape(len(rows), -1, 2, lag)
    return pairs[:, :, 0], pairs[:, :, 1]


def binomial_near(n: int) -> np.ndarray:
    """Chances of the counts within one of n / 2, for n even and p = 0.5."""
    from dropgrade.checks.statistics import pmf

    return pmf(n, 0.5)[n // 2 - 1 : n // 2 + 2]


def name_pattern(keep: np.ndarray) -> str | None:
    """A pattern that the eye would see at once, or None."""
    rows = np.atleast_2d(keep)
    if np.count_nonzero(np.diff(keep.ravel())) <= 2:
        return "contiguous_block"
    changes = np.count_nonzero(np.diff(rows, axis=1), axis=1)
    if rows.shape[1] > 8 and changes.max() == 0:
        return "one_mask_per_row"
    return "contiguous_block" if rows.shape[1] > 8 and changes.max() <= 2 and changes.min() >= 1 else None


def name_repetition(draw: Draw, rng: np.random.Generator) -> str:
    """Why masks repeat: kept from an earlier call, or drawn anew from a seed inside the function.

    A shape that no other check uses shows whether the first call draws and the second does not.
    """
    shape = (SHAPE[0] + 2 * int(rng.integers(32)) + 1, SHAPE[1])
    theirs = fresh(rng)
    states = [theirs.bit_generator.state]
    masks = []
    for _ in range(2):
        masks.append(draw(shape, 0.5, theirs))
        states.append(theirs.bit_generator.state)
    other = draw(shape, 0.5, fresh(rng))
    drew_once = states[0] != states[1] and states[1] == states[2]
    return "frozen_mask" if drew_once or not np.array_equal(masks[0], other) else "reseeds_each_call"


@contextmanager
def global_state(rng: np.random.Generator):
    """Give the global generators a state of our own, list those that the code inside moves, and restore all."""
    kept_numpy, kept_python = np.random.get_state(), random.getstate()
    touched: list[str] = []
    try:
        np.random.seed(int(rng.integers(2**32)))
        random.seed(int(rng.integers(2**32)))
        numpy_before, python_before = np.random.get_state(), random.getstate()
        yield touched
        if not all(np.array_equal(a, b) for a, b in zip(numpy_before, np.random.get_state(), strict=True)):
            touched.append("np.random")
        if random.getstate() != python_before:
            touched.append("Python's random module")
    finally:
        np.random.set_state(kept_numpy)
        random.setstate(kept_python)
