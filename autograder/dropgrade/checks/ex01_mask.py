"""The checks of exercise 01_mask: ``keep_mask(shape, p, rng) -> bool array``, True where kept."""

from dropgrade.checks.verdicts import Checklist, Exercise, Functions

checks = Checklist()


@checks.add(points=1)
def returns_bool_mask(functions: Functions, rng) -> str:
    """keep_mask returns a NumPy array of dtype bool and of the shape asked for, empty shapes included."""
    raise NotImplementedError


@checks.add(points=2)
def rate_matches_p(functions: Functions, rng) -> str:
    """An entry is kept with probability 1 - p."""
    raise NotImplementedError


@checks.add(points=1)
def rate_holds_at_extremes(functions: Functions, rng) -> str:
    """The rate holds for p close to 0 and close to 1 as well."""
    raise NotImplementedError


@checks.add(points=1)
def edges_are_exact(functions: Functions, rng) -> str:
    """p = 0 keeps every entry and p = 1 none."""
    raise NotImplementedError


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng) -> str:
    """A p outside [0, 1], or NaN, raises ValueError."""
    raise NotImplementedError


@checks.add(points=1)
def rows_differ(functions: Functions, rng) -> str:
    """Each row has a mask of its own."""
    raise NotImplementedError


@checks.add(points=1)
def entries_independent(functions: Functions, rng) -> str:
    """Inside a row each entry is drawn by itself."""
    raise NotImplementedError


@checks.add(points=1)
def count_varies(functions: Functions, rng) -> str:
    """The number of kept entries varies from mask to mask as a binomial count does."""
    raise NotImplementedError


@checks.add(points=1)
def calls_differ(functions: Functions, rng) -> str:
    """Each call draws a new mask."""
    raise NotImplementedError


@checks.add(points=1)
def only_the_given_rng(functions: Functions, rng) -> str:
    """The rng that is passed in decides the mask: the same seed repeats it, and nothing global is touched."""
    raise NotImplementedError


@checks.add(points=1)
def quiet(functions: Functions, rng) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    raise NotImplementedError


EXERCISE = Exercise("01_mask", "The keep mask", ("keep_mask",), (), tuple(checks.checks))
