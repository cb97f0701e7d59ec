"""A search for learning rate and p, and what its winner is worth on fresh seeds.

The network is that of `dropgrade.reference.mlp`: 196-64-10, trained on 600 digits of 14 x 14. Optuna is
needed for one of the three methods only: `pip install "./autograder[search]"`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from dropgrade.digits import load_digits
from dropgrade.errors import CourseError
from dropgrade.reference import mlp

SPACE = {"rate": (1e-3, 1.0), "p": (0.0, 0.8)}
BUDGET = {"steps": 200, "batch": 50, "momentum": 0.9}
WIDTH, TRAINED, FRESH = 64, 600, 4
GRID, RANDOM, TPE = 0, 1, 2


def parts() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """600 digits to train on, 1,000 others to choose by, 1,000 more to report."""
    digits = load_digits()
    return {
        "train": (digits.train_images[:TRAINED], digits.train_labels[:TRAINED]),
        "validation": (digits.train_images[-1000:], digits.train_labels[-1000:]),
        "test": (digits.test_images, digits.test_labels),
    }


def errors(rate: float, p: float, seed: int, data: Mapping[str, Any]) -> dict[str, float]:
    """Validation and test error in percent of one training; start and order come from the seed."""
    rng = np.random.default_rng(seed)
    net = mlp.start(data["train"][0].shape[1], WIDTH, 10, rng)
    with np.errstate(all="ignore"):  # a learning rate near 1 may diverge, and is then simply bad
        net = mlp.train(net, *data["train"], BUDGET | {"rate": rate, "p": p}, rng)
        return {name: 100 * mlp.score(net, *data[name])[0] for name in ("validation", "test")}


def proposals(method: int, trials: int, seed: int) -> Iterable[tuple[float, float]]:
    """Learning rates and p of a grid or of random search."""
    (slow, fast), (least, most) = SPACE["rate"], SPACE["p"]
    if method == GRID:
        side = round(trials**0.5)
        return [(r, p) for r in np.geomspace(slow, fast, side) for p in np.linspace(least, most, side)]
    rng = np.random.default_rng([seed, 7])
    rates = np.exp(rng.uniform(np.log(slow), np.log(fast), trials))
    return zip(rates, rng.uniform(least, most, trials), strict=True)


def searched(method: int, trials: int, seed: int, cost: Callable[[float, float], float]) -> tuple:
    """The setting of lowest cost among those that a method tries, and that cost: (cost, rate, p)."""
    if method == TPE:
        return with_optuna(trials, seed, cost)
    return min((cost(rate, p), rate, p) for rate, p in proposals(method, trials, seed))


def with_optuna(trials: int, seed: int, cost: Callable[[float, float], float]) -> tuple:
    """The same from Optuna's tree-structured Parzen estimator with its own defaults."""
    try:
        import optuna
    except ModuleNotFoundError:
        raise CourseError('Optuna is missing; type: pip install "./autograder[search]"') from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))

    def objective(trial: Any) -> float:
        rate = trial.suggest_float("rate", *SPACE["rate"], log=True)
        return cost(rate, trial.suggest_float("p", *SPACE["p"]))

    study.optimize(objective, n_trials=trials)
    return study.best_value, study.best_params["rate"], study.best_params["p"]


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """One search, and its winner trained again.

    Args:
        settings: `method` (0 grid, 1 random, 2 Optuna) and `trials`.
        seed: of the search; every trial of it trains with this one seed, whatever the method.

    Returns:
        In percent: `found`, the winner's validation error in the search; `validation` and `test`, its mean
        errors over FRESH other seeds, the same for all methods. The winner's `rate` and `p`; cpu_seconds.
    """
    begin, data = time.process_time(), parts()

    def cost(rate: float, p: float) -> float:
        return errors(rate, p, seed, data)["validation"]

    found, rate, p = searched(int(settings["method"]), int(settings["trials"]), seed, cost)
    again = [errors(rate, p, 1_000 + FRESH * seed + i, data) for i in range(FRESH)]
    means = {name: float(np.mean([one[name] for one in again])) for name in ("validation", "test")}
    return {"found": found, "rate": rate, "p": p, "cpu_seconds": time.process_time() - begin} | means
