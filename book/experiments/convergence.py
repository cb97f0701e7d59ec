"""Claim: with dropout a network needs two to three times the epochs to fit its training digits as well.

Published: srivastava2014dropout, section 11: training takes two to three times as long. Here the learning
rate is constant.
"""

from _compare import rows, told
from _runs import convergence

from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

BASE = {"constant": 1, "steps": 1_250}
ARMS = {
    "none": BASE,
    "p50": {**BASE, "p": 0.5},
    "both": {**BASE, "p": 0.5, "p_in": 0.2},
}
LABELS = {"none": "no dropout", "p50": "dropout 0.5", "both": "dropout .2/.5"}
MARKS = {"fit": "epochs to a training NLL of 0.1", "good": "epochs to 6 % validation error"}


def values(runs: Runs) -> dict[str, Value]:
    """Epochs to both marks, how often those of no dropout, how many runs got there, cost of a step."""
    found = {}
    for arm in ARMS:
        for mark in MARKS:
            epochs = runs.column(arm, f"epochs_to_{mark}")
            found[f"{mark}_{arm}"] = interval_value(epochs, "epochs")
            found[f"{mark}_times_{arm}"] = times(epochs, runs.column("none", f"epochs_to_{mark}"))
            found[f"reached_{mark}_{arm}"] = Value(int(runs.column(arm, f"reached_{mark}").sum()))
        found[f"step_times_{arm}"] = times(
            runs.column(arm, "cpu_seconds"), runs.column("none", "cpu_seconds")
        )
    return found


def times(some, none) -> Value:
    """How many times as much, run by run of one seed."""
    return interval_value(some / none, "", digits=2)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout .2/.5 takes at least twice the epochs to fit": v["fit_times_both"].low >= 2,
        "dropout 0.5 takes at most three times the epochs": v["fit_times_p50"].high <= 3,
        "the higher the rate, the longer": v["fit_none"].value < v["fit_p50"].value < v["fit_both"].value,
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Dropout 0.5 multiplies the epochs to a training NLL of 0.1 by {v['fit_times_p50'].quote()}, "
        f"dropout .2/.5 by {v['fit_times_both'].quote()}; the CPU time of an update by "
        f"{v['step_times_p50'].quote()} and {v['step_times_both'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Epochs to a training NLL of 0.1, and to a validation error of 6 %: {told(v, LABELS, *MARKS)}."


def figure(runs: Runs, v: dict[str, Value]):
    """Epochs to each mark."""
    return rows(v, LABELS, MARKS, 2.4)


EXPERIMENT = Experiment(
    name="convergence",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=convergence,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"p50": ("test_error", "test_nll")},
)
