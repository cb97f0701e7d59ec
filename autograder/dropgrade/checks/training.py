"""Judging a learner's `train`: by one-hot images, which show what each step used, and by what it learns."""

from typing import Any

import numpy as np

from dropgrade.checks.nets import ALPHA, NAMES, active, copied, examples, network, read_network
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import limits
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.digits import load_digits
from dropgrade.reference import mlp

SETTINGS = {"p": 0.5, "steps": 400, "batch": 100, "rate": 0.1, "momentum": 0.9}
"""The budget of the trainings on the digits; the lesson states it."""
WIDTH, DIGITS = 128, 1_000
WORST_ERROR, WORST_RISE, LEAST_GAIN = 0.13, 0.08, 0.035
"""Right answers stay at least six standard deviations away; `tests/test_training_margins.py` measures it."""


def trained(functions: Functions, params: mlp.Params, x, labels, settings: dict[str, Any], rng) -> mlp.Params:
    """The learner's trained network, read; the learner gets copies."""
    value = functions["train"](copied(params), x.copy(), labels.copy(), dict(settings), rng)
    found = read_network(value, params, "The trained network")
    if not all(np.isfinite(array).all() for array in found.values()):
        raise Failed("The trained network holds inf or NaN: the training ran away.", "learns_too_little")
    return found


def judge_steps(functions: Functions, rng: np.random.Generator) -> str:
    """Three steps on one full batch without dropout: the order of the images does not matter then."""
    params = network(rng, 7, 12, 5)
    x, labels = examples(rng, params, 20)
    settings = {"p": 0.0, "steps": 3, "batch": 20, "rate": 0.05, "momentum": 0.7}
    found = trained(functions, params, x, labels, settings, fresh(rng))

    def moves_like(**changed: float) -> bool:
        other = mlp.train(params, x, labels, settings | changed, np.random.default_rng(0))
        return all(np.allclose(found[name], other[name], rtol=1e-6, atol=1e-9) for name in NAMES)

    if moves_like():
        return "three steps land where they should."
    known = {
        "momentum_forgotten": {"momentum": 0.0},
        "step_uphill": {"rate": -0.05},
        "nothing_learnt": {"rate": 0.0},
        "loss_summed": {"rate": 0.05 * len(x)},
    }
    name = next((name for name, changed in known.items() if moves_like(**changed)), "wrong_step")
    right = mlp.train(params, x, labels, settings, np.random.default_rng(0))
    far = max(np.abs(found[key] - right[key]).max() for key in NAMES)
    raise Failed(
        f"After 3 steps on one full batch at p = 0 the weights should be determined; one is {far:.2g} away.",
        name,
    )


def used(functions: Functions, rng: np.random.Generator, n: int, batch: int, steps: int) -> np.ndarray:
    """Which of n one-hot images the steps used, bool (n,): row i of W1 moves only for image i."""
    params = active(rng, n, 12)
    settings = {"p": 0.0, "steps": steps, "batch": batch, "rate": 0.01, "momentum": 0.0}
    found = trained(functions, params, np.eye(n), np.arange(n) % 10, settings, fresh(rng))
    return (found["W1"] != params["W1"]).any(axis=1)


def judge_epochs(functions: Functions, rng: np.random.Generator) -> str:
    """An epoch reaches all images; half an epoch reaches half of them, and not the same half each time."""
    n, batch = 60, 5
    whole = used(functions, rng, n, batch, n // batch)
    halves = [used(functions, rng, n, batch, n // batch // 2) for _ in range(2)]
    if not whole.all():
        raise Failed(
            f"After one epoch each of {n} images should have been used once; {n - whole.sum()} were not.",
            "nothing_learnt" if not whole.any() else "batches_overlap",
        )
    if any(half.sum() != n // 2 for half in halves):
        raise Failed(
            f"After half an epoch {n // 2} of {n} images should have been used; "
            f"it was {' and '.join(str(half.sum()) for half in halves)}.",
            "batches_overlap",
        )
    if np.array_equal(*halves):  # by chance once in 10^17
        raise Failed("Two generators gave the same first half of an epoch.", "never_shuffled")
    return "an epoch uses each image once, in a drawn order."


def judge_masks(functions: Functions, rng: np.random.Generator) -> str:
    """With one image in all, the bias of a unit stands still only if it was dropped in each step."""
    width, p, steps = 2_000, 0.6, 3
    params = active(rng, 4, width)
    settings = {"p": p, "steps": steps, "batch": 1, "rate": 1e-4, "momentum": 0.0}
    found = trained(functions, params, np.eye(4)[:1], np.array([3]), settings, fresh(rng))
    still = found["b1"] == params["b1"]
    low, high = limits(still.size, p**steps, ALPHA)
    share = float(still.mean())
    if low <= still.sum() <= high:
        return f"{percent(share)} of the units were dropped three times; p**3 is {percent(p**steps)}."
    if share in (0.0, 1.0):
        name = "nothing_learnt" if share else "trained_without_dropout"
    else:
        frozen = limits(still.size, p, ALPHA)
        name = "frozen_mask" if frozen[0] <= still.sum() <= frozen[1] else None
    raise Failed(
        f"With new masks at p = {p:g} in each of {steps} steps, {percent(p**steps)} of the units should "
        f"never move, and chance alone stays between {percent(low / still.size)} and "
        f"{percent(high / still.size)}; {percent(share)} did.",
        name,
    )


def digits_run(functions: Functions, seed: int, p: float) -> mlp.Params:
    """The learner's training on the digits; runs of one seed share the start and the state of rng."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    start = mlp.start(digits.train_images.shape[1], WIDTH, 10, rng)
    settings = SETTINGS | {"p": p}
    images, labels = digits.train_images[:DIGITS], digits.train_labels[:DIGITS]
    return trained(functions, start, images, labels, settings, rng)


def judge_learning(functions: Functions, rng: np.random.Generator) -> str:
    """Error on new digits, and its rise when half of the hidden units go."""
    digits = load_digits()
    params = digits_run(functions, int(rng.integers(2**31)), 0.5)
    error, _ = mlp.score(params, digits.test_images, digits.test_labels)
    if not error < WORST_ERROR:
        raise Failed(
            f"After {SETTINGS['steps']} steps with p = 0.5 fewer than {percent(WORST_ERROR)} of the new "
            f"digits should be misread; {percent(error)} are.",
            "learns_too_little",
        )
    half = mlp.ablation_curve(params, digits.test_images, digits.test_labels, (0.5,), 10, rng)[0]
    if not half - error < WORST_RISE:
        raise Failed(
            f"Without half of the hidden units {percent(half)} of the new digits are misread instead of "
            f"{percent(error)}; after training with p = 0.5 the rise stays under {percent(WORST_RISE)}.",
            "trained_without_dropout",
        )
    return f"{percent(error)} of the new digits are misread; without half of the units {percent(half)}."


def judge_gain(functions: Functions, rng: np.random.Generator) -> str:
    """Loss on new digits without dropout minus the loss with it: the mean over two seeds."""
    digits = load_digits()
    gains = []
    for _ in range(2):
        seed = int(rng.integers(2**31))
        plain, dropped = (
            mlp.score(digits_run(functions, seed, p), digits.test_images, digits.test_labels)[1]
            for p in (0.0, 0.5)
        )
        gains.append(plain - dropped)
    if not np.mean(gains) > LEAST_GAIN:
        raise Failed(
            f"With dropout the loss on new digits should be lower by more than {LEAST_GAIN}; over two seeds "
            f"it is lower by {np.mean(gains):.3f}.",
            "no_gain_from_dropout",
        )
    return f"with dropout the loss on new digits is lower by {np.mean(gains):.3f}."
