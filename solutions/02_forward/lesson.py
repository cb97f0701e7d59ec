# ---
# title: The forward pass
# slug: 02_forward
# minutes: 35
# difficulty: 2
# chapter: book/02_forward.md
# needs: [01_mask]
# ---

# %% [markdown]
# # The forward pass
#
# In training, dropout sets some activations to zero. When the network is used, nothing is dropped, and the
# next layer would suddenly receive larger sums than it was trained on. *Inverted scaling* prevents that: in
# training, whatever is kept is divided by $1 - p$, so that the mean of every activation is the same with
# and without dropout. The formula is one line. The mistakes are in its surroundings: the wrong mode, the
# ends of $p$, infinities, dtypes, and a mask that is not the one that was used.

# %%
import numpy as np

from dropgrade.checks import check
from dropgrade.reference import keep_mask

# %% [markdown]
# ## What you write
#
# `dropout_forward(x, p, training, rng)` returns two things: `(y, keep)`.
#
# - `x`: an array of float16, float32 or float64; any shape, an empty one too, and any memory layout (a
#   transpose, every second row).
# - `p`: the probability of **dropping**, a number from 0 to 1, both ends included.
# - `training`: `True` in training, `False` in evaluation.
# - `rng`: a `numpy.random.Generator`.
#
# These rules are graded, and nothing else is:
#
# 1. In training `keep` is a NumPy array of dtype `bool` with the shape of `x`, `True` where kept, for every
#    `p`: all `True` at `p = 0`, all `False` at `p = 1`.
# 2. The mask follows the rules of [the first exercise](../01_mask/01_mask.ipynb): each entry is dropped
#    with probability `p`, by itself and whatever value `x` has there; a new mask in each call; all
#    randomness from `rng`, the same seed giving the same result, and nothing global read or changed.
# 3. In training `y` is $x / (1 - p)$ where `keep` is `True` and 0 where it is `False`, with the very mask
#    that is returned. A dropped `inf` or NaN becomes 0; a kept one stays what it is.
# 4. At `p = 0` training returns the values of `x`, at `p = 1` zeros; nothing is divided by zero.
# 5. In evaluation `y` equals `x` (`x` itself or a copy) and `keep` is `None`, for every `p`. Nothing is
#    drawn from `rng`.
# 6. A `p` below 0, above 1 or NaN raises `ValueError`, in training and in evaluation.
# 7. `x` is left as it was, and `y` has its shape and its dtype. Rounding errors of that dtype are forgiven.
# 8. No warnings and nothing on stderr. `print` is welcome.
#
# Speed is not graded, but a check stops waiting after three seconds. A Python loop over the entries is fast
# enough. You may draw the mask yourself or use `keep_mask(shape, p, rng)`, imported above: it follows all
# rules of the first exercise.


# %% grade_id="dropout_forward" solution=true
def dropout_forward(x, p, training, rng):
    """Inverted dropout: drop with probability p in training, pass x through in evaluation.

    x: float array of any shape; p: probability of dropping, 0 <= p <= 1; training: bool;
    rng: numpy.random.Generator.
    Returns (y, keep): y like x; keep a bool array of x's shape in training, None in evaluation.
    Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = keep_mask(x.shape, p, rng)
    y = np.zeros_like(x)
    np.divide(x, x.dtype.type(1 - p), out=y, where=keep)  # at p = 1 nothing is kept, nothing divided
    return y, keep
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Take one activation $x$ and write down its mean over many masks: it is kept with which probability, and
# what does it contribute then? By what must you divide the kept value for that mean to be $x$ again? Then
# ask what is left to do in evaluation.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# Three cases in this order: a bad `p`, evaluation, training. In training the mask comes first; then
# *choose* between the scaled value and 0 instead of multiplying by the mask, since `inf * 0` is NaN. At `p
# = 1` no entry is chosen, so the quotient is never needed. Where do `float16` inputs turn into `float64`?
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# One `raise`, one early `return` for evaluation, one line for the mask, then an array of zeros like `x`
# that is filled only where `keep` says so. Either index it with the mask, or look up the arguments `out=`
# and `where=` of the NumPy function that divides.
#
# </details>

# %% [markdown]
# ## Look before you check
#
# Ten activations, all 1, and $p = 0.2$. Which two values can appear in `y`? Then the mean over many masks:
# before you run the cell, say what you expect for training and for evaluation.

# %%
ones = np.ones(10, dtype=np.float32)
rng = np.random.default_rng(3)
y, keep = dropout_forward(ones, 0.2, True, rng)
print("y   ", y)
print("keep", keep)

many = [dropout_forward(ones, 0.2, True, rng)[0].mean() for _ in range(2000)]
at_rest = dropout_forward(ones, 0.2, False, rng)[0].mean()
print(f"mean in training {np.mean(many):.3f}, in evaluation {at_rest:.3f}")

# %% [markdown]
# ## The checks
#
# **What comes back.** Two things in the right order: an array like `x` and a boolean mask.

# %% check="returns_output_and_mask"
check("02_forward.returns_output_and_mask", dropout_forward)

# %% [markdown]
# **The mask.** Four checks that you know from the first exercise: its rate, its independence, a new one in
# each call, and nothing random except `rng`. If you draw with `keep_mask`, they pass at once.

# %% check="rate_matches_p"
check("02_forward.rate_matches_p", dropout_forward)

# %% check="masks_independent"
check("02_forward.masks_independent", dropout_forward)

# %% check="calls_differ"
check("02_forward.calls_differ", dropout_forward)

# %% check="only_the_given_rng"
check("02_forward.only_the_given_rng", dropout_forward)

# %% [markdown]
# **Mask and output belong together.** The backward pass will trust `keep`, so it must be the mask that made
# `y`.

# %% check="output_follows_mask"
check("02_forward.output_follows_mask", dropout_forward)

# %% [markdown]
# **The scale.** Kept values are divided by $1 - p$, once.

# %% check="kept_entries_rescaled"
check("02_forward.kept_entries_rescaled", dropout_forward)

# %% [markdown]
# **Zeros in the input.** After a ReLU half of `x` may be zero. A kept zero is kept, although nobody can see
# it in `y`.

# %% check="mask_survives_zeros"
check("02_forward.mask_survives_zeros", dropout_forward)

# %% [markdown]
# **Infinities and NaN.** One overflow must not outlive the unit that was dropped.

# %% check="nonfinite_entries_dropped"
check("02_forward.nonfinite_entries_dropped", dropout_forward)

# %% [markdown]
# **Both ends of p.** Nothing dropped, everything dropped; in training both come with a mask.

# %% check="p_zero_keeps_all"
check("02_forward.p_zero_keeps_all", dropout_forward)

# %% check="p_one_gives_zeros"
check("02_forward.p_one_gives_zeros", dropout_forward)

# %% [markdown]
# **The refusal.** A bad `p` is refused in both modes; a model that is only evaluated should not hide it.

# %% check="rejects_bad_p"
check("02_forward.rejects_bad_p", dropout_forward)

# %% [markdown]
# **Evaluation.** `y` equals `x`, there is no mask, and the state of `rng` does not move. Otherwise
# evaluating more often would change the training that follows.

# %% check="eval_is_identity"
check("02_forward.eval_is_identity", dropout_forward)

# %% check="eval_draws_nothing"
check("02_forward.eval_draws_nothing", dropout_forward)

# %% [markdown]
# **The caller's array.** `x` may be needed again, by a skip connection for instance. It stays as it was.

# %% check="input_unchanged"
check("02_forward.input_unchanged", dropout_forward)

# %% [markdown]
# **The dtype.** Half precision in, half precision out: a wider `y` doubles the memory of every layer behind
# it.

# %% check="dtype_kept"
check("02_forward.dtype_kept", dropout_forward)

# %% [markdown]
# **Shapes and layouts.** Vectors, images, a transposed view, a batch of no examples.

# %% check="shapes_and_layouts"
check("02_forward.shapes_and_layouts", dropout_forward)

# %% [markdown]
# **Quiet.** No warning on legal inputs, and nothing on stderr.

# %% check="quiet"
check("02_forward.quiet", dropout_forward)

# %% [markdown]
# ## What to notice
#
# The mean is preserved; the spread is not. Where `x` is constant, $y$ has variance $x^2 p / (1 - p)$: this
# is the noise that dropout adds, and it grows without bound as $p$ goes to 1. Your own function shows it:

# %%
x = np.full(200_000, 2.0)
for p in (0.1, 0.5, 0.9):
    y, _ = dropout_forward(x, p, True, np.random.default_rng(4))
    print(f"p = {p}: mean {y.mean():.3f}, variance {y.var():.2f}, by the formula {4 * p / (1 - p):.2f}")

# %% [markdown]
# Because all rescaling happens in training, evaluation is the identity: a trained network can be shipped
# without knowing that dropout was ever there. [The chapter](../../book/02_forward.md) derives mean and
# variance and shows what happens in the next layer. What you return as `keep` is the input of [the backward
# pass](../03_backward/03_backward.ipynb).
