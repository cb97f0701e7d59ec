"""The reference formulas: what they promise for every p, shape and dtype."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dropgrade.reference import numpy_ops, philox

probabilities = st.floats(0, 1)
bad_probabilities = st.one_of(
    st.floats(max_value=0, exclude_max=True), st.floats(min_value=1, exclude_min=True), st.just(float("nan"))
)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)
seeds = st.integers(0, 2**32)
floats = st.sampled_from([np.float16, np.float32, np.float64])


def arrays(special=()):
    """Float arrays of any of the three dtypes and any small shape: values in [-4, 4] and the special ones."""

    def of(dtype):
        values = hnp.from_dtype(np.dtype(dtype), min_value=-4, max_value=4)
        return hnp.arrays(dtype, shapes, elements=values | st.sampled_from(special) if special else values)

    return floats.flatmap(of)


@given(shape=shapes, p=probabilities, seed=seeds)
def test_keep_mask_is_uniform_at_least_p(shape, p, seed):
    """The mask is bool, of the shape asked for, and compares the rng's uniform numbers with p."""
    keep = np.asarray(numpy_ops.keep_mask(shape, p, np.random.default_rng(seed)))
    assert keep.dtype == bool
    assert keep.shape == shape
    assert np.array_equal(keep, np.random.default_rng(seed).random(shape) >= p)


@given(x=arrays(special=[np.inf, -np.inf, np.nan]), p=probabilities, seed=seeds)
def test_forward_selects_and_rescales(x, p, seed):
    """Kept entries are divided by 1 - p, the others are zero whatever they were; dtype and input stay."""
    before = x.copy()
    y, keep = numpy_ops.dropout_forward(x, p, True, np.random.default_rng(seed))
    assert y.dtype == x.dtype
    assert y.shape == x.shape == keep.shape
    assert np.array_equal(x, before, equal_nan=True)
    assert not np.any(y[~keep])
    if p < 1:
        with np.errstate(over="ignore"):
            assert np.array_equal(y[keep], x[keep] / (1 - p), equal_nan=True)


@given(x=arrays(), p=probabilities)
def test_evaluation_is_the_identity_and_draws_nothing(x, p):
    """In evaluation y is x, there is no mask, and the rng is where it was."""
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    y, keep = numpy_ops.dropout_forward(x, p, False, rng)
    assert y is x
    assert keep is None
    assert rng.bit_generator.state == state


@given(dy=arrays(special=[np.inf, -np.inf, np.nan]), p=st.floats(0, 0.99), seed=seeds)
def test_backward_is_the_forward_map(dy, p, seed):
    """Forward and backward are the same diagonal map, so backward of the mask equals forward with it."""
    y, keep = numpy_ops.dropout_forward(dy, p, True, np.random.default_rng(seed))
    assert np.array_equal(numpy_ops.dropout_backward(dy, keep, p), y, equal_nan=True)


def test_backward_without_a_mask_passes_through():
    """No mask means evaluation: the gradient is handed on as it is."""
    dy = np.arange(3.0)
    assert numpy_ops.dropout_backward(dy, None, 0.5) is dy


def test_p_one_gives_zeros_from_anything():
    """At p = 1 even inf and NaN become zero, without a warning."""
    x = np.array([np.inf, -np.inf, np.nan, 1.0])
    y, keep = numpy_ops.dropout_forward(x, 1.0, True, np.random.default_rng(0))
    assert np.array_equal(y, np.zeros(4))
    assert not keep.any()
    assert np.array_equal(numpy_ops.dropout_backward(x, keep, 1.0), np.zeros(4))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_gradient_is_the_slope_of_the_forward_pass(p):
    """Central differences through a frozen mask agree with the backward pass."""
    rng = np.random.default_rng(1)
    x, dy = rng.normal(size=(2, 5, 7))

    def loss(inputs):
        return np.sum(dy * numpy_ops.dropout_forward(inputs, p, True, np.random.default_rng(2))[0])

    _, keep = numpy_ops.dropout_forward(x, p, True, np.random.default_rng(2))
    steps = np.eye(x.size).reshape(x.size, *x.shape)
    slope = np.array([(loss(x + step) - loss(x - step)) / 2 for step in steps]).reshape(x.shape)
    np.testing.assert_allclose(numpy_ops.dropout_backward(dy, keep, p), slope, atol=1e-12)


@given(shape=shapes, p=probabilities, seed=seeds, offset=st.integers(0, 2**40))
def test_seeded_mask_follows_the_counter_contract(shape, p, seed, offset):
    """Entry i is dropped iff its Philox word is below round(p * 2**32)."""
    keep = numpy_ops.keep_mask_seeded(shape, p, seed, offset)
    words = philox.words(keep.size, seed, offset)
    assert keep.shape == shape
    assert keep.ravel().tolist() == [int(word) >= round(p * 2**32) for word in words]


@given(seed=seeds, small=probabilities, large=probabilities)
def test_seeded_masks_are_nested(seed, small, large):
    """With one seed a larger p drops a superset."""
    small, large = sorted((small, large))
    keep_more, keep_less = (numpy_ops.keep_mask_seeded((50,), p, seed) for p in (small, large))
    assert not np.any(keep_less & ~keep_more)


@given(x=arrays(), p=st.floats(0, 0.99), seed=seeds, offset=st.integers(0, 100))
def test_seeded_backward_remakes_the_forward_mask(x, p, seed, offset):
    """Nothing is stored: both passes are the same map of their argument."""
    y = numpy_ops.dropout_forward_seeded(x, p, seed, offset)
    assert np.array_equal(numpy_ops.dropout_backward_seeded(x, p, seed, offset), y)
    keep = numpy_ops.keep_mask_seeded(x.shape, p, seed, offset)
    assert np.array_equal(numpy_ops.dropout_backward(x, keep, p), y)


@given(p=bad_probabilities)
def test_bad_p_is_refused_everywhere(p):
    """A p outside [0, 1], or NaN, raises ValueError that names it, in every function and mode."""
    x, rng = np.ones(2), np.random.default_rng(0)
    calls = [
        lambda: numpy_ops.keep_mask((2,), p, rng),
        lambda: numpy_ops.dropout_forward(x, p, True, rng),
        lambda: numpy_ops.dropout_forward(x, p, False, rng),
        lambda: numpy_ops.dropout_backward(x, np.ones(2, bool), p),
        lambda: numpy_ops.dropout_backward(x, None, p),
        lambda: numpy_ops.keep_mask_seeded((2,), p, 0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"p must be in \[0, 1\], got"):
            call()


def test_other_bad_arguments_are_refused():
    """Integers have no room for a rescaled value, and a mask of another shape is no mask of this array."""
    with pytest.raises(TypeError, match="x must have a float dtype, got int64"):
        numpy_ops.dropout_forward(np.arange(3), 0.5, True, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3,\)"):
        numpy_ops.dropout_backward(np.ones(3), np.ones(2, bool), 0.5)
