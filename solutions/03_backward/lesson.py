# ---
# title: The backward pass
# slug: 03_backward
# minutes: 25
# difficulty: 3
# chapter: book/03_backward.md
# needs: [02_forward]
# ---

# %% [markdown]
# # The backward pass
#
# Once the mask is drawn, dropout is a linear map: every input is multiplied by its own number, $1/(1-p)$
# where it was kept and 0 where it was dropped. Its gradient uses the same numbers. So the backward pass is
# short, and almost everything that goes wrong with it goes wrong with the mask: drawn anew, guessed from
# the gradient, or missing. Such a gradient looks plausible, has the right shape and often the right mean;
# training just gets slower and noisier. Here you write the backward pass and see why a gradient check needs
# a frozen mask.

# %%
import numpy as np

from dropgrade.checks import check
from dropgrade.reference import dropout_forward

# %% [markdown]
# `dropout_forward` above is a correct forward pass. If you would rather use your own, paste it into a new
# cell under this one: the checks then judge your backward pass against *your* forward pass.
#
# ## What you write
#
# The forward pass computes $y_i = m_i x_i / (1 - p)$ with $m_i = 1$ where `keep` is `True` and 0 elsewhere.
# By the chain rule the loss $L$ has the slope
#
# $$
# \frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y_i} \cdot \frac{\partial y_i}{\partial x_i}.
# $$
#
# `dropout_backward(dy, keep, p)` receives `dy`, the slopes of $L$ along `y`, and returns `dx`, its slopes
# along `x`.
#
# - `dy`: an array of float16, float32 or float64; any shape, an empty one too, and any memory layout.
# - `keep`: the bool array that `dropout_forward` returned in training, of the shape of `dy`; or `None`,
#   which means evaluation.
# - `p`: the probability of **dropping** that the forward pass used, a number from 0 to 1, both ends
#   included.
#
# These rules are graded, and nothing else is:
#
# 1. `dx` is one array with the shape and the dtype of `dy`. Rounding errors of that dtype are forgiven.
# 2. Where `keep` is `False`, `dx` is 0, even if `dy` is `inf` or NaN there.
# 3. Where `keep` is `True`, `dx` is $dy / (1 - p)$; an `inf` or NaN stays what it is.
# 4. At `p = 0` with a mask of `True` `dx` equals `dy`; at `p = 1` with a mask of `False` it is zero, and
#    nothing is divided by zero.
# 5. With `keep = None` `dx` equals `dy` (`dy` itself or a copy) for every `p`.
# 6. A `p` below 0, above 1 or NaN raises `ValueError`, with a mask and without.
# 7. The same arguments give the same `dx`: nothing random is drawn, and nothing is remembered from earlier
#    calls.
# 8. `dy` and `keep` are left as they were.
# 9. No warnings and nothing on stderr. `print` is welcome.
#
# Speed is not graded, but a check stops waiting after three seconds.


# %% grade_id="dropout_backward" solution=true
def dropout_backward(dy, keep, p):
    """Gradient of inverted dropout with respect to its input.

    dy: float array, gradient with respect to the output; keep: bool array of dy's shape, True where kept,
    or None in evaluation; p: probability of dropping, 0 <= p <= 1.
    Returns dx like dy. Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    dx = np.zeros_like(dy)
    np.divide(dy, dy.dtype.type(1 - p), out=dx, where=keep)  # at p = 1 nothing is kept, nothing divided
    return dx
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# If $x_i$ was dropped and you move it a little, what happens to $y_i$? And if it was kept, how far does
# $y_i$ move for each step of $x_i$? Neither answer depends on the value of $x_i$ or $dy_i$.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# The slope $\partial y_i / \partial x_i$ is the number that the forward pass multiplied $x_i$ by. So the
# backward pass does to `dy` what the forward pass did to `x`, with the mask handed in and without drawing
# one. In evaluation that number is 1.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# One `raise`, one early `return` for `keep is None`, then an array of zeros like `dy` that is filled only
# where `keep` says so. Select, do not multiply; and create a new array, do not write into `dy`.
#
# </details>

# %% [markdown]
# ## Look before you check: a gradient check
#
# A gradient check compares your slope with $(L(x + h) - L(x - h)) / 2h$. Dropout makes this a trap: the two
# evaluations of $L$ must see *the same mask*. Below, $L$ is the sum of `y`, and the slope is taken along
# the first of 100 inputs. The first column freezes the mask by seeding a new generator for each evaluation;
# the second lets one generator run on, so that each evaluation draws a mask of its own. What will the
# second column do as $h$ shrinks?

# %%
x = np.random.default_rng(5).normal(size=100)


def slope(h, new_rng):
    """Central difference of the summed output along x[0]; `new_rng` gives each evaluation its rng."""
    step = np.zeros_like(x)
    step[0] = h
    up = dropout_forward(x + step, 0.3, True, new_rng())[0].sum()
    down = dropout_forward(x - step, 0.3, True, new_rng())[0].sum()
    return (up - down) / (2 * h)


running = np.random.default_rng(6)
print("     h   frozen mask   new masks")
for h in (1e-1, 1e-3, 1e-5):
    frozen, redrawn = slope(h, lambda: np.random.default_rng(6)), slope(h, lambda: running)
    print(f"{h:6.0e}   {frozen:11.6f}   {redrawn:9.1f}")

# %% [markdown]
# With a frozen mask the step size hardly matters, because the map is linear. With new masks the two sums
# differ by something that has nothing to do with $h$, and dividing it by $2h$ makes it as large as you
# like. Now your gradient beside the numerical one, with the mask frozen:

# %%
y, keep = dropout_forward(x, 0.3, True, np.random.default_rng(6))
dx = dropout_backward(np.ones_like(y), keep, 0.3)
print("your slope along x[0]     ", dx[0])
print("numerical, frozen mask    ", slope(1e-3, lambda: np.random.default_rng(6)))
print("kept units, nonzero slopes", keep.sum(), np.count_nonzero(dx))

# %% [markdown]
# ## The checks
#
# **What comes back.** One array of the shape of `dy`.

# %% check="returns_gradient"
check("03_backward.returns_gradient", dropout_backward, dropout_forward)

# %% [markdown]
# **The mask.** Gradient flows where the forward pass kept, and only there.

# %% check="gradient_uses_given_mask"
check("03_backward.gradient_uses_given_mask", dropout_backward, dropout_forward)

# %% [markdown]
# **The scale.** What was enlarged on the way forward has a slope enlarged by the same factor.

# %% check="gradient_rescaled"
check("03_backward.gradient_rescaled", dropout_backward, dropout_forward)

# %% [markdown]
# **No dice.** The forward pass has drawn; the backward pass only reads.

# %% check="no_randomness"
check("03_backward.no_randomness", dropout_backward, dropout_forward)

# %% [markdown]
# **Both passes together.** The gradient must be the slope of the forward pass: the imported one, or yours
# if you defined `dropout_forward` in this notebook.

# %% check="matches_own_forward"
check("03_backward.matches_own_forward", dropout_backward, dropout_forward)

# %% [markdown]
# **Evaluation.** No mask, no change.

# %% check="eval_passes_gradient"
check("03_backward.eval_passes_gradient", dropout_backward, dropout_forward)

# %% [markdown]
# **Infinities and NaN.** A loss that overflowed behind a dropped unit is none of that unit's business.

# %% check="nonfinite_gradient_dropped"
check("03_backward.nonfinite_gradient_dropped", dropout_backward, dropout_forward)

# %% [markdown]
# **Both ends of p.**

# %% check="edges_are_exact"
check("03_backward.edges_are_exact", dropout_backward, dropout_forward)

# %% [markdown]
# **The refusal.** A bad `p` is refused with a mask and without.

# %% check="rejects_bad_p"
check("03_backward.rejects_bad_p", dropout_backward, dropout_forward)

# %% [markdown]
# **The caller's arrays.** `dy` may flow into another branch as well, and `keep` may be needed for a second
# backward pass.

# %% check="input_unchanged"
check("03_backward.input_unchanged", dropout_backward, dropout_forward)

# %% [markdown]
# **Dtype, shapes and layouts.** As in the forward pass.

# %% check="dtype_kept"
check("03_backward.dtype_kept", dropout_backward, dropout_forward)

# %% check="shapes_and_layouts"
check("03_backward.shapes_and_layouts", dropout_backward, dropout_forward)

# %% [markdown]
# **Quiet.** No warning on legal inputs, and nothing on stderr.

# %% check="quiet"
check("03_backward.quiet", dropout_backward, dropout_forward)

# %% [markdown]
# ## What to notice
#
# `x` is not among the arguments. A linear map's slope does not depend on where you stand, so all that has
# to wait in memory between the passes is the mask: one byte an entry as NumPy stores it, where `x` in
# float32 takes four. One bit would do, or a seed from which the mask is drawn again.
#
# A mask drawn anew in the backward pass is right *on average*, which is why it survives careless tests.
# Here it is against the true gradient, entry by entry:

# %%
dy = np.ones((1000, 100))
_, keep = dropout_forward(dy, 0.3, True, np.random.default_rng(7))
_, other = dropout_forward(dy, 0.3, True, np.random.default_rng(8))
right, redrawn = dropout_backward(dy, keep, 0.3), dropout_backward(dy, other, 0.3)
print(f"mean slope: {right.mean():.3f} with the mask, {redrawn.mean():.3f} with a new one")
print(f"entries with the same slope: {np.mean(right == redrawn):.1%}, by the formula {0.7**2 + 0.3**2:.1%}")

# %% [markdown]
# [The chapter](../../book/03_backward.md) writes the Jacobian out, and asks whether the weights of a
# dropped unit really stand still.
