"""Claim: with 25 trainings to spend, how the winner is reported matters more than how it is searched.

Published: bergstra2012random: random search beats a grid where few of the settings matter; here there are
two, and both matter.
"""

from _search import FRESH, GRID, RANDOM, TPE, run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value, interval_value

TRIALS = 25
METHODS = {"random": RANDOM, "grid": GRID, "tpe": TPE}
LABELS = {"random": "random", "grid": "grid of 5 x 5", "tpe": "Optuna (TPE)"}
ARMS = {name: {"method": method, "trials": TRIALS} for name, method in METHODS.items()}


def values(runs: Runs) -> dict[str, Value]:
    """Errors of the winners, paired differences to random search, and how a winner's own error flatters."""
    found = {"trials": Value(TRIALS, digits=0), "fresh": Value(FRESH, digits=0)}
    for name in ARMS:
        for metric in ("found", "validation", "test"):
            found[f"{metric}_{name}"] = runs.mean(name, metric, "%")
        flattery = runs.column(name, "validation") - runs.column(name, "found")
        found[f"flattery_{name}"] = interval_value(flattery, "pp", paired=True)
    for name in list(ARMS)[1:]:
        found[f"test_{name}_minus_random"] = runs.difference(name, "random", "test", "pp")
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    """What is expected, and whether an interval says so."""
    return {
        "random search finds better settings than the grid": v["test_grid_minus_random"].low > 0,
        "Optuna finds better settings than random search": v["test_tpe_minus_random"].high < 0,
        "the winner's own validation error flatters it, whatever the method": all(
            v[f"flattery_{name}"].low > 0 for name in ARMS
        ),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"After {TRIALS} trainings the winners of a grid differ from those of random search by "
        f"{v['test_grid_minus_random'].quote()} in test error, those of Optuna by "
        f"{v['test_tpe_minus_random'].quote()}. Trained again with other seeds, the winner of a random "
        f"search has a validation error that differs by {v['flattery_random'].quote()} from the one it was "
        f"chosen for."
    )


def alt(v: dict[str, Value]) -> str:
    return (
        f"Two panels of points with intervals. Test error against random search: grid "
        f"{v['test_grid_minus_random'].quote()}, Optuna {v['test_tpe_minus_random'].quote()}. Validation "
        f"error of the winner on fresh seeds minus that in the search: random "
        f"{v['flattery_random'].quote('value')}, grid {v['flattery_grid'].quote('value')}, Optuna "
        f"{v['flattery_tpe'].quote('value')}."
    )


def figure(runs: Runs, v: dict[str, Value]):
    """Differences to random search, and what the winners lose on fresh seeds."""
    fig, (left, right) = style.panels(2)
    others = list(ARMS)[1:]
    style.dots(left, [LABELS[name] for name in others], [v[f"test_{name}_minus_random"] for name in others])
    style.reference(left, 0, "random search", vertical=True)
    left.set(xlabel="test error minus that of random search, pp", title="which method")
    style.dots(right, [LABELS[name] for name in ARMS], [v[f"flattery_{name}"] for name in ARMS], series=(1,))
    style.reference(right, 0, "as promised", vertical=True)
    right.set(xlabel="validation error, fresh seeds minus search, pp", title="what the winner's number hid")
    return fig


EXPERIMENT = Experiment(
    name="rate_search",
    arms=ARMS,
    seeds=24,
    steps=200,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"random": ("found", "validation", "test")},
    data=("autograder/dropgrade/digits14.npz",),
)
