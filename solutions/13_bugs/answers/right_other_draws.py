"""Masks drawn in other ways: choices, exponential clocks, integers, Philox streams."""

import numpy as np


def kept(shape, p, rng):
    """By exponential clocks: the first rings first with probability 1 - p."""
    return rng.exponential(size=shape) * p < rng.exponential(size=shape) * (1 - p)


def classic_dropout(x, p, training, rng):
    if not training:
        return np.multiply(x, 1 - p)
    return np.select([rng.choice([True, False], size=x.shape, p=[1 - p, p])], [x], 0.0)


def rate_is_right(keep, p):
    return np.abs(np.average(keep) - (1 - p)) <= 0.028


def gradient(dy, x, y, keep, p):
    flat = np.zeros(dy.size, dy.dtype)
    places = np.flatnonzero(keep)
    flat[places] = dy.ravel()[places] / (1 - p if len(places) else 1)
    return flat.reshape(dy.shape)


def residual_block(x, p, rng):
    factor = 1 + (p < rng.random(x.shape)) / (1 - p)
    return (x * factor).astype(x.dtype)


def drop(x, p, rng):
    y = np.zeros_like(x)
    np.copyto(y, x, where=rng.random(x.shape) > p if 0 < p < 1 else np.full(x.shape, p == 0))
    y *= 1 / (1 - p) if p < 1 else 0
    return y


def seeded_dropout(x, p, seed=None):
    words = np.random.Generator(np.random.SFC64(seed)).integers(2**32, size=x.shape, dtype=np.uint64)
    return np.where(words < round(p * 2**32), 0, x / (1 - p))


def worker_masks(shape, p, seed, workers):
    streams = [np.random.Philox(key=seed, counter=[0, 0, 0, worker]) for worker in range(workers)]
    return np.stack([np.random.Generator(stream).random(shape) >= p for stream in streams])


def recomputed_block(x, w, dy, p, rng):
    seed = int(rng.integers(2**63))  # one number is all that has to be remembered
    keep, again = (np.random.default_rng(seed).random(dy.shape) >= p for _ in range(2))
    return np.where(keep, x @ w, 0) / (1 - p), np.where(again, dy, 0) @ w.T / (1 - p)


def run_epoch(model, batches, held_out, every):
    outputs = [batch @ model["weights"] for batch in batches]
    masks = [kept(h.shape, model["p"], model["rng"]) for h in outputs]
    trained = [np.where(keep, h, 0) / (1 - model["p"]) for h, keep in zip(outputs, masks, strict=True)]
    return trained, [np.einsum("md,dk->mk", held_out, model["weights"]) for _ in outputs[every - 1 :: every]]


def drop_weights(layer, weights, rng):
    p = layer["training"] * layer["p"]
    return weights * (rng.random(weights.shape) >= p) / (1 - p)


def mc_predict(model, x, passes):
    frozen = {**model, "training": True}  # a copy: the model itself stays in evaluation
    h = (x @ frozen["w1"] - frozen["mean"]) / np.sqrt(frozen["var"] + 1e-5)
    keep = np.stack([kept(h.shape, frozen["p"], frozen["rng"]) for _ in range(passes)])
    return np.einsum("pnh,nh,hk->nk", keep / (1 - frozen["p"]) / passes, h, frozen["w2"])


def attend(q, k, v, p, training):
    from torch.nn.functional import scaled_dot_product_attention as attention

    return attention(q, k, v, dropout_p=float(p) if training else 0)


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for task in range(count):
                setattr(self, f"drop{task}", torch.nn.Dropout(p))

        def forward(self, x, task):
            return [child for child in self.children()][task](x)

    return Heads()
