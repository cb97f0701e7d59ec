"""First judgements: a net that underfits, an hour of tuning, a small table, two runs, one layer to place."""

from functools import cache

import numpy as np
import torch
from _tools import Interval, digits, interval, test_error, trained
from torch import nn

from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import dropout_forward
from dropgrade.reference.regulariser import ridge

SEEDS = range(4)


def _narrow(p: float, seed: int) -> tuple[float, float]:
    """Percent of training and of test digits that a net of 10 units gets wrong, 200 steps on 2,000 digits."""
    net = trained(p, seed, count=2000, width=10, steps=200)
    return 100 * mlp.score(net, digits().train_images, digits().train_labels)[0], test_error(net)


def gap_of_the_narrow_net() -> Interval:
    """Test minus training error (points) of a net of 10 units, drop rate 0.5, both in evaluation."""
    return interval([test - train for train, test in (_narrow(0.5, seed) for seed in SEEDS)])


def gap_after_removal() -> Interval:
    """The same after the training without dropout."""
    return interval([test - train for train, test in (_narrow(0.0, seed) for seed in SEEDS)])


def test_error_saved_by_removal() -> Interval:
    """Test error of the net of 10 units at drop rate 0.5 minus without dropout (points)."""
    return interval([_narrow(0.5, seed)[1] - _narrow(0.0, seed)[1] for seed in SEEDS])


def range_over_learning_rates() -> Interval:
    """Worst minus best test error (points) over the learning rates 0.001, 0.01 and 0.1, drop rate 0.5."""
    return interval(
        [np.ptp([test_error(trained(0.5, seed, rate=rate)) for rate in (0.001, 0.01, 0.1)]) for seed in SEEDS]
    )


def range_over_drop_rates() -> Interval:
    """The same over the drop rates 0, 0.2 and 0.5, at the learning rate 0.1."""
    return interval([np.ptp([test_error(trained(p, seed)) for p in (0.0, 0.2, 0.5)]) for seed in SEEDS])


def _kept(p: float) -> np.ndarray:
    """Which of 12 features survive input dropout, bool (100000, 12)."""
    return dropout_forward(np.ones((100_000, 12)), p, True, np.random.default_rng(1))[0] > 0


def pair_present_at_half() -> float:
    """Share of rows in which features 1 and 2 are both kept, input drop rate 0.5."""
    return float(_kept(0.5)[:, :2].all(axis=1).mean())


def pair_present_at_tenth() -> float:
    """The same share at input drop rate 0.1."""
    return float(_kept(0.1)[:, :2].all(axis=1).mean())


def pair_gone_at_half() -> float:
    """Share of rows in which features 1 and 2 are both dropped, input drop rate 0.5."""
    return float((~_kept(0.5)[:, :2]).all(axis=1).mean())


def ceiling_of_an_interaction() -> float:
    """Share of masked rows answered rightly by one who knows the rule "signs agree" and else guesses."""
    rng, kept = np.random.default_rng(2), _kept(0.5)
    label = rng.normal(size=kept.shape)[:, :2].prod(axis=1) > 0
    guess = rng.random(len(kept)) < 0.5
    return float((np.where(kept[:, :2].all(axis=1), label, guess) == label).mean())


def _weight_left(p: float) -> Interval:
    """Mean weight of two features (true weight 1, ten others 0) that input dropout leaves, 500 rows."""
    samples = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(500, 12))
        samples.append(ridge(X, X[:, :2].sum(axis=1) + 0.5 * rng.normal(size=500), p)[:2].mean())
    return interval(samples)


def weight_left_at_half() -> Interval:
    """Weight that a linear regression on 12 features learns under input dropout 0.5 where 1 is true."""
    return _weight_left(0.5)


def weight_left_at_tenth() -> Interval:
    """The same at input drop rate 0.1."""
    return _weight_left(0.1)


@cache
def _twelve_pairs() -> np.ndarray:
    """Test errors (percent) without dropout and at drop rate 0.5, float (2, 12): one column a seed."""
    return np.array([[test_error(trained(p, seed)) for seed in range(12)] for p in (0.0, 0.5)])


def pairs_that_say_no() -> float:
    """Share of the 144 pairs of one plain run and one at 0.5 in which the plain one is at least as good."""
    plain, dropped = _twelve_pairs()
    return float((plain[:, None] <= dropped).mean())


def spread_between_equal_runs() -> float:
    """Worst minus best test error (points) of twelve plain runs that differ in their seed only."""
    return float(np.ptp(_twelve_pairs()[0]))


@cache
def _placed(place: str, seed: int) -> tuple[float, float]:
    """Training loss under masks (nats) and test error (percent) of 196-64-10 with Dropout(0.5) at a place."""
    torch.manual_seed(seed)
    at = {name: nn.Dropout(0.5 if name == place else 0.0) for name in ("input", "hidden", "logits")}
    net = nn.Sequential(
        at["input"], nn.Linear(196, 64), nn.ReLU(), at["hidden"], nn.Linear(64, 10), at["logits"]
    )
    images, labels = (
        torch.tensor(digits().train_images[:600]),
        torch.tensor(digits().train_labels[:600]).long(),
    )
    optimiser, logged = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), []
    for chosen in torch.randint(600, (200, 50)):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(images[chosen]), labels[chosen])
        loss.backward()
        optimiser.step()
        logged.append(loss.item())
    with torch.no_grad():
        answers = net.eval()(torch.tensor(digits().test_images)).argmax(dim=1).numpy()
    return float(np.mean(logged[-50:])), 100 * float((answers != digits().test_labels).mean())


def logged_loss_with_dropped_logits() -> Interval:
    """Training loss (nats) in the log's last 50 of 200 steps, dropout 0.5 on the ten logits."""
    return interval([_placed("logits", seed)[0] for seed in range(3)])


def logged_loss_with_dropped_units() -> Interval:
    """The same with dropout 0.5 on the 64 hidden units."""
    return interval([_placed("hidden", seed)[0] for seed in range(3)])


def error_of_dropped_logits_over_units() -> Interval:
    """Test error (points) with dropout on the logits minus on the hidden units."""
    return interval([_placed("logits", seed)[1] - _placed("hidden", seed)[1] for seed in range(3)])
