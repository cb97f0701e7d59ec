"""Claim: a network that underfits is hurt by dropout all along, and not by dropout in the first third alone.

Fashion-MNIST, 784-32-32-10, four epochs. Published: liu2023dropout: early dropout lowers the final training
loss of underfitting vision transformers, below that of no dropout.
"""

from _compare import METRICS, differences, higher, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"fashion": 1, "width": 32, "steps": 2_200}
ARMS = {
    "none": BASE,
    "constant": {**BASE, "p": 0.1},
    "early": {**BASE, "p": 0.1, "to_step": 0.3},
}
LABELS = {
    "none": "no dropout",
    "constant": "0.1 all along",
    "early": "0.1, first 30 %",
}
PAIRS = [(name, "none") for name in list(ARMS)[1:]] + [("early", "constant")]


def values(runs: Runs) -> dict[str, Value]:
    """Means and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout all along raises the training NLL": higher(v["train_nll_constant_minus_none"]),
        "early dropout fits better than dropout all along": lower(v["train_nll_early_minus_constant"]),
        "early dropout lowers the training NLL below that of no dropout": lower(
            v["train_nll_early_minus_none"]
        ),
        "early dropout lowers the test error": lower(v["error_early_minus_none"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Dropout 0.1 all along changes the training NLL of a small network by "
        f"{v['train_nll_constant_minus_none'].quote()} and its test error by "
        f"{v['error_constant_minus_none'].quote()}; in the first 30 % of the steps alone by "
        f"{v['train_nll_early_minus_none'].quote()} and {v['error_early_minus_none'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Training NLL and test error by schedule: {told(v, LABELS, 'train_nll', 'error')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each schedule."""
    return rows(v, LABELS, {"train_nll": "training NLL, nats", "error": "test error, %"}, 2.4)


EXPERIMENT = Experiment(
    name="early_dropout",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},  # Fashion-MNIST is not everywhere
    data=(),
)
