# ---
# title: The ensemble of thinned networks
# slug: 05_ensemble
# minutes: 50
# difficulty: 3
# chapter: book/05_ensemble.md
# needs: [02_forward]
# ---

# %% [markdown]
# # The ensemble of thinned networks
#
# A network with $n$ units that dropout can switch off is $2^n$ networks at once, one for each mask. You have
# read that evaluation "averages" them. Which average, over which weights, and is it true? For a small
# network nobody has to believe anything: with ten units there are 1,024 masks, and a computer adds them up
# before you have let go of the key. Here you list all masks, run every thinned network, take two exact means
# and a sampled one, and hold each against the single pass that is used in practice.

# %%
import numpy as np

from dropgrade.checks import check

# %% [markdown]
# ## The network
#
# A network is a list `layers` of pairs `(W, b)`: `W` has shape (inputs, outputs) and `b` has shape
# (outputs,), both float64. One example is a vector `x` of shape (inputs of the first layer,). The whole
# network computes, layer by layer, `h @ W + b`; a ReLU, the larger of a value and 0, stands *between* two
# layers, not before the first and not after the last; a softmax turns the last layer's scores into
# probabilities of the classes.
#
# Dropout acts on what enters each layer: on the inputs `x` of the first layer, and on what comes out of the
# ReLU before each other one. `p` is the probability of **dropping**. What is kept is divided by `1 - p`
# (inverted scaling), what is dropped is 0, and the bias is left alone.
#
# A *mask* over all these units is a row of `True` (kept) and `False` (dropped). Its first columns belong to
# the inputs of the first layer, the next ones to the inputs of the second layer, and so on: a network with 4
# inputs, 5 hidden units and 3 classes has masks of 4 + 5 = 9 columns. The network under one mask is a
# *member* of the ensemble.
#
# ## What you write
#
# Seven functions. They may call one another. These rules are graded, and nothing else is:
#
# 1. `all_masks(n)` returns a bool array of shape `(2**n, n)` that holds each mask of `n` units once, in any
#    order. 0 units have one mask, the empty one: an array of shape `(1, 0)`.
# 2. `chances(keep, p)` takes any masks, one in each row of `keep` (bool, shape `(m, n)`), and returns the
#    chance of each as float64 of shape `(m,)`. The rows need not be all masks, and one may come twice. At
#    `p = 0` the mask that keeps everything has chance 1 and the others 0; at `p = 1` it is the mask that
#    drops everything. The empty mask has chance 1. A `p` below 0, above 1 or NaN raises `ValueError`; the
#    other functions are not given such a `p`.
# 3. `members(x, layers, keep, p)` returns the probabilities that each member gives to the classes, float64
#    of shape `(m, classes)`, for $0 \le p < 1$. Scores of several thousand, positive or negative, still give
#    probabilities.
# 4. `scaled(x, layers)` returns the probabilities of the whole network, float64 of shape `(classes,)`:
#    nothing dropped, nothing rescaled. This is evaluation mode, also called *weight scaling*.
# 5. `arithmetic(probs, weights)` takes members' probabilities `(m, classes)` and weights `(m,)` that sum to
#    1, and returns their weighted mean, shape `(classes,)`.
# 6. `geometric(probs, weights)` returns the *renormalised geometric mean*: for each class the product over
#    the members of `probs ** weights`, and then all classes divided by their sum. It works for 2,000
#    members. Where a member with a positive weight gives a class probability 0, the result has 0 there; what
#    a member of weight 0 says counts for nothing. At least one class has no such zero.
# 7. `sampled(x, layers, p, samples, rng)` draws as many masks as `samples` says (1 or more), each entry of
#    each mask by itself, with the `numpy.random.Generator` it is given, and returns the plain mean of these
#    members' probabilities. The same seed gives the same result, and nothing else random is touched.
# 8. Numbers are computed in float64: where two ways to one number are compared, they agree to $10^{-12}$.
# 9. No function changes an array that it is given. No warnings and nothing on stderr. `print` is welcome.
#
# Loops are fast enough: the largest call has 3,000 masks of seven units. A check stops waiting after three
# seconds.


# %% grade_id="masks_and_chances" solution=true
def all_masks(n):
    """Every mask over n units once: bool array (2**n, n), True where kept."""
    ### BEGIN SOLUTION
    codes = np.arange(2**n)[:, np.newaxis]
    return (codes >> np.arange(n)) % 2 == 1
    ### END SOLUTION


def chances(keep, p):
    """The chance of each mask at drop probability p: keep (m, n) bool gives float64 (m,).

    Raises ValueError unless 0 <= p <= 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    kept = keep.sum(axis=1)
    return float(p) ** (keep.shape[1] - kept) * (1.0 - p) ** kept
    ### END SOLUTION


# %% grade_id="networks" solution=true
def members(x, layers, keep, p):
    """Probabilities of each thinned network: keep (m, units) bool gives float64 (m, classes)."""
    ### BEGIN SOLUTION
    h, column = np.tile(x, (len(keep), 1)), 0
    for number, (W, b) in enumerate(layers):
        if number > 0:
            h = np.maximum(h, 0)
        h = np.where(keep[:, column : column + len(W)], h / (1 - p), 0) @ W + b
        column += len(W)
    powers = np.exp(h - h.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION


def scaled(x, layers):
    """Probabilities of the whole network in one pass: float64 (classes,)."""
    ### BEGIN SOLUTION
    units = sum(len(W) for W, _ in layers)
    return members(x, layers, np.ones((1, units), dtype=bool), 0.0)[0]
    ### END SOLUTION


# %% grade_id="means" solution=true
def arithmetic(probs, weights):
    """Weighted mean of the members: probs (m, classes), weights (m,) give float64 (classes,)."""
    ### BEGIN SOLUTION
    return weights @ probs
    ### END SOLUTION


def geometric(probs, weights):
    """Renormalised geometric mean: probs (m, classes), weights (m,) give float64 (classes,)."""
    ### BEGIN SOLUTION
    product = np.prod(probs ** weights[:, np.newaxis], axis=0)  # 0 ** 0 is 1, so no weight is no veto
    return product / product.sum()
    ### END SOLUTION


def sampled(x, layers, p, samples, rng):
    """Plain mean over members whose masks are drawn from rng: float64 (classes,)."""
    ### BEGIN SOLUTION
    units = sum(len(W) for W, _ in layers)
    keep = rng.random((samples, units)) >= p
    return members(x, layers, keep, p).mean(axis=0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Counting from 0 to $2^n - 1$ in binary writes down every mask. The entries of a mask are drawn
# independently, so its chance is a product with one factor for each unit, $1-p$ or $p$. A member is the
# forward pass of exercise 2 with the mask given, in each layer. And a sampled mask has been chosen by its
# chance already.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# `itertools.product` or bit shifts list the masks. Give `h` one row for each mask, and all members pass a
# layer in a single matrix product; remember how many columns of the mask you have used. `scaled` is the
# member whose mask is all `True`, at `p = 0`. A softmax does not change if the same number is taken off all
# scores, so take off the largest. For the geometric mean ask what 0 to the power 0 is, and what 0 times
# minus infinity is.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Two or three lines each but for `members`, which is a loop over the layers: ReLU unless it is the first,
# `np.where` with this layer's columns, product, bias, move on by `len(W)`. The powers before the product
# keep it from underflowing, because the weights sum to 1. `sampled` draws an array of masks, calls `members`
# and takes a mean with no weights.
#
# </details>

# %% [markdown]
# ## Look before you check: three averages and one pass
#
# Ten inputs, one layer, four classes, drop probability 0.3. The first row is what evaluation computes in one
# pass; below it are the exact means over all 1,024 members. Which of the two equals the first row?

# %%
rng = np.random.default_rng(3)
x, layers = rng.normal(size=10), [(rng.normal(size=(10, 4)) / 2, rng.normal(size=4))]
keep, p = all_masks(10), 0.3
weights = chances(keep, p)
probs = members(x, layers, keep, p)
print("members          ", probs.shape, "sum of their chances", weights.sum())
print("one pass         ", scaled(x, layers).round(4))
print("arithmetic mean  ", arithmetic(probs, weights).round(4))
print("geometric mean   ", geometric(probs, weights).round(4))
print("1,000 samples    ", sampled(x, layers, p, 1000, rng).round(4))

# %% [markdown]
# The geometric mean does, to the last digit. The samples head elsewhere: they are a mean of probabilities,
# so they approach the arithmetic mean. Now put a hidden layer between mask and softmax. The distance printed
# is the *total variation*, half the sum of absolute differences: the largest disagreement about the
# probability of any set of classes.


# %%
def total_variation(a, b):
    """Half the sum of absolute differences of two distributions, from 0 to 1."""
    return np.abs(a - b).sum() / 2


deep = [(rng.normal(size=(4, 6)), rng.normal(size=6)), (rng.normal(size=(6, 3)), rng.normal(size=3))]
cases = [("one layer ", x, layers), ("two layers", rng.normal(size=4), deep)]
for name, x, layers in cases:
    keep = all_masks(10)
    probs, weights = members(x, layers, keep, p), chances(keep, p)
    one_pass = scaled(x, layers)
    print(
        f"{name}  geometric mean {total_variation(geometric(probs, weights), one_pass):.1e} from one pass, "
        f"arithmetic mean {total_variation(arithmetic(probs, weights), one_pass):.1e}"
    )

# %% [markdown]
# ## The checks
#
# **The masks.** All of them, each once.

# %% check="every_mask_once"
check("05_ensemble.every_mask_once", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **Their chances.** Away from $p = 0.5$ masks are not equally likely. Then the ends of `p`, and the refusal.

# %% check="chances_match_p"
check("05_ensemble.chances_match_p", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="chances_at_the_ends"
check("05_ensemble.chances_at_the_ends", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="rejects_bad_p"
check("05_ensemble.rejects_bad_p", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **The members.** First with one layer, then with two and three, each layer with columns of its own.

# %% check="members_one_layer"
check("05_ensemble.members_one_layer", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="members_all_layers"
check("05_ensemble.members_all_layers", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **One pass.** The whole network as it stands; and scores so large that a careless softmax overflows.

# %% check="scaled_is_one_pass"
check("05_ensemble.scaled_is_one_pass", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="big_scores_are_safe"
check("05_ensemble.big_scores_are_safe", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **The two means.** Each member with its weight; in the geometric mean the weight is a power, and a zero is a
# veto.

# %% check="arithmetic_weighted"
check("05_ensemble.arithmetic_weighted", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="geometric_weighted"
check("05_ensemble.geometric_weighted", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="zeros_are_vetoes"
check("05_ensemble.zeros_are_vetoes", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **The identity, and where it ends.** All pieces together: with one layer your geometric mean is your one
# pass to $10^{-12}$; with two the gaps must be as wide as they are.

# %% check="one_layer_is_exact"
check("05_ensemble.one_layer_is_exact", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="two_layers_differ"
check("05_ensemble.two_layers_differ", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **Sampling.** One sample is one member. Many samples come as close to the arithmetic mean as chance allows:
# the limits are computed from the members themselves. And the generator decides.

# %% check="one_draw_one_member"
check("05_ensemble.one_draw_one_member", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="samples_converge"
check("05_ensemble.samples_converge", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="rng_decides"
check("05_ensemble.rng_decides", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# **Manners.** The caller's arrays stay as they were, and nothing is said on stderr.

# %% check="inputs_unchanged"
check("05_ensemble.inputs_unchanged", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% check="quiet"
check("05_ensemble.quiet", all_masks, chances, members, scaled, arithmetic, geometric, sampled)

# %% [markdown]
# ## What to notice
#
# The identity says *geometric*, and it says *one layer*. Monte-Carlo dropout averages probabilities, so it
# approaches another number than the one pass, however many samples you take. How fast does it approach
# its own? Ten times the samples should shrink the error by about $\sqrt{10} \approx 3.2$:

# %%
x, layers = np.random.default_rng(8).normal(size=4), deep
keep = all_masks(10)
probs, weights = members(x, layers, keep, p), chances(keep, p)
exact, one_pass = arithmetic(probs, weights), scaled(x, layers)
print("one pass is", round(total_variation(one_pass, exact), 4), "from the exact mean")
for samples in (10, 100, 1000):
    errors = [total_variation(sampled(x, layers, p, samples, rng), exact) for _ in range(200)]
    print(f"{samples:5d} samples: {np.mean(errors):.4f} on average")

# %% [markdown]
# [The chapter](../../book/05_ensemble.md) proves the identity in four lines, shows which line breaks at the
# first hidden layer, and asks whether the ensemble comes free.
