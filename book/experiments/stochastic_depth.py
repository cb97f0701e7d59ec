"""Claim: in a residual net of 26 layers dropping half the branches' units helps; dropping branches does not.

Published: huang2016deep: dropping residual branches with a chance that grows with depth lowers the test
error.
"""

from _compare import METRICS, differences, lower, means, rows, told
from _images import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"residual": 1, "n": 1_000, "steps": 700}
ARMS = {"none": BASE, "branches": {**BASE, "branch": 0.5}, "units": {**BASE, "units": 0.5}}
LABELS = {"none": "nothing dropped", "branches": "branches, up to 0.5", "units": "their units, 0.5"}
PAIRS = [("branches", "none"), ("units", "none"), ("branches", "units")]


def values(runs: Runs) -> dict[str, Value]:
    """Means and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropping branches lowers the error": lower(v["error_branches_minus_none"]),
        "dropping branches lowers the NLL": lower(v["nll_branches_minus_none"]),
        "dropping their units lowers both": (
            lower(v["error_units_minus_none"]) and lower(v["nll_units_minus_none"])
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        "Dropping whole branches, with a rate that grows to 0.5, changes the test error by "
        f"{v['error_branches_minus_none'].quote()} and the NLL by {v['nll_branches_minus_none'].quote()}; "
        f"dropping half of each branch's units by {v['error_units_minus_none'].quote()} and "
        f"{v['nll_units_minus_none'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL of a residual net: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each arm."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 2.4)


EXPERIMENT = Experiment(
    name="stochastic_depth",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"branches": ("test_error", "test_nll")},
)
