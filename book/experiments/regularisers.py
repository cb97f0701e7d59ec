"""Claim: on 5,000 digits dropout saves error that L2, L1, max-norm and early stopping do not; shifting
saves more.

Published: srivastava2014dropout, table 9: dropout below max-norm, L2 and L1. Table 10 there: Gaussian noise
of the same variance does at least as well as masks.
"""

from _compare import METRICS, differences, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

DROPOUT = {"p": 0.5, "p_in": 0.2}
ARMS = {
    "none": {},
    "l2": {"l2": 1e-3},
    "l1": {"l1": 1e-5},
    "max_norm": {"max_norm": 1.0},
    "early": {"early": 1},
    "dropout": DROPOUT,
    "dropout_l2": {**DROPOUT, "l2": 1e-5},
    "dropout_max_norm": {**DROPOUT, "max_norm": 1.0},
    "gaussian": {**DROPOUT, "gaussian": 1},
    "shift": {"shift": 2},
    "shift_dropout": {"shift": 2, "p": 0.3, "p_in": 0.1},
}
LABELS = {
    "none": "nothing",
    "l2": "L2 0.001",
    "l1": "L1 0.00001",
    "max_norm": "max-norm 1",
    "early": "early stopping",
    "dropout": "dropout .2/.5",
    "dropout_l2": "dropout, L2",
    "dropout_max_norm": "dropout, max-norm",
    "gaussian": "Gaussian noise",
    "shift": "shifts",
    "shift_dropout": "shifts, dropout",
}
PAIRS = [(name, "none") for name in list(ARMS)[1:]] + [
    ("dropout", name) for name in ("l2", "l1", "max_norm", "early")
]
PAIRS += [("gaussian", "dropout"), ("shift_dropout", "shift"), ("dropout_l2", "dropout")]


def values(runs: Runs) -> dict[str, Value]:
    """Means, differences to nothing and between what the claim compares, the share of clipped units."""
    found = means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)
    for name in ("max_norm", "dropout_max_norm"):
        share = runs.mean(name, "clipped", "")
        found[f"clipped_{name}"] = share
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout lowers error and NLL": all(
            lower(v[f"{key}_dropout_minus_none"]) for key in ("error", "nll")
        ),
        "dropout's error is below that of L2, L1, max-norm and early stopping": all(
            lower(v[f"error_dropout_minus_{name}"]) for name in ("l2", "l1", "max_norm", "early")
        ),
        "L2 lowers the NLL": lower(v["nll_l2_minus_none"]),
        "Gaussian noise has a lower error than masks": lower(v["error_gaussian_minus_dropout"]),
        "shifts alone beat dropout alone": v["error_shift"].high < v["error_dropout"].low,
        "dropout on top of shifts lowers the error further": lower(v["error_shift_dropout_minus_shift"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Dropout .2/.5 changes the test error by {v['error_dropout_minus_none'].quote()} and the NLL by "
        f"{v['nll_dropout_minus_none'].quote()}; L2 by {v['error_l2_minus_none'].quote()} and "
        f"{v['nll_l2_minus_none'].quote()}; shifted images by {v['error_shift_minus_none'].quote()}. "
        f"Dropout on top of shifts "
        f"changes the error by another {v['error_shift_dropout_minus_shift'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL of eleven ways to train one network: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each way, error and NLL."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 5.6)


EXPERIMENT = Experiment(
    name="regularisers",
    arms=ARMS,
    seeds=4,
    steps=2_000,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"shift": ("test_error", "test_nll")},
)
