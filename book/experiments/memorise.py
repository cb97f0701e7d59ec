"""Claim: at rate 0.5 a network still learns shuffled labels by heart; a higher rate keeps it from some.

500 digits, labels as they are or in random order. Published: zhang2017understanding: networks fit random
labels, and explicit regularisation hardly changes that; arpit2017closer: dropout can degrade the fit of noise
at no cost on real data.
"""

from _compare import differences, higher, means
from _runs import run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value

RATES = (0.0, 0.5, 0.7, 0.8)
BASE = {"n": 500, "steps": 600}
KINDS = {"shuffled": "shuffled labels", "true": "true labels"}
METRICS = {"fit": ("train_error", "%"), "error": ("test_error", "%")}


def arm(kind: str, rate: float) -> str:
    """Name in keys: true_none, shuffled_p50, ..."""
    return f"{kind}_p{100 * rate:.0f}" if rate else f"{kind}_none"


ARMS = {
    arm(kind, rate): {**BASE, "p": rate, "shuffled": int(kind == "shuffled")}
    for kind in KINDS
    for rate in RATES
}
PAIRS = [(arm(kind, rate), arm(kind, 0)) for kind in KINDS for rate in RATES[1:]]


def values(runs: Runs) -> dict[str, Value]:
    """Training and test error for both kinds of labels."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "without dropout shuffled labels are learnt by heart": v["fit_shuffled_none"].high < 1,
        "with rate 0.5 they are, too, all but a tenth": v["fit_shuffled_p50"].high < 10,
        "some rate costs shuffled labels fit, and true ones no test error": any(
            higher(v[f"fit_{arm('shuffled', rate)}_minus_shuffled_none"])
            and not higher(v[f"error_{arm('true', rate)}_minus_true_none"])
            for rate in RATES[1:]
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        "Of 500 digits with shuffled labels a network without dropout gets "
        f"{v['fit_shuffled_none'].quote()} wrong in evaluation mode after {BASE['steps']:,} updates, one "
        f"with drop rate 0.5 {v['fit_shuffled_p50'].quote()} and with 0.8 {v['fit_shuffled_p80'].quote()}; "
        f"of true labels, with 0.8, {v['fit_true_p80'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    lines = (
        f"{label} {', '.join(v[f'fit_{arm(kind, rate)}'].quote('value') for rate in RATES)}"
        for kind, label in KINDS.items()
    )
    return f"Training error at drop rates {', '.join(map(str, RATES))}: {'; '.join(lines)}."


def figure(runs: Runs, v: dict[str, Value]):
    """Training error over the rate, both kinds of labels."""
    fig, (axis,) = style.panels(1)
    for series, (kind, label) in enumerate(KINDS.items()):
        style.curve(axis, RATES, [v[f"fit_{arm(kind, rate)}"] for rate in RATES], series, label)
    axis.set(xlabel="drop rate p of both hidden layers", title="training error in evaluation, %")
    axis.set(xlim=(-0.03, 1.18), xticks=RATES)
    return fig


EXPERIMENT = Experiment(
    name="memorise",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"shuffled_p80": ("train_error",)},
)
