"""Claim: masks on units, Gaussian noise of the same variance and masks on weights all lower error and NLL.

Published: srivastava2014dropout, table 10 (Gaussian noise does at least as well as masks); wan2013dropconnect
(DropConnect does better than dropout).
"""

from _compare import METRICS, differences, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"n": 1_000, "steps": 1_000}
ARMS = {
    "none": BASE,
    "units": {**BASE, "p": 0.5},
    "gaussian": {**BASE, "p": 0.5, "gaussian": 1},
    "weights": {**BASE, "p": 0.5, "weights": 1},
}
LABELS = {
    "none": "no noise",
    "units": "dropout 0.5",
    "gaussian": "Gaussian, variance 1",
    "weights": "DropConnect 0.5",
}
NOISES = list(ARMS)[1:]
PAIRS = [(name, "none") for name in NOISES] + [("gaussian", "units"), ("weights", "units")]


def values(runs: Runs) -> dict[str, Value]:
    """Means and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "every noise lowers the NLL": all(lower(v[f"nll_{name}_minus_none"]) for name in NOISES),
        "every noise lowers the error": all(lower(v[f"error_{name}_minus_none"]) for name in NOISES),
        "Gaussian noise has a lower error than masks": lower(v["error_gaussian_minus_units"]),
        "DropConnect has a lower error than dropout": lower(v["error_weights_minus_units"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"With 1,000 digits, masks on units change the test error by {v['error_units_minus_none'].quote()}, "
        f"Gaussian noise of the same variance by {v['error_gaussian_minus_none'].quote()}, masks on weights "
        f"by {v['error_weights_minus_none'].quote()}; the NLL by "
        f"{v['nll_units_minus_none'].quote('value')}, {v['nll_gaussian_minus_none'].quote('value')} and "
        f"{v['nll_weights_minus_none'].quote('value')}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL of four ways to train: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each noise."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 2.9)


EXPERIMENT = Experiment(
    name="noise_kinds",
    arms=ARMS,
    seeds=5,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"weights": ("test_error", "test_nll")},
)
