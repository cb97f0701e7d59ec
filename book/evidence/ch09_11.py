"""Measures for the questions of chapters 9 to 11: kernels, architectures, uncertainty."""

import warnings
from functools import cache

import numpy as np
import torch
from _tools import Interval, interval
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from dropgrade.digits import load_digits
from dropgrade.reference import ensemble, philox, structured, torch_ops, uncertainty
from dropgrade.reference.autograd_memory import bytes_kept
from dropgrade.reference.numpy_ops import dropout_forward, keep_mask, keep_mask_seeded
from dropgrade.reference.small_nets import Layer, new_net, rotate, run_layer, train_net


def masks_that_differ() -> int:
    """Entries at which NumPy's and torch's seeded masks differ: seed and offset beyond 2^32, odd size."""
    shape, seed, offset = (37, 101), 2**40 + 7, 2**33 + 5
    theirs = torch_ops.keep_mask(shape, 0.1, seed, offset).numpy()
    return int((keep_mask_seeded(shape, 0.1, seed, offset) != theirs).sum())


def bytes_with_a_mask() -> int:
    """Bytes kept for the backward pass of 4,096 entries by a layer that stores its mask."""
    x = torch.ones(4_096, requires_grad=True)
    return bytes_kept(lambda: torch_ops.Dropout(0.1)(x), [x])


def bytes_with_a_seed() -> int:
    """The same by a layer that draws its mask again."""
    x = torch.ones(4_096, requires_grad=True)
    return bytes_kept(lambda: torch_ops.SeededDropout(0.1)(x), [x])


class _Counted(int):
    """An integer that counts what is done to it."""

    done = 0

    def _count(self, result: int) -> "_Counted":
        _Counted.done += 1
        return _Counted(result)

    def __mul__(self, other: int) -> "_Counted":
        return self._count(int(self) * int(other))

    def __rshift__(self, other: int) -> "_Counted":
        return self._count(int(self) >> int(other))

    def __and__(self, other: int) -> "_Counted":
        return self._count(int(self) & int(other))

    def __xor__(self, other: int) -> "_Counted":
        return self._count(int(self) ^ int(other))


def operations_of_one_call() -> int:
    """Integer operations of one Philox call on its counter, ten rounds, each counted as it is done."""
    _Counted.done = 0
    torch_ops.philox4x32(tuple(map(_Counted, (1, 0, 0, 0))), (7, 0))
    return _Counted.done


def words_that_differ() -> int:
    """Words that differ when 1,000 elements are drawn in blocks of four and one call for each element."""
    together = philox.words(1_000, seed=7)
    apart = [philox.words(4, 7, offset=i // 4)[i % 4] for i in range(1_000)]
    return int((together != apart).sum())


def part_that_differs() -> int:
    """Entries at which a device's part, drawn by its offset, differs from its part of the whole mask."""
    whole = keep_mask_seeded((8, 512), 0.1, seed=3)
    return sum(
        int((keep_mask_seeded((512,), 0.1, seed=3, offset=512 * rank // 4) != whole[rank]).sum())
        for rank in range(8)
    )


def replicas_that_disagree() -> float:
    """Share of a replicated tensor's entries that two devices with seeds of their own drop differently."""
    first, second = (keep_mask_seeded((100_000,), 0.1, seed) for seed in (1, 2))
    return float((first != second).mean())


def seeds_that_collide() -> float:
    """Share of the seeds lost when each is the sum of layer, step and rank: 24 layers, 100 steps, 8 ranks."""
    layer, step, rank = np.indices((24, 100, 8))
    sums = layer + step + rank
    return 1 - len(np.unique(sums)) / sums.size


@cache
def _variance_ratio(relu: bool) -> tuple[float, float]:
    """Variance in evaluation over what a BatchNorm learnt in training, p = 0.3, and what the formula says."""
    rng, p = np.random.default_rng(0), 0.3
    x, w = rng.normal(size=(20_000, 50)), rng.normal(size=(50, 8))
    x = np.maximum(x, 0) if relu else x
    norm = nn.BatchNorm1d(8, momentum=None)  # the plain mean over batches
    for batch in np.split(x, 20):
        norm(torch.as_tensor(dropout_forward(batch, p, True, rng)[0] @ w, dtype=torch.float32))
    measured = float(((x @ w).var(axis=0) / norm.running_var.numpy()).mean())
    return measured, float(structured.variance_shift(x, w, p).mean())


def variance_ratio_of_centred_units() -> float:
    """Variance in evaluation over the one BatchNorm learnt, p = 0.3, uncorrelated units of mean 0."""
    return _variance_ratio(relu=False)[0]


def variance_ratio_behind_relu() -> float:
    """The same ratio for units behind a ReLU, whose mean is not 0."""
    return _variance_ratio(relu=True)[0]


def variance_ratio_over_formula() -> float:
    """The measured ratio behind a ReLU over the one the formula gives."""
    measured, formula = _variance_ratio(relu=True)
    return measured / formula


def held_with_new_masks() -> float:
    """Share of units that still hold their value after 10 steps with a new mask each step, p = 0.2."""
    return float(keep_mask((100_000, 10), 0.2, np.random.default_rng(1)).all(axis=1).mean())


def held_with_one_mask() -> float:
    """The same share when one mask serves all 10 steps."""
    kept = keep_mask((100_000, 1), 0.2, np.random.default_rng(2))
    return float(np.broadcast_to(kept, (100_000, 10)).all(axis=1).mean())


def _changed_by_lstm_dropout(layers: int) -> float:
    """Largest change of an LSTM's output when its argument dropout goes from 0 to 0.5, in training mode."""
    outputs = []
    for p in (0.0, 0.5):
        torch.manual_seed(3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # one layer: PyTorch warns that nothing will drop
            net = nn.LSTM(4, 8, num_layers=layers, dropout=p)
        outputs.append(net(torch.ones(5, 2, 4))[0].detach())
    return float((outputs[0] - outputs[1]).abs().max())


def changed_by_dropout_of_one_layer() -> float:
    """Largest change of a one-layer nn.LSTM's output by dropout=0.5, in training mode."""
    return _changed_by_lstm_dropout(1)


def changed_by_dropout_of_two_layers() -> float:
    """The same for two stacked layers."""
    return _changed_by_lstm_dropout(2)


@cache
def _mean_weights() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Attention on three keys, and its mean over masks at p = 0.3: divided by 1 - p, and renormalised."""
    weights, keep = np.array([0.7, 0.2, 0.1]), ensemble.all_masks(3)[1:]  # without the mask that drops all
    chance = ensemble.chances(keep, 0.3)
    left = keep * weights
    renormalised = chance @ (left / left.sum(axis=1, keepdims=True)) / chance.sum()
    return weights, chance @ left / 0.7, renormalised


def weight_moved_by_rescaling() -> float:
    """Largest change of a mean attention weight when what is kept is divided by 1 - p."""
    weights, rescaled, _ = _mean_weights()
    return float(np.abs(rescaled - weights).max())


def largest_weight_moved_by_renormalising() -> float:
    """Change of the mean of a weight of 0.7 when rows are renormalised after dropping, p = 0.3."""
    weights, _, renormalised = _mean_weights()
    return float(renormalised[0] - weights[0])


class _Attends(nn.Module):
    def forward(self, q: torch.Tensor) -> torch.Tensor:
        return scaled_dot_product_attention(q, q, q, dropout_p=0.1)


def difference_of_attention_in_eval() -> float:
    """Largest gap between two calls after eval() of a module that passes dropout_p=0.1 to fused attention."""
    torch.manual_seed(4)
    model, q = _Attends().eval(), torch.randn(1, 2, 16, 8)
    return float((model(q) - model(q)).abs().max())


@cache
def _nets() -> list[list[Layer]]:
    """Four networks with dropout 0.3, trained on digits from four seeds."""
    digits = load_digits()
    return [train_net(digits.train_images, digits.train_labels, seed, epochs=8) for seed in range(4)]


def _single(net: list[Layer], x: np.ndarray) -> np.ndarray:
    """Logits of one pass in evaluation mode."""
    for layer in net:
        x = run_layer(layer, x, False, np.random.default_rng(0))
    return x


@cache
def _passes(turned: int) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """For each network: logits of 20 stochastic passes and of one plain pass on 500 turned digits; labels."""
    digits = load_digits()
    x = rotate(digits.test_images[:500], turned).astype(float)
    rng = np.random.default_rng(5)
    stochastic = [uncertainty.mc_logits(net, x, 20, rng) for net in _nets()]
    return stochastic, [_single(net, x) for net in _nets()], digits.test_labels[:500]


def loss_saved_by_averaging() -> Interval:
    """Mean loss of 20 single passes minus the loss of their averaged probabilities; nats, four networks."""
    stochastic, _, labels = _passes(30)
    saved = []
    for logits in stochastic:
        alone = np.mean([uncertainty.nll(uncertainty.softmax(z), labels) for z in logits])
        saved.append(alone - uncertainty.nll(uncertainty.predict(logits), labels))
    return interval(saved)


def information_from_few_passes() -> float:
    """Mean mutual information found by 3 passes over that found by 20."""
    logits = _passes(30)[0][0]
    few, many = (uncertainty.uncertainty(logits[:count])[1].mean() for count in (3, 20))
    return float(few / many)


@cache
def _cooled() -> tuple[list[float], list[float], list[float]]:
    """Loss on digits turned by 60 degrees: plain pass, 20 passes, plain pass at a matched temperature."""
    plain, passes, cooled = [], [], []
    upright, turned = _passes(0), _passes(60)
    for net in range(4):
        wanted = uncertainty.entropy(uncertainty.predict(upright[0][net])).mean()
        scales = np.linspace(1, 4, 61)
        found = [uncertainty.entropy(uncertainty.softmax(upright[1][net] / t)).mean() for t in scales]
        temperature = scales[np.argmin(np.abs(np.array(found) - wanted))]
        labels, single = turned[2], turned[1][net]
        plain.append(uncertainty.nll(uncertainty.softmax(single), labels))
        passes.append(uncertainty.nll(uncertainty.predict(turned[0][net]), labels))
        cooled.append(uncertainty.nll(uncertainty.softmax(single / temperature), labels))
    return plain, passes, cooled


def loss_saved_by_passes() -> Interval:
    """Loss on digits turned by 60 degrees: one plain pass minus MC dropout with 20; nats, four networks."""
    plain, passes, _ = _cooled()
    return interval(np.subtract(plain, passes))


def loss_saved_by_a_temperature() -> Interval:
    """The same with, in place of the passes, one pass at a temperature matched on upright digits."""
    plain, _, cooled = _cooled()
    return interval(np.subtract(plain, cooled))


@cache
def _neighbours() -> tuple[float, float, float]:
    """Change of one prediction by its neighbours, whole net in training mode and dropout only; statistics."""
    digits = load_digits()
    rng = np.random.default_rng(6)
    net = new_net((196, 64, 10), 0.0, rng)  # p = 0: no mask is in play
    before = net[1]["mean"].copy()
    batches = [digits.test_images[[0, *rows]].astype(float) for rows in (range(1, 20), range(500, 519))]
    quiet = [uncertainty.mc_logits(net, x, 1, rng)[0][0] for x in batches]
    loud = []
    for x in batches:
        for layer in net:
            x = run_layer(layer, x, True, rng)
        loud.append(x[0])
    moved = float(np.abs(net[1]["mean"] - before).max())
    return float(np.abs(loud[0] - loud[1]).max()), float(np.abs(quiet[0] - quiet[1]).max()), moved


def changed_by_neighbours() -> float:
    """Largest change of one input's logits by its neighbours, whole network in training mode, p = 0."""
    return _neighbours()[0]


def changed_by_neighbours_dropout_only() -> float:
    """The same with only the dropout layers in training mode."""
    return _neighbours()[1]


def statistics_moved() -> float:
    """How far two predictions in training mode moved the stored means of batch normalisation."""
    return _neighbours()[2]
