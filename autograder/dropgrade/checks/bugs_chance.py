"""Checks of 13_bugs on where masks come from: seeds, workers, and a mask that is made twice."""

from typing import Any

import numpy as np

from dropgrade.checks.calling import global_state
from dropgrade.checks.clinic import (
    ALPHA,
    RATE_CAUGHT,
    SHAPE,
    harm,
    judge_inputs,
    judge_rate,
    judge_source,
    near,
    read_dropped,
    twins,
)
from dropgrade.checks.common import signed
from dropgrade.checks.reading import name_of, read_array, read_mask
from dropgrade.checks.statistics import agreement, strays
from dropgrade.checks.verdicts import Checklist, Failed, Functions

checks = Checklist()


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("seeded_dropout",))
def no_seed_means_a_new_mask(functions: Functions, rng: np.random.Generator) -> str:
    """seeded_dropout draws a new mask where there is no seed, and one mask for each seed, 0 included."""
    dropped, x = functions["seeded_dropout"], signed(rng, SHAPE)
    for p in (0.3, 0.6):
        with global_state(rng) as touched:
            first, second = (read_array(dropped(x.copy(), p, None), SHAPE, "y") for _ in range(2))
        if np.array_equal(first, second):
            raise Failed("Two calls without a seed gave the same mask.", "seed_none_is_zero")
        keep = read_dropped(first, x, p, "y without a seed")
        seeds = [int(rng.integers(1, 2**31)), int(rng.integers(2**32, 2**40)), 0]
        masks = []
        for seed in seeds:
            with global_state(rng) as moved:
                once, again = (read_array(dropped(x.copy(), p, seed), SHAPE, "y") for _ in range(2))
            touched += moved
            if not np.array_equal(once, again):
                raise Failed(
                    f"Two calls with seed {seed} should give the same mask; they differ.",
                    "zero_is_a_seed" if seed == 0 else "repair_changes_more",
                )
            masks.append(once != 0)
        if any(
            np.array_equal(a, b) for a, b in ((masks[0], masks[1]), (masks[1], masks[2]), (masks[0], keep))
        ):
            raise harm("Different seeds gave the same mask.")
        if touched:
            raise harm(f"The global state of {touched[0]} belongs to others; seeded_dropout moved it.")
    return "no seed, new masks; a seed, its mask, also for seed 0."


@checks.add(
    points=2,
    false_alarm=2 * ALPHA,
    catches="the bug each time, and two masks that agree 10 percentage points too often each time",
    uses=("worker_masks",),
)
def workers_draw_for_themselves(functions: Functions, rng: np.random.Generator) -> str:
    """worker_masks gives each worker a mask of its own, a function of seed and worker alone."""
    seed, p = int(rng.integers(2**31)), 0.4

    def masks(seed: int, workers: int) -> list[np.ndarray]:
        found = functions["worker_masks"](SHAPE, p, seed, workers)
        if not isinstance(found, list | tuple | np.ndarray) or len(found) != workers:
            raise Failed(
                f"For {workers} workers so many masks were expected, not {name_of(found)}.", "wrong_return"
            )
        return [read_mask(mask, SHAPE) for mask in found]

    four, two, neighbours = masks(seed, 4), masks(seed, 2), masks(seed + 1, 4)
    alike = np.array(  # also of masks shifted by a few entries, so that one mask rolled along is seen
        [
            np.sum(four[a] == np.roll(four[b], shift))
            for b in range(4)
            for a in range(b)
            for shift in range(-3, 4)
        ]
    )
    if strays(alike, four[0].size, agreement(0.6), ALPHA).any():
        share = alike.max() / four[0].size
        raise Failed(
            f"Masks of two workers should agree in about {agreement(0.6):.0%} of the entries; they do in "
            f"{share:.0%}.",
            "ranks_share_a_mask",
        )
    judge_rate(np.stack(four), p, "worker_masks")
    if any(np.array_equal(a, b) for a in four for b in neighbours):
        raise Failed(
            "A worker of one run has the mask of another worker in the run with the next seed.",
            "neighbouring_seeds",
        )
    if not all(np.array_equal(a, b) for a, b in zip(two, four, strict=False)):
        raise harm("The first two workers should have the same masks whether there are two workers or four.")
    return "four workers, four masks, the same ones again for the same seed."


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("recomputed_block",))
def recomputation_repeats_the_mask(functions: Functions, rng: np.random.Generator) -> str:
    """recomputed_block returns the gradient of its own y, and rng goes on as if the mask was drawn once."""
    for p in (0.3, 0.6):
        x, w, dy = signed(rng, (50, 6)), rng.normal(size=(6, 80)), signed(rng, SHAPE)
        before = {"x": x.copy(), "w": w.copy(), "dy": dy.copy()}
        theirs, again, other = twins(rng)
        y, dx = read_two(functions["recomputed_block"](x, w, dy, p, theirs))
        keep = read_dropped(y, x @ w, p, "y")
        if not near(read_array(dx, x.shape, "dx"), np.where(keep, dy / (1 - p), 0) @ w.T).all():
            raise Failed(
                f"At p = {p:g} dx is not the gradient of the y that was returned.",
                "recomputed_with_new_mask" if near_mean(dx, dy, w, p) else "repair_changes_more",
            )
        following = read_two(functions["recomputed_block"](x, w, dy, p, theirs))[0] != 0
        if np.array_equal(following, keep):
            raise Failed(
                "Two calls one after the other, with one rng, draw the same mask.", "generator_rewound"
            )
        masks = [read_two(functions["recomputed_block"](x, w, dy, p, one))[0] != 0 for one in (again, other)]
        judge_source(keep, *masks, "The mask")
        judge_inputs({"x": x, "w": w, "dy": dy}, before)
    return "the gradient belongs to the output, and the next call draws a new mask."


def read_two(back: Any) -> tuple[np.ndarray, Any]:
    """The pair (y, dx), with y of shape `SHAPE`; `Failed` if it is none."""
    if not isinstance(back, tuple | list) or len(back) != 2:
        raise Failed(f"recomputed_block should return (y, dx); it returned {name_of(back)}.", "wrong_return")
    return read_array(back[0], SHAPE, "y"), back[1]


def near_mean(dx: Any, dy: np.ndarray, w: np.ndarray, p: float) -> bool:
    """Whether dx has the size of a gradient through some mask at rate p: the same sum of squares, roughly."""
    dropped = np.sum(np.asarray(dx, dtype=float) ** 2)
    expected = np.sum((dy @ w.T) ** 2) + p / (1 - p) * np.sum(dy**2 @ w.T**2)
    return bool(abs(dropped / expected - 1) < 0.2)
