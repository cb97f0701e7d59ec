"""Judging the noise and the descent: normal noise has exact tails, and two steps a law to enumerate."""

from math import erf, log, sqrt

import numpy as np

from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent, read_array
from dropgrade.checks.statistics import limits, strays
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import regulariser
from dropgrade.reference.ensemble import all_masks, chances

ALPHA = 1e-8
"""Chance that one of the statistics of a check strays although the answer is right, all of them together."""
SHAPE = (200, 200)
RATES = (0.2, 0.7)
CALLS = 500


def noisy(functions: Functions, x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The learner's noisy values as floats of x's shape."""
    found = functions["gaussian"](x.copy(), p, rng)
    return read_array(found, x.shape, "What gaussian returns").astype(float)


def sizes(rng: np.random.Generator) -> np.ndarray:
    """Values of either sign, half of them with sizes in [1, 1.5) and half in [3, 4), column by column."""
    x = rng.uniform(1, 1.5, SHAPE)
    x[:, ::2] = rng.uniform(3, 4, x[:, ::2].shape)
    return x * rng.choice([-1.0, 1.0], size=SHAPE)


def errors(functions: Functions, rng: np.random.Generator, p: float) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors of small and of large values, divided by the right standard deviation."""
    x = sizes(rng)
    e = (noisy(functions, x, p, fresh(rng)) / x - 1) / sqrt(p / (1 - p))
    if not np.isfinite(e).all():
        raise Failed(f"At p = {p:g} what gaussian returns holds inf or NaN.", "wrong_return")
    return e[:, 1::2], e[:, ::2]


def judge_moments(functions: Functions, rng: np.random.Generator) -> None:
    """Are mean and variance of the noise those of dropout, for small values and for large ones?

    A mean of N standard normal numbers is normal, and their sum of squares chi-squared; its tails are bounded
    as by Laurent and Massart: above N + 2 sqrt(N t) + 2 t, or below N - 2 sqrt(N t), with chance exp(-t).
    """
    t = log(4 * len(RATES) * 2 / ALPHA)
    for p in RATES:
        small, large = errors(functions, rng, p)
        for e in (small, large):
            n = e.size
            spread = max(1.0, float(e.std()))  # a variance that is too large should not be blamed on the mean
            if abs(e.mean()) > spread * sqrt(2 * t / n):
                raise Failed(
                    f"At p = {p:g} the factor on a value should have mean 1; with {n} values it is "
                    f"{1 + e.mean() * sqrt(p / (1 - p)):.3f}.",
                    "noise_not_centred",
                )
            low, high = 1 - 2 * sqrt(t / n), 1 + 2 * sqrt(t / n) + 2 * t / n
            variance = float((e**2).mean())
            if not low <= variance <= high:
                raise Failed(
                    f"At p = {p:g} the factor on a value should have variance {p / (1 - p):.4g}; with {n} "
                    f"values it is {variance * p / (1 - p):.4g}.",
                    name_variance(small, large, p),
                )


def name_variance(small: np.ndarray, large: np.ndarray, p: float) -> str | None:
    """Which misconception explains the variance of the noise."""
    a, b = (float((e**2).mean()) * p / (1 - p) for e in (small, large))
    if a > 3 * b:
        return "noise_added"
    known = {
        "std_for_variance": [(p / (1 - p)) ** 2],
        "rate_instead_of_odds": [p, p * (1 - p), p**2, 1.0],
        "keep_drop_swapped": [(1 - p) / p],
    }
    found = (a + b) / 2
    near = (name for name, values in known.items() if any(abs(found / v - 1) < 0.06 for v in values))
    return next(near, None)


def judge_shape(functions: Functions, rng: np.random.Generator) -> None:
    """Do as many values lie within 0.5, 1, 2 and 3 deviations as with a normal distribution?"""
    for p in RATES:
        e = np.stack(errors(functions, rng, p))
        # a moment that is off is the business of another check
        e = e - e.mean() if abs(e.mean()) > 0.1 else e
        spread = sqrt(float((e**2).mean()))
        e = e / spread if abs(spread - 1) > 0.05 else e
        for bound in (0.5, 1, 2, 3):
            usual, inside = erf(bound / sqrt(2)), int((np.abs(e) < bound).sum())
            alpha = ALPHA / len(RATES) / 4 if spread else ALPHA
            low, high = limits(e.size, usual, alpha)
            slack = 0 if 0.95 < spread < 1.05 else e.size // 20
            if not low - slack <= inside <= high + slack:
                raise Failed(
                    f"At p = {p:g} {percent(usual)} of normal noise lies within {bound:g} deviations; "
                    f"of yours {percent(inside / e.size)} does.",
                    "wrong_distribution" if 0.2 < spread < 5 else None,
                )


def judge_fresh(functions: Functions, rng: np.random.Generator) -> None:
    """Have neighbours, rows, columns and calls noise of their own? Signs are compared: half of them agree."""
    x, theirs = np.ones((200, 150)), fresh(rng)
    first, second = (noisy(functions, x, 0.5, theirs) > 1 for _ in range(2))
    pairs = {
        "two neighbours in a row": (first[:, ::2], first[:, 1::2]),
        "two neighbours in a column": (first[::2], first[1::2]),
        "the same entry in two calls": (first, second),
    }
    for what, (a, b) in pairs.items():
        agree = int((a == b).sum())
        if strays(agree, a.size, 0.5, ALPHA / len(pairs)):
            raise Failed(
                f"The noise of {what} should have the same sign half of the time; with yours it is "
                f"{percent(agree / a.size)}.",
                "noise_shared" if first.any() and not first.all() else None,
            )


def two_steps(functions: Functions, X: np.ndarray, y: np.ndarray, p: float, step: float, rng) -> np.ndarray:
    """What the learner's sgd gives in many runs of two steps: float (CALLS, d)."""
    calls = [(X.copy(), y.copy(), p, step, 2, fresh(rng)) for _ in range(CALLS)]
    shape = (X.shape[1],)
    return np.array(
        [read_array(w, shape, "What sgd returns") for w in functions["sgd"].many(calls)], dtype=float
    )


def judge_law(functions: Functions, rng: np.random.Generator) -> None:
    """Does each run of two steps end where some masks lead, and as often as those masks are drawn?

    Tried with three examples of one entry, whose masks must differ, and with one example of two entries.
    """
    p = 0.3
    for shape in ((3, 1), (1, 2)):
        X, y = rng.uniform(1, 2, shape), rng.uniform(1, 2, shape[0])
        step = 0.4 * regulariser.step_limit(X, p)
        paths = regulariser.two_step_law(X, y, p, step)
        places = np.array([end for _, end, _ in paths])
        law = np.array([chance for _, _, chance in paths])
        found = two_steps(functions, X, y, p, step, rng)
        away = np.abs(found[:, np.newaxis] - places).max(axis=2)  # (calls, paths)
        lost = ~(away.min(axis=1) <= 1e-9)  # NaN is lost, too
        if lost.any():
            raise Failed(
                f"With X of shape {shape} two steps can end in {len(paths)} ways; {lost.sum()} of {CALLS} "
                "runs ended elsewhere.",
                name_path(found, X, y, p, step),
            )
        same = np.abs(places[:, np.newaxis] - places).max(axis=2) < 1e-9  # paths that end at one place
        kinds = np.unique(same, axis=0)
        usual = np.minimum(kinds @ law, 1.0)
        counts = np.array([(away[:, kind].min(axis=1) <= 1e-9).sum() for kind in kinds])
        for count, chance in zip(counts, usual, strict=True):
            if strays(int(count), CALLS, float(chance), ALPHA / 2 / len(kinds)):
                raise Failed(
                    f"With X of shape {shape} two steps should end at some place in {percent(chance)} of "
                    f"the runs; yours do in {percent(count / CALLS)} of {CALLS}.",
                    name_law(counts / CALLS, kinds, shape, p),
                )


def name_path(found: np.ndarray, X: np.ndarray, y: np.ndarray, p: float, step: float) -> str:
    """Why two steps end where no masks lead: the ends under each wrong idea are enumerated."""
    keep = all_masks(X.size).reshape(-1, *X.shape)
    ideas = {
        "no_rescale": (1.0, 1.0, 1.0),
        "scaled_by_drop_prob": (1 / p, 1 / p, 1.0),
        "half_misplaced": (1 / (1 - p), 1 / (1 - p), 2.0),
        "mean_and_sum_mixed": (1 / (1 - p), 1 / (1 - p), float(len(X))),
    }
    ends = {name: ends_of(keep * a * X, keep * b * X, y, step * c) for name, (a, b, c) in ideas.items()}
    masked = keep * X / (1 - p)
    plain = np.broadcast_to(X, masked.shape)
    ends["mask_in_one_place"] = np.vstack([ends_of(masked, plain, y, step), ends_of(plain, masked, y, step)])
    for name, places in ends.items():
        if np.all(np.abs(found[:, np.newaxis] - places).max(axis=2).min(axis=1) < 1e-9):
            return name
    return "another_descent"


def ends_of(ahead: np.ndarray, back: np.ndarray, y: np.ndarray, step: float) -> np.ndarray:
    """Where two steps can end, by the inputs in the prediction and in the gradient under each mask."""
    ends = [np.zeros(ahead.shape[2])]
    for _ in range(2):
        ends = [w - step * b.T @ (a @ w - y) / len(y) for w in ends for a, b in zip(ahead, back, strict=True)]
    return np.array(ends)


def name_law(shares: np.ndarray, kinds: np.ndarray, shape: tuple[int, int], p: float) -> str | None:
    """Which way of drawing the masks explains how often each place is reached."""
    keep = all_masks(shape[0] * shape[1])
    right, swapped = chances(keep, p), chances(~keep, p)
    alike = np.where(keep.all(axis=1), 1 - p, np.where(keep.any(axis=1), 0.0, p))
    shared = "one_mask_for_the_batch" if shape[0] > 1 else "one_mask_per_row"
    laws = {
        None: np.outer(right, right),
        "keep_drop_swapped": np.outer(swapped, swapped),
        "frozen_mask": np.diag(right),
        shared: np.outer(alike, alike),
        "wrong_rate": np.outer(all_equal := np.full(len(keep), 1 / len(keep)), all_equal),
    }
    distances = {name: np.abs(kinds @ law.ravel() - shares).sum() for name, law in laws.items()}
    nearest = min(distances, key=lambda name: distances[name])
    return nearest if distances[nearest] < 0.6 else None  # by chance alone half of that, on average
