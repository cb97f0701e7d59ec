"""The checks of exercise 02_forward: ``dropout_forward(x, p, training, rng) -> (y, keep)``."""

from dropgrade.checks.verdicts import Checklist, Exercise, Functions

checks = Checklist()


@checks.add(points=1)
def returns_output_and_mask(functions: Functions, rng) -> str:
    """In training dropout_forward returns (y, keep): an array and a bool array, both of x's shape."""
    raise NotImplementedError


@checks.add(points=1)
def rate_matches_p(functions: Functions, rng) -> str:
    """In training an entry is kept with probability 1 - p."""
    raise NotImplementedError


@checks.add(points=1)
def masks_independent(functions: Functions, rng) -> str:
    """Entries are drawn independently: across rows, inside rows, and in their number."""
    raise NotImplementedError


@checks.add(points=1)
def calls_differ(functions: Functions, rng) -> str:
    """Each call in training draws a new mask."""
    raise NotImplementedError


@checks.add(points=1)
def only_the_given_rng(functions: Functions, rng) -> str:
    """The rng that is passed in decides the mask: the same seed repeats it, and nothing global is touched."""
    raise NotImplementedError


@checks.add(points=1)
def output_follows_mask(functions: Functions, rng) -> str:
    """The output is zero exactly where keep is False."""
    raise NotImplementedError


@checks.add(points=2)
def kept_entries_rescaled(functions: Functions, rng) -> str:
    """Kept entries are divided by the probability of keeping."""
    raise NotImplementedError


@checks.add(points=1)
def mask_survives_zeros(functions: Functions, rng) -> str:
    """keep is the mask that was drawn, also where x is zero."""
    raise NotImplementedError


@checks.add(points=1)
def nonfinite_entries_dropped(functions: Functions, rng) -> str:
    """A dropped inf or NaN becomes zero."""
    raise NotImplementedError


@checks.add(points=1)
def p_zero_keeps_all(functions: Functions, rng) -> str:
    """At p = 0 training returns x unchanged and a mask that is all True."""
    raise NotImplementedError


@checks.add(points=1)
def p_one_gives_zeros(functions: Functions, rng) -> str:
    """At p = 1 training returns zeros and a mask that is all False."""
    raise NotImplementedError


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng) -> str:
    """A p outside [0, 1], or NaN, raises ValueError, in training and in evaluation."""
    raise NotImplementedError


@checks.add(points=2)
def eval_is_identity(functions: Functions, rng) -> str:
    """In evaluation y equals x and keep is None, for every p."""
    raise NotImplementedError


@checks.add(points=1)
def eval_draws_nothing(functions: Functions, rng) -> str:
    """Evaluation draws nothing from rng."""
    raise NotImplementedError


@checks.add(points=1)
def input_unchanged(functions: Functions, rng) -> str:
    """x is left as it was."""
    raise NotImplementedError


@checks.add(points=1)
def dtype_kept(functions: Functions, rng) -> str:
    """y has the dtype of x: float16, float32 or float64."""
    raise NotImplementedError


@checks.add(points=1)
def shapes_and_layouts(functions: Functions, rng) -> str:
    """Any shape and memory layout will do: vectors, stacks, empty arrays, transposes and strided views."""
    raise NotImplementedError


@checks.add(points=1)
def quiet(functions: Functions, rng) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    raise NotImplementedError


EXERCISE = Exercise("02_forward", "The forward pass", ("dropout_forward",), (), tuple(checks.checks))
