"""Claim: with a fixed step budget, more data turns the gain of dropout into a loss.

Fashion-MNIST, as many steps at every size. Published: srivastava2014dropout, figure 10, where the gain
declines for large sets; here the budget, not the data, is what runs out.
"""

from _compare import METRICS, differences, higher, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

SIZES = (500, 50_000)
STEPS = 1_000
LABELS = {str(n): f"{n:,} images" for n in SIZES}
TITLES = {"error_change": "change of test error, pp", "train_nll_change": "change of training NLL, nats"}


def arm(kind: str, n: int) -> str:
    """Name in keys: none_500, p50_500, ..."""
    return f"{kind}_{n}"


ARMS = {
    arm(kind, n): {"fashion": 1, "n": n, "steps": STEPS, **settings}
    for n in SIZES
    for kind, settings in (("none", {}), ("p50", {"p": 0.5}))
}
PAIRS = [(arm("p50", n), arm("none", n)) for n in SIZES]


def values(runs: Runs) -> dict[str, Value]:
    """Means, and `<key>_change_<n>`: what dropout 0.5 changes at each size."""
    found = differences(runs, PAIRS)
    return means(runs, ARMS) | {
        f"{key}_change_{n}": found[f"{key}_{arm('p50', n)}_minus_{arm('none', n)}"]
        for key in METRICS
        for n in SIZES
    }


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "rate 0.5 lowers the error at 500 examples": lower(v["error_change_500"]),
        "rate 0.5 raises the error at 50,000 examples": higher(v["error_change_50000"]),
        "it fits its training images worse there": higher(v["train_nll_change_50000"]),
    }


def claim(v: dict[str, Value]) -> str:
    said = "; ".join(f"with {n:,} images by {v[f'error_change_{n}'].quote()}" for n in SIZES)
    return (
        f"In {STEPS:,} steps on Fashion-MNIST drop rate 0.5 changes the test error {said}; the training "
        f"NLL of the last by {v['train_nll_change_50000'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"What dropout 0.5 changes in test error and in training NLL: {told(v, LABELS, *TITLES)}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each size."""
    return rows(v, LABELS, TITLES, 1.9)


EXPERIMENT = Experiment(
    name="too_much_data",
    arms=ARMS,
    seeds=4,
    steps=STEPS,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},  # Fashion-MNIST is not everywhere
    data=(),
)
