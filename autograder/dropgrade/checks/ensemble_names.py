"""What a wrong ensemble is called: each misconception as the numbers that it would give."""

from collections.abc import Iterable
from math import comb

import numpy as np

from dropgrade.checks.reading import CLOSE
from dropgrade.reference import ensemble
from dropgrade.reference.ensemble import Layers

Candidates = dict[str, np.ndarray]


def recognise(found: np.ndarray, candidates: Candidates, tolerance: float = CLOSE) -> str | None:
    """The first misconception that gives the numbers found, up to a relative tolerance; else None."""
    with np.errstate(all="ignore"):
        for name, numbers in candidates.items():
            if np.shape(numbers) == found.shape and np.all(
                np.abs(found - numbers) <= tolerance * np.abs(numbers)
            ):
                return name
    return None


def nearest(found: np.ndarray, right: np.ndarray, candidates: Candidates, within: float) -> str | None:
    """The misconception whose distribution is close to the one found, if the others are twice as far.

    The right distribution competes: what is nearest to it, and strays all the same, has no name here.
    """
    ranked = sorted((ensemble.total_variation(found, c), name) for name, c in candidates.items())
    (distance, name), (second, _) = ranked[:2]
    others = min(second, ensemble.total_variation(found, right))
    return name if distance <= min(within, others / 2) else None


def wrong_chances(keep: np.ndarray, p: float) -> Candidates:
    """What `chances` gives under each wrong idea."""
    right, n = ensemble.chances(keep, p), keep.shape[1]
    kept = keep.sum(axis=1)
    return {
        "keep_drop_swapped": ensemble.chances(~keep, p),
        "chance_of_the_count": right * np.array([comb(n, int(k)) for k in kept]),
        "chances_rescaled": right / right.sum(),
        "masks_equally_likely": np.full(len(keep), 0.5**n),
        "half_of_the_chance": (1 - p) ** kept,
    }


def variant(
    x: np.ndarray,
    layers: Layers,
    keep: np.ndarray,
    scale: float,
    relu: bool = True,
    masked: Iterable[int] | None = None,
    bias: float = 1.0,
) -> np.ndarray:
    """The logits of `ensemble.members` with a slip in it.

    Args:
        scale: what a kept unit is multiplied by.
        relu: whether there is one between the layers.
        masked: the layers whose inputs are dropped at all; all of them if None.
        bias: a factor on each b.
    """
    h, column = np.broadcast_to(x, (len(keep), len(x))), 0
    for number, (W, b) in enumerate(layers):
        if number and relu:
            h = np.maximum(h, 0)
        if masked is None or number in masked:
            h = np.where(keep[:, column : column + len(W)], h * scale, 0)
        h = h @ W + bias * b
        column += len(W)
    return h


def wrong_members(x: np.ndarray, layers: Layers, keep: np.ndarray, p: float) -> Candidates:
    """What `members` gives under each wrong idea, p neither 0 nor 1."""
    scale, last = 1 / (1 - p), len(layers) - 1
    sizes = [len(W) for W, _ in layers]
    ends = np.cumsum(sizes)
    backwards = np.concatenate(
        [np.arange(end - size, end) for size, end in zip(sizes, ends, strict=True)][::-1]
    )
    moved = np.empty_like(keep)
    moved[:, backwards] = keep  # the columns of the last layer stand first
    logits = {
        "no_rescale": variant(x, layers, keep, 1.0),
        "scaled_by_keep_prob": variant(x, layers, keep, 1 - p),
        "scaled_by_drop_prob": variant(x, layers, keep, 1 / p),
        "scaled_twice": variant(x, layers, keep, scale**2),
        "keep_drop_swapped": variant(x, layers, ~keep, scale),
        "bias_scaled": variant(x, layers, keep, scale, bias=scale),
        "bias_forgotten": variant(x, layers, keep, scale, bias=0.0),
    }
    if last:
        logits |= {
            "relu_forgotten": variant(x, layers, keep, scale, relu=False),
            "layer_without_dropout": variant(x, layers, keep, scale, masked=[0]),
            "mask_columns_mixed": variant(x, layers, moved, scale),
        }
    found = {name: ensemble.softmax(values) for name, values in logits.items()}
    return found | {
        "softmax_forgotten": ensemble.member_logits(x, layers, keep, p),
        "mask_not_applied": np.broadcast_to(ensemble.scaled(x, layers), (len(keep), len(layers[-1][1]))),
    }


def wrong_scaled(x: np.ndarray, layers: Layers) -> Candidates:
    """What `scaled` gives under each wrong idea."""
    everything = np.ones((1, ensemble.units(layers)), dtype=bool)
    logits = {
        "scaled_in_eval": variant(x, layers, everything, 0.5),
        "scaled_twice": variant(x, layers, everything, 2.0),
        "bias_forgotten": variant(x, layers, everything, 1.0, bias=0.0),
        "relu_forgotten": variant(x, layers, everything, 1.0, relu=False),
    }
    found = {name: ensemble.softmax(values)[0] for name, values in logits.items()}
    return found | {"softmax_forgotten": ensemble.member_logits(x, layers, everything, 0.0)[0]}


def wrong_arithmetic(probs: np.ndarray, weights: np.ndarray) -> Candidates:
    """What `arithmetic` gives under each wrong idea."""
    return {
        "mean_unweighted": probs.mean(axis=0),
        "divided_twice": weights @ probs / len(probs),
        "means_swapped": ensemble.geometric(probs, weights),
    }


def wrong_geometric(probs: np.ndarray, weights: np.ndarray) -> Candidates:
    """What `geometric` gives under each wrong idea."""
    logs = np.log(probs)
    return {
        "mean_not_renormalised": np.exp(weights @ logs),
        "mean_unweighted": ensemble.softmax(logs.mean(axis=0)),
        "means_swapped": weights @ probs,
        "product_without_root": ensemble.softmax(logs.sum(axis=0)),
    }


def wrong_samples(x: np.ndarray, layers: Layers, p: float, table: np.ndarray) -> Candidates:
    """Where `sampled` converges under each wrong idea; `table` holds the members of `all_masks`."""
    keep = ensemble.all_masks(ensemble.units(layers))
    weights = ensemble.chances(keep, p)
    together = np.where(keep.all(axis=1), 1 - p, np.where(keep.any(axis=1), 0, p))
    return {
        "keep_drop_swapped": ensemble.chances(~keep, p) @ table,
        "one_mask_per_row": together @ table,
        "masks_equally_likely": table.mean(axis=0),
        "weighted_twice": weights**2 @ table / (weights**2).sum(),
        "means_swapped": ensemble.geometric(table, weights),
        "samples_ignored": ensemble.scaled(x, layers),
    }
