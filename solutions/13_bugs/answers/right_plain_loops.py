"""Plain Python loops over the entries, with integers in place of uniform numbers where that is easy."""

import math

import numpy as np


def keeps(rng, p):
    return rng.random() >= p


def dropped(values, p, rng):
    y = np.zeros_like(values)
    for i, value in np.ndenumerate(values):
        if keeps(rng, p):
            y[i] = value / (1 - p)
    return y


drop = dropped


def classic_dropout(x, p, training, rng):
    y = np.empty_like(x)
    for i, value in np.ndenumerate(x):
        y[i] = (value if keeps(rng, p) else 0) if training else value * (1 - p)
    return y


def rate_is_right(keep, p):
    count = 0
    for kept in keep:
        count += not kept
    return math.fabs(count / len(keep) - p) < 0.025


def gradient(dy, x, y, keep, p):
    dx = np.zeros_like(dy)
    for i in zip(*np.nonzero(keep), strict=True):
        dx[i] = dy[i] / (1 - p)
    return dx


def residual_block(x, p, rng):
    return x + dropped(x, p, rng)


def seeded_dropout(x, p, seed=None):
    rng = np.random.default_rng() if seed is None else np.random.Generator(np.random.Philox(seed))
    return dropped(x, p, rng)


def worker_masks(shape, p, seed, workers):
    masks, rng = [], np.random.default_rng(seed)
    for _ in range(workers):  # one stream, one mask after the other
        masks.append(np.array([keeps(rng, p) for _ in range(math.prod(shape))]).reshape(shape))
    return masks


def recomputed_block(x, w, dy, p, rng):
    before = rng.bit_generator.state
    y = dropped(x @ w, p, rng)
    after, rng.bit_generator.state = rng.bit_generator.state, before
    dh = dropped(dy, p, rng)
    rng.bit_generator.state = after
    return y, dh @ w.T


def run_epoch(model, batches, held_out, every):
    trained = [dropped(batch @ model["weights"], model["p"], model["rng"]) for batch in batches]
    return trained, [held_out @ model["weights"] for _ in range(len(trained) // every)]


def drop_weights(layer, weights, rng):
    return dropped(weights, layer["p"], rng) if layer["training"] else weights.copy()


def mc_predict(model, x, passes):
    total = 0
    for _ in range(passes):
        h = (x @ model["w1"] - model["mean"]) / np.sqrt(model["var"] + 1e-5)
        total = total + dropped(h, model["p"], model["rng"]) @ model["w2"]
    return total / passes


def attend(q, k, v, p, training):
    from torch.nn.functional import scaled_dot_product_attention

    return scaled_dot_product_attention(q, k, v, dropout_p=[0.0, p][training])


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for task in range(count):
                self.add_module(f"drop{task}", torch.nn.Dropout(p))

        def forward(self, x, task):
            return getattr(self, f"drop{task}")(x)

    return Heads()
