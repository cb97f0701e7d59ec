"""The checks of exercise 07_rate: intervals, choices, comparisons, proposals and runs of a fair study."""

from typing import Any

import numpy as np

from dropgrade.checks import studies, study_judges, study_names
from dropgrade.checks.calling import global_state, listening
from dropgrade.checks.common import judge_untouched
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import limits
from dropgrade.checks.studies import ALPHA, SPACE, read_compared, read_interval, read_proposed, table
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import paired

checks = Checklist()

TRIES, LEVEL, SEEDS = 2_000, 0.9, 4
"""Intervals whose coverage is counted, their level, and the pairs behind each."""


@checks.add(
    points=2,
    catches="an end that is off by 0.01 % of the interval's width, each time",
    uses=("paired_interval",),
)
def interval_is_students(functions: Functions, rng: np.random.Generator) -> str:
    """The interval is that of Student's t for the mean of the differences b - a, seed by seed."""
    for n, level in ((5, 0.95), (2, 0.8), (12, 0.99)):
        seed_effect = rng.normal(scale=3, size=n)
        a, b = 10 + seed_effect + rng.normal(size=n), 11 + seed_effect + rng.normal(size=n)
        found = read_interval(functions["paired_interval"](a.copy(), b.copy(), level), "paired_interval")
        right = np.array(paired.paired_interval(a, b, level))
        if not np.all(np.abs(found - right) <= 1e-5 * (right[2] - right[1])):
            raise Failed(
                f"For {n} pairs and level {level:g} the mean and the ends should be {studies.three(right)}; "
                f"they are {studies.three(found)}.",
                study_names.name_interval(found, a, b, level),
            )
    return "mean and ends are those of the differences, for 2, 5 and 12 seeds."


@checks.add(
    points=2,
    false_alarm=ALPHA,
    catches="coverage that is 6 points off, in 99 of 100 runs",
    uses=("paired_interval",),
)
def interval_covers(functions: Functions, rng: np.random.Generator) -> str:
    """The true difference lies inside as often as the level says, whatever the seeds add to both arms."""
    level, truth, n = LEVEL, -0.7, SEEDS
    shared = rng.normal(scale=4, size=(TRIES, n))
    a, b = shared + rng.normal(size=(TRIES, n)), truth + shared + rng.normal(size=(TRIES, n))
    calls = [(x, y, level) for x, y in zip(a, b, strict=True)]
    values = studies.many(functions["paired_interval"], calls, 3)
    ends = np.array([read_interval(value, "paired_interval") for value in values])
    inside = int(np.sum((ends[:, 1] <= truth) & (truth <= ends[:, 2])))
    low, high = limits(TRIES, level, ALPHA)
    if not low <= inside <= high:
        raise Failed(
            f"Of {TRIES} intervals of level {level:g} between {percent(low / TRIES)} and "
            f"{percent(high / TRIES)} should hold the true difference; {percent(inside / TRIES)} do.",
            "covers_too_seldom" if inside < low else "covers_too_often",
        )
    return f"{percent(inside / TRIES)} of {TRIES} intervals of level 90 % hold the true difference."


@checks.add(points=1, uses=("paired_interval",))
def refuses_what_has_no_interval(functions: Functions, rng: np.random.Generator) -> str:
    """Fewer than two pairs, unequal lengths, and runs that diverged raise ValueError."""
    a, b = rng.normal(size=(2, 4))
    read_interval(functions["paired_interval"](a, b, 0.95), "paired_interval")
    hole, flood = b.copy(), b.copy()
    hole[1], flood[2] = np.nan, np.inf
    cases = {
        "one pair": (a[:1], b[:1]),
        "no pairs": (a[:0], b[:0]),
        "4 and 3 values": (a, b[:3]),
        "4 values and 1": (a, b[:1]),
        "a NaN": (a, hole),
        "an inf": (flood, a),
    }
    for what, (x, y) in cases.items():
        error = functions["paired_interval"].error(x.copy(), y.copy(), 0.95)
        if error is None:
            raise Failed(f"{what} should raise ValueError; it gives an interval.", "interval_from_nothing")
        if not isinstance(error, ValueError):
            raise Failed(
                f"{what} should raise ValueError; it raises {type(error).__name__}.", "raises_wrong_error"
            )
    return "what has no interval is refused."


@checks.add(points=2, uses=("choose",))
def each_arm_has_its_own_rate(functions: Functions, rng: np.random.Generator) -> str:
    """Every arm gets the learning rate of its lowest mean validation error; a diverged run disqualifies."""
    tables = [table(rng, 4, 6, 3) for _ in range(8)]
    tables[4:] = [studies.diverged(one, paired.choose(one), rng) for one in tables[4:]]
    values = functions["choose"].many([(one.copy(),) for one in tables])
    found = [studies.read_choice(value, 4, 6) for value in values]
    wrong = [place for place in range(8) if found[place] != paired.choose(tables[place])]
    if wrong:
        first = wrong[0]
        raise Failed(
            f"For 4 arms with 6 learning rates the places {paired.choose(tables[first])} have the lowest "
            f"mean error{' without a diverged run' if first > 3 else ''}; chosen were {found[first]}.",
            study_names.name_choices([found[i] for i in wrong], [tables[i] for i in wrong]),
        )
    return "each arm gets the rate that its own validation errors prefer."


@checks.add(points=2, uses=("compare",))
def compares_as_agreed(functions: Functions, rng: np.random.Generator) -> str:
    """Rates come from validation, intervals from test, against arm 0, with Bonferroni's level."""
    for arms, level in ((5, 0.95), (4, 0.9), (3, 0.8), (2, 0.95)):
        validation, test = table(rng, arms, 8, 6), table(rng, arms, 8, 6)
        found = read_compared(functions["compare"](validation.copy(), test.copy(), level), arms, 8)
        right = paired.compare(validation, test, level)
        for arm, (mine, theirs) in enumerate(zip(right, found, strict=True), 1):
            if mine["rates"] != theirs["rates"] or not study_names.agree(mine, theirs):
                raise Failed(
                    f"Arm {arm} of {arms} should be reported with rates {mine['rates']} and "
                    f"{studies.three([mine[k] for k in studies.ENDS])} at level {level:g}; it is with "
                    f"{theirs['rates']} and {studies.three([theirs[k] for k in studies.ENDS])}.",
                    study_names.name_compared(found, validation, test, level),
                )
    return "chosen on validation, judged on test, each against a tuned baseline."


@checks.add(
    points=2,
    false_alarm=ALPHA,
    catches="intervals that hold the truth together in 62 of 100 studies instead of 80, in 99 of 100 runs",
    uses=("compare",),
)
def intervals_cover_together(functions: Functions, rng: np.random.Generator) -> str:
    """All intervals of a study hold their true differences together, at least as often as the level says."""
    return study_judges.judge_together(functions, rng)


@checks.add(points=2, uses=("compare",))
def verdicts_follow_intervals(functions: Functions, rng: np.random.Generator) -> str:
    """The verdict is "better" or "worse" if 0 lies outside the interval, else "undecided"."""
    return study_judges.judge_verdicts(functions, rng)


@checks.add(points=1, uses=("propose",))
def grid_spans_the_space(functions: Functions, rng: np.random.Generator) -> str:
    """A grid of n settings has sqrt(n) values of each kind, ends included, learning rates in even ratios."""
    for n in (9, 25):
        space = {
            "rate": (10 ** -rng.uniform(3, 4), 10 ** -rng.uniform(0, 1)),
            "p": (0.0, rng.uniform(0.5, 0.9)),
        }
        found = read_proposed(functions["propose"]("grid", n, dict(space), fresh(rng)), n)
        right = paired.propose("grid", n, space, rng)
        ordered = [array[np.lexsort(np.round(array, 9).T)] for array in (found, right)]
        if not np.allclose(*ordered, rtol=1e-6, atol=1e-9):
            raise Failed(
                f"A grid of {n} settings should have the learning rates {studies.listed(right[:, 0])} and "
                f"the p {studies.listed(right[:, 1])}; it has {studies.listed(found[:, 0])} and "
                f"{studies.listed(found[:, 1])}.",
                study_names.name_grid(found, right),
            )
    return "the grid reaches the ends, and its learning rates stand in even ratios."


@checks.add(
    points=2,
    false_alarm=5 * ALPHA,
    catches="a quarter of the space that receives 6 points too much or too little, in 99 of 100 runs",
    uses=("propose",),
)
def random_fills_the_space(functions: Functions, rng: np.random.Generator) -> str:
    """Random settings are independent, log-uniform in the learning rate and uniform in p."""
    return study_judges.judge_random(functions, rng)


@checks.add(
    points=2,
    catches="runs of one seed that start or shuffle differently, each time",
    seconds=20,
    uses=("measure",),
)
def runs_of_one_seed_are_paired(functions: Functions, rng: np.random.Generator) -> str:
    """Settings share start and batches within a seed: a p that drops nothing gives the errors of p = 0."""
    return study_judges.judge_pairing(functions, rng)


@checks.add(
    points=2,
    false_alarm=1e-9,
    catches="a setting or a budget that does not reach the training, each time",
    seconds=20,
    uses=("measure",),
)
def settings_reach_the_training(functions: Functions, rng: np.random.Generator) -> str:
    """Each setting is trained with its own learning rate and p, for as many steps as the budget says."""
    return study_judges.judge_settings(functions, rng)


@checks.add(
    points=1,
    false_alarm=1e-9,
    catches="errors that are counted on other digits than those handed in, each time",
    seconds=20,
    uses=("measure",),
)
def errors_are_those_of_the_part(functions: Functions, rng: np.random.Generator) -> str:
    """Training uses the first part that is handed in, and errors are counted on the second."""
    return study_judges.judge_parts(functions, rng)


def one_call_each(rng: np.random.Generator) -> dict[str, tuple[Any, ...]]:
    """Legal arguments for each function but `measure`; in validation two runs have diverged."""
    validation, other = (studies.diverged(table(rng, 3, 4, 3), (1, 2), rng) for _ in range(2))
    return {
        "paired_interval": (rng.normal(size=5), rng.normal(size=5), 0.9),
        "choose": (validation,),
        "compare": (other, table(rng, 3, 4, 3), 0.9),
        "propose": ("random", 20, dict(SPACE), fresh(rng)),
    }


def read(name: str, value: Any) -> Any:
    """What that function of `one_call_each` returned; `Failed` if it is something else than promised."""
    if name == "paired_interval":
        return read_interval(value, name)
    if name == "choose":
        return studies.read_choice(value, 3, 4)
    return read_compared(value, 3, 4) if name == "compare" else read_proposed(value, 20)


@checks.add(points=1)
def randomness_is_an_argument(functions: Functions, rng: np.random.Generator) -> str:
    """Proposals repeat with the state of rng and change with it; no function touches the global state."""
    seed, found = int(rng.integers(2**62)), []
    with global_state(rng) as touched:
        for name, arguments in one_call_each(rng).items():
            read(name, functions[name](*arguments))
        for one in (seed, seed, seed + 1):
            value = functions["propose"]("random", 20, dict(SPACE), np.random.default_rng(one))
            found.append(read_proposed(value, 20))
        study_judges.measured(functions, [{"p": 0.5, "rate": 0.05}], [seed % 2**31], {"steps": 2})
    if touched:
        raise Failed(f"A function drew from the global state of {touched[0]}.", "global_rng")
    if not np.array_equal(found[0], found[1]):
        raise Failed("Two proposals from the same state of rng differ.", "own_rng")
    if np.array_equal(found[0], found[2]):
        raise Failed("Two proposals from different states of rng are the same.", "reseeds_each_call")
    return "a state of rng repeats its proposals, another one changes them."


@checks.add(points=1, uses=("paired_interval", "choose", "compare"))
def arguments_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """The tables and errors that are handed in stay as they are."""
    for name, arguments in one_call_each(rng).items():
        if name == "propose":
            continue
        before = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        read(name, functions[name](*arguments))
        for mine, theirs in zip(before, arguments, strict=True):
            if isinstance(mine, np.ndarray):
                judge_untouched(f"An argument of {name}", theirs, mine, "the call")
    return "the arguments are what they were."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr, diverged runs in validation included."""
    with listening() as noise:
        values = {name: functions[name](*arguments) for name, arguments in one_call_each(rng).items()}
        study_judges.measured(functions, [{"p": 0.5, "rate": 0.05}], [1], {"steps": 2})
    for name, value in values.items():
        read(name, value)
    if noise.first():
        raise Failed(f"The functions should be silent; one said: {noise.first()}.", "noisy")
    return "no warning and nothing on stderr."


EXERCISE = Exercise(
    "07_rate",
    "Choosing a rate fairly",
    ("paired_interval", "choose", "compare", "propose", "measure"),
    (),
    tuple(checks.checks),
)
