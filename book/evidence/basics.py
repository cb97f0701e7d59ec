"""What dropout is, what it is for, and what it costs: the numbers behind the basic questions.

The trained networks are those of chapter 4: 196 inputs, one hidden ReLU layer, a few hundred small digits.
"""

from functools import cache

import numpy as np
import torch
from _tools import Interval, interval

from dropgrade.digits import load_digits
from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import dropout_forward
from dropgrade.reference.regulariser import ridge, squared_loss, strengths

SEEDS = range(5)
SLOPES = torch.tensor([100.0, 0.01], dtype=torch.float64)
"""Gradients of two weights, one steep and one nearly flat."""


@cache
def _trained(p: float, seed: int, noise: float = 0.0) -> tuple[mlp.Params, np.ndarray, np.ndarray]:
    """A network of 128 units after 400 steps on 200 digits, and those digits with the labels it learnt.

    A share `noise` of the labels is shuffled among themselves before training.
    """
    digits, rng = load_digits(), np.random.default_rng(seed)
    chosen = rng.choice(len(digits.train_images), 200, replace=False)
    images, labels = digits.train_images[chosen], digits.train_labels[chosen]
    wrong = rng.permutation(200)[: round(200 * noise)]
    labels[wrong] = rng.permutation(labels[wrong])
    settings = {"p": p, "steps": 400, "batch": 50, "rate": 0.1, "momentum": 0.9}
    return mlp.train(mlp.start(196, 128, 10, rng), images, labels, settings, rng), images, labels


def _gap(p: float, seed: int) -> float:
    params, images, labels = _trained(p, seed, noise=0.2)
    digits = load_digits()
    return mlp.score(params, digits.test_images, digits.test_labels)[1] - mlp.score(params, images, labels)[1]


def training_passes_differ() -> float:
    """Share of entries that change from one training pass to the next, same input, drop rate 0.5."""
    torch.manual_seed(1)
    layer, x = torch.nn.Dropout(0.5), torch.ones(100_000)
    return float((layer(x) != layer(x)).double().mean())


def evaluation_passes_differ() -> float:
    """The same share in evaluation mode."""
    torch.manual_seed(1)
    layer, x = torch.nn.Dropout(0.5).eval(), torch.ones(100_000)
    return float((layer(x) != layer(x)).double().mean())


def mean_pass_over_evaluation() -> float:
    """A linear layer's output behind dropout 0.2: mean of 20,000 training passes over evaluation."""
    rng = np.random.default_rng(2)
    x, w = rng.random(50), rng.random(50)
    y, _ = dropout_forward(np.tile(x, (20_000, 1)), 0.2, True, rng)
    return float((y @ w).mean() / (x @ w))


def penalty_over_formula() -> float:
    """Extra squared loss under dropout 0.3 on the inputs, counted over masks, over its closed form."""
    rng = np.random.default_rng(3)
    X, w, y = rng.normal(size=(20, 5)), rng.normal(size=5), rng.normal(size=20)
    p, draws = 0.3, 40_000
    masked, _ = dropout_forward(np.broadcast_to(X, (draws, *X.shape)).copy(), p, True, rng)
    extra = ((y - masked @ w) ** 2).mean() / 2 - squared_loss(w, X, y)
    return float(extra / (strengths(X, p) @ w**2 / 2))


def noise_of_lone_unit() -> float:
    """Noise variance of a sum carried by one unit, over that of the same sum spread on ten, drop rate 0.5."""
    rng = np.random.default_rng(4)
    lone, _ = dropout_forward(np.full((100_000, 1), 1.0), 0.5, True, rng)
    spread, _ = dropout_forward(np.full((100_000, 10), 0.1), 0.5, True, rng)
    return float(lone.sum(axis=1).var() / spread.sum(axis=1).var())


def train_accuracy_on_shuffled_labels() -> Interval:
    """Share of its 200 training digits that a network gets right after their labels were shuffled."""
    return interval([1 - mlp.score(*_trained(0.0, seed, noise=1.0))[0] for seed in SEEDS])


def test_accuracy_after_shuffled_labels() -> Interval:
    """Share of new digits that this network gets right; guessing gives about a tenth."""
    digits = load_digits()
    nets = [_trained(0.0, seed, noise=1.0)[0] for seed in SEEDS]
    return interval([1 - mlp.score(net, digits.test_images, digits.test_labels)[0] for net in nets])


def test_accuracy_after_real_labels() -> Interval:
    """Share of new digits that the same network gets right when it was trained on the real labels."""
    digits = load_digits()
    nets = [_trained(0.0, seed)[0] for seed in SEEDS]
    return interval([1 - mlp.score(net, digits.test_images, digits.test_labels)[0] for net in nets])


def gap_closed_by_dropout() -> Interval:
    """Test minus training loss (nats), plain minus drop rate 0.5, on labels of which a fifth are noisy."""
    return interval([_gap(0.0, seed) - _gap(0.5, seed) for seed in SEEDS])


def gap_left_with_dropout() -> Interval:
    """Test minus training loss (nats) that is left at drop rate 0.5; a fifth of the training labels noisy."""
    return interval([_gap(0.5, seed) for seed in SEEDS])


def masks_against_penalty() -> float:
    """Distance of weights trained under masks from the penalty's optimum; least squares is 1 away."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 4)) * [0.5, 1, 1, 2]
    y, p = X @ np.array([2.0, -1.0, 1.0, 0.5]) + rng.normal(size=50), 0.5
    w, total = np.zeros(4), np.zeros(4)
    for step in range(4000):
        masked, _ = dropout_forward(X, p, True, rng)
        w = w - 0.05 * masked.T @ (masked @ w - y) / len(X)
        total += w * (step >= 2000)
    goal, plain = ridge(X, y, p), ridge(X, y, 0.0)
    return float(np.linalg.norm(total / 2000 - goal) / np.linalg.norm(plain - goal))


def _shrunk(kind: str) -> np.ndarray:
    """Least-squares weights of a sparse problem under an L1 or L2 penalty of 0.1, by proximal steps."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(100, 20))
    y = X[:, :4] @ np.array([2.0, -1.0, 1.0, 0.5]) + 0.3 * rng.normal(size=100)
    w, step = np.zeros(20), 0.1
    for _ in range(2000):
        w = w - step * X.T @ (X @ w - y) / 100
        w = np.sign(w) * np.maximum(np.abs(w) - 0.1 * step, 0) if kind == "L1" else w / (1 + 0.1 * step)
    return w


def zero_weights_under_l1() -> float:
    """Weights that are exactly zero out of 20, of which 4 matter, under an L1 penalty of 0.1."""
    return float((_shrunk("L1") == 0).sum())


def zero_weights_under_l2() -> float:
    """The same count under an L2 penalty of 0.1."""
    return float((_shrunk("L2") == 0).sum())


def _decayed(optimiser: type, steps: int = 50, **settings: float) -> torch.Tensor:
    w = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    chosen = optimiser([w], lr=0.01, **settings)
    for _ in range(steps):
        chosen.zero_grad()
        (w * SLOPES).sum().backward()
        chosen.step()
    return w.detach()


def adam_l2_against_adamw() -> float:
    """Largest difference of a weight after 50 steps of Adam with L2 in the loss and of AdamW, both at 0.1."""
    adam = _decayed(torch.optim.Adam, weight_decay=0.1)
    adamw = _decayed(torch.optim.AdamW, weight_decay=0.1)
    return float((adam - adamw).abs().max())


def sgd_l2_against_decay() -> float:
    """Largest difference of a weight after 50 plain gradient steps, L2 in the loss against decay."""
    with_l2 = _decayed(torch.optim.SGD, weight_decay=0.1)
    w = torch.ones(2, dtype=torch.float64)
    for _ in range(50):
        w = (1 - 0.01 * 0.1) * w - 0.01 * SLOPES
    return float((with_l2 - w).abs().max())


def _problem(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A linear regression with 20 columns of variance 1: X (n, 20), y (n,) and the true weights (20,)."""
    rng = np.random.default_rng([seed, n])
    X, w = rng.normal(size=(n, 20)), rng.normal(size=20) / np.sqrt(20)
    return X, X @ w + rng.normal(size=n), w


def _risk(seed: int, n: int, p: float, decay: float = 0.0) -> float:
    """Excess test error (units of the noise variance) after input dropout p and L2 strength `decay`."""
    X, y, truth = _problem(seed, n)
    hold = np.diag(strengths(X, p) + decay) + X.T @ X / n
    return float(((np.linalg.solve(hold, X.T @ y / n) - truth) ** 2).sum())


@cache
def _best(n: int) -> tuple[float, float]:
    """The drop rate and the L2 strength that are best alone: least mean risk over 40 data sets."""
    rates, decays = np.linspace(0, 0.9, 19), np.geomspace(0.01, 10, 19)
    by_rate = [np.mean([_risk(seed, n, p) for seed in range(40)]) for p in rates]
    by_decay = [np.mean([_risk(seed, n, 0.0, decay) for seed in range(40)]) for decay in decays]
    return float(rates[np.argmin(by_rate)]), float(decays[np.argmin(by_decay)])


def loss_from_adding_two_tuned() -> Interval:
    """Test error of dropout and L2 together, each at the strength that is best alone, minus dropout alone."""
    rate, decay = _best(30)
    return interval([_risk(seed, 30, rate, decay) - _risk(seed, 30, rate) for seed in range(100, 300)])


def best_rate_with_little_data() -> float:
    """Best input drop rate of a linear regression with 20 columns and 30 examples (grid in steps of 0.05)."""
    return _best(30)[0]


def best_rate_with_much_data() -> float:
    """The same with 1,000 examples."""
    return _best(1000)[0]


def noise_at_half_over_tenth() -> float:
    """Noise variance of an entry at drop rate 0.5 over that at drop rate 0.1, from 400,000 draws each."""
    rng, x = np.random.default_rng(8), np.ones(400_000)
    return float(dropout_forward(x, 0.5, True, rng)[0].var() / dropout_forward(x, 0.1, True, rng)[0].var())


def training_loss_overstates() -> Interval:
    """Training loss (nats) with masks minus without, same weights and digits, drop rate 0.5."""
    samples = []
    for seed in SEEDS:
        params, images, labels = _trained(0.5, seed)
        noisy = mlp.logits(params, images, 0.5, True, np.random.default_rng(seed))
        samples.append(mlp.scored(noisy, labels)[1] - mlp.score(params, images, labels)[1])
    return interval(samples)
