"""How the layer works and what its rate does: scaling, noise, the two modes, steps and counts."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from _tools import Interval, interval
from torch.utils.flop_counter import FlopCounterMode

from dropgrade.checks import api
from dropgrade.digits import load_digits
from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import dropout_forward


def _noise(p: float) -> float:
    """Variance of the training output for an input of 1, from 400,000 draws."""
    return float(dropout_forward(np.ones(400_000), p, True, np.random.default_rng(1))[0].var())


def noise_at_half() -> float:
    """Variance of the output for an input of 1 at drop rate 0.5."""
    return _noise(0.5)


def noise_at_nine_tenths() -> float:
    """Variance of the output for an input of 1 at drop rate 0.9."""
    return _noise(0.9)


@cache
def _losses(p: float, seed: int) -> tuple[float, float, int]:
    """Loss (nats, no mask) in training and test after 500 steps on 400 digits; steps to a training loss 0.5.

    The loss is looked at every 10 steps; 510 stands for "not reached".
    """
    digits, rng = load_digits(), np.random.default_rng(seed)
    chosen = rng.choice(len(digits.train_images), 400, replace=False)
    images, labels = digits.train_images[chosen], digits.train_labels[chosen]
    net, reached = mlp.start(196, 64, 10, rng), 0
    settings = {"p": p, "steps": 10, "batch": 40, "rate": 0.1, "momentum": 0.0}
    for done in range(10, 510, 10):
        net = mlp.train(net, images, labels, settings, rng)
        train = mlp.score(net, images, labels)[1]
        if not reached and train < 0.5:
            reached = done
    return train, mlp.score(net, digits.test_images, digits.test_labels)[1], reached or 510


def train_loss_added_by_high_rate() -> Interval:
    """Training loss (nats, no masks) after 500 steps at drop rate 0.9 minus the same without dropout."""
    return interval([_losses(0.9, seed)[0] - _losses(0.0, seed)[0] for seed in range(5)])


def test_loss_added_by_high_rate() -> Interval:
    """Test loss (nats) after 500 steps at drop rate 0.9 minus the same at 0.3."""
    return interval([_losses(0.9, seed)[1] - _losses(0.3, seed)[1] for seed in range(5)])


def steps_to_target_over_plain() -> Interval:
    """Steps until the training loss without masks is below 0.5, at drop rate 0.5 over without dropout."""
    return interval([_losses(0.5, seed)[2] / _losses(0.0, seed)[2] for seed in range(5)])


def _flops(p: float) -> int:
    """Multiplications and additions in the matrix products of one training step."""
    torch.manual_seed(2)
    net = torch.nn.Sequential(
        torch.nn.Linear(100, 200), torch.nn.ReLU(), torch.nn.Dropout(p), torch.nn.Linear(200, 10)
    )
    with FlopCounterMode(display=False) as counter:
        net(torch.randn(32, 100)).sum().backward()
    return counter.get_total_flops()


def flops_at_half_over_plain() -> float:
    """Operations in the matrix products of a step, forward and back, at drop rate 0.5 over 0."""
    return _flops(0.5) / _flops(0.0)


def narrow_layer_silenced() -> float:
    """Share of examples for which all 4 units of a layer are dropped at drop rate 0.5, of 200,000."""
    y, _ = dropout_forward(np.ones((200_000, 4)), 0.5, True, np.random.default_rng(3))
    return float((y == 0).all(axis=1).mean())


def _spread(width: int) -> float:
    """Standard deviation of the mean of `width` equal units at drop rate 0.5, as a share of it."""
    y, _ = dropout_forward(np.ones((4000, width)), 0.5, True, np.random.default_rng(4))
    return float(y.mean(axis=1).std())


def noise_of_four_over_1024() -> float:
    """Relative noise of a sum over 4 equal units over that of a sum over 1,024, drop rate 0.5."""
    return _spread(4) / _spread(1024)


def two_forms_apart() -> float:
    """Largest difference of classical and inverted dropout, both modes, with weights translated; rate 0.2."""
    rng, p, q = np.random.default_rng(5), 0.2, 0.8
    x, v, c = rng.normal(size=(64, 30)), rng.normal(size=(30, 5)), rng.normal(size=5)
    w = q * v
    y, keep = dropout_forward(x, p, True, rng)
    training = np.abs((x * keep @ v + c) - (y @ w + c)).max()
    evaluation = np.abs((q * x @ v + c) - (dropout_forward(x, p, False, rng)[0] @ w + c)).max()
    return float(max(training, evaluation))


def evaluation_mean_scaled_twice() -> float:
    """Evaluation output times 0.8 over the mean training output of inverted dropout, drop rate 0.2."""
    rng = np.random.default_rng(6)
    x = rng.random(200)
    y, _ = dropout_forward(np.tile(x, (5000, 1)), 0.2, True, rng)
    return float((0.8 * x).sum() / y.sum(axis=1).mean())


def evaluation_mean_scaled_by_rate() -> float:
    """Mean of p x over the mean of the mask times x, unscaled training, drop rate 0.2."""
    rng = np.random.default_rng(7)
    x = rng.random(200)
    keep = rng.random((5000, 200)) >= 0.2
    return float((0.2 * x).sum() / (x * keep).sum(axis=1).mean())


def parameters_changed_by_eval() -> float:
    """Parameters and buffers of a network with two dropout layers that differ after eval() and one pass."""
    torch.manual_seed(8)
    net = torch.nn.Sequential(
        torch.nn.Dropout(0.2),
        torch.nn.Linear(20, 30),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(30, 3),
    )
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.eval()(torch.randn(8, 20))
    return float(sum(not torch.equal(before[name], value) for name, value in net.state_dict().items()))


def variance_in_training_over_evaluation() -> float:
    """Variance of standard normal activations behind dropout 0.2, training over evaluation."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal(400_000)
    return float(dropout_forward(x, 0.2, True, rng)[0].var() / x.var())


def _printed_answer(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> tuple:
    """The model answer to "Implement the forward pass", line for line."""
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    y = np.zeros_like(x)
    np.divide(x, 1 - p, out=y, where=keep)
    return y, keep


def _with_choice(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> tuple:
    """A common answer: choose int(p n) columns to drop, for the whole batch."""
    if not training:
        return x, None
    keep = np.ones(x.shape, dtype=bool)
    keep[..., rng.choice(x.shape[-1], int(p * x.shape[-1]), replace=False)] = False
    return x * keep / (1 - p), keep


def _failed_checks(answer: Callable[..., tuple]) -> float:
    checks = api.run("02_forward", {"dropout_forward": answer}, seed=10)["checks"]
    return float(sum(not check["passed"] for check in checks))


def checks_failed_by_the_answer() -> float:
    """Checks of the second exercise that the printed forward pass fails."""
    return _failed_checks(_printed_answer)


def checks_failed_by_choice() -> float:
    """Checks of the second exercise that a forward pass with `rng.choice` on columns fails."""
    return _failed_checks(_with_choice)


def nan_from_multiplying() -> float:
    """Share of dropped entries, all infinite, that a multiplication by the mask turns into NaN."""
    keep = np.random.default_rng(11).random(1000) >= 0.5
    with np.errstate(invalid="ignore"):
        y = np.full(1000, np.inf) * keep
    return float(np.isnan(y).sum() / (~keep).sum())


@cache
def _counts() -> np.ndarray:
    """Dropped units out of 100 in each of 100,000 passes at drop rate 0.5."""
    return 100 - np.random.default_rng(12).binomial(1, 0.5, size=(100_000, 100)).astype(np.int8).sum(axis=1)


def dropped_of_hundred() -> float:
    """Mean number of dropped units out of 100 at drop rate 0.5."""
    return float(_counts().mean())


def spread_of_dropped() -> float:
    """Standard deviation of that number (units)."""
    return float(_counts().std())


def passes_within_forty_to_sixty() -> float:
    """Share of passes that drop 40 to 60 units, both included."""
    return float(((_counts() >= 40) & (_counts() <= 60)).mean())


def passes_with_exactly_fifty() -> float:
    """Share of passes that drop exactly 50 units."""
    return float((_counts() == 50).mean())
