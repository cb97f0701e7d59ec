"""Checks of 13_bugs on training and evaluation: what lingers, and what no switch reaches; two need torch."""

from typing import Any

import numpy as np

from dropgrade.checks.calling import Called
from dropgrade.checks.clinic import (
    ALPHA,
    RATE_CAUGHT,
    SHAPE,
    harm,
    judge_rate,
    judge_source,
    near,
    need_torch,
    read_dropped,
    twins,
)
from dropgrade.checks.common import signed
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import name_of, read_array
from dropgrade.checks.verdicts import Checklist, Failed, Functions

checks = Checklist()
# The checks that need torch have 40 seconds: the first of them may have to import it on a busy machine.


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("run_epoch",))
def training_goes_on_after_evaluation(functions: Functions, rng: np.random.Generator) -> str:
    """run_epoch drops in each training batch, also after an evaluation, and never in an evaluation."""
    for p, every in ((0.3, 2), (0.6, 1)):
        batches = [signed(rng, (30, 8)) for _ in range(5)]
        held_out, weights = signed(rng, (40, 8)), rng.normal(size=(8, 40))
        model: dict[str, Any] = {"weights": weights.copy(), "p": p, "training": True, "rng": fresh(rng)}
        back = functions["run_epoch"](model, [b.copy() for b in batches], held_out.copy(), every)
        trained, validated = read_lists(back, len(batches), len(batches) // every)
        full = [b @ weights for b in batches]
        late = [k for k in range(every, 5) if near(read_array(trained[k], (30, 40), "y"), full[k]).all()]
        if late:
            raise Failed(
                f"Batch {late[0] + 1} was trained on without dropout: an evaluation came before it.",
                "left_in_eval",
            )
        keep = read_dropped(np.stack(trained), np.stack(full), p, "the training outputs")
        if any(np.array_equal(keep[a], keep[b]) for a in range(5) for b in range(a)):
            raise harm("Two batches were trained on with the same mask.")
        if not all(near(read_array(y, (40, 40), "y"), held_out @ weights).all() for y in validated):
            raise Failed(
                "An evaluation should give held_out @ weights exactly, without dropout.", "drops_in_eval"
            )
        if model["training"] is not True or model["p"] != p or not np.array_equal(model["weights"], weights):
            raise harm(
                "After the epoch the model should be in training mode with its p and its weights as before."
            )
    return "each batch is trained on with a mask of its own, and each evaluation has none."


def read_lists(back: Any, batches: int, evaluations: int) -> tuple[list, list]:
    """The two lists that run_epoch returns; `Failed` if they are not."""
    if (
        not isinstance(back, tuple | list)
        or len(back) != 2
        or not all(isinstance(b, list | tuple) for b in back)
    ):
        raise Failed(f"run_epoch should return two lists; it returned {name_of(back)}.", "wrong_return")
    if (len(back[0]), len(back[1])) != (batches, evaluations):
        raise harm(
            f"For {batches} batches and {evaluations} evaluations run_epoch returned {len(back[0])} and "
            f"{len(back[1])} outputs."
        )
    return back[0], back[1]


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("drop_weights",))
def rate_survives_evaluation(functions: Functions, rng: np.random.Generator) -> str:
    """drop_weights drops at its rate again after a call in evaluation, and only reads the layer."""
    for p in (0.2, 0.6):
        weights, layer = 1 + rng.random(SHAPE), {"p": p, "training": False}
        y = read_array(functions["drop_weights"](layer, weights.copy(), fresh(rng)), SHAPE, "The output")
        if not near(y, weights).all():
            raise Failed("In evaluation the weights should come back as they are.", "drops_in_eval")
        layer["training"] = True
        y = read_array(functions["drop_weights"](layer, weights.copy(), fresh(rng)), SHAPE, "The output")
        if near(y, weights).all() or layer.get("p") == 0:
            raise Failed(
                f"After a call in evaluation the layer should still drop at {p:g}; it drops nothing more.",
                "rate_lost_after_eval",
            )
        read_dropped(y, weights, p, "the output in training")
        if layer != {"p": p, "training": True}:
            raise harm(
                f'The layer should hold "p" and "training" as before; it holds {sorted(map(str, layer))}.'
            )
        outputs = [functions["drop_weights"](layer, weights.copy(), one) for one in twins(rng)]
        judge_source(*(read_array(y, SHAPE, "The output") != 0 for y in outputs), "The mask")
    return "training after evaluation drops at the old rate."


@checks.add(points=2, false_alarm=4 * ALPHA, catches=RATE_CAUGHT, uses=("mc_predict",))
def only_dropout_wakes_up(functions: Functions, rng: np.random.Generator) -> str:
    """mc_predict averages passes with dropout on, while batch normalisation stays in evaluation mode."""
    for p, passes in ((0.0, 2), (0.3, 1), (0.5, 7)):
        x, units = signed(rng, (30, 6)), 40
        arrays = {
            "w1": rng.normal(size=(6, units)),
            "mean": rng.normal(size=units),
            "var": 10 ** rng.uniform(-3, 0.3, units),  # where it is small, the 1e-5 beside it shows
            "w2": np.eye(units),  # so that each unit can be read off the prediction
        }
        model: dict[str, Any] = {name: array.copy() for name, array in arrays.items()}
        model |= {"p": p, "training": False, "rng": fresh(rng)}
        y = read_array(functions["mc_predict"](model, x.copy(), passes), (30, units), "The prediction")
        moved = [name for name in ("mean", "var") if not np.array_equal(model.get(name), arrays[name])]
        if moved:
            raise Failed(
                f'The call changed model["{moved[0]}"], which belongs to evaluation.', "batchnorm_woken"
            )
        h = (x @ arrays["w1"] - arrays["mean"]) / np.sqrt(arrays["var"] + 1e-5)
        kept = y * (1 - p) * passes / h  # in how many passes each unit was kept
        if np.abs(kept - np.round(kept)).max() > 1e-4 or kept.min() < -0.5 or kept.max() > passes + 0.5:
            raise Failed(
                f"At p = {p:g} and {passes} passes the prediction is no mean over masks of the network with "
                "its stored mean and var.",
                "batchnorm_woken" if p == 0 else "repair_changes_more",
            )
        count = np.round(kept)
        if p and (count == passes).all():
            raise harm("Nothing is dropped any more; Monte Carlo dropout needs dropout on.")
        if passes > 1 and p and np.isin(count, (0, passes)).all():
            raise harm("Every pass uses the same mask.")
        judge_rate(np.arange(passes)[:, None, None] < count, p, "mc_predict")
        same = all(np.array_equal(model.get(name), array) for name, array in arrays.items())
        if not same or model.get("training") is not False or model.get("p") != p:
            raise harm("After the call the model should hold what it held before, its mode included.")
    return "dropout is on, the normalisation asleep, the model as before."


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("attend",), seconds=40)
def attention_rests_in_evaluation(functions: Functions, rng: np.random.Generator) -> str:
    """attend drops weights in training and computes plain attention in evaluation (needs PyTorch)."""
    need_torch()
    import torch

    for p in (0.3, 0.6):
        q, k = (torch.from_numpy(rng.normal(size=(2, 2, 25, 6))) for _ in range(2))
        v = (
            torch.eye(25, dtype=torch.float64).expand(2, 2, 25, 25).contiguous()
        )  # shows the weights themselves
        scores = (q @ k.transpose(-1, -2)).numpy() / np.sqrt(6)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        y = to_array(functions["attend"](q, k, v, p, False), weights.shape)
        if not near(y, weights).all():
            dropped = (y == 0).any()
            raise Failed(
                "In evaluation attend should return softmax(q k / sqrt(size)) v; "
                + ("it drops weights." if dropped else "it does not."),
                "attention_drops_in_eval" if dropped else "repair_changes_more",
            )
        first, second = (to_array(functions["attend"](q, k, v, p, True), weights.shape) for _ in range(2))
        keep = read_dropped(first, weights, p, "the output in training")
        if np.array_equal(keep, second != 0):
            raise harm("Two calls in training drop the same weights.")
    return "plain attention in evaluation, dropped weights in training."


@checks.add(points=2, false_alarm=3 * ALPHA, catches=RATE_CAUGHT, uses=("make_heads",), seconds=40)
def eval_reaches_every_layer(functions: Functions, rng: np.random.Generator) -> str:
    """make_heads builds a module whose dropout layers eval() silences and train() wakes (needs PyTorch)."""
    need_torch()
    import torch

    p, count = float(rng.choice([0.3, 0.6])), 3
    heads = functions["make_heads"](count, p)
    if not isinstance(heads, torch.nn.Module):
        raise Failed(
            f"make_heads should return a torch module; it returned {name_of(heads)}.", "wrong_return"
        )
    call = Called("the module that make_heads returned", heads)
    x = torch.from_numpy(signed(rng, SHAPE))
    heads.eval()
    for task in range(count):
        if not near(to_array(call(x, task), SHAPE), x.numpy()).all():
            raise Failed(f"After eval() the head of task {task} still drops.", "unregistered_layers")
    heads.train()
    for task in range(count):
        read_dropped(to_array(call(x, task), SHAPE), x.numpy(), p, f"the output of head {task} after train()")
    return "eval() and train() reach all three heads."


def to_array(y: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A tensor's values, float64 of that shape; `Failed` if it is no tensor of it."""
    import torch

    if not isinstance(y, torch.Tensor):
        raise Failed(f"A tensor was expected; what came back is {name_of(y)}.", "wrong_return")
    return read_array(y.detach().double().numpy(), shape, "The output")
