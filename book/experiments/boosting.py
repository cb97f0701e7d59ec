"""Claim: the noise alone is not what helps; each member must learn to predict on its own.

The control of wardefarley2014empirical: the same masks, but every update reduces the error of the whole
network. Published there: this "dropout boosting" loses the gain of dropout.
"""

from _compare import METRICS, differences, higher, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

ARMS = {"none": {}, "dropout": {"p": 0.5}, "boosting": {"p": 0.5, "boosting": 1}}
LABELS = {"none": "no dropout", "dropout": "dropout 0.5", "boosting": "same masks, whole net's error"}
PAIRS = [("dropout", "none"), ("boosting", "none"), ("dropout", "boosting")]


def values(runs: Runs) -> dict[str, Value]:
    """Means and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout lowers error and NLL": all(
            lower(v[f"{key}_dropout_minus_none"]) for key in ("error", "nll")
        ),
        "boosting does not lower the error": not lower(v["error_boosting_minus_none"]),
        "dropout has less error than boosting": lower(v["error_dropout_minus_boosting"]),
        "boosting fits the training digits as well as no dropout": not higher(
            v["train_nll_boosting_minus_none"]
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Dropout 0.5 changes the test error by {v['error_dropout_minus_none'].quote()} and the NLL by "
        f"{v['nll_dropout_minus_none'].quote()}. The same masks with the whole network's error change "
        f"them by "
        f"{v['error_boosting_minus_none'].quote()} and {v['nll_boosting_minus_none'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each way."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 2.4)


EXPERIMENT = Experiment(
    name="boosting",
    arms=ARMS,
    seeds=4,
    steps=2_000,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
)
