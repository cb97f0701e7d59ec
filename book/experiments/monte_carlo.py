"""Claim: about fifty masked passes are as accurate as the one pass without masks; more do not beat it here.

Published: srivastava2014dropout, figure 11: k about 50 matches weight scaling and then does slightly
better.
"""

from _compare import lower
from _uncertain import PASSES, monte_carlo

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

ARMS = {"dropout": {"p": 0.5, "p_in": 0.2}}
UNITS = {"error": "pp", "nll": "nats"}


def values(runs: Runs) -> dict[str, Value]:
    """The one pass, and how far the mean of k passes is above it."""
    found = {}
    for key, unit in UNITS.items():
        scaling = runs.column("dropout", f"{key}_scaling")
        found[f"{key}_scaling"] = interval_value(scaling, "%" if key == "error" else unit)
        for k in PASSES:
            found[f"{key}_{k}_minus_scaling"] = interval_value(
                runs.column("dropout", f"{key}_{k}") - scaling, unit, paired=True
            )
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "five passes still have more error than the one": v["error_5_minus_scaling"].low > 0,
        "fifty passes do not have more error": v["error_50_minus_scaling"].low <= 0,
        "a hundred passes have less error": lower(v["error_100_minus_scaling"]),
        "a hundred passes have a lower NLL": lower(v["nll_100_minus_scaling"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"The mean of 5 masked passes differs from the one pass without masks by "
        f"{v['error_5_minus_scaling'].quote()} of test "
        f"error, of 50 by {v['error_50_minus_scaling'].quote()}, of 100 by "
        f"{v['error_100_minus_scaling'].quote()}; its NLL by "
        f"{v['nll_100_minus_scaling'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    told = {
        key: ", ".join(f"{v[f'{key}_{k}_minus_scaling'].quote('value')} with {k}" for k in PASSES)
        for key in UNITS
    }
    return f"Mean of k masked passes minus the one pass. Error: {told['error']}. NLL: {told['nll']}."


def figure(runs: Runs, v: dict[str, Value]):
    """Error and NLL above the one pass, over the number of passes."""
    fig, axes = style.panels(2)
    for axis, key, title in zip(
        axes, UNITS, ("error above one pass, pp", "NLL above one pass, nats"), strict=True
    ):
        style.curve(axis, PASSES, [v[f"{key}_{k}_minus_scaling"] for k in PASSES], 0, "")
        style.reference(axis, 0.0, "one pass, no masks")
        axis.set(xscale="log", xlabel="masked passes averaged", title=title)
        axis.set_xticks(PASSES, [str(k) for k in PASSES])
        axis.minorticks_off()
    return fig


EXPERIMENT = Experiment(
    name="monte_carlo",
    arms=ARMS,
    seeds=5,
    steps=2_000,
    run=monte_carlo,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"dropout": ("error_scaling", "nll_scaling")},
)
