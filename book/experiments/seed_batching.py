"""Claim: on one CPU thread, stacking several seeds into batched matrix products is no faster than a loop.

It decides how the other experiments train. The numbers are CPU seconds of one machine; a GPU would tell
another story.
"""

from _stacked import run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value, interval_value

NETS, STEPS = 5, 200
ARMS = {
    f"{kind}_{name}": {"stacked": stacked, "nets": NETS, "steps": STEPS, "p": p}
    for name, p in (("none", 0.0), ("p50", 0.5))
    for kind, stacked in (("loop", 0), ("stacked", 1))
}
LABELS = {"none": "no dropout", "p50": "dropout 0.5"}


def values(runs: Runs) -> dict[str, Value]:
    """Seconds for NETS networks and STEPS updates, and the ratio of stacked to loop within a repeat."""
    found = {f"seconds_{name}": runs.mean(name, "cpu_seconds", "s") for name in ARMS}
    for name in LABELS:
        ratio = runs.column(f"stacked_{name}", "cpu_seconds") / runs.column(f"loop_{name}", "cpu_seconds")
        found[f"ratio_{name}"] = interval_value(ratio, "times")
    return found | {"nets": Value(NETS)}


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        f"stacking is not faster, {label}": v[f"ratio_{name}"].high >= 1 for name, label in LABELS.items()
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"Training {v['nets'].quote()} networks at once in stacked matrix products takes "
        f"{v['ratio_none'].quote()} the CPU time of training them one after another without dropout, and "
        f"{v['ratio_p50'].quote()} with dropout 0.5, on one thread; the experiments therefore loop."
    )


def alt(v: dict[str, Value]) -> str:
    return (
        "CPU time of stacked training in multiples of the loop's: "
        f"{v['ratio_none'].quote()} without dropout and {v['ratio_p50'].quote()} with dropout 0.5."
    )


def figure(runs: Runs, v: dict[str, Value]):
    fig, (axis,) = style.panels(1)
    style.dots(axis, list(LABELS.values()), [v[f"ratio_{name}"] for name in LABELS])
    style.reference(axis, 1.0, "as fast as the loop", vertical=True)
    axis.set(xlabel="CPU time of stacked training, multiples of the loop's", title="five networks at once")
    return fig


EXPERIMENT = Experiment(
    name="seed_batching",
    arms=ARMS,
    seeds=6,
    steps=STEPS,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
)
