"""The checks of exercise 04_coadaptation: a network with dropout, its training, and what removal costs it."""

from typing import Any

import numpy as np

from dropgrade.checks import ablation, training
from dropgrade.checks.calling import global_state, listening
from dropgrade.checks.common import judge_untouched
from dropgrade.checks.nets import (
    ALPHA,
    NAMES,
    active,
    copied,
    examples,
    judge_rows,
    judge_scale,
    judge_share,
    loss_and_gradients,
    name_passes,
    network,
    read_finite,
    read_loss,
    read_network,
    unit_factors,
)
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import read_array
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import mlp

checks = Checklist()

RATES = (0.2, 0.7)
STEP, SLOPE_ERROR = 1e-5, 1e-6
"""Central differences: their error is about STEP**2 from the curvature and 1e-16 / STEP from rounding."""


@checks.add(points=2)
def evaluation_uses_every_unit(functions: Functions, rng: np.random.Generator) -> str:
    """In evaluation the logits are those of the whole network, for every p, and nothing is drawn."""
    params = network(rng, 7, 12, 5)
    x, _ = examples(rng, params, 30)
    expected = mlp.logits(params, x, 0.0, False, rng)
    for p in (0.3, 0.8, 0.0):
        draws = fresh(rng)
        before = draws.bit_generator.state
        value = functions["logits"](copied(params), x.copy(), p, False, draws)
        found = read_finite(value, expected.shape, "logits")
        if not np.allclose(found, expected, rtol=1e-6, atol=1e-9):
            again = functions["logits"](copied(params), x.copy(), p, False, fresh(rng))
            raise Failed(
                f"At p = {p:g} in evaluation the logits should be those of the whole network; they are not.",
                name_evaluation(params, x, p, found, np.asarray(again)),
            )
        if draws.bit_generator.state != before:
            raise Failed(f"At p = {p:g} in evaluation logits drew from rng; it should not.", "draws_in_eval")
    return "evaluation is the whole network, and the generator stands still."


def name_evaluation(params: mlp.Params, x: np.ndarray, p: float, found: np.ndarray, again: np.ndarray):
    """Why evaluation gives other logits: it drops, it scales, or the network itself is another one."""
    if found.shape == again.shape and not np.array_equal(found, again):
        return "drops_in_eval"
    for factor in (1 - p, 1 / (1 - p)):
        scaled = mlp.logits(params | {"W2": params["W2"] * factor}, x, 0.0, False, np.random.default_rng(0))
        if p and np.allclose(found, scaled):
            return "scaled_in_eval"
    return name_network(params, x, found)


def name_network(params: mlp.Params, x: np.ndarray, found: np.ndarray) -> str | None:
    """Whether the ReLU or the softmax is misplaced."""
    linear = x @ params["W1"] + params["b1"]
    raw = np.maximum(linear, 0) @ params["W2"] + params["b2"]
    if np.allclose(found, linear @ params["W2"] + params["b2"]):
        return "relu_missing"
    return "softmax_in_logits" if np.allclose(found, np.exp(mlp.log_softmax(raw))) else None


@checks.add(points=2, false_alarm=2 * ALPHA, catches="a rate that is off by 0.07, in 99 of 100 runs")
def training_drops_hidden_units(functions: Functions, rng: np.random.Generator) -> str:
    """In training each hidden unit of each example is dropped with probability p and rescaled if kept."""
    for p in RATES:
        params = active(rng, 40, 10)
        params["W2"] = np.eye(10)  # each logit is one unit and its bias
        hidden = params["W1"] + params["b1"]
        value = functions["logits"](copied(params), np.eye(40), p, True, fresh(rng))
        units = read_finite(value, hidden.shape, "logits") - params["b2"]
        kept = np.abs(units) > 1e-9
        if kept.all() and not np.allclose(units, hidden):
            raise Failed(
                f"At p = {p:g} dropped hidden units should leave only the bias of their logit; none does.",
                "wrong_place",
            )
        judge_rows(kept)
        judge_share(kept, p, "the hidden units")
        judge_scale(units[kept] / hidden[kept], p, kept, hidden)
    return "hidden units are dropped at p = 0.2 and p = 0.7, each example for itself, and rescaled."


@checks.add(points=2)
def loss_is_mean_cross_entropy(functions: Functions, rng: np.random.Generator) -> str:
    """The loss is the mean over the batch of minus the logarithm of the right class's probability."""
    params = network(rng, 7, 12, 5)
    for size in (1.0, 400.0):  # the second time the scores are in the thousands
        larger = params | {"W2": size * params["W2"]}
        x, labels = examples(rng, larger, 30)
        expected, _ = mlp.loss_and_gradients(larger, x, labels, 0.0, fresh(rng))
        found, gradients = loss_and_gradients(functions, larger, x, labels, 0.0, fresh(rng))
        finite = np.isfinite(found) and all(np.isfinite(value).all() for value in gradients.values())
        if size > 1 and not (finite and abs(found / expected - 1) < 1e-6):
            raise Failed(
                f"With scores in the thousands the loss should be {expected:.5g}; it is {found:.5g}"
                + ("." if finite else ", or a gradient is not finite."),
                "softmax_overflows",
            )
        if not abs(found / expected - 1) < 1e-6:
            summed = abs(found / (len(x) * expected) - 1) < 1e-6
            raise Failed(
                f"At p = 0 the loss of 30 examples should be {expected:.5g}; it is {found:.5g}.",
                "loss_summed" if summed else None,
            )
    return "the loss is right, also where exp would overflow."


@checks.add(points=3, catches="a derivative that is off by 0.001, each time")
def gradients_are_slopes(functions: Functions, rng: np.random.Generator) -> str:
    """The gradients are the slopes of the loss while the mask stands still."""
    for p in (0.0, 0.3, 0.6):
        params = network(rng, 7, 20, 5)
        x, labels = examples(rng, params, 12)
        seed = int(rng.integers(2**63))

        def loss(changed: mlp.Params, x=x, labels=labels, p=p, seed=seed) -> tuple[float, mlp.Params]:
            return loss_and_gradients(functions, changed, x, labels, p, np.random.default_rng(seed))

        _, gradients = loss(params)
        for name in NAMES:
            direction = rng.normal(size=params[name].shape)
            direction /= np.linalg.norm(direction)
            up, down = (loss(params | {name: params[name] + s * STEP * direction})[0] for s in (1, -1))
            slope, claimed = (up - down) / (2 * STEP), float(np.sum(gradients[name] * direction))
            if not abs(claimed - slope) <= SLOPE_ERROR * max(1, abs(slope)):
                raise Failed(
                    f"At p = {p:g} the loss rises with slope {slope:.5g} along a direction of {name}; "
                    f"your gradient says {claimed:.5g}.",
                    name_gradient(functions, rng, params, x, labels, p, gradients),
                )
    return "the gradients are the slopes of the loss at p = 0, 0.3 and 0.6."


def name_gradient(functions, rng, params, x, labels, p, gradients) -> str | None:
    """Why a gradient is no slope: another mask, another scale, a sum, or a ReLU that was forgotten."""
    if p:
        return name_passes(*unit_factors(functions, p, rng), p)
    _, right = mlp.loss_and_gradients(params, x, labels, 0.0, fresh(rng))
    if all(np.allclose(gradients[name], len(x) * right[name]) for name in NAMES):
        return "loss_summed"
    d_scores = gradients["b2"]
    if np.allclose(d_scores, right["b2"]) and np.allclose(gradients["W2"], right["W2"]):
        return "relu_gate_missing"
    return None


@checks.add(points=2, false_alarm=3 * ALPHA, catches="a rate that is off by 0.15, in 99 of 100 runs")
def gradients_use_dropout(functions: Functions, rng: np.random.Generator) -> str:
    """The loss is that of the thinned network: its gradients show the mask, another one for each example."""
    for p in RATES:
        forward, backward = unit_factors(functions, p, rng)
        kept = np.abs(forward) > 1e-9
        judge_share(kept, p, "the hidden units")
        judge_scale(forward[kept], p, kept, forward + 1.5)
        name = name_passes(forward, backward, p)
        if name is not None:
            raise Failed(f"At p = {p:g} the gradient does not go back through the mask of the loss.", name)
    params = active(rng, 40, 50)
    _, gradients = loss_and_gradients(functions, params, np.eye(40), np.arange(40) % 10, 0.6, fresh(rng))
    kept = gradients["W1"] != 0  # row i belongs to example i alone
    judge_rows(kept)
    judge_share(kept, 0.6, "the hidden units of the batch")
    return "the gradients show dropout at p = 0.2 and p = 0.7, each example for itself."


@checks.add(points=2)
def steps_follow_momentum(functions: Functions, rng: np.random.Generator) -> str:
    """A step adds momentum times the last step minus rate times the gradient; the start is left alone."""
    return training.judge_steps(functions, rng)


@checks.add(points=1, false_alarm=1e-17)
def epochs_use_every_image(functions: Functions, rng: np.random.Generator) -> str:
    """An epoch uses each image once, in an order drawn from rng."""
    return training.judge_epochs(functions, rng)


@checks.add(points=2, false_alarm=ALPHA, catches="a mask that is kept for the next step, each time")
def masks_change_with_each_step(functions: Functions, rng: np.random.Generator) -> str:
    """While training, dropout is on, and every step draws new masks."""
    return training.judge_masks(functions, rng)


@checks.add(points=2, catches="a unit too many or too few, in 99 of 100 runs")
def removal_takes_whole_units(functions: Functions, rng: np.random.Generator) -> str:
    """Removal takes exactly the share asked for, hidden units for all images alike, and rescales the rest."""
    return ablation.judge_removal(functions, rng)


@checks.add(
    points=1, false_alarm=ablation.ALPHA, catches="one choice of units for all masks, in 99 of 100 runs"
)
def removal_averages_over_masks(functions: Functions, rng: np.random.Generator) -> str:
    """The error after removal is the mean over as many choices of units as asked for."""
    return ablation.judge_average(functions, rng)


@checks.add(
    points=2, false_alarm=1e-8, catches="units trained without dropout, in 99 of 100 runs", seconds=60
)
def learns_and_leans_less(functions: Functions, rng: np.random.Generator) -> str:
    """Trained with dropout on the digits, the network reads them and can spare half of its hidden units."""
    return training.judge_learning(functions, rng)


@checks.add(points=2, false_alarm=1e-7, catches="no gain from dropout, in 99 of 100 runs", seconds=60)
def dropout_generalises(functions: Functions, rng: np.random.Generator) -> str:
    """On new digits the loss is lower after training with dropout than without, over two paired seeds."""
    return training.judge_gain(functions, rng)


@checks.add(points=1)
def randomness_is_an_argument(functions: Functions, rng: np.random.Generator) -> str:
    """The same rng gives the same result, and the global generators are left alone."""
    params = network(rng, 12, 40, 10)
    x, labels = rng.normal(size=(400, 12)), rng.integers(10, size=400)
    settings = training.SETTINGS | {"steps": 4, "batch": 50}
    calls = {
        "logits": (x, 0.5, True),
        "loss_and_gradients": (x, labels, 0.5),
        "train": (x, labels, settings),
        "ablation_curve": (x, labels, (0.25, 0.5), 3),
    }
    for name, rest in calls.items():
        seed = int(rng.integers(2**62))
        results = []
        for one in (seed, seed, seed + 1):
            with global_state(rng) as touched:
                value = functions[name](copied(params), *rest, np.random.default_rng(one))
            if touched:
                raise Failed(f"{name} drew from the global state of {touched[0]}.", "global_rng")
            results.append(numbers(name, value, params))
        if not np.array_equal(results[0], results[1]):
            raise Failed(f"Two calls of {name} with the same seed differ.", "own_rng")
        if name != "ablation_curve" and np.array_equal(results[0], results[2]):  # errors may agree by chance
            raise Failed(f"Two calls of {name} with different seeds give the same.", "reseeds_each_call")
    return "a seed repeats every result, and another seed changes it."


def numbers(name: str, value: Any, params: mlp.Params) -> np.ndarray:
    """All numbers of what a function returned for 400 images; `Failed` if it is not what was asked for."""
    if name == "logits":
        return read_finite(value, (400, 10), "logits").ravel()
    if name == "ablation_curve":
        return read_finite(value, (2,), "The curve")
    if name == "loss_and_gradients":
        loss, value = read_loss(value, params)
        found = read_network(value, params, "gradients") | {"loss": np.array([loss])}
    else:
        found = read_network(value, params, "The trained network")
    return np.concatenate([array.ravel() for array in found.values()])


@checks.add(points=1)
def arguments_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """The network, the images and the labels that are handed in stay as they are."""
    params = network(rng, 12, 16, 10)
    x, labels = rng.normal(size=(400, 12)), rng.integers(10, size=400)
    settings = training.SETTINGS | {"steps": 4, "batch": 50}
    before = copied(params), x.copy(), labels.copy()
    for name, rest in {
        "logits": (0.5, True),
        "loss_and_gradients": (labels, 0.5),
        "train": (labels, settings),
        "ablation_curve": (labels, (0.25, 0.5), 3),
    }.items():
        numbers(name, functions[name](params, x, *rest, fresh(rng)), params)
        for key in NAMES:
            judge_untouched(f"params[{key!r}]", params[key], before[0][key], name)
        judge_untouched("the images", x, before[1], name)
        judge_untouched("the labels", labels, before[2], name)
    return "the arguments are what they were."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    params = network(rng, 12, 16, 10)
    params["W2"] = 400 * params["W2"]
    x, labels = rng.normal(size=(12, 12)), rng.integers(10, size=12)
    with listening() as noise:
        value = functions["logits"](copied(params), x, 0.5, True, fresh(rng))
        loss_and_gradients(functions, params, x, labels, 0.5, fresh(rng))
        settings = training.SETTINGS | {"steps": 2, "batch": 4, "rate": 1e-6}
        end = functions["train"](copied(params), x, labels, settings, fresh(rng))
        curve = functions["ablation_curve"](copied(params), x, labels, (0.0, 0.5), 2, fresh(rng))
    read_array(value, (12, 10), "logits")
    read_network(end, params, "The trained network")
    read_array(curve, (2,), "The curve")
    if noise.first():
        raise Failed(f"The functions should be silent; one said: {noise.first()}.", "noisy")
    return "no warning and nothing on stderr."


EXERCISE = Exercise(
    "04_coadaptation",
    "Co-adaptation",
    ("logits", "loss_and_gradients", "train", "ablation_curve"),
    (),
    tuple(checks.checks),
)
