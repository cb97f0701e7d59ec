"""Claim: for the compute of five networks, one network with dropout does better than five without,
averaged.

Each arm makes 10,000 updates in all. Published: dropout as a cheap stand-in for model averaging
(srivastava2014dropout, section 1; wardefarley2014empirical); the comparison at equal compute is ours.
"""

from _compare import differences, lower, points, rows, told
from _runs import several

from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

STEPS, MEMBERS = 2_000, 5
ARMS = {
    "short": {"steps": STEPS},
    "long": {"steps": MEMBERS * STEPS},
    "averaged": {"steps": STEPS, "members": MEMBERS},
    "bagged": {"steps": STEPS, "members": MEMBERS, "bagged": 1},
    "dropout": {"steps": MEMBERS * STEPS, "p": 0.5, "p_in": 0.2},
}
LABELS = {
    "short": "one net, a fifth",
    "long": "one net",
    "averaged": "five nets averaged",
    "bagged": "five nets bagged",
    "dropout": "one net, dropout",
}
METRICS = {"error": ("test_error", "%"), "nll": ("test_nll", "nats")}
PAIRS = [(name, "short") for name in list(ARMS)[1:]] + [
    ("dropout", name) for name in ("long", "averaged", "bagged")
]


def values(runs: Runs) -> dict[str, Value]:
    """Means and differences; what a member of the average does on its own."""
    found = {f"{key}_{arm}": runs.mean(arm, *METRICS[key]) for key in METRICS for arm in ARMS}
    found |= differences(runs, PAIRS, METRICS)
    for key, (metric, unit) in {
        "member_error": ("member_error", "%"),
        "member_nll": ("member_nll", "nats"),
    }.items():
        for arm in ("averaged", "bagged"):
            found[f"{key}_{arm}"] = runs.mean(arm, metric, unit)
            found[f"{key.replace('member_', '')}_{arm}_minus_member"] = _gain(runs, arm, metric, points(unit))
    return found | {"members": Value(MEMBERS), "updates": Value(MEMBERS * STEPS)}


def _gain(runs: Runs, arm: str, metric: str, unit: str) -> Value:
    whole = runs.column(arm, metric.replace("member", "test"))
    return interval_value(whole - runs.column(arm, metric), unit, paired=True)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "one network with dropout has less error than five averaged": lower(
            v["error_dropout_minus_averaged"]
        ),
        "and than five bagged": lower(v["error_dropout_minus_bagged"]),
        "five times the steps alone do not lower the error": not lower(v["error_long_minus_short"]),
        "averaging five networks lowers the NLL": lower(v["nll_averaged_minus_short"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"With {v['updates'].quote()} updates each, one network with dropout differs from "
        f"{v['members'].quote()} averaged ones "
        f"by {v['error_dropout_minus_averaged'].quote()} of test error, from bagged ones by "
        f"{v['error_dropout_minus_bagged'].quote()}, and from one network without by "
        f"{v['error_dropout_minus_long'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL at equal compute: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each way to spend the updates."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 3.4)


EXPERIMENT = Experiment(
    name="equal_compute",
    arms=ARMS,
    seeds=3,
    steps=MEMBERS * STEPS,
    run=several,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
)
