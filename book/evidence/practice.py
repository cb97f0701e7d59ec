"""Measures for the questions on using, testing, reading and reporting dropout."""

import functools
import math

import numpy as np
import torch
from _tools import Interval, digits, interval, trained
from torch import nn

from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import dropout_forward, keep_mask, keep_mask_seeded


def _difference_of_orders(activation) -> float:
    x, rng = np.random.default_rng(0).normal(size=(1000, 50)), np.random.default_rng(1)
    keep = keep_mask(x.shape, 0.5, rng)
    before, after = activation(np.where(keep, x / 0.5, 0)), np.where(keep, activation(x) / 0.5, 0)
    return float(np.abs(before - after).max())


def relu_order_matters() -> float:
    """Largest difference between dropping before and after a ReLU, one mask, drop rate 0.5."""
    return _difference_of_orders(lambda x: np.maximum(x, 0))


def sigmoid_order_matters() -> float:
    """The same difference for a sigmoid, whose value at zero is one half."""
    return _difference_of_orders(lambda x: 1 / (1 + np.exp(-x)))


def gelu_order_matters() -> float:
    """The same difference for GELU, which is zero at zero but not a straight line on either side."""
    return _difference_of_orders(lambda x: nn.functional.gelu(torch.from_numpy(x)).numpy())


def max_pooling_shift() -> float:
    """Mean maximum of four uniform entries with drop rate 0.5 before pooling, over that without."""
    x, rng = np.random.default_rng(0).random((100_000, 4)), np.random.default_rng(1)
    return float(dropout_forward(x, 0.5, True, rng)[0].max(axis=1).mean() / x.max(axis=1).mean())


def noise_after_a_careless_port() -> float:
    """Variance of the noise when a keep probability of 0.8 is passed as drop rate, over the right one."""
    ones, rng = np.ones(200_000), np.random.default_rng(0)
    wrong, right = (dropout_forward(ones, p, True, rng)[0].var() for p in (0.8, 0.2))
    return float(wrong / right)


def frozen_layer_still_drops() -> float:
    """Share of zeros that torch's Dropout makes in training mode although no parameter may be trained."""
    layer = nn.Dropout(0.3)
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        return float((layer(torch.ones(100_000)) == 0).float().mean())


def shared_mask_is_louder_over_time() -> float:
    """Variance of the mean over 5 time steps of ones: mask (n, 1, 16) over mask (n, 5, 16), a ratio."""
    rng = np.random.default_rng(0)
    shared, fresh = (keep_mask((5000, steps, 16), 0.5, rng) / 0.5 for steps in (1, 5))
    return float(shared.mean(axis=1).var() / fresh.mean(axis=1).var())


def _faulty() -> dict:
    return {
        "scaled by p": lambda x, p, keep: np.where(keep, x / p, 0),
        "keeps p": lambda x, p, keep: np.where(keep, 0, x / p),
        "scaled twice": lambda x, p, keep: np.where(keep, x / (1 - p) ** 2, 0),
        "not scaled": lambda x, p, keep: np.where(keep, x, 0),
    }


def _caught(p: float) -> int:
    x, caught = np.ones(100_000), 0
    for layer in _faulty().values():
        y = layer(x, p, keep_mask(x.shape, p, np.random.default_rng(0)))
        rate, mean = np.mean(y == 0), y.mean()
        caught += not (abs(rate - p) < 0.01 and abs(mean - 1) < 0.03)
    return caught


def faults_caught_at_one_half() -> int:
    """Of four faulty layers, those that a test of rate and mean finds when it runs at p = 0.5 only."""
    return _caught(0.5)


def faults_caught_at_one_fifth() -> int:
    """Of the same four, those found at p = 0.2."""
    return _caught(0.2)


@functools.cache
def _losses(seed: int, steps: int) -> tuple[float, float, float]:
    net, rng = trained(0.5, seed, steps=steps), np.random.default_rng(seed)
    images, labels = digits().train_images[:600], digits().train_labels[:600]
    noisy = np.mean([mlp.scored(mlp.logits(net, images, 0.5, True, rng), labels)[1] for _ in range(10)])
    validation = mlp.score(net, digits().test_images, digits().test_labels)[1]
    return float(noisy), mlp.score(net, images, labels)[1], validation


def noisy_training_loss_minus_validation() -> Interval:
    """Nats after 36 steps: training loss as logged, with masks, minus validation loss (drop rate 0.5)."""
    return interval([_losses(s, 36)[0] - _losses(s, 36)[2] for s in range(8)])


def clean_training_loss_minus_validation() -> Interval:
    """Nats after 36 steps: training loss in evaluation mode minus validation loss, the same networks."""
    return interval([_losses(s, 36)[1] - _losses(s, 36)[2] for s in range(8)])


def _frames(counter: bool) -> float:
    shape, rng = (1000, 100), np.random.default_rng(0)
    draws = [
        keep_mask_seeded(shape, 0.1, seed=7, offset=3) if counter else keep_mask(shape, 0.1, rng)
        for _ in range(2)  # forward, and forward again inside the backward pass
    ]
    return float(np.mean(draws[0] != draws[1]))


def mask_changes_when_drawn_again() -> float:
    """Share of entries whose mask differs when a checkpointed block simply draws again."""
    return _frames(counter=False)


def mask_changes_from_a_counter() -> float:
    """The same share when the mask is a function of seed and offset."""
    return _frames(counter=True)


def schedule_keeps_the_mean() -> float:
    """Mean output on ones while the drop rate rises from 0 to 0.5 in 1,000 steps, each with its own scale."""
    rng, ones = np.random.default_rng(0), np.ones(1000)
    return float(np.mean([dropout_forward(ones, p, True, rng)[0].mean() for p in np.linspace(0, 0.5, 1000)]))


def accuracy_of_always_no() -> float:
    """Accuracy of answering 'no' to each of 10,000 cases of which one in a hundred is a 'yes'."""
    yes = np.random.default_rng(0).random(10_000) < 0.01
    return float(np.mean(~yes))


def balanced_accuracy_of_always_no() -> float:
    """The mean of its accuracies on the two classes."""
    yes = np.random.default_rng(0).random(10_000) < 0.01
    answer = np.zeros_like(yes)
    return float(np.mean([np.mean(answer[yes == value] == value) for value in (True, False)]))


def coverage_of_196_with_three_seeds() -> float:
    """How often mean plus or minus 1.96 standard errors of three seeds holds the truth; it promises 0.95."""
    x = np.random.default_rng(0).normal(size=(40_000, 3))
    return float(np.mean(np.abs(x.mean(axis=1)) <= 1.96 * x.std(axis=1, ddof=1) / math.sqrt(3)))
