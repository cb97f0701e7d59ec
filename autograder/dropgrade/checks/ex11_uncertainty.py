"""The checks of exercise 11_uncertainty: MC dropout, the uncertainty it shows, and whether to believe it."""

import numpy as np

from dropgrade.checks import uncertain_scores
from dropgrade.checks.calling import global_state, listening
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import read_array
from dropgrade.checks.uncertain import (
    ALPHA,
    NEAR,
    in_mode,
    judge_independence,
    judge_masks,
    mixed_net,
    near,
    random_logits,
    read_pair_of,
    seen_masks,
    settle,
    trained,
)
from dropgrade.checks.uncertain_results import other_averages, other_entropies, other_informations
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.digits import load_digits
from dropgrade.reference import uncertainty as right
from dropgrade.reference.small_nets import rotate

checks = Checklist()

RISE = 0.05
"""Nats by which mean information has to rise from upright digits to digits turned by 60 degrees."""


@checks.add(points=1, uses=("mc_logits",))
def returns_logits(functions: Functions, rng: np.random.Generator) -> str:
    """mc_logits returns the last layer's output of each pass: an array (passes, n, classes)."""
    x = rng.normal(size=(4, 6))
    for passes in (3, 1):
        layers = mixed_net(rng, 0.0)
        found = functions["mc_logits"](layers, x.copy(), passes, fresh(rng))
        found = read_array(found, (passes, 4, 5), "logits")
        plain = np.broadcast_to(in_mode(layers, x, False), found.shape)
        if (
            near(found, right.softmax(plain)).all()
            or near(found, right.softmax(in_mode(layers, x, True))).all()
        ):
            raise Failed("Each row of the result sums to 1: these are probabilities.", "softmaxed_already")
    return "one array of logits, for several passes and for one."


@checks.add(
    points=2,
    false_alarm=ALPHA,
    catches="a rate that is 0.04 off in 99 of 100 runs, a layer that is off each time",
    uses=("mc_logits",),
)
def every_dropout_layer_drops(functions: Functions, rng: np.random.Generator) -> str:
    """Each dropout layer drops at its own rate and divides what is kept by 1 - p."""
    seen = {}
    for early in (True, False):
        for p in (0.2, 0.7):
            seen[early, p] = seen_masks(functions["mc_logits"], rng, p, early)
    if all(keep.all() for keep, _ in seen.values()):
        raise Failed(
            "No entry was dropped in any of 8 passes, neither at p = 0.2 nor at p = 0.7.",
            "dropout_off_at_test",
        )
    for (early, p), (keep, factors) in seen.items():
        judge_masks(keep, p, "first" if early else "last")
        if not near(factors, 1 / (1 - p)).all():
            plain = near(factors, 1.0).all()
            raise Failed(
                f"At p = {p:g} what is kept should come out {1 / (1 - p):.4g} times as large; the factor is "
                f"{factors[0]:.4g}.",
                "no_rescale" if plain else None,
            )
    return "both dropout layers drop at their rates and rescale."


@checks.add(
    points=1,
    false_alarm=ALPHA,
    catches="one mask for all passes or all examples, each time",
    uses=("mc_logits",),
)
def masks_are_independent(functions: Functions, rng: np.random.Generator) -> str:
    """Each pass and each example has a mask of its own."""
    keep, _ = seen_masks(functions["mc_logits"], rng, 0.5, early=False)
    if keep.all():
        raise Failed(
            "Nothing was dropped at p = 0.5, so there are no masks to compare.", "dropout_off_at_test"
        )
    judge_independence(keep)
    return "two passes agree by chance only, and so do two examples."


@checks.add(points=2, uses=("mc_logits",))
def batchnorm_stays_in_evaluation(functions: Functions, rng: np.random.Generator) -> str:
    """Batch normalisation uses its stored statistics, so an example's logits do not depend on the others."""
    layers, x = mixed_net(rng, 0.0), rng.normal(size=(9, 6))
    expected, awake = in_mode(layers, x, False), in_mode(layers, x, True)
    for rows in (slice(None), slice(0, 1)):
        found = functions["mc_logits"](layers, x[rows].copy(), 2, fresh(rng))
        found = read_array(found, (2, len(x[rows]), 5), "logits")
        names = [("softmaxed_already", np.stack([right.softmax(expected[rows])] * 2))]
        if rows == slice(None):
            names.append(("wakes_batchnorm", np.stack([awake] * 2)))
        settle("logits", found, np.stack([expected[rows]] * 2), names, " at p = 0")
    return "at p = 0 the logits are those of evaluation, alone or in a batch."


@checks.add(points=1, uses=("mc_logits",))
def network_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """The layers, their rates and stored statistics, and x are left as they were."""
    layers, x = mixed_net(rng, 0.4), rng.normal(size=(9, 6))
    before = [
        dict(layer) | {k: v.copy() for k, v in layer.items() if isinstance(v, np.ndarray)} for layer in layers
    ]
    given = x.copy()
    read_array(functions["mc_logits"](layers, given, 3, fresh(rng)), (3, 9, 5), "logits")
    if len(layers) != len(before) or not np.array_equal(x, given):
        raise Failed("mc_logits changed the list of layers or x in place.", "input_changed_in_place")
    for number, (layer, old) in enumerate(zip(layers, before, strict=True)):
        for key in {**old, **layer}:
            if key not in layer or key not in old or not np.array_equal(layer[key], old[key]):
                awake = key in ("mean", "var") and layer["kind"] == "batchnorm"
                raise Failed(
                    f'The call changed "{key}" of layer {number} ({old["kind"]}).',
                    "wakes_batchnorm" if awake else "input_changed_in_place",
                )
    return "the network is the same after three passes."


@checks.add(points=1, uses=("mc_logits",))
def draws_from_the_generator(functions: Functions, rng: np.random.Generator) -> str:
    """The generator handed over decides the masks: equal ones give equal logits, and it moves on."""
    layers, x = mixed_net(rng, 0.5), rng.normal(size=(20, 6))
    seed = int(rng.integers(2**63))

    def logits(generator: np.random.Generator) -> np.ndarray:
        return read_array(functions["mc_logits"](layers, x.copy(), 4, generator), (4, 20, 5), "logits")

    one = np.random.default_rng(seed)
    with global_state(rng) as touched:
        first, later, again = logits(one), logits(one), logits(np.random.default_rng(seed))
    if touched:
        raise Failed(f"The call drew from the global state of {touched[0]}.", "global_rng")
    if not np.array_equal(first, again):
        raise Failed(
            "Two generators with the same seed should give the same logits; yours differ.", "own_rng"
        )
    if np.array_equal(first, later):
        raise Failed(
            "Two calls with one generator give the same logits; the second should draw new masks.",
            "reseeds_each_call",
        )
    return "the same seed gives the same logits, and a second call gives new ones."


@checks.add(points=2, uses=("predict",))
def averages_probabilities(functions: Functions, rng: np.random.Generator) -> str:
    """predict returns the mean of the passes' probabilities, an array (n, classes)."""
    for passes, n, classes in ((7, 30, 5), (1, 4, 3), (4, 4, 4)):
        logits = random_logits(rng, passes, n, classes)
        found = read_array(functions["predict"](logits.copy()), (n, classes), "probs")
        settle("probs", found, right.predict(logits), other_averages(logits), f" for {passes} passes")
    return "the mean of probabilities, for 7 passes and for 1."


@checks.add(points=1, uses=("predict",))
def large_logits(functions: Functions, rng: np.random.Generator) -> str:
    """Logits of a thousand and more give probabilities, without overflow and without a warning."""
    logits = random_logits(rng, 3, 6, 4) * 500 + rng.choice([-5000.0, 5000.0], size=(3, 6, 1))
    with listening() as noise:
        found = functions["predict"](logits.copy())
    found = read_array(found, (6, 4), "probs")
    if not np.isfinite(found).all() or noise.first():
        heard = f"; it said: {noise.first()}" if noise.first() else ""
        raise Failed(
            f"Logits near 5,000 should give finite probabilities in silence{heard}.", "exp_overflows"
        )
    settle("probs", found, right.predict(logits), other_averages(logits), " for logits near 5,000")
    return "logits near 5,000 are no trouble."


@checks.add(points=2, uses=("uncertainty",))
def entropy_of_the_average(functions: Functions, rng: np.random.Generator) -> str:
    """uncertainty returns first the entropy of the average prediction, in nats."""
    logits = random_logits(rng)
    found, _ = read_pair_of(functions["uncertainty"](logits.copy()), (30,))
    settle("entropy", found, right.uncertainty(logits)[0], other_entropies(logits))
    even, _ = read_pair_of(functions["uncertainty"](np.zeros((3, 2, 5))), (2,))
    settle(
        "entropy",
        even,
        np.full(2, np.log(5)),
        [("log_base", np.full(2, np.log2(5)))],
        " (ln 5) where all logits are 0",
    )
    return "the entropy of the average, and ln 5 for five equal classes."


@checks.add(points=2, uses=("uncertainty",))
def information_is_the_gap(functions: Functions, rng: np.random.Generator) -> str:
    """uncertainty returns second the mutual information: that entropy minus the passes' mean entropy."""
    for passes in (7, 2):
        logits = random_logits(rng, passes)
        _, found = read_pair_of(functions["uncertainty"](logits.copy()), (30,))
        expected = right.uncertainty(logits)[1]
        settle("information", found, expected, other_informations(logits), f" for {passes} passes")
    return "entropy of the average minus average of the entropies."


@checks.add(points=1, uses=("uncertainty",))
def information_keeps_its_bounds(functions: Functions, rng: np.random.Generator) -> str:
    """The information is never below 0 nor above the entropy, and 0 (to rounding) where all passes agree."""
    for what, logits in (
        ("300 different rows", random_logits(rng, 5, 300)),
        ("passes that are all alike", np.repeat(random_logits(rng, 1, 300), 6, axis=0)),
        ("a single pass", random_logits(rng, 1, 300)),
    ):
        total, found = read_pair_of(functions["uncertainty"](logits.copy()), (300,))
        if not (found >= 0).all() or not (found <= total + NEAR).all():
            worst = found[np.argmax(np.maximum(-found, found - total))]
            raise Failed(
                f"For {what} the information should lie between 0 and the entropy; one is {worst:.3g}.",
                "negative_information",
            )
        if what != "300 different rows" and not (found <= NEAR).all():
            raise Failed(f"For {what} the information should be 0; the largest is {found.max():.3g}.")
    return "between 0 and the entropy, and 0 where the passes agree."


@checks.add(points=1, uses=("uncertainty",))
def certain_passes(functions: Functions, rng: np.random.Generator) -> str:
    """Two passes that are certain of different classes have entropy and information ln 2, in silence."""
    logits = np.zeros((2, 3, 4))
    chosen = np.array([rng.permutation(4)[:2] for _ in range(3)]).T
    np.put_along_axis(logits, chosen[..., None], 3000.0, axis=2)
    with listening() as noise:
        found = functions["uncertainty"](logits.copy())
    total, information = read_pair_of(found, (3,))
    if noise.first() or np.isnan(total).any() or np.isnan(information).any():
        heard = f" it said: {noise.first()}." if noise.first() else " the result holds NaN."
        raise Failed(
            f"Where a probability underflows to 0 uncertainty should be silent and finite;{heard}",
            "log_of_zero",
        )
    for what, one in (("entropy", total), ("information", information)):
        settle(
            what,
            one,
            np.full(3, np.log(2)),
            [("log_base", np.ones(3))],
            " (ln 2) for two certain passes that disagree",
        )
    return "ln 2 for two certain passes that disagree."


@checks.add(
    points=2,
    false_alarm=1e-8,
    catches="masks that are missing or never change, each time",
    seconds=20.0,
    uses=("mc_logits", "uncertainty"),
)
def turned_digits_are_uncertain(functions: Functions, rng: np.random.Generator) -> str:
    """On a trained network the mean information of your passes rises when digits are turned by 60 degrees.

    It has to rise by 0.05 nats. In 300 runs of the reference with 200 digits it rose by 0.150 with a standard
    deviation of 0.009, so that right answers stay eleven standard deviations away from the limit.
    """
    digits = load_digits()
    images = digits.test_images[rng.choice(1000, 200, replace=False)]
    means = []
    for degrees in (0, 60):
        turned = rotate(images, degrees).astype(np.float64)
        layers = [dict(layer) for layer in trained()]
        logits = read_array(functions["mc_logits"](layers, turned, 20, fresh(rng)), (20, 200, 10), "logits")
        _, information = read_pair_of(functions["uncertainty"](logits), (200,))
        means.append(float(information.mean()))
    if not means[1] - means[0] >= RISE:
        raise Failed(
            f"Upright digits have {means[0]:.3f} nats of information on average, turned ones {means[1]:.3f}; "
            f"it should rise by {RISE:g} at least.",
            "dropout_off_at_test" if max(map(abs, means)) < NEAR else None,
        )
    return f"{means[0]:.2f} nats upright, {means[1]:.2f} turned by 60 degrees."


EXERCISE = Exercise(
    "11_uncertainty",
    "What the network does not know",
    ("mc_logits", "predict", "uncertainty", "nll", "ece", "compare"),
    (),
    tuple(checks.checks + uncertain_scores.checks.checks),
)
