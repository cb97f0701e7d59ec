"""Claim: how the gain of dropout changes with the number of examples depends on the metric that one prints.

Published: srivastava2014dropout, figure 10: no gain at 100 and 500 examples, a gain that grows, peaks and
declines. The step budget is the same at every size.
"""

from _compare import higher, points
from _runs import run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

SIZES = (100, 500, 1_000, 2_000, 5_000)
STEPS = 1_500
DROPPED = {"p": 0.5, "p_in": 0.2}
ARMS = {
    f"{name}_{n}": {"n": n, "steps": STEPS, **settings}
    for n in SIZES
    for name, settings in (("none", {}), ("dropout", DROPPED))
}


def values(runs: Runs) -> dict[str, Value]:
    """Error and NLL at every size, and the gain: without minus with dropout, absolute and in percent."""
    found = {}
    for n in SIZES:
        for key, metric, unit in (
            ("error", "test_error", "%"),
            ("nll", "test_nll", "nats"),
            ("fit", "train_nll", "nats"),
        ):
            without, dropped = runs.column(f"none_{n}", metric), runs.column(f"dropout_{n}", metric)
            found[f"{key}_none_{n}"] = interval_value(without, unit)
            found[f"{key}_dropout_{n}"] = interval_value(dropped, unit)
            found[f"{key}_gain_{n}"] = interval_value(without - dropped, points(unit), paired=True)
        without, dropped = runs.column(f"none_{n}", "test_error"), runs.column(f"dropout_{n}", "test_error")
        found[f"relative_gain_{n}"] = interval_value(
            100 * (without - dropped) / without, "%", paired=True, digits=1
        )
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    relative = {n: v[f"relative_gain_{n}"].value for n in SIZES}
    return {
        "no gain in error at 100 examples": not higher(v["error_gain_100"]),
        "no gain in NLL at 100 examples": not higher(v["nll_gain_100"]),
        "a gain in error at 1,000 and 2,000 examples": all(
            higher(v[f"error_gain_{n}"]) for n in (1_000, 2_000)
        ),
        "a gain in NLL from 500 examples on": all(higher(v[f"nll_gain_{n}"]) for n in SIZES[1:]),
        "the relative gain is largest in between": max(relative, key=relative.get)
        not in (SIZES[0], SIZES[-1]),
    }


def claim(v: dict[str, Value]) -> str:
    told = "; ".join(
        f"{n:,} examples: {v[f'error_gain_{n}'].quote()} of test error, {v[f'nll_gain_{n}'].quote()} of NLL"
        for n in (100, 2_000, 5_000)
    )
    return f"What dropout saves in the same number of steps, with {told}."


def alt(v: dict[str, Value]) -> str:
    error = ", ".join(f"{v[f'error_gain_{n}'].quote('value')} at {n:,}" for n in SIZES)
    relative = ", ".join(f"{v[f'relative_gain_{n}'].quote('value')} at {n:,}" for n in SIZES)
    nll = ", ".join(f"{v[f'nll_gain_{n}'].quote('value')} at {n:,}" for n in SIZES)
    return f"Gain of dropout over the number of examples. Error: {error}. Relative: {relative}. NLL: {nll}."


def figure(runs: Runs, v: dict[str, Value]):
    """The gain in three metrics, side by side."""
    fig, axes = style.panels(3)
    for axis, key, title in zip(
        axes,
        ("error_gain", "relative_gain", "nll_gain"),
        ("error saved, pp", "share of the error saved, %", "NLL saved, nats"),
        strict=True,
    ):
        style.curve(axis, SIZES, [v[f"{key}_{n}"] for n in SIZES], 0, "")
        style.reference(axis, 0.0, "no gain")
        axis.set(xscale="log", xlabel="training examples", title=title)
        axis.set_xticks(SIZES, ["100", "500", "1k", "2k", "5k"])
        axis.minorticks_off()
    return fig


EXPERIMENT = Experiment(
    name="data_size",
    arms=ARMS,
    seeds=4,
    steps=STEPS,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"dropout_1000": ("test_error", "test_nll")},
)
