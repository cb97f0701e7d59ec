"""Thirteen small functions around dropout as they should be; the chapter on bugs shows each of them broken.

Each is the repaired form of a mistake that was made in public code (book chapter 13_bugs names the places).
`p` is the probability of dropping and `keep` is True where an entry is kept, as everywhere in the course.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

FURTHEST = 0.03
"""How far from p the share of dropped entries may lie; 6 standard deviations of 10,000 entries at p = 1/2."""
EPSILON = 1e-5
"""Added to a variance before its root is taken, as batch normalisation does."""


def classic_dropout(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Dropout as first published: nothing is enlarged in training, evaluation shrinks by 1 - p.

    Args:
        x: float array (...,). p: drop probability in [0, 1]. rng: where the mask comes from in training.

    Returns:
        float array of x's shape with the same mean in both modes.

    Source: srivastava2014dropout, section 4 (whose p is our 1 - p).
    """
    return np.where(rng.random(x.shape) >= p, x, 0) if training else x * (1 - p)


def rate_is_right(keep: np.ndarray, p: float) -> bool:
    """Whether at least 10,000 keep flags, bool (n,), look like dropout at rate p; p is not near 1/2.

    >>> flags = np.arange(10_000) >= 2_000
    >>> rate_is_right(flags, 0.2), rate_is_right(flags, 0.8)
    (True, False)
    """
    return bool(abs(1 - keep.mean() - p) < FURTHEST)


def run_epoch(
    model: dict[str, Any], batches: list[np.ndarray], held_out: np.ndarray, every: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The outputs of a linear layer for batches in training and, every so often, for held-out data.

    Args:
        model: "weights" (d, k), "p" in [0, 1), "rng", "training": True before and after.
        batches: float arrays (n, d). held_out: float array (m, d).
        every: number of batches between two evaluations, at least 1.

    Returns:
        Outputs (n, k) of the batches with inverted dropout, and outputs (m, k) without.
    """
    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        model["training"] = True
        h = batch @ model["weights"]
        keep = model["rng"].random(h.shape) >= model["p"]
        trained.append(np.where(keep, h / (1 - model["p"]), 0))
        if step % every == 0:
            validated.append(held_out @ model["weights"])
    return trained, validated


def drop_weights(layer: dict[str, Any], weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Inverted dropout on attention weights; the layer, "p" in [0, 1) and "training", is only read."""
    p = layer["p"] if layer["training"] else 0.0
    return np.where(rng.random(weights.shape) >= p, weights / (1 - p), 0)


def seeded_dropout(x: np.ndarray, p: float, seed: int | None = None) -> np.ndarray:
    """Inverted dropout whose mask is a function of the seed; a fresh mask each time where there is none.

    Args:
        x: float array (...,). p: drop probability in [0, 1). seed: any integer from 0, or None.
    """
    return np.where(np.random.default_rng(seed).random(x.shape) >= p, x / (1 - p), 0)


def worker_masks(shape: tuple[int, ...], p: float, seed: int, workers: int) -> list[np.ndarray]:
    """One keep mask for each worker, independent of one another; worker k's does not depend on `workers`.

    Source: numpy_parallel (children of one seed sequence).
    """
    children = np.random.SeedSequence(seed).spawn(workers)
    return [np.random.default_rng(child).random(shape) >= p for child in children]


def recomputed_block(
    x: np.ndarray, w: np.ndarray, dy: np.ndarray, p: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Output of dropout(x @ w) and the gradient at x, the mask being drawn twice from the same state.

    Args:
        x: float array (n, d). w: float array (d, k). dy: float array (n, k), gradient at the output.
        p: drop probability in [0, 1). rng: moves on as if the mask had been drawn once.

    Source: pytorch_checkpoint, note on the random state.
    """
    before = rng.bit_generator.state
    h = x @ w
    y = np.where(rng.random(h.shape) >= p, h / (1 - p), 0)
    rng.bit_generator.state = before
    keep = rng.random(dy.shape) >= p  # the backward pass: what was not stored is made again
    return y, np.where(keep, dy / (1 - p), 0) @ w.T


def gradient(dy: np.ndarray, x: np.ndarray, y: np.ndarray, keep: np.ndarray, p: float) -> np.ndarray:
    """Gradient of inverted dropout at its input; x and y, what went in and came out, are not needed."""
    return np.divide(dy, 1 - p, out=np.zeros_like(dy), where=keep)


def residual_block(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """x + dropout(x), where x stays what it was; p in [0, 1)."""
    return x + np.where(rng.random(x.shape) >= p, x / (1 - p), 0)


def drop(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """Inverted dropout for every p in [0, 1] and every x, inf and NaN included: the zeros are selected."""
    return np.divide(x, 1 - p, out=np.zeros_like(x), where=rng.random(x.shape) >= p)


def mc_predict(model: dict[str, Any], x: np.ndarray, passes: int) -> np.ndarray:
    """Mean prediction of a network with dropout on and batch normalisation in evaluation mode.

    Args:
        model: "w1" (d, h), "mean" and "var" (h,) of the normalisation, "w2" (h, k), "p" in [0, 1), "rng",
            "training"; only the generator moves.
        x: float array (n, d). passes: how many masks to average over, at least 1.

    Returns:
        float array (n, k).

    Source: book chapter 11_uncertainty (the mean of passes with dropout on).
    """
    h = (x @ model["w1"] - model["mean"]) / np.sqrt(model["var"] + EPSILON)
    keep = model["rng"].random((passes, *h.shape)) >= model["p"]
    return (np.where(keep, h / (1 - model["p"]), 0) @ model["w2"]).mean(axis=0)


def attend(q: "Tensor", k: "Tensor", v: "Tensor", p: float, training: bool) -> "Tensor":
    """Attention by PyTorch's fused function, which drops whenever it is given a p; torch is imported here.

    Args:
        q, k, v: float tensors (batch, heads, length, size).
    """
    from torch.nn.functional import scaled_dot_product_attention

    return scaled_dot_product_attention(q, k, v, dropout_p=p if training else 0.0)


def make_heads(count: int, p: float) -> "Module":
    """A module whose forward(x, task) is dropout by the layer of that task; torch is imported here."""
    import torch

    class Heads(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.drops = torch.nn.ModuleList(torch.nn.Dropout(p) for _ in range(count))

        def forward(self, x: "Tensor", task: int) -> "Tensor":
            return self.drops[task](x)

    return Heads()
