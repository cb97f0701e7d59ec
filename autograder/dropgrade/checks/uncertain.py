"""What exercise 11_uncertainty is judged with: networks that show their masks, and readers of results."""

from functools import lru_cache
from typing import Any

import numpy as np

from dropgrade.checks.reading import name_of, read_array
from dropgrade.checks.statistics import agreement, limits, strays
from dropgrade.checks.uncertain_results import Named
from dropgrade.checks.verdicts import Failed
from dropgrade.digits import load_digits
from dropgrade.reference.small_nets import Layer, run_layer, train_net
from dropgrade.reference.uncertainty import softmax

NEAR = 1e-9
"""Error allowed in float64 results, absolute and relative. Rounding in sums of less than 1,000 numbers of
size 1 stays below 1,000 * 1.1e-16, so this leaves a factor of a thousand."""
ALPHA = 2e-8
"""Chance that any count of one check strays although the answer is right."""
PASSES, ROWS, UNITS = 8, 40, 32


def near(found: np.ndarray | float, expected: np.ndarray | float) -> np.ndarray:
    """Where two results agree up to `NEAR`; infinities agree with themselves, NaN with nothing."""
    with np.errstate(all="ignore"):
        return (np.abs(found - expected) <= NEAR * np.maximum(1, np.abs(expected))) | (found == expected)


def settle(what: str, found: Any, expected: Any, names: Named, where: str = "") -> None:
    """Is a result the expected one? If not, the first of `names` that explains it everywhere is named.

    Args:
        what: name of the result, for the message. where: " for logits ..." or the like.
        names: misconceptions with the results that they lead to.
    """
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    wrong = ~near(found, expected)
    if not wrong.any():
        return
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    at = f"[{', '.join(map(str, place))}]" if place else ""
    name = next((key for key, value in names if near(found, np.asarray(value)).all()), None)
    raise Failed(f"{what}{at} should be {expected[place]:.6g}{where}; it is {found[place]:.6g}.", name)


def read_pair_of(value: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays that `uncertainty` returns."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Failed(
            f"uncertainty should return two arrays, (entropy, information); it returned {name_of(value)}.",
            "wrong_return",
        )
    return read_array(value[0], shape, "entropy"), read_array(value[1], shape, "information")


def read_number(value: Any, what: str) -> float:
    """One real number; a 0-d array will do."""
    return float(read_array(value, (), what))


def read_comparison(value: Any) -> tuple[np.ndarray, str]:
    """The three numbers that `compare` returns, float (3,), and its verdict."""
    if not isinstance(value, tuple | list) or len(value) != 4:
        raise Failed(
            "compare should return four things, (difference, low, high, verdict); it returned "
            f"{name_of(value)}.",
            "wrong_return",
        )
    names = ("difference", "low", "high")
    numbers = [read_number(one, name) for one, name in zip(value[:3], names, strict=True)]
    if value[3] not in ("first", "second", "undecided"):
        raise Failed(
            f'The verdict should be "first", "second" or "undecided"; it is {value[3]!r}.', "wrong_return"
        )
    return np.array(numbers), value[3]


def random_logits(rng: np.random.Generator, passes: int = 7, n: int = 30, classes: int = 5) -> np.ndarray:
    """Logits of moderate size, float64 (passes, n, classes)."""
    return rng.normal(0, 2, (passes, n, classes))


def random_probs(rng: np.random.Generator, n: int, classes: int) -> np.ndarray:
    """Positive probabilities, float64 (n, classes)."""
    return softmax(rng.normal(0, 1.5, (n, classes)))


def statistics_layer(rng: np.random.Generator, units: int, plain: bool = False) -> Layer:
    """Batch normalisation whose stored statistics are far from those of any batch used here.

    Args:
        plain: stored statistics and scales that change nothing (up to the 1e-5 under the root).
    """
    if plain:
        return {"kind": "batchnorm", "mean": np.zeros(units), "var": np.ones(units)} | {
            "gamma": np.ones(units),
            "beta": np.zeros(units),
        }
    names = ("mean", "var", "gamma", "beta")
    return {"kind": "batchnorm"} | {name: 1 + rng.random(units) for name in names}


def dense(rng: np.random.Generator, i: int, o: int) -> Layer:
    """A dense layer with random weights."""
    return {"kind": "dense", "weight": rng.normal(size=(i, o)), "bias": rng.normal(size=o)}


def identity(units: int) -> Layer:
    """A dense layer that changes nothing."""
    return {"kind": "dense", "weight": np.eye(units), "bias": np.zeros(units)}


def mixed_net(rng: np.random.Generator, p: float) -> list[Layer]:
    """A network with all kinds of layers, 6 inputs, 5 classes, and two dropout layers of that rate."""
    first = [dense(rng, 6, 8), statistics_layer(rng, 8), {"kind": "relu"}, {"kind": "dropout", "p": p}]
    second = [dense(rng, 8, 8), statistics_layer(rng, 8), {"kind": "relu"}, {"kind": "dropout", "p": p}]
    return [*first, *second, dense(rng, 8, 5)]


def seen_masks(call: Any, rng: np.random.Generator, p: float, early: bool) -> tuple[np.ndarray, np.ndarray]:
    """The masks of one dropout layer, read off the logits, and the factors of what is kept.

    The network has two dropout layers and is else an identity for positive numbers; the layer that is looked
    at has rate p, the other one 0.

    Args:
        call: the learner's `mc_logits`.
        early: look at the first of the two dropout layers.

    Returns:
        keep bool (PASSES, ROWS, UNITS); factors float, those of the kept entries.
    """
    x = 1 + rng.random((ROWS, UNITS))
    rates = (p, 0.0) if early else (0.0, p)
    layers = [
        {"kind": "dropout", "p": rates[0]},
        identity(UNITS),
        statistics_layer(rng, UNITS, plain=True),
        {"kind": "relu"},
        {"kind": "dropout", "p": rates[1]},
        identity(UNITS),
    ]
    theirs = np.random.default_rng(rng.integers(2**63))
    logits = read_array(call(layers, x.copy(), PASSES, theirs), (PASSES, ROWS, UNITS), "logits")
    return logits != 0, (logits / x)[logits != 0] * np.sqrt(1 + 1e-5)


def judge_masks(keep: np.ndarray, p: float, place: str) -> None:
    """Is the share of kept entries binomial with chance 1 - p?"""
    kept, share = int(keep.sum()), keep.mean()
    if not strays(kept, keep.size, 1 - p, ALPHA / 4):
        return
    low, high = (count / keep.size for count in limits(keep.size, 1 - p, ALPHA / 4))
    name = "not_every_dropout_layer" if share == 1 else None
    if not strays(kept, keep.size, p, 1e-6):
        name = "keep_drop_swapped"
    raise Failed(
        f"The {place} dropout layer has p = {p:g}, so {1 - p:.0%} of its entries should pass, by chance "
        f"between {low:.1%} and {high:.1%}; {share:.1%} pass.",
        name,
    )


def judge_independence(keep: np.ndarray) -> None:
    """Do masks of different passes, and of different examples, agree at p = 0.5 as often as chance has it?

    The pairs are disjoint, so for independent entries each count is binomial.
    """
    usual = agreement(0.5)
    rows = keep.reshape(PASSES, ROWS // 2, 2, UNITS)
    passes = keep.reshape(PASSES // 2, 2, ROWS, UNITS)
    for what, name, (a, b) in (
        ("examples", "one_mask_for_the_batch", (rows[:, :, 0], rows[:, :, 1])),
        ("passes", "same_mask_each_pass", (passes[:, 0], passes[:, 1])),
    ):
        agree = int((a == b).sum())
        if strays(agree, a.size, usual, ALPHA / 3):
            raise Failed(
                f"At p = 0.5 the masks of two {what} should agree in about half of their entries; yours "
                f"agree in {agree / a.size:.1%}.",
                name if agree == a.size else None,
            )


def in_mode(layers: list[Layer], x: np.ndarray, training: bool) -> np.ndarray:
    """Logits of a network whose layers are all in one mode, from copies of the layers."""
    rng = np.random.default_rng(0)
    for layer in layers:
        own = {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in layer.items()}
        x = run_layer(own, x, training, rng)
    return x


@lru_cache(maxsize=1)
def trained() -> list[Layer]:
    """A network trained on the small digits, once for each process; not to be changed."""
    digits = load_digits()
    return train_net(digits.train_images, digits.train_labels, seed=11)
