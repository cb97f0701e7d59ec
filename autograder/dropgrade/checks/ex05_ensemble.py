"""The checks of exercise 05_ensemble: every thinned network, their means, and a mean over samples."""

import numpy as np

from dropgrade.checks import ensemble_draws, ensemble_names
from dropgrade.checks.calling import listening
from dropgrade.checks.common import judge_bad_p
from dropgrade.checks.ensemble_draws import network
from dropgrade.checks.ensemble_pieces import (
    chances,
    distributions,
    exact_means,
    gaps,
    judge_mean,
    judge_members,
    mean,
    members,
    own_means,
    scaled,
    some_p,
)
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import close, name_of, read_mask
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import ensemble

checks = Checklist()

EXACT = 1e-12
"""Total variation allowed where the identity is exact: rounding of sums over 500 members is below 1e-14."""


@checks.add(points=2)
def every_mask_once(functions: Functions, rng: np.random.Generator) -> str:
    """all_masks(n) holds each of the 2^n masks once, as True and False; with n = 0 it is the empty mask."""
    for n in (3, 1, 8, 0):
        found = functions["all_masks"](n)
        if not isinstance(found, np.ndarray):
            raise Failed(f"all_masks({n}) should be one NumPy array; it is {name_of(found)}.", "wrong_return")
        if found.ndim == 2 and found.shape[1] == n and len(found) != 2**n:
            raise Failed(
                f"There are {2**n} masks of {n} units; all_masks gives {len(found)}.", "masks_missing"
            )
        keep = read_mask(found, (2**n, n), f"all_masks({n})")
        if found.dtype != bool:
            raise Failed(
                f"all_masks({n}) has dtype {found.dtype}; True and False were expected.", "mask_not_bool"
            )
        different = len(np.unique(keep, axis=0)) if n else 1
        if different != 2**n:
            raise Failed(f"all_masks({n}) has {different} different rows out of {2**n}.", "masks_missing")
    return "each mask is there, once."


@checks.add(points=2)
def chances_match_p(functions: Functions, rng: np.random.Generator) -> str:
    """A mask's chance is p to the number of dropped units times 1 - p to the number of kept ones."""
    for p in some_p(rng):
        keep = rng.random((12, 7)) >= 0.5
        found, right = chances(functions, keep, p), ensemble.chances(keep, p)
        if not close(found, right):
            wrong = int(np.argmax(np.abs(found / right - 1)))
            raise Failed(
                f"At p = {p:g} a mask that keeps {keep[wrong].sum()} of 7 units has the chance "
                f"{right[wrong]:.4g}; yours is {found[wrong]:.4g}.",
                ensemble_names.recognise(found, ensemble_names.wrong_chances(keep, p)),
            )
    return "each mask has its chance, below p = 0.5 and above."


@checks.add(points=1)
def chances_at_the_ends(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 0 the full mask has chance 1, at p = 1 the empty one, and 0 units have one mask of chance 1."""
    keep = rng.permutation(ensemble.all_masks(4))
    for p, certain in ((0.0, keep.all(axis=1)), (1.0, ~keep.any(axis=1))):
        found = chances(functions, keep, p)
        if np.isnan(found).any():
            raise Failed(f"At p = {p:g} chances gives NaN.", "zero_to_the_zero")
        if not np.allclose(found, certain, rtol=0, atol=1e-12):
            raise Failed(
                f"At p = {p:g} one mask has chance 1 and the others 0; yours are other numbers.",
                ensemble_names.recognise(found, {"keep_drop_swapped": ensemble.chances(~keep, p)}),
            )
    found = chances(functions, np.ones((1, 0), dtype=bool), 0.3)
    if not np.allclose(found, 1, rtol=0, atol=1e-12):
        raise Failed(f"The only mask of 0 units has chance 1; yours is {found[0]:.4g}.")
    return "the ends of p and the empty mask are right."


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """In chances a p outside [0, 1], or NaN, raises ValueError."""
    judge_bad_p(functions["chances"], lambda p: (np.ones((2, 3), dtype=bool), p))
    return "each p outside [0, 1] raises ValueError, and so does NaN."


@checks.add(points=2)
def members_one_layer(functions: Functions, rng: np.random.Generator) -> str:
    """With one layer a member is the softmax of the masked inputs, divided by 1 - p, times W, plus b."""
    judge_members(functions, rng, 6, 4)
    judge_members(functions, rng, 1, 2)
    return "a single layer is thinned as it should be."


@checks.add(points=2)
def members_all_layers(functions: Functions, rng: np.random.Generator) -> str:
    """With several layers the inputs of each are dropped, each by columns of its own; ReLU stands between."""
    judge_members(functions, rng, 4, 5, 3)
    judge_members(functions, rng, 2, 4, 3, 2)
    return "two and three layers are thinned as they should be."


@checks.add(points=1)
def scaled_is_one_pass(functions: Functions, rng: np.random.Generator) -> str:
    """scaled is one pass through the whole network: nothing dropped, nothing rescaled."""
    for sizes in ((6, 4), (4, 5, 3)):
        x, layers = network(rng, *sizes)
        found = scaled(functions, x, layers)
        if not close(found, ensemble.scaled(x, layers)):
            named = ensemble_names.recognise(found, ensemble_names.wrong_scaled(x, layers))
            raise Failed(
                f"With {len(layers)} layer{'s' * (len(layers) > 1)} scaled gives other numbers than one pass "
                "through the network.",
                named or "another_network",
            )
    return "one pass, everything kept, nothing rescaled."


@checks.add(points=1)
def big_scores_are_safe(functions: Functions, rng: np.random.Generator) -> str:
    """Scores of several thousand, of either sign, give probabilities: no inf, no NaN."""
    x, keep = np.ones(1), np.ones((1, 1), dtype=bool)
    for sign in (1, -1):
        layers = [(np.zeros((1, 3)), sign * np.array([3000.0, 4000.0, 4001.0]))]
        right = ensemble.scaled(x, layers)
        for what, found in (
            ("members", members(functions, x, layers, keep, 0.25)[0]),
            ("scaled", scaled(functions, x, layers)),
        ):
            if not np.allclose(found, right, rtol=1e-6, atol=1e-9):
                raise Failed(
                    f"For scores around {sign * 4000} {what} gives {found.round(3).tolist()}, "
                    f"not {right.round(3).tolist()}.",
                    None if np.isfinite(found).all() and found.any() else "softmax_overflows",
                )
    return "large scores give probabilities."


@checks.add(points=1)
def arithmetic_weighted(functions: Functions, rng: np.random.Generator) -> str:
    """The arithmetic mean gives each member its weight."""
    for m, classes in ((9, 4), (1, 2), (300, 3)):
        judge_mean(
            functions, "arithmetic", *distributions(rng, m, classes), wrong=ensemble_names.wrong_arithmetic
        )
    return "each member counts with its weight."


@checks.add(points=2)
def geometric_weighted(functions: Functions, rng: np.random.Generator) -> str:
    """The geometric mean takes each member to the power of its weight, and then sums to 1."""
    for m, classes in ((9, 4), (1, 2), (2000, 3)):
        judge_mean(
            functions, "geometric", *distributions(rng, m, classes), wrong=ensemble_names.wrong_geometric
        )
    return "each member counts with its weight as the power, and the result sums to 1."


@checks.add(points=1)
def zeros_are_vetoes(functions: Functions, rng: np.random.Generator) -> str:
    """In the geometric mean a zero makes the class 0 if its member has a weight; else it is ignored."""
    probs, weights = distributions(rng, 6, 4)
    probs[2, 1] = probs[4, 3] = 0
    weights[4] = 0
    probs, weights = probs / probs.sum(axis=1, keepdims=True), weights / weights.sum()
    right = ensemble.geometric(probs, weights)
    found = mean(functions, "geometric", probs, weights)
    if np.isnan(found).any():
        raise Failed("With zeros among the probabilities the geometric mean is NaN.", "zero_to_the_zero")
    if found[1] > EXACT:
        raise Failed(
            f"A class that a counted member excludes should get 0; it gets {found[1]:.2g}.", "veto_lost"
        )
    if not found[3] > 0:
        raise Failed(
            "A member of weight 0 excludes a class; it should count for nothing.", "zero_to_the_zero"
        )
    if not np.allclose(found, right, rtol=1e-6, atol=EXACT):
        counted = [0, 2, 3]
        multiple = {"mean_not_renormalised": right[counted] * found[0] / right[0]}
        raise Failed(
            "With zeros among the probabilities the geometric mean has other values than it should.",
            ensemble_names.recognise(found[counted], multiple),
        )
    return "a zero is a veto if its member counts, and nothing if it does not."


def blame(functions: Functions, rng: np.random.Generator) -> str | None:
    """The misconception that the pieces show one by one; None if each is right by itself."""
    pieces = (every_mask_once, chances_match_p, members_one_layer, members_all_layers, scaled_is_one_pass)
    for check in (*pieces, arithmetic_weighted, geometric_weighted):
        try:
            check(functions, rng)
        except Failed as failure:
            return failure.diagnosis
    return None


@checks.add(points=2, catches="a difference of 1e-12, which float32 anywhere on the way exceeds, each time")
def one_layer_is_exact(functions: Functions, rng: np.random.Generator) -> str:
    """With one layer your geometric mean over all masks is your one pass, to 1e-12."""
    widest = 0.0
    for p in some_p(rng):
        x, layers = network(rng, 9, 4)
        _, geometric, one_pass = own_means(functions, x, layers, p)
        gap = ensemble.total_variation(geometric, one_pass)
        if not gap <= EXACT:
            named = "single_precision" if gap < 1e-5 else blame(functions, rng)
            raise Failed(
                f"At p = {p:g} your geometric mean over 512 masks and your one pass should agree to 1e-12; "
                f"they are {gap:.1e} apart.",
                named,
            )
        widest = max(widest, gap)
    return f"geometric mean and one pass are {widest:.0e} apart."


@checks.add(points=2)
def two_layers_differ(functions: Functions, rng: np.random.Generator) -> str:
    """With two layers the gaps between the means and the one pass are as large as they are."""
    p = some_p(rng)[0]
    nets = (network(rng, 4, 5, 3) for _ in range(20))
    x, layers = max(nets, key=lambda net: gaps(*exact_means(*net, p))[1])
    right, found = gaps(*exact_means(x, layers, p)), gaps(*own_means(functions, x, layers, p))
    for name, expected, gap in zip(("arithmetic", "geometric"), right, found, strict=True):
        if not abs(gap - expected) <= 1e-6:
            raise Failed(
                f"At p = {p:g} the {name} mean over 512 masks is {expected:.4f} away from one pass; "
                f"with your functions it is {gap:.4f}.",
                blame(functions, rng),
            )
    return f"arithmetic mean {found[0]:.3f} and geometric mean {found[1]:.3f} away from one pass."


@checks.add(points=1)
def one_draw_one_member(functions: Functions, rng: np.random.Generator) -> str:
    """With samples = 1 sampled gives the output of one member, with 2 the mean of two."""
    ensemble_draws.judge_single(functions, rng)
    return "one sample is one member, two are the mean of two."


@checks.add(
    points=2,
    false_alarm=3 * ensemble_draws.ALPHA,
    catches="a keep rate 6 percentage points off, or units that share their luck, in 999 of 1,000 runs",
)
def samples_converge(functions: Functions, rng: np.random.Generator) -> str:
    """The mean over 3,000 sampled members lies within exact limits of the arithmetic mean."""
    ensemble_draws.judge_smooth(functions, rng)
    ensemble_draws.judge_counts(functions, rng)
    return f"means over {ensemble_draws.SAMPLES} samples are within what chance allows."


@checks.add(points=1, false_alarm=1e-12)
def rng_decides(functions: Functions, rng: np.random.Generator) -> str:
    """The rng handed to sampled decides the result, and no global state is touched."""
    ensemble_draws.judge_rng(functions, rng)
    return "the same seed gives the same estimate, another seed another one."


@checks.add(points=1)
def inputs_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """No function writes into the arrays it is given."""
    x, layers = network(rng, 3, 4, 2)
    keep, (probs, weights) = rng.random((5, 7)) >= 0.5, distributions(rng, 5, 3)
    calls = {
        "chances": (keep, 0.3),
        "members": (x, layers, keep, 0.3),
        "scaled": (x, layers),
        "arithmetic": (probs, weights),
        "geometric": (probs, weights),
        "sampled": (x, layers, 0.3, 4, fresh(rng)),
    }
    arrays = {"x": x, "keep": keep, "probs": probs, "weights": weights}
    arrays |= {
        f"{name} of layer {i}": a for i, pair in enumerate(layers) for name, a in zip("Wb", pair, strict=True)
    }
    before = {name: array.copy() for name, array in arrays.items()}
    for function, arguments in calls.items():
        functions[function](*arguments)
        for name, array in arrays.items():
            if not np.array_equal(array, before[name]):
                raise Failed(
                    f"After a call of {function} {name} holds other values.", "input_changed_in_place"
                )
    return "all arrays are what they were."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    x, layers = network(rng, 3, 4, 2)
    keep = ensemble.all_masks(7)
    probs, weights = np.array([[0.5, 0.5, 0.0], [0.2, 0.7, 0.1]]), np.array([0.25, 0.75])
    calls = [
        ("all_masks", (3,)),
        ("chances", (keep, 0.0)),
        ("chances", (keep, 1.0)),
        ("chances", (keep, 0.3)),
    ]
    calls += [
        ("members", (x, layers, keep, 0.3)),
        ("members", (x, layers, keep, 0.0)),
        ("scaled", (x, layers)),
    ]
    calls += [("arithmetic", (probs, weights)), ("geometric", (probs, weights))]
    calls += [("geometric", (probs, np.array([0.0, 1.0]))), ("sampled", (x, layers, 0.3, 5, fresh(rng)))]
    for name, arguments in calls:
        with listening() as noise:
            result = functions[name](*arguments)
        if result is None:
            raise Failed(f"{name} returned nothing.", "wrong_return")
        if noise.first():
            raise Failed(f"{name} should be silent; it said: {noise.first()}.", "noisy")
    return "no warning and nothing on stderr."


EXERCISE = Exercise(
    "05_ensemble",
    "The ensemble of thinned networks",
    ("all_masks", "chances", "members", "scaled", "arithmetic", "geometric", "sampled"),
    (),
    tuple(checks.checks),
)
