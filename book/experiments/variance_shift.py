"""Claim: dropout before a BatchNorm leaves it with too large a running variance; mending that does not win
the error back.

Published: li2019understanding: the variance shift, and that it is why the two together do worse.
"""

from _compare import differences, higher, means, points, rows, told
from _shift import run

from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

BASE = {"norm": 1, "depth": 3, "steps": 1_250}
ARMS = {
    "none": BASE,
    "p20": {**BASE, "p": 0.2},
    "p50": {**BASE, "p": 0.5},
    "last": {**BASE, "p": 0.5, "last": 1},
}
LABELS = {
    "none": "no dropout",
    "p20": "drop 0.2 before BN",
    "p50": "drop 0.5 before BN",
    "last": "drop 0.5 after the last BN",
}
METRICS = {"error": ("test_error", "%"), "nll": ("test_nll", "nats"), "ratio": ("ratio_1", "")}


def values(runs: Runs) -> dict[str, Value]:
    """Errors, the ratio of variances at the second BatchNorm, and what new statistics change."""
    found = means(runs, ARMS, METRICS) | differences(
        runs, [(name, "none") for name in list(ARMS)[1:]], METRICS
    )
    for arm in ARMS:
        for key, unit in (("error", "%"), ("nll", "nats")):
            change = runs.column(arm, f"repaired_{key}") - runs.column(arm, f"test_{key}")
            found[f"{key}_repair_{arm}"] = interval_value(change, points(unit), paired=True)
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "at rate 0.5 the variance in evaluation is below the running one": v["ratio_p50"].high < 0.9,
        "without dropout, or with it after the last BatchNorm, they agree to a tenth": all(
            0.9 < v[f"ratio_{arm}"].value < 1.1 for arm in ("none", "last")
        ),
        "dropout 0.5 before BatchNorm raises the error": higher(v["error_p50_minus_none"]),
        "new statistics win at least half of that error back": (
            v["error_repair_p50"].high < -0.5 * v["error_p50_minus_none"].value
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"With drop rate 0.5 before it, the second BatchNorm sees in evaluation {v['ratio_p50'].quote()} "
        f"of the variance that it "
        f"stored, without dropout {v['ratio_none'].quote()}. The test error rises by "
        f"{v['error_p50_minus_none'].quote()}; "
        f"estimating the statistics anew changes it by {v['error_repair_p50'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Variance in evaluation over the stored one, and test error: {told(v, LABELS, 'ratio', 'error')}."


def figure(runs: Runs, v: dict[str, Value]):
    """The ratio of variances, and the error."""
    return rows(v, LABELS, {"ratio": "variance in evaluation / stored", "error": "test error, %"}, 2.9)


EXPERIMENT = Experiment(
    name="variance_shift",
    arms=ARMS,
    seeds=4,
    steps=1_250,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"p50": ("ratio_1", "test_error")},
)
