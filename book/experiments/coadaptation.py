"""Claim: after dropout, a network loses far less when hidden units are removed; L2 alone gives no such gain.

Published: hinton2012 and srivastava2014, section 7: units trained with dropout rely less on each other. Being
able to lose units is partly what dropout trains for, so a network with L2 instead is the control.
"""

from _mlp import STEPS
from _probes import REMOVED, run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value, interval_value

ARMS = {"none": {}, "l2": {"l2": 3e-4}, "p20": {"p": 0.2}, "p50": {"p": 0.5}}
LOOKS = {  # arm -> series of the style, label, how far up it stands in the figure
    "none": (3, "no dropout", -5),
    "l2": (2, "L2 instead", 5),
    "p20": (1, "dropout 0.2", 0),
    "p50": (0, "dropout 0.5", 0),
}
MEASURES = {  # key -> metric of a run, unit, digits
    "error": ("test_error", "%", 2),
    "nll": ("test_nll", "nats", 3),
    "correlation": ("first_correlation", "", 3),
    "participation": ("first_participation", "", 1),
    "zeros": ("first_zeros", "", 2),
    "activation": ("first_activation", "", 2),
    "correlation_second": ("second_correlation", "", 3),
    "participation_second": ("second_participation", "", 1),
    "dead_second": ("second_dead", "", 1),
}


def values(runs: Runs) -> dict[str, Value]:
    """Every measure for every arm, the rise of the error after removal, and paired differences to none."""
    found = {}
    for key, (metric, unit, digits) in MEASURES.items():
        found |= compare(key, {name: runs.column(name, metric) for name in ARMS}, unit, digits)
    for percent in REMOVED:
        for kind, key in (("", "rise"), ("plain_", "rise_unscaled")):
            rises = {name: rise(runs, name, f"{kind}error_without_{percent}") for name in ARMS}
            found |= compare(f"{key}_{percent}", rises, "pp", 2)
        left = {name: runs.column(name, f"error_without_{percent}") for name in ARMS}
        found |= compare(f"error_without_{percent}", left, "%", 2)
    metric = "error_without_50"
    ratio = rise(runs, "none", metric) / rise(runs, "p50", metric)
    return found | {"rise_50_none_over_p50": interval_value(ratio, "times", digits=1)}


def compare(key: str, columns: dict, unit: str, digits: int) -> dict[str, Value]:
    """`key_arm` for each arm's mean, and `key_arm_minus_none` for each paired difference."""
    points = "pp" if unit == "%" else unit
    found = {f"{key}_{name}": interval_value(column, unit, digits=digits) for name, column in columns.items()}
    for name in list(columns)[1:]:
        change = columns[name] - columns["none"]
        found[f"{key}_{name}_minus_none"] = interval_value(change, points, True, digits)
    return found


def rise(runs: Runs, arm: str, metric: str):
    """How much the test error of the same network rises, float64 (seeds,), in percentage points."""
    return runs.column(arm, metric) - runs.column(arm, "test_error")


def directions(v: dict[str, Value]) -> dict[str, bool]:
    """What is expected, and whether it was seen: an interval that excludes 0, or an order of the means."""
    half = {name: v[f"rise_50_{name}"].value for name in ARMS}
    return {
        "dropout 0.5 loses less than none at every share removed": all(
            v[f"rise_{percent}_p50_minus_none"].high < 0 for percent in REMOVED
        ),
        "dropout 0.5 loses less than 0.2, and 0.2 less than none": half["p50"] < half["p20"] < half["none"],
        "L2 alone does not lower the loss": all(
            v[f"rise_{percent}_l2_minus_none"].high > 0 for percent in REMOVED
        ),
        "units of the first layer correlate less": v["correlation_p50_minus_none"].high < 0,
        "the first layer uses more directions": v["participation_p50_minus_none"].low > 0,
        "activations of the first layer are sparser": v["zeros_p50_minus_none"].low > 0,
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"With half of the first hidden layer removed, the test error rises by {v['rise_50_none'].quote()} "
        f"without dropout, by {v['rise_50_l2'].quote()} with L2 and by {v['rise_50_p50'].quote()} after "
        f"training with dropout 0.5. The mean correlation between units of that layer changes by "
        f"{v['correlation_p50_minus_none'].quote()}; in the second hidden layer it changes by "
        f"{v['correlation_second_p50_minus_none'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    rises = {name: v[f"rise_75_{name}"].quote("value") for name in ARMS}
    ratios = {name: v[f"participation_{name}"].quote("value") for name in ARMS}
    return (
        "First panel: rise of the test error over the share of the first hidden layer that is removed. No "
        f"dropout and L2 lie close together and reach {rises['none']} and {rises['l2']} at 75 %; dropout 0.2 "
        f"reaches {rises['p20']} and dropout 0.5 only {rises['p50']}. Second panel: number of directions "
        f"that the first layer uses: {ratios['none']} without dropout, {ratios['l2']} with L2, "
        f"{ratios['p20']} with dropout 0.2 and {ratios['p50']} with dropout 0.5."
    )


def figure(runs: Runs, v: dict[str, Value]):
    """What removal costs, and how many directions the layer uses."""
    fig, (left, right) = style.panels(2)
    for name, (series, label, up) in LOOKS.items():
        rises = [v[f"rise_{percent}_{name}"] for percent in REMOVED]
        style.curve(left, REMOVED, rises, series, label, offset=(7, up))
    left.set(xlabel="share of the first hidden layer removed, %", title="rise of the test error, pp")
    left.set(xlim=(5, 100), xticks=REMOVED)
    order = [(label, series, v[f"participation_{name}"]) for name, (series, label, _) in LOOKS.items()]
    labels, series, ratios = zip(*order, strict=True)
    style.dots(right, labels, ratios, series)
    right.set(xlabel="participation ratio of the covariance", title="directions the first layer uses")
    return fig


EXPERIMENT = Experiment(
    name="coadaptation",
    arms=ARMS,
    seeds=8,
    steps=STEPS,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={name: ("test_error", "error_without_50", "first_participation") for name in ("none", "p50")},
)
