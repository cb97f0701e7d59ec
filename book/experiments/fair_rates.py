"""Claim: part of what dropout gains at a shared learning rate goes to a baseline with a rate of its own.

Four learning rates for both arms; the best of each by validation NLL and by validation error, as one would
choose. Whether the gain in error or in NLL shrinks is among the directions, and said where it does not.
"""

from _compare import METRICS, differences, lower, means
from _runs import run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

RATES = {"3e4": 3e-4, "1e3": 1e-3, "3e3": 3e-3, "1e2": 1e-2}
KINDS = {"none": {}, "dropout": {"p": 0.5, "p_in": 0.2}}
ARMS = {
    f"{kind}_{name}": {"rate": rate, **settings}
    for kind, settings in KINDS.items()
    for name, rate in RATES.items()
}


def values(runs: Runs) -> dict[str, Value]:
    """Every cell; dropout's gain at a shared rate, and best against best, chosen on the validation digits."""
    found = means(runs, ARMS, METRICS)
    found |= differences(runs, [(f"dropout_{name}", f"none_{name}") for name in RATES], METRICS)
    for key in ("error", "nll"):
        best = {}
        for kind in KINDS:
            best[kind] = min(
                RATES, key=lambda name: runs.column(f"{kind}_{name}", f"validation_{key}").mean()
            )
            found[f"best_rate_{kind}_by_{key}"] = Value(RATES[best[kind]], digits=4)
        metric, unit = METRICS[key]
        gain = runs.column(f"dropout_{best['dropout']}", metric) - runs.column(f"none_{best['none']}", metric)
        found[f"{key}_best_minus_best"] = interval_value(gain, "pp" if unit == "%" else unit, paired=True)
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    shared = v["error_dropout_1e3_minus_none_1e3"]
    return {
        "at the usual learning rate dropout lowers the error": lower(shared),
        "best against best it lowers the error": lower(v["error_best_minus_best"]),
        "best against best it lowers the NLL": lower(v["nll_best_minus_best"]),
        "best against best the gain in error is smaller than at the shared 0.003": (
            v["error_best_minus_best"].value > v["error_dropout_3e3_minus_none_3e3"].value
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"At a shared learning rate of 0.003, dropout .2/.5 changes the test error by "
        f"{v['error_dropout_3e3_minus_none_3e3'].quote()}. With a rate chosen for each, the change is "
        f"{v['error_best_minus_best'].quote()} of error and {v['nll_best_minus_best'].quote()} of NLL."
    )


def alt(v: dict[str, Value]) -> str:
    told = {
        kind: ", ".join(
            f"{v[f'error_{kind}_{name}'].quote('value')} at {rate:g}" for name, rate in RATES.items()
        )
        for kind in KINDS
    }
    return f"Test error over the learning rate. Without dropout: {told['none']}. With: {told['dropout']}."


def figure(runs: Runs, v: dict[str, Value]):
    """Error and NLL over the learning rate."""
    fig, axes = style.panels(2)
    rates = list(RATES.values())
    for axis, key, title in zip(axes, ("error", "nll"), ("test error, %", "test NLL, nats"), strict=True):
        for series, (kind, label) in enumerate((("dropout", "dropout"), ("none", "none"))):
            style.curve(axis, rates, [v[f"{key}_{kind}_{name}"] for name in RATES], series, label)
        axis.set(xscale="log", xlabel="learning rate", title=title, xlim=(2.4e-4, 2.6e-2))
        axis.set_xticks(rates, ["0.0003", "0.001", "0.003", "0.01"])
        axis.minorticks_off()
    return fig


EXPERIMENT = Experiment(
    name="fair_rates",
    arms=ARMS,
    seeds=5,
    steps=2_000,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
)
