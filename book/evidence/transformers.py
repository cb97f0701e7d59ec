"""Dropout in transformers and language models, each question on the smallest model that shows it."""

import numpy as np
import torch
from _tools import Interval, interval

from dropgrade.reference.numpy_ops import dropout_forward, keep_mask
from dropgrade.reference.philox import threshold, words


def _encoder_layer(p: float) -> torch.nn.TransformerEncoderLayer:
    torch.manual_seed(0)
    return torch.nn.TransformerEncoderLayer(32, 4, 64, dropout=p, batch_first=True).train()


def _change_between_passes(layer: torch.nn.Module) -> float:
    x = torch.randn(2, 16, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return float((layer(x) - layer(x)).abs().max())


def dropout_modules_of_a_layer() -> int:
    """How many nn.Dropout modules torch's encoder layer holds."""
    return sum(isinstance(module, torch.nn.Dropout) for module in _encoder_layer(0.1).modules())


def change_with_modules_at_zero() -> float:
    """Largest difference between two training passes after p = 0 in every nn.Dropout of the layer."""
    layer = _encoder_layer(0.1)
    for module in layer.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return _change_between_passes(layer)


def change_with_attention_at_zero_too() -> float:
    """The same difference when the attention's own rate, a plain number, is 0 as well."""
    layer = _encoder_layer(0.1)
    for module in layer.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.MultiheadAttention):
            module.dropout = 0.0
    return _change_between_passes(layer)


def _excess_risk(p: float, distinct: int, runs: int = 200, steps: int = 2000, width: int = 20) -> np.ndarray:
    """Excess test risk (runs,) of linear regression: SGD on `distinct` examples, dropout p on the inputs."""
    rng = np.random.default_rng(7)  # the same data, order and noise whatever p is
    truth = rng.normal(size=(runs, width)) / np.sqrt(width)
    X = rng.normal(size=(runs, distinct, width))
    y = np.einsum("rnw,rw->rn", X, truth) + rng.normal(size=(runs, distinct))
    w, masks = np.zeros((runs, width)), np.random.default_rng(8)
    for step in range(steps):
        x, target = X[:, step % distinct], y[:, step % distinct]
        noisy, _ = dropout_forward(x, p, True, masks)
        rate = 0.01 * (1 - step / steps)
        w -= rate * ((noisy * w).sum(1) - target)[:, None] * noisy
    return ((w - truth) ** 2).sum(1)


def gain_of_dropout_one_epoch() -> Interval:
    """Fall of the test risk by input dropout 0.2, SGD over 2,000 examples, each seen once; 200 runs."""
    return interval(_excess_risk(0.0, 2000) - _excess_risk(0.2, 2000))


def gain_of_dropout_repeated() -> Interval:
    """The same fall with the same 2,000 steps over 20 examples, each seen 100 times."""
    return interval(_excess_risk(0.0, 20) - _excess_risk(0.2, 20))


def gradient_noise_factor() -> float:
    """Variance of one example's gradient with input dropout 0.1, over that without; linear model."""
    rng = np.random.default_rng(2)
    x, truth, w = rng.normal(size=(200_000, 10)), rng.normal(size=10), rng.normal(size=10)
    y = x @ truth + rng.normal(size=len(x))
    noisy, _ = dropout_forward(x, 0.1, True, rng)
    clean_gradient, noisy_gradient = (part * (part @ w - y)[:, None] for part in (x, noisy))
    return float(noisy_gradient.var(axis=0).sum() / clean_gradient.var(axis=0).sum())


def _adapter(rng: np.random.Generator, size: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    base = rng.normal(size=(64, 64)) / 8
    down = rng.normal(size=(4, 64)) / 8
    up = rng.normal(size=(64, 4)) * size
    return base, down, up


def change_at_start_of_adapter() -> float:
    """Largest change of a LoRA layer's output by dropout 0.1 on the adapter's input while B = 0."""
    rng = np.random.default_rng(3)
    base, down, up = _adapter(rng, 0.0)
    x = rng.normal(size=(50, 64))
    noisy, _ = dropout_forward(x, 0.1, True, rng)
    return float(np.abs((x @ base.T + noisy @ down.T @ up.T) - x @ base.T).max())


def merged_against_mean_of_passes() -> float:
    """Distance of the merged weights' output from the mean of 4,000 training passes, relative."""
    rng = np.random.default_rng(4)
    base, down, up = _adapter(rng, 0.05)
    x = rng.normal(size=64)
    noisy, _ = dropout_forward(np.tile(x, (4000, 1)), 0.1, True, rng)
    mean = base @ x + (noisy @ down.T @ up.T).mean(axis=0)
    merged = (base + up @ down) @ x
    return float(np.linalg.norm(mean - merged) / np.linalg.norm(merged))


def noise_of_shared_over_adapter_input() -> float:
    """Deviation of the output, dropout 0.1 on the layer's whole input over on the adapter's input only."""
    rng = np.random.default_rng(5)
    base, down, up = _adapter(rng, 0.05)
    noisy, _ = dropout_forward(np.tile(rng.normal(size=64), (4000, 1)), 0.1, True, rng)
    adapter = noisy @ down.T @ up.T
    return float((noisy @ base.T + adapter).std(axis=0).mean() / adapter.std(axis=0).mean())


def _attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    scores = k @ q / np.sqrt(len(q))
    weights = np.exp(scores - scores.max())
    return weights @ v / weights.sum()


def _cache_difference(p: float) -> float:
    """Largest difference of the last position's output: cached keys and values against all made again."""
    rng = np.random.default_rng(6)
    tokens, (wq, wk, wv) = rng.normal(size=(12, 32)), rng.normal(size=(3, 32, 32)) / 6
    cache, difference = [], 0.0
    for last in range(len(tokens)):
        cache.append(dropout_forward(tokens[last], p, p > 0, rng)[0])  # dropout on the layer's input
        again, _ = dropout_forward(tokens[: last + 1], p, p > 0, rng)
        outputs = [_attend(seen[-1] @ wq, seen @ wk, seen @ wv) for seen in (np.array(cache), again)]
        difference = max(difference, float(np.abs(outputs[0] - outputs[1]).max()))
    return difference


def cache_difference_evaluation() -> float:
    """Cached decoding against recomputing the prefix, dropout off: largest difference of an output."""
    return _cache_difference(0.0)


def cache_difference_training() -> float:
    """The same with dropout 0.1 left on, so that each recomputation draws new masks."""
    return _cache_difference(0.1)


def _policy_log_probs(p: float, passes: int) -> np.ndarray:
    """Log probabilities (passes, 400) of 400 tokens under a random policy, dropout p in its hidden layer."""
    rng = np.random.default_rng(9)
    hidden = np.maximum(rng.normal(size=(400, 64)), 0)
    head, token = rng.normal(size=(64, 50)) / 4, rng.integers(0, 50, 400)
    logs = []
    for _ in range(passes):
        noisy, _ = dropout_forward(hidden, p, p > 0, rng)
        logits = noisy @ head
        logits -= logits.max(axis=1, keepdims=True)
        logs.append((logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[np.arange(400), token])
    return np.array(logs)


def dpo_loss_same_weights() -> float:
    """DPO loss at beta 0.1 when policy and reference are one model in evaluation; log 2 is 0.6931."""
    policy, reference = _policy_log_probs(0.0, 2)
    margin = 0.1 * ((policy - reference)[:200] - (policy - reference)[200:])
    return float(np.log1p(np.exp(-margin)).mean())


def log_ratio_spread_same_weights() -> float:
    """Deviation of log policy/reference per token (nats), same weights, dropout 0.1 in the policy only."""
    return float((_policy_log_probs(0.1, 1)[0] - _policy_log_probs(0.0, 1)[0]).std())


def share_clipped_same_weights() -> float:
    """Share of tokens whose PPO ratio leaves [0.8, 1.2], same weights, dropout 0.1 in both passes."""
    old, new = _policy_log_probs(0.1, 2)
    return float((np.abs(np.exp(new - old) - 1) > 0.2).mean())


def _tiles_disagree(by_position: bool) -> float:
    """Share of a 64 x 64 mask, p = 0.1, that differs between tiles visited by rows and by columns."""
    size, side, drop = 64, 16, threshold(0.1)
    starts = [(r, c) for r in range(0, size, side) for c in range(0, size, side)]
    masks = []
    for order in (starts, sorted(starts, key=lambda start: (start[1], start[0]))):
        mask, stream, used = np.zeros((size, size), bool), words(size * size, seed=3), 0
        for row, column in order:
            inside = np.add.outer(np.arange(row, row + side) * size, np.arange(column, column + side))
            taken = inside if by_position else used + np.arange(side * side).reshape(side, side)
            mask[row : row + side, column : column + side] = stream[taken] >= drop
            used += side * side
        masks.append(mask)
    return float((masks[0] != masks[1]).mean())


def tiles_disagree_counter() -> float:
    """Share of entries that differ when the tiles are visited in another order, words chosen by position."""
    return _tiles_disagree(True)


def tiles_disagree_sequence() -> float:
    """The same when each tile takes the next words of one stream."""
    return _tiles_disagree(False)


def _positive_pair(p: float) -> tuple[float, float]:
    """Mean cosine of two passes of the same sentences, and the norm of the gradient of 1 - cosine."""
    torch.manual_seed(0)
    drop = torch.nn.Dropout(p)
    encoder = torch.nn.Sequential(
        torch.nn.Linear(32, 64), torch.nn.ReLU(), drop, torch.nn.Linear(64, 16)
    ).double()
    x = torch.randn(100, 32, dtype=torch.float64)
    cosine = torch.nn.functional.cosine_similarity(encoder(x), encoder(x)).mean()
    (1 - cosine).backward()
    norm = torch.cat([part.grad.flatten() for part in encoder.parameters()]).norm()
    return cosine.item(), norm.item()


def cosine_of_pair_with_dropout() -> float:
    """Mean cosine between two passes of one sentence, dropout 0.1 in a random encoder."""
    return _positive_pair(0.1)[0]


def pull_of_pair_without_dropout() -> float:
    """Norm of the gradient that pulls a positive pair together, p = 0: the two passes are one vector."""
    return _positive_pair(0.0)[1]


def pull_of_pair_with_dropout() -> float:
    """The same norm at p = 0.1."""
    return _positive_pair(0.1)[1]


def consistency_over_penalty() -> float:
    """Mean symmetric KL of two passes, over dropout's own extra cross-entropy, softmax layer, p = 0.02."""
    rng = np.random.default_rng(10)
    x, w = rng.normal(size=40), rng.normal(size=(40, 8)) / 3
    logs = []
    for source in (x, *(dropout_forward(np.tile(x, (200_000, 1)), 0.02, True, rng)[0] for _ in range(2))):
        scores = source @ w
        logs.append(scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True)))
    clean, first, second = logs
    symmetric = ((np.exp(first) - np.exp(second)) * (first - second)).sum(axis=1).mean() / 2
    extra = np.exp(clean) @ (clean - first.mean(axis=0))  # labels drawn from the clean prediction
    return float(symmetric / extra)


def sentences_with_a_lost_word() -> float:
    """Share of 12-word sentences in which elementwise dropout 0.1 erases a whole 64-wide embedding."""
    keep = keep_mask((20_000, 12, 64), 0.1, np.random.default_rng(11))
    return float((~keep.any(axis=2)).any(axis=1).mean())


def sentences_with_a_lost_word_by_row() -> float:
    """The same share when rows of the embedding table are dropped, p = 0.1; the 12 words are distinct."""
    keep = keep_mask((20_000, 12), 0.1, np.random.default_rng(12))
    return float((~keep).any(axis=1).mean())


def tokens_rerouted_by_dropout() -> float:
    """Share of tokens that dropout 0.1 on a random top-1 router's input sends to another of 8 experts."""
    rng = np.random.default_rng(13)
    x, router = rng.normal(size=(20_000, 64)), rng.normal(size=(64, 8)) / 8
    noisy, _ = dropout_forward(x, 0.1, True, rng)
    return float(((x @ router).argmax(1) != (noisy @ router).argmax(1)).mean())


def tokens_over_capacity() -> float:
    """Share of 4,096 tokens above capacity factor 1.0, random top-1 routing to 8 experts, dropout off."""
    counts = np.bincount(np.random.default_rng(14).integers(0, 8, 4096), minlength=8)
    return float(np.maximum(counts - 4096 // 8, 0).sum() / 4096)
