# ---
# title: The keep mask
# slug: 01_mask
# minutes: 25
# difficulty: 2
# chapter: book/01_mask.md
# ---

# %% [markdown]
# # The keep mask
#
# Dropout decides one thing about every activation: keep it or drop it. All the randomness of dropout sits
# in this decision; what follows is multiplication. A mask can look random and still be wrong: it can keep
# what it should drop, treat all examples alike, come back unchanged in the next step, or ignore the seed of
# your experiment. The network trains all the same, only worse, and no error message tells you. In this
# exercise you write the mask, and each check looks for one of these faults.

# %%
import numpy as np

from dropgrade.checks import check

# %% [markdown]
# ## What you write
#
# `keep_mask(shape, p, rng)` returns a NumPy array of `True` (kept) and `False` (dropped).
#
# - `shape`: a tuple of one or more whole numbers, such as `(n_units,)`, `(n_examples, n_units)` or
#   `(n_images, height, width)`; where one of them is 0 the mask is empty.
# - `p`: the probability of **dropping**, a number from 0 to 1, both ends included.
# - `rng`: a `numpy.random.Generator`, such as `np.random.default_rng(1)`.
#
# These rules are graded, and nothing else is:
#
# 1. The result is an array of dtype `bool` and of the shape asked for.
# 2. Each entry is dropped with probability `p`, also when `p` is as small as 0.0001 or as large as 0.9999.
#    Random numbers with 24 bits are fine enough; those with 8 bits or in half precision are not.
# 3. Each entry is drawn by itself: it tells nothing about its neighbours, its row, its column or the next
#    mask, and how many entries are dropped is left to chance as well.
# 4. `p = 0` keeps everything and `p = 1` drops everything, always and not just nearly always.
# 5. A `p` below 0, above 1 or NaN raises `ValueError`.
# 6. All randomness comes from `rng`: two generators with the same seed give the same masks, one generator
#    used twice gives two different masks. A generator that you seed from `rng` will do. Nothing global is
#    read or changed, such as `np.random.seed`, `np.random.rand` or the module `random`.
# 7. No warnings and nothing on stderr. `print` is welcome.
#
# Speed is not graded, but a check stops waiting after three seconds. A Python loop over the entries is fast
# enough.


# %% grade_id="keep_mask" solution=true
def keep_mask(shape, p, rng):
    """Draw a mask that drops each entry with probability p.

    shape: tuple of ints; p: probability of dropping, 0 <= p <= 1; rng: numpy.random.Generator.
    Returns a bool array of that shape, True where kept. Raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= p
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# A number drawn evenly from [0, 1) lies below 0.2 in one case out of five. What does that say about a
# comparison with `p`, and about which side of it means *kept*?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# `rng.random(shape)` gives one independent number in [0, 1) for each entry. It can be 0 and is never 1:
# check which of `<`, `<=`, `>`, `>=` is right at both ends of `p`. For the refusal, write down when `p` is
# *good* and negate that: every comparison with NaN is `False`.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Two statements: an `if not ...: raise ValueError(...)` that names the value it was given, and a `return`
# of one comparison between an array and a number. No loop, no `if` for the ends.
#
# </details>

# %% [markdown]
# ## Look before you check
#
# Each line below is one example with 40 units, and a dot is a dropped unit. With `p = 0.25`, how many dots
# do you expect in a line, and should all lines have the same number? Run it a few times with other seeds.

# %%
look = keep_mask((5, 40), 0.25, np.random.default_rng(1))
for row in look:
    print("".join("#" if kept else "." for kept in row), f"{np.sum(~row)} dropped")

# %% [markdown]
# ## The checks
#
# A check prints one line when it passes. When it fails it says what it expected, what it found, which
# misconception that looks like, and where to read about it. The statistical checks draw new masks each
# time; all checks together fail a right answer less than once in a million runs.
#
# **The array.** You asked for a shape; you get that shape, and truth values rather than numbers.

# %% check="returns_bool_mask"
check("01_mask.returns_bool_mask", keep_mask)

# %% [markdown]
# **The rate.** Counted over many entries, the share of `True` comes close to $1 - p$. At $p = 0.5$ nobody
# can tell keeping from dropping, so the check stays away from there.

# %% check="rate_matches_p"
check("01_mask.rate_matches_p", keep_mask)

# %% [markdown]
# **The rate, far out.** A die with 256 sides can imitate $p = 0.25$ perfectly and $p = 0.001$ not at all.

# %% check="rate_holds_at_extremes"
check("01_mask.rate_holds_at_extremes", keep_mask)

# %% [markdown]
# **The ends.** $p = 0$ and $p = 1$ leave nothing to chance.

# %% check="edges_are_exact"
check("01_mask.edges_are_exact", keep_mask)

# %% [markdown]
# **The refusal.** A `p` that is no probability is a mistake of the caller; better said now than found in a
# loss curve next week.

# %% check="rejects_bad_p"
check("01_mask.rejects_bad_p", keep_mask)

# %% [markdown]
# **Between the rows.** If all examples of a batch share one mask, a step trains one thinned network instead
# of as many as there are examples.

# %% check="rows_differ"
check("01_mask.rows_differ", keep_mask)

# %% [markdown]
# **Inside a row.** An entry must not tell what its neighbours do.

# %% check="entries_independent"
check("01_mask.entries_independent", keep_mask)

# %% [markdown]
# **The count.** Of 100 units with $p = 0.2$, exactly 20 are dropped in only one mask out of ten.

# %% check="count_varies"
check("01_mask.count_varies", keep_mask)

# %% [markdown]
# **Between the calls.** The next training step gets a new mask.

# %% check="calls_differ"
check("01_mask.calls_differ", keep_mask)

# %% [markdown]
# **The source.** Who seeds `rng` can repeat the run, and nobody else's random numbers move.

# %% check="only_the_given_rng"
check("01_mask.only_the_given_rng", keep_mask)

# %% [markdown]
# **Quiet.** A warning on every batch hides the one that matters.

# %% check="quiet"
check("01_mask.quiet", keep_mask)

# %% [markdown]
# ## What to notice
#
# The number of drops is random too. For $n$ independent entries it has mean $np$ and standard deviation
# $\sqrt{np(1-p)}$; a mask with exactly $np$ drops has standard deviation 0, and its entries are not
# independent: where one is dropped, the others are a little safer. Compare your masks with the formula:

# %%
rng = np.random.default_rng(2)
drops = [np.sum(~keep_mask((100,), 0.2, rng)) for _ in range(20_000)]
print(f"mean {np.mean(drops):.2f}, by the formula {100 * 0.2:.2f}")
print(f"standard deviation {np.std(drops):.2f}, by the formula {np.sqrt(100 * 0.2 * 0.8):.2f}")
print(f"masks with exactly 20 drops: {np.mean(np.equal(drops, 20)):.1%}")

# %% [markdown]
# Two more things worth keeping:
#
# - `p` is what you lose. The paper of 2014 and CS231n use the same letter for what you keep; at 0.5 the two
#   readings agree, which is why a test at 0.5 proves nothing.
# - You never wrote a special case for 0 or 1. The comparison takes care of both, because a number from
#   [0, 1) can be 0 and cannot be 1.
#
# [The chapter](../../book/01_mask.md) derives the count's distribution and translates `p` between papers
# and libraries. Next you put the mask to work: [the forward pass](../02_forward/02_forward.ipynb).
