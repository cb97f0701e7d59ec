"""Context managers put back what was changed for a while: modes, rates, generator states."""

import contextlib
import copy

import numpy as np


@contextlib.contextmanager
def entry(dictionary, key, value):
    before = dictionary[key]
    dictionary[key] = value
    try:
        yield dictionary
    finally:
        dictionary[key] = before


def classic_dropout(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) if training else x - p * x


def rate_is_right(keep, p):
    return bool(np.isclose(np.mean(~keep), p, rtol=0, atol=0.03))


def gradient(dy, x, y, keep, p):
    dx = dy.copy()
    dx[~keep] = 0
    return dx / dx.dtype.type(1 - p) if p < 1 else dx


def residual_block(x, p, rng):
    h = x.copy()
    h[rng.random(x.shape) < p] = 0
    h /= 1 - p
    return x + h


def drop(x, p, rng):
    y = np.where(rng.random(x.shape) >= p, x, x.dtype.type(0))
    return y / x.dtype.type(1 - p) if p < 1 else y


def seeded_dropout(x, p, seed=None):
    sequence = np.random.SeedSequence() if seed is None else np.random.SeedSequence(seed)
    return np.where(np.random.default_rng(sequence).random(x.shape) < p, 0, x / (1 - p))


def worker_masks(shape, p, seed, workers):
    base = np.random.PCG64(seed)
    return [np.random.Generator(base.jumped(k)).random(shape) >= p for k in range(workers)]


def recomputed_block(x, w, dy, p, rng):
    twin = copy.deepcopy(rng)  # the backward pass draws from a copy made before the forward pass
    keep, again = (one.random(dy.shape) >= p for one in (rng, twin))
    return np.where(keep, (x @ w) / (1 - p), 0), np.where(again, dy / (1 - p), 0) @ w.T


def run_epoch(model, batches, held_out, every):
    def run(x):
        h = x @ model["weights"]
        if not model["training"]:
            return h
        return np.where(model["rng"].random(h.shape) >= model["p"], h / (1 - model["p"]), 0)

    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        trained.append(run(batch))
        if step % every == 0:
            with entry(model, "training", False):
                validated.append(run(held_out))
    return trained, validated


def drop_weights(layer, weights, rng):
    with entry(layer, "p", layer["p"] if layer["training"] else 0.0):
        return np.where(rng.random(weights.shape) >= layer["p"], weights / (1 - layer["p"]), 0)


def mc_predict(model, x, passes):
    scale = 1 / np.sqrt(model["var"] + 1e-5)
    h = (x @ model["w1"]) * scale - model["mean"] * scale
    keep = model["rng"].random((passes, *h.shape)) >= model["p"]
    return (h * keep.mean(axis=0) / (1 - model["p"])) @ model["w2"]


def attend(q, k, v, p, training):
    import torch

    rates = {False: 0.0, True: p}
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, None, rates[training])


def make_heads(count, p):
    import torch

    class Heads(torch.nn.ModuleDict):
        def forward(self, x, task):
            return self[str(task)](x)

    return Heads({str(task): torch.nn.Dropout(p) for task in range(count)})
