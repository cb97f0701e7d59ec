"""Recognising why masks look wrong: what the eye would see in them, said as a misconception's id."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dropgrade.checks.calling import Called
from dropgrade.checks.statistics import strays
from dropgrade.checks.verdicts import Failed

Draw = Callable[[tuple[int, ...], float, np.random.Generator], np.ndarray]

Arguments = Callable[[tuple[int, ...], float, np.random.Generator], tuple[Any, ...]]


class Drawing:
    """A learner's function as a `Draw`.

    Args:
        call: the learner's function.
        arguments: what to call it with for a mask of a shape at p from a generator.
        read: makes the mask out of what came back for a shape; raises `Failed` where it cannot.
    """

    def __init__(
        self, call: Called, arguments: Arguments, read: Callable[[Any, tuple[int, ...]], np.ndarray]
    ) -> None:
        self.call, self.arguments, self.read = call, arguments, read

    def __call__(self, shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
        return self.read(self.call(*self.arguments(shape, p, rng)), shape)

    def many(self, shape: tuple[int, ...], p: float, rngs: list[np.random.Generator]) -> list[np.ndarray]:
        """A mask from each generator, drawn one after the other."""
        values = self.call.many([self.arguments(shape, p, rng) for rng in rngs])
        return [self.read(value, shape) for value in values]


SHAPE = (128, 96)
SETTLED = 1e-12
"""Chance that a right mask's rate is not taken for granted where only independence is asked."""
NAMED = 1e-6
"""Chance that a misconception which explains a rate is not recognised by it."""


def fresh(rng: np.random.Generator) -> np.random.Generator:
    """A generator for the learner to draw from, seeded by ours."""
    return np.random.default_rng(rng.integers(2**63))


def draw_many(
    draw: Draw, shape: tuple[int, ...], p: float, rng: np.random.Generator, count: int
) -> np.ndarray:
    """`count` masks, each from a fresh generator, bool (count, *shape); all at once where `draw` can."""
    rngs = [fresh(rng) for _ in range(count)]
    if isinstance(draw, Drawing):
        return np.stack(draw.many(shape, p, rngs))
    return np.stack([draw(shape, p, theirs) for theirs in rngs])


def name_rate(draw: Draw, rng: np.random.Generator, kept: int, n: int, p: float) -> str:
    """Why the rate is off: the roles swapped, too coarse a grid, a mask of an earlier call, or just wrong."""
    if not strays(kept, n, p, NAMED):
        return "keep_drop_swapped"
    middle = draw(SHAPE, 0.6, fresh(rng))
    if min(p, 1 - p) < 0.1 and not strays(middle.sum(), middle.size, 0.4, NAMED):
        return "coarse_rate"
    again = draw(SHAPE, 0.2, fresh(rng))
    if np.array_equal(middle, again) and 0 < middle.sum() < middle.size:
        return "frozen_mask"
    return "wrong_rate"


def independent_entries(keep: np.ndarray, draw: Draw, rng: np.random.Generator) -> np.ndarray:
    """The entries that were drawn by themselves: one row if all rows are copies, one column likewise.

    Near p = 0 and p = 1 a right mask may be constant too, so a mask at p = 0.5 decides.
    """
    if np.all(keep == keep[0]) or np.all(keep == keep[:, :1]):
        probe = draw(SHAPE, 0.5, fresh(rng))
        if 0 < probe.sum() < probe.size:
            if np.all(probe == probe[0]):
                return keep[0]
            if np.all(probe == probe[:, :1]):
                return keep[:, 0]
    return keep.ravel()


def settled_rate(keep: np.ndarray, q: float) -> float:
    """`q` where the mask's rate agrees with it, else the observed rate: the rate is judged elsewhere."""
    kept = int(keep.sum())
    if not strays(kept, keep.size, q, SETTLED):
        return q
    if kept in (0, keep.size):
        word = "kept" if kept else "dropped"
        raise Failed(
            f"At p = {1 - q:g} every entry was {word}, so nothing can be said about chance.", "wrong_rate"
        )
    return kept / keep.size


def lagged(rows: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of entries `lag` apart inside each row; disjoint, so their agreements are independent."""
    usable = rows.shape[1] // (2 * lag) * 2 * lag
    pairs = rows[:, :usable].reshape(len(rows), -1, 2, lag)
    return pairs[:, :, 0], pairs[:, :, 1]


def name_pattern(keep: np.ndarray) -> str | None:
    """A pattern that the eye would see at once, or None."""
    rows = np.atleast_2d(keep)
    if np.all(keep == keep.flat[0]):
        return "wrong_rate"
    if np.count_nonzero(np.diff(keep.ravel())) <= 2:
        return "contiguous_block"
    changes = np.count_nonzero(np.diff(rows, axis=1), axis=1)
    if rows.shape[1] > 8 and changes.max() == 0:
        return "one_mask_per_row"
    return "contiguous_block" if rows.shape[1] > 8 and changes.max() <= 2 and changes.min() >= 1 else None


def name_repetition(draw: Draw, rng: np.random.Generator) -> str:
    """Why masks repeat: kept from an earlier call, or drawn anew from a seed inside the function.

    The shape is one that no check has used before: a function that remembers masks has to draw for it.
    """
    shape = (2 * int(rng.integers(16)) + 33, int(rng.integers(1000)) + 101)
    theirs = fresh(rng)
    before = theirs.bit_generator.state
    mask = draw(shape, 0.5, theirs)
    if np.all(mask == mask.flat[0]):
        return "wrong_rate"
    drew = theirs.bit_generator.state != before
    other = draw(shape, 0.5, fresh(rng))
    return "frozen_mask" if drew or not np.array_equal(mask, other) else "reseeds_each_call"
