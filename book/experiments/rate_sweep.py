"""Claim: moderate dropout in the hidden layers lowers test error and NLL; too much of it underfits.

Published: srivastava2014, figure 9a: a flat optimum over the rates and underfitting beyond it. There p is the
probability of keeping; here, as everywhere in the course, of dropping.
"""

from _mlp import STEPS, run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
MEASURES = {  # key -> metric of a run, unit
    "error": ("test_error", "%"),
    "nll": ("test_nll", "nats"),
    "train_error": ("train_error", "%"),
    "train_nll": ("train_nll", "nats"),
    "gap": ("gap", "nats"),
}


def arm(rate: float) -> str:
    """Name of a rate in keys: none, p10, p20, ..."""
    return f"p{100 * rate:.0f}" if rate else "none"


ARMS = {arm(rate): {"p": rate} for rate in RATES}


def values(runs: Runs) -> dict[str, Value]:
    """Mean of every measure for every rate, paired differences to none, and the best rates."""
    found = {}
    for key, (metric, unit) in MEASURES.items():
        for name in ARMS:
            found[f"{key}_{name}"] = runs.mean(name, metric, unit)
        for name in list(ARMS)[1:]:
            found[f"{key}_{name}_minus_none"] = runs.difference(name, "none", metric, points(unit))
    for key in ("error", "nll"):
        metric, unit = MEASURES[key]
        for rate in ("p50", "p60"):
            found[f"{key}_{rate}_minus_p30"] = runs.difference(rate, "p30", metric, points(unit))
        for part, suffix in (("test", ""), ("validation", "_on_validation")):
            means = {rate: runs.column(arm(rate), f"{part}_{key}").mean() for rate in RATES}
            found[f"best_rate_by_{key}{suffix}"] = Value(min(means, key=means.get), digits=1)
    return found


def points(unit: str) -> str:
    """Unit of a difference: two percentages differ by percentage points."""
    return "pp" if unit == "%" else unit


def directions(v: dict[str, Value]) -> dict[str, bool]:
    """What is expected, and whether it was seen: an interval that excludes 0, or an order of the means."""
    moderate, high = ("p10", "p20", "p30", "p50"), ("p70", "p80", "p90")
    gaps = [v[f"gap_{name}"].value for name in ARMS]
    fits = [v[f"train_nll_{name}"].value for name in ("none", "p50", *high)]
    return {
        "rates 0.1 to 0.5 lower the test error": all(v[f"error_{m}_minus_none"].high < 0 for m in moderate),
        "rate 0.6 lowers the test error": v["error_p60_minus_none"].high < 0,
        "rates 0.1 to 0.6 lower the test NLL": all(
            v[f"nll_{m}_minus_none"].high < 0 for m in (*moderate, "p60")
        ),
        "rates from 0.7 on raise the test error": all(v[f"error_{h}_minus_none"].low > 0 for h in high),
        "the training NLL rises beyond 0.5 (underfitting)": fits == sorted(fits),
        "the gap between test and training NLL falls with every step of the rate": (
            gaps == sorted(gaps, reverse=True)
        ),
        "0.5 is worse than 0.3 by error and better by NLL, beyond the intervals": (
            v["error_p50_minus_p30"].low > 0 > v["nll_p50_minus_p30"].high
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Dropping hidden units at rate 0.3 changes the test error by {v['error_p30_minus_none'].quote()}; "
        f"at rate 0.8 by {v['error_p80_minus_none'].quote()}, because the network then misfits even its "
        f"training digits. The lowest mean error is at {v['best_rate_by_error'].quote()}, the lowest mean "
        f"negative log-likelihood at {v['best_rate_by_nll'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return (
        f"Two panels over the drop rate. Test error: {v['error_none'].quote('value')} without dropout, "
        f"lowest with {v[lowest('error', v)].quote('value')} at {v['best_rate_by_error'].quote()}, "
        f"{v['error_p70'].quote('value')} at 0.7, off the scale with {v['error_p90'].quote('value')} at 0.9. "
        f"Test NLL falls from {v['nll_none'].quote('value')} to {v[lowest('nll', v)].quote('value')} at "
        f"{v['best_rate_by_nll'].quote()} and then rises; training NLL stays near 0 up to 0.5 and reaches "
        f"{v['train_nll_p80'].quote('value')} at 0.8."
    )


def lowest(key: str, v: dict[str, Value]) -> str:
    return f"{key}_{arm(v[f'best_rate_by_{key}'].value)}"


def figure(runs: Runs, v: dict[str, Value]):
    """Error and NLL side by side; the last rate is off the scale and said in words."""
    fig, (left, right) = style.panels(2)
    shown = RATES[:-1]
    for axis, key, series, label, at in (
        (left, "error", 0, "test", 7),
        (right, "nll", 0, "test", 7),
        (right, "train_nll", 1, "training", 7),
    ):
        points = [v[f"{key}_{arm(rate)}"] for rate in shown]
        style.curve(axis, shown, points, series, label, at)
    style.reference(left, v["error_none"].value, "no dropout")
    left.set(title="test error, %", ylim=(4.5, 8.2))
    right.set(title="negative log-likelihood, nats", ylim=(-0.01, 0.36))
    for axis, key in ((left, "error"), (right, "nll")):
        axis.set(xlabel="drop rate p of both hidden layers", xlim=(-0.03, 0.98))
        style.beyond(axis, RATES[-1], f"test at 0.9: {v[f'{key}_p90'].quote('value')}")
    return fig


EXPERIMENT = Experiment(
    name="rate_sweep",
    arms=ARMS,
    seeds=8,
    steps=STEPS,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={name: ("test_error", "test_nll", "train_nll") for name in ("none", "p30", "p80")},
)
