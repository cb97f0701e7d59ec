# ---
# title: Masks with structure
# slug: 10_architectures
# minutes: 70
# difficulty: 4
# chapter: book/10_architectures.md
# needs: [02_forward]
# ---

# %% [markdown]
# # Masks with structure
#
# Plain dropout draws for each entry by itself. In an image a dropped pixel can be read off its neighbours; in
# a recurrent network a new mask at each step wears the memory away; a residual network has whole branches to
# drop; attention has probabilities. Each of these places asks the same two questions: *which entries share a
# draw*, and *where does the mask act*? Here you answer them four times in code, write the schedule that goes
# with deep residual networks, and compute what dropout does to a BatchNorm behind it.

# %%
import numpy as np

from dropgrade.checks import check

# %% [markdown]
# ## What you write
#
# `p` is the probability of **dropping**, $q = 1 - p$. A *draw* says "dropped" with probability $p$; what is
# kept is divided by $q$.
#
# - `drop_channels(x, p, training, rng)`. `x` has shape (examples, channels, one or more position axes). One
#   draw for each example and channel, shared by all positions.
# - `path_rates(depth, last)`. The drop rates of `depth` residual blocks, an array of shape `(depth,)`:
#   block $l = 1, \dots, \text{depth}$ gets $\text{last} \cdot l / \text{depth}$. `depth` is a whole number of
#   at least 1, and $0 \le \text{last} \le 1$.
# - `drop_path(x, branch, p, training, rng)`. Both arrays have the same shape (examples, one or more further
#   axes). Returns the shortcut `x` plus the branch, which is dropped for whole examples: one draw for each
#   example.
# - `rnn(x, w, u, p, training, rng)`. `x`: (examples, steps, inputs), `w`: (inputs, units), `u`: (units,
#   units). Returns the states $h_1, \dots, h_T$ as (examples, steps, units), with $h_0 = 0$ and
#   $h_t = \tanh(x_t w + \tilde h_{t-1} u)$. In training $\tilde h_{t-1}$ is $h_{t-1}$ with units dropped; one
#   draw for each example and unit serves **all** steps of the call. The states that are returned are the
#   $h_t$ themselves.
# - `attention(q, k, v, p, training, rng)`. `q`: (examples, queries, d), `k`: (examples, keys, d), `v`:
#   (examples, keys, values). The probabilities are the softmax over the keys of $qk^\top / \sqrt d$; one draw
#   for each example, query and key drops probabilities. Returns probabilities @ `v`, (examples, queries,
#   values).
# - `variance_shift(x, w, p)` with $0 \le p < 1$. `x`: (examples, units), `w`: (units, outputs). Dropout acts
#   on `x`, entry by entry, then `@ w` follows. For each output the variance in evaluation divided by the
#   variance in training, shape (outputs,). Variances are averages over the examples of `x` (divide by their
#   number, as `np.var` does), in training over the examples **and** all masks. Nothing is drawn: the average
#   over the masks has a formula.
#
# These rules are graded, and nothing else is:
#
# 1. In training the masks of the four layers (`drop_channels`, `drop_path`, `rnn`, `attention`) are as
#    described. Draws are independent of one another, come from `rng`, and each call draws anew. How you draw
#    is up to you.
# 2. In evaluation the layers drop nothing, scale nothing and draw nothing.
# 3. `p = 0` drops nothing. `p = 1` drops everything: zeros, `x` in `drop_path`, $\tanh(x_t w)$ in `rnn`.
# 4. A `p` or `last` outside [0, 1], or NaN, raises `ValueError`, in training and in evaluation. So does
#    `p = 1` in `variance_shift`.
# 5. `drop_channels` and `drop_path` select: an `inf` or NaN that is dropped leaves no trace, one that is
#    kept stays.
# 6. `attention` is safe for large scores, such as 10,000.
# 7. All arrays of a call are float32, or all are float64; the result of a layer has that dtype. Inputs are
#    left as they were.
# 8. No warnings and nothing on stderr.
#
# ## Channels


# %% grade_id="drop_channels" solution=true
def drop_channels(x, p, training, rng):
    """Drop whole channels.

    x: float array (examples, channels, *positions); p: drop probability, 0 <= p <= 1; training: bool;
    rng: numpy Generator. Returns an array like x. Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    ones = (1,) * (x.ndim - 2)
    keep = rng.random(x.shape[:2] + ones) >= p
    return np.divide(x, 1 - p, out=np.zeros_like(x), where=np.broadcast_to(keep, x.shape))
    ### END SOLUTION


# %% [markdown]
# ## Residual branches


# %% grade_id="path_rates" solution=true
def path_rates(depth, last):
    """The linear schedule.

    depth: number of blocks, at least 1; last: drop probability of the last block, 0 <= last <= 1.
    Returns an array (depth,). Raises ValueError for any other last.
    """
    ### BEGIN SOLUTION
    if not 0 <= last <= 1:
        raise ValueError(f"last must be in [0, 1], got {last}")
    return last * np.arange(1, depth + 1) / depth
    ### END SOLUTION


# %% grade_id="drop_path" solution=true
def drop_path(x, branch, p, training, rng):
    """A residual block whose branch is dropped for whole examples.

    x, branch: float arrays (examples, ...) of one shape; p: drop probability, 0 <= p <= 1; training: bool;
    rng: numpy Generator. Returns an array like x. Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x + branch
    y = x.copy()
    keep = rng.random(len(x)) >= p
    if keep.any():
        y[keep] += branch[keep] / (1 - p)
    return y
    ### END SOLUTION


# %% [markdown]
# ## A recurrent network


# %% grade_id="rnn" solution=true
def rnn(x, w, u, p, training, rng):
    """All states of a recurrent network with one mask over time.

    x: float array (examples, steps, inputs); w: (inputs, units); u: (units, units); p: 0 <= p <= 1;
    training: bool; rng: numpy Generator. Returns (examples, steps, units). Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    state = np.zeros((len(x), len(u)), dtype=x.dtype)
    mask = np.ones_like(state)
    if training:
        mask = np.divide(mask, 1 - p, out=np.zeros_like(mask), where=rng.random(mask.shape) >= p)
    states = []
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ w + (state * mask) @ u)
        states.append(state)
    return np.stack(states, axis=1)
    ### END SOLUTION


# %% [markdown]
# ## Attention


# %% grade_id="attention" solution=true
def attention(q, k, v, p, training, rng):
    """Scaled dot-product attention with dropout on the probabilities.

    q: float array (examples, queries, d); k: (examples, keys, d); v: (examples, keys, values);
    p: 0 <= p <= 1; training: bool; rng: numpy Generator.
    Returns (examples, queries, values). Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    scores = q @ k.transpose(0, 2, 1) / q.dtype.type(np.sqrt(q.shape[2]))
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights = powers / powers.sum(axis=2, keepdims=True)
    if training:
        keep = rng.random(weights.shape) >= p
        weights = np.divide(weights, 1 - p, out=np.zeros_like(weights), where=keep)
    return weights @ v
    ### END SOLUTION


# %% [markdown]
# ## What a BatchNorm would see
#
# For one output write $y = \sum_i \tilde x_i w_i$, where $\tilde x_i$ is $x_i$ behind dropout. First hold the
# example fixed: which mean and which variance has $y$ over the masks? Then let the example vary as well. The
# variance of everything is the variance of the means plus the mean of the variances.


# %% grade_id="variance_shift" solution=true
def variance_shift(x, w, p):
    """Evaluation variance over training variance, for each output of dropout(x) @ w.

    x: float array (examples, units); w: (units, outputs); p: drop probability, 0 <= p < 1.
    Returns an array (outputs,). Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    still = (x @ w).var(axis=0)
    noise = p / (1 - p) * (x**2).mean(axis=0) @ w**2
    return still / (still + noise)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# For each layer write down the shape of the smallest array that holds all its draws: (examples, channels),
# (examples,), (examples, units), (examples, queries, keys). Everything else is stretching that array over the
# axes that share a draw. Then ask which array the mask meets: `x`, the branch, the state on its way to the
# next step, or the probabilities.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# An array of shape (examples, channels, 1, 1) broadcasts over the positions of images; the number of ones is
# `x.ndim - 2`. In the recurrent network draw before the loop, and keep what you return apart from what you
# pass on. A softmax is safe when the largest score of each row is subtracted first. For `variance_shift`: the
# factor of one entry has mean 1 and variance $p/q$, so with the example held fixed the variance is
# $\frac pq \sum_i x_i^2 w_i^2$.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Each layer: one `raise`, one branch for evaluation, one line that draws, one line that selects and divides.
# `np.divide` with `out` (zeros) and `where` (the mask, stretched with `np.broadcast_to`) selects, divides and
# keeps the dtype in one go, and never divides by zero where nothing is kept. `rnn` has a loop over the steps
# and stacks the states along axis 1. `variance_shift` needs one variance, one mean of squares and one matrix
# product.
#
# </details>

# %% [markdown]
# ## Look before you check
#
# A letter for what is kept, a dot for what is zero: six channels of eight positions, six examples of a
# branch with eight entries, and what eight units pass on over six steps.

# %%
rng = np.random.default_rng(4)


def picture(kept, letter):
    return ["".join(letter if one else "." for one in row) for row in kept]


maps = drop_channels(np.ones((1, 6, 8)), 0.4, True, rng)[0]
blocks = drop_path(np.zeros((6, 8)), np.ones((6, 8)), 0.4, True, rng)
states = rnn(np.ones((1, 7, 1)), np.ones((1, 8)), np.eye(8), 0.4, True, rng)[0]
passed_on = np.arctanh(states[1:]) - 1 > 1e-9
print("channel x position     example x entry     step x unit")
for row in zip(picture(maps, "c"), picture(blocks, "b"), picture(passed_on, "u"), strict=False):
    print("     {}             {}          {}".format(*row))

weights = attention(np.zeros((1, 4, 2)), np.zeros((1, 100, 2)), np.eye(100)[None], 0.4, True, rng)[0]
print("\nwhat the probabilities of four queries sum to:", weights.sum(axis=1).round(2))
print("rates of six blocks:", path_rates(6, 0.3))

# %% [markdown]
# Rows of one letter, rows of one letter, columns of one letter. The probabilities no longer sum to 1; that is
# as it should be, and the chapter says why.
#
# ## The checks
#
# **What comes back.** One array from each function.

# %% check="returns_arrays"
check("10_architectures.returns_arrays", drop_channels, path_rates, drop_path, rnn, attention, variance_shift)

# %% [markdown]
# **Channels.** First what shares a draw and how it is scaled, then the draws themselves.

# %% check="channels_share_a_draw"
check("10_architectures.channels_share_a_draw", drop_channels)

# %% check="channel_draws"
check("10_architectures.channel_draws", drop_channels)

# %% [markdown]
# **Residual branches.**

# %% check="schedule_is_linear"
check("10_architectures.schedule_is_linear", path_rates)

# %% check="branch_dropped_per_example"
check("10_architectures.branch_dropped_per_example", drop_path)

# %% check="path_draws"
check("10_architectures.path_draws", drop_path)

# %% [markdown]
# **The recurrent network.** The first check undoes $\tanh$ and `u`, and so sees what each step passed on.

# %% check="one_mask_over_time"
check("10_architectures.one_mask_over_time", rnn)

# %% check="recurrent_draws"
check("10_architectures.recurrent_draws", rnn)

# %% [markdown]
# **Attention.** The first check undoes `v`, and so sees the weights that were used.

# %% check="drops_probabilities"
check("10_architectures.drops_probabilities", attention)

# %% check="attention_draws"
check("10_architectures.attention_draws", attention)

# %% [markdown]
# **All four layers.** The generator, and evaluation.

# %% check="uses_given_rng"
check("10_architectures.uses_given_rng", drop_channels, drop_path, rnn, attention)

# %% check="evaluates_without_dropout"
check("10_architectures.evaluates_without_dropout", drop_channels, drop_path, rnn, attention)

# %% [markdown]
# **The variance shift.**

# %% check="shift_is_exact"
check("10_architectures.shift_is_exact", variance_shift)

# %% [markdown]
# **Edges and refusals.** Infinities, both ends of $p$, and what is no probability.

# %% check="dropped_values_leave_no_trace"
check("10_architectures.dropped_values_leave_no_trace", drop_channels, drop_path)

# %% check="edges_are_exact"
check("10_architectures.edges_are_exact", drop_channels, drop_path, rnn, attention, variance_shift)

# %% check="refuses_bad_p"
check("10_architectures.refuses_bad_p", drop_channels, path_rates, drop_path, rnn, attention, variance_shift)

# %% [markdown]
# **Housekeeping.** Inputs, dtype, silence.

# %% check="inputs_and_dtype_kept"
check("10_architectures.inputs_and_dtype_kept", drop_channels, drop_path, rnn, attention, variance_shift)

# %% check="quiet"
check("10_architectures.quiet", drop_channels, drop_path, rnn, attention)

# %% [markdown]
# ## What to notice
#
# Your formula needs no masks. Here are 2,000 of them for comparison, and two kinds of input: one with mean
# zero, and one behind a ReLU, whose mean is not zero.

# %%
rng = np.random.default_rng(5)
w = rng.normal(size=(20, 3))
inputs = rng.normal(size=(500, 20))
for name, x in (("mean zero", inputs), ("ReLU", np.maximum(inputs, 0))):
    keep = rng.random((2000, 20)) >= 0.3
    behind = np.concatenate([x * row / 0.7 @ w for row in keep])
    measured = (x @ w).var(axis=0) / behind.var(axis=0)
    print(f"{name:>9}: measured {measured.round(2)}, formula {variance_shift(x, w, 0.3).round(2)}")

# %% [markdown]
# With mean zero and uncorrelated inputs the ratio is near $1 - p$. Behind a ReLU it is smaller: the noise
# grows with the mean square, and the mean square contains the mean. A BatchNorm that has learnt its running
# variance in training divides by too large a number in evaluation; the root of this ratio says by how much.
#
# [The chapter](../../book/10_architectures.md) derives the formula, measures a real BatchNorm, and shows
# which of PyTorch's layers draw what.
