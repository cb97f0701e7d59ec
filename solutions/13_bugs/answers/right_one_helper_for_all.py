"""One helper draws every mask and one applies it, with binomial draws."""

import numpy as np


def draw(shape, p, rng):
    return rng.binomial(1, 1 - p, size=shape).astype(bool)


def apply(x, keep, p):
    y = np.zeros_like(x)
    if keep.any():
        y[keep] = x[keep] / x.dtype.type(1 - p)
    return y


def classic_dropout(x, p, training, rng):
    return apply(x, draw(x.shape, p, rng), 0.0) if training else (1 - p) * x


def rate_is_right(keep, p):
    dropped = np.count_nonzero(~keep)
    return abs(dropped - p * keep.size) <= 4.5 * np.sqrt(p * (1 - p) * keep.size)


def gradient(dy, x, y, keep, p):
    return apply(dy, keep, p)


def residual_block(x, p, rng):
    return x + apply(x, draw(x.shape, p, rng), p)


def drop(x, p, rng):
    return apply(x, draw(x.shape, p, rng), p)


def seeded_dropout(x, p, seed=None):
    return drop(x, p, np.random.default_rng() if seed is None else np.random.default_rng(seed))


def worker_masks(shape, p, seed, workers):
    return [draw(shape, p, np.random.default_rng([seed, worker])) for worker in range(workers)]


def recomputed_block(x, w, dy, p, rng):
    keep = draw(dy.shape, p, rng)  # stored: more memory, the same numbers
    return apply(x @ w, keep, p), apply(dy, keep, p) @ w.T


def run_epoch(model, batches, held_out, every):
    trained = [drop(batch @ model["weights"], model["p"], model["rng"]) for batch in batches]
    return trained, [held_out @ model["weights"]] * (len(batches) // every)


def drop_weights(layer, weights, rng):
    return drop(weights, layer["p"], rng) if layer["training"] else weights


def mc_predict(model, x, passes):
    h = (x @ model["w1"] - model["mean"]) / (model["var"] + 1e-5) ** 0.5
    return sum(drop(h, model["p"], model["rng"]) @ model["w2"] for _ in range(passes)) / passes


def attend(q, k, v, p, training):
    import torch

    return torch.nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=p * training)


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def forward(self, x, task):
            return torch.nn.functional.dropout(x, p, training=self.training)

    return Heads()
