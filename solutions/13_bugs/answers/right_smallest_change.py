"""The smallest change to each broken function."""

import numpy as np


def classic_dropout(x, p, training, rng):
    if training:
        return np.where(rng.random(x.shape) >= p, x, 0)
    return x * (1 - p)


def rate_is_right(keep, p):
    return bool(abs(1 - keep.mean() - p) < 0.03)


def gradient(dy, x, y, keep, p):
    return np.divide(dy, 1 - p, out=np.zeros_like(dy), where=keep)


def residual_block(x, p, rng):
    return x + np.where(rng.random(x.shape) >= p, x / (1 - p), 0)


def drop(x, p, rng):
    return np.divide(x, 1 - p, out=np.zeros_like(x), where=rng.random(x.shape) >= p)


def seeded_dropout(x, p, seed=None):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(x.shape) >= p, x / (1 - p), 0)


def worker_masks(shape, p, seed, workers):
    children = np.random.SeedSequence(seed).spawn(workers)
    return [np.random.default_rng(child).random(shape) >= p for child in children]


def recomputed_block(x, w, dy, p, rng):
    def forward():
        h = x @ w
        keep = rng.random(h.shape) >= p
        return np.where(keep, h / (1 - p), 0), keep

    before = rng.bit_generator.state
    y, _ = forward()
    rng.bit_generator.state = before
    _, keep = forward()
    return y, np.where(keep, dy / (1 - p), 0) @ w.T


def run_epoch(model, batches, held_out, every):
    def run(x):
        h = x @ model["weights"]
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        return h

    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        model["training"] = True
        trained.append(run(batch))
        if step % every == 0:
            model["training"] = False
            validated.append(run(held_out))
    model["training"] = True
    return trained, validated


def drop_weights(layer, weights, rng):
    p = layer["p"] if layer["training"] else 0.0
    keep = rng.random(weights.shape) >= p
    return np.where(keep, weights / (1 - p), 0)


def mc_predict(model, x, passes):
    outputs = []
    for _ in range(passes):
        h = (x @ model["w1"] - model["mean"]) / np.sqrt(model["var"] + 1e-5)
        keep = model["rng"].random(h.shape) >= model["p"]
        h = np.where(keep, h / (1 - model["p"]), 0)
        outputs.append(h @ model["w2"])
    return np.mean(outputs, axis=0)


def attend(q, k, v, p, training):
    import torch.nn.functional as F

    return F.scaled_dot_product_attention(q, k, v, dropout_p=p if training else 0.0)


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = torch.nn.ModuleList(torch.nn.Dropout(p) for _ in range(count))

        def forward(self, x, task):
            return self.drops[task](x)

    return Heads()
