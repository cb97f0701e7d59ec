"""The checks of exercise 03_backward: ``dropout_backward(dy, keep, p) -> dx``."""

from dropgrade.checks.verdicts import Checklist, Exercise, Functions

checks = Checklist()


@checks.add(points=1)
def returns_gradient(functions: Functions, rng) -> str:
    """dropout_backward returns one array of dy's shape."""
    raise NotImplementedError


@checks.add(points=2)
def gradient_uses_given_mask(functions: Functions, rng) -> str:
    """The gradient is zero exactly where the mask of the forward pass is False."""
    raise NotImplementedError


@checks.add(points=2)
def gradient_rescaled(functions: Functions, rng) -> str:
    """What passes through the mask is divided by the probability of keeping, once."""
    raise NotImplementedError


@checks.add(points=1)
def no_randomness(functions: Functions, rng) -> str:
    """The same arguments give the same gradient, and nothing random is drawn."""
    raise NotImplementedError


@checks.add(points=2)
def matches_own_forward(functions: Functions, rng) -> str:
    """The gradient is the slope of the forward pass (your own, where you defined dropout_forward)."""
    raise NotImplementedError


@checks.add(points=1)
def eval_passes_gradient(functions: Functions, rng) -> str:
    """With keep = None (evaluation) the gradient passes through unchanged, for every p."""
    raise NotImplementedError


@checks.add(points=1)
def nonfinite_gradient_dropped(functions: Functions, rng) -> str:
    """An inf or NaN in dy does not pass where the mask is False."""
    raise NotImplementedError


@checks.add(points=1)
def edges_are_exact(functions: Functions, rng) -> str:
    """p = 0 passes the gradient through, and p = 1 gives zeros."""
    raise NotImplementedError


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng) -> str:
    """A p outside [0, 1], or NaN, raises ValueError, with a mask and without."""
    raise NotImplementedError


@checks.add(points=1)
def input_unchanged(functions: Functions, rng) -> str:
    """dy and keep are left as they were."""
    raise NotImplementedError


@checks.add(points=1)
def dtype_kept(functions: Functions, rng) -> str:
    """dx has the dtype of dy: float16, float32 or float64."""
    raise NotImplementedError


@checks.add(points=1)
def shapes_and_layouts(functions: Functions, rng) -> str:
    """Any shape and memory layout will do: vectors, stacks, empty arrays, transposes and strided views."""
    raise NotImplementedError


@checks.add(points=1)
def quiet(functions: Functions, rng) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    raise NotImplementedError


EXERCISE = Exercise(
    "03_backward", "The backward pass", ("dropout_backward",), ("dropout_forward",), tuple(checks.checks)
)
