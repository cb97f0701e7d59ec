"""Numbers behind questions of design: what a budget, a seed, a search or a migration does to a result."""

from functools import cache

import numpy as np
from _tools import Interval, digits, interval, test_error, trained

from dropgrade.reference import mlp
from dropgrade.reference.paired import t_quantile
from dropgrade.reference.philox import threshold, words


def _test() -> tuple[np.ndarray, np.ndarray]:
    return digits().test_images, digits().test_labels


def _auroc(score: np.ndarray, wrong: np.ndarray) -> float:
    """Chance that a wrong prediction scores above a right one, ties counted half."""
    above = np.subtract.outer(score[wrong], score[~wrong])
    return float((above > 0).mean() + (above == 0).mean() / 2)


@cache
def _detection(seed: int) -> tuple[float, float]:
    """How well 1 - confidence of one pass, and of the mean of 20 passes, find the wrong digits."""
    net, rng = trained(0.5, seed), np.random.default_rng(seed)
    images, labels = _test()
    one = np.exp(mlp.log_softmax(mlp.logits(net, images, 0.5, False, rng)))
    many = np.mean(
        [np.exp(mlp.log_softmax(mlp.logits(net, images, 0.5, True, rng))) for _ in range(20)], axis=0
    )
    wrong = one.argmax(axis=1) != labels  # one set of errors, so that only the scores differ
    return _auroc(1 - one.max(axis=1), wrong), _auroc(1 - many.max(axis=1), wrong)


def auroc_of_plain_confidence() -> Interval:
    """Area under the curve for finding the network's errors by 1 - confidence of one plain pass; 5 seeds."""
    return interval([_detection(seed)[0] for seed in range(5)])


def auroc_gain_of_20_passes() -> Interval:
    """What the confidence of the mean of 20 dropout passes adds to that area."""
    return interval([_detection(seed)[1] - _detection(seed)[0] for seed in range(5)])


def error_of_spread_from_10_passes() -> float:
    """Relative error (root mean square) of a standard deviation from 10 passes; one logit of 200 digits."""
    net, rng = trained(0.5, 0), np.random.default_rng(0)
    images = digits().test_images[:200]
    draws = np.array([mlp.logits(net, images, 0.5, True, rng)[:, 0] for _ in range(1000)])
    truth = draws.std(axis=0, ddof=1)
    tens = draws.reshape(100, 10, 200).std(axis=1, ddof=1)
    return float(np.sqrt(((tens / truth - 1) ** 2).mean()))


def cost_of_20_passes_of_the_head() -> float:
    """Multiplications of a 784-800-800-10 network with 20 passes of its last layer only, over one pass."""
    trunk, head = 784 * 800 + 800 * 800, 800 * 10
    return (trunk + 20 * head) / (trunk + head)


def luck_of_best_of_six() -> float:
    """Points by which the best of six equal models, true accuracy 0.85, beats it on 100 examples."""
    right = np.random.default_rng(0).binomial(100, 0.85, size=(100_000, 6))
    return float(right.max(axis=1).mean() - 85)


def gain_of_dropout_at_500() -> Interval:
    """Fall of the test error (points) by dropout 0.5, network of width 64, 500 digits, 5 paired seeds."""
    return interval(
        [
            test_error(trained(0.0, seed, count=500)) - test_error(trained(0.5, seed, count=500))
            for seed in range(5)
        ]
    )


def gain_against_untuned_baseline() -> Interval:
    """Fall of the test error (points): dropout 0.5, learning rate 0.1, against none, 0.0005; 5 seeds."""
    return interval(
        [test_error(trained(0.0, seed, rate=0.0005)) - test_error(trained(0.5, seed)) for seed in range(5)]
    )


def gain_against_tuned_baseline() -> Interval:
    """The same against no dropout at learning rate 0.1."""
    return interval([test_error(trained(0.0, seed)) - test_error(trained(0.5, seed)) for seed in range(5)])


def streams_shared_by_a_sum() -> float:
    """Share of 8 x 1,000 pairs (rank, step) whose seed base + rank + step is also another pair's."""
    seeds = np.add.outer(np.arange(8), np.arange(1000)).ravel()
    return float((np.bincount(seeds)[seeds] > 1).mean())


def streams_shared_by_fields() -> int:
    """How many of the same pairs share the first 64 bits that SeedSequence((base, rank, step)) makes."""
    states = {
        tuple(np.random.SeedSequence((7, rank, step)).generate_state(2))
        for rank in range(8)
        for step in range(1000)
    }
    return 8 * 1000 - len(states)


def _masks(workers: int, by_sample: bool) -> np.ndarray:
    """Keep flags (64 samples, 64 units), p = 0.1, of one step on some workers, samples dealt in turn."""
    keep = np.empty((64, 64), bool)
    for worker in range(workers):
        mine = np.arange(worker, 64, workers)
        for place, sample in enumerate(mine):
            seed, block = (1, 16 * sample) if by_sample else (1 + worker, 16 * place)
            keep[sample] = words(64, seed=int(seed), offset=int(block)) >= threshold(0.1)
    return keep


def masks_changed_by_ranks() -> float:
    """Share of a step's mask entries that change from 4 to 8 workers, streams made from ranks; p = 0.1."""
    return float((_masks(4, False) != _masks(8, False)).mean())


def masks_changed_by_samples() -> float:
    """The same with streams made from the samples' numbers."""
    return float((_masks(4, True) != _masks(8, True)).mean())


@cache
def _null_study() -> tuple[np.ndarray, np.ndarray]:
    """Mean gains, standard errors (20,000 ablations of nothing, 5 rates); 3 seeds, deviation 0.4 points."""
    rng = np.random.default_rng(0)
    baseline, arms = rng.normal(0, 0.4, (20_000, 1, 3)), rng.normal(0, 0.4, (20_000, 5, 3))
    gains = arms - baseline
    return gains.mean(axis=2), gains.std(axis=2, ddof=1) / np.sqrt(3)


def winners_among_nothing() -> float:
    """Share of those ablations whose best rate beats the baseline by 0.4 points or more."""
    return float((_null_study()[0].max(axis=1) >= 0.4).mean())


def winners_with_corrected_interval() -> float:
    """Share in which some rate's paired 95 % interval, corrected for five rates, lies above 0."""
    means, errors = _null_study()
    return float((means - t_quantile(1 - 0.05 / 5, 2) * errors > 0).any(axis=1).mean())


@cache
def _unscaled(seed: int) -> tuple[float, float, float]:
    """What a classical network does when it is served without its factor 1 - p = 0.5 on the hidden layer.

    Trained with division in training, a network equals one trained classically whose outgoing weights are
    1/(1 - p) times as large; served without the factor, those larger weights act.
    """
    net, (images, labels) = trained(0.5, seed), _test()
    served = net | {"W2": net["W2"] / np.float32(0.5)}
    before, after = mlp.score(net, images, labels), mlp.score(served, images, labels)
    sure = [
        np.exp(mlp.log_softmax(mlp.logits(part, images, 0.0, False, np.random.default_rng(0))))
        .max(axis=1)
        .mean()
        for part in (net, served)
    ]
    return 100 * (after[0] - before[0]), after[1] / before[1], float(sure[1] - sure[0])


def error_points_of_lost_factor() -> Interval:
    """Change of the test error in points when a classical network is served without its factor; 5 seeds."""
    return interval([_unscaled(seed)[0] for seed in range(5)])


def log_loss_factor_of_lost_factor() -> Interval:
    """Its test log loss over the right one."""
    return interval([_unscaled(seed)[1] for seed in range(5)])


def confidence_rise_of_lost_factor() -> Interval:
    """Rise of its mean confidence."""
    return interval([_unscaled(seed)[2] for seed in range(5)])


def _program_masks(global_index: bool) -> np.ndarray:
    """Keep flags (64 programs, 256 lanes) of one launch, p = 0.1; words by lane, or by index in the array."""
    lanes = words(64 * 256, seed=11) if global_index else np.tile(words(256, seed=11), 64)
    return (lanes >= threshold(0.1)).reshape(64, 256)


def programs_with_the_first_mask() -> float:
    """Share of the other 63 programs with the first one's mask when the generator is given the lane only."""
    masks = _program_masks(False)
    return float((masks[1:] == masks[0]).all(axis=1).mean())


def programs_with_the_first_mask_repaired() -> float:
    """The same when it is given the entry's index in the whole array."""
    masks = _program_masks(True)
    return float((masks[1:] == masks[0]).all(axis=1).mean())


def noise_factor_of_repeated_mask() -> float:
    """Variance of the share kept: 64 programs of 16 lanes with one mask, over 64 with their own; p = 0.1."""
    rng = np.random.default_rng(0)
    repeated = (rng.random((4000, 16)) >= 0.1).mean(axis=1)  # 64 copies have the same share
    independent = (rng.random((4000, 64 * 16)) >= 0.1).mean(axis=1)
    return float(repeated.var() / independent.var())


def addresses_below_zero() -> int:
    """Programs of 1,024 lanes whose first index is negative in 32 bits; 2**31 + 2**20 entries."""
    with np.errstate(over="ignore"):
        first = np.arange((2**31 + 2**20) // 1024, dtype=np.int32) * np.int32(1024)
    return int((first < 0).sum())
