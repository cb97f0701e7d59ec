# ---
# title: Thirteen bugs
# slug: 13_bugs
# minutes: 75
# difficulty: 4
# chapter: book/13_bugs.md
# needs: [02_forward, 03_backward, PyTorch]
# ---

# %% [markdown]
# # Thirteen bugs
#
# Every function in this notebook was broken in public: in a library, a course, or the code behind a
# paper. Some of them went unnoticed for years, because dropout hides its own mistakes: the network still
# trains, the outputs still have the right shape, and on average much of it is even right. Here you repair
# thirteen of them. Nothing is drawn from the later exercises; you need the mask, the forward pass and the
# backward pass.
#
# Each case has four parts: what was reported, the broken function to run and to look at, a cell for your
# repair, and a check. Copy the broken function into the cell, take `broken_` off its name, and change as
# little as you can.
#
# **Two rules hold for every case**, and the check asks for both:
#
# 1. The bug is gone: the function does what its description says.
# 2. Nothing else has changed: same name and arguments, same kind of result, same dtype, same use of
#    `rng`, and no warnings. Arrays and dictionaries that are handed over stay as they are unless the
#    description says otherwise.
#
# *Inverted dropout* always means: each entry is kept with probability $1-p$ by a draw of its own, what is
# kept is divided by $1-p$, the rest is 0. Where a function takes an `rng`, its masks come from there and
# from nowhere else; the order of the draws is yours. Cases 12 and 13 need PyTorch. Without it their
# checks say so, and the other eleven count. The names of the cases are not the diagnosis: [the
# chapter](../../book/13_bugs.md) has that.

# %%
import numpy as np

from dropgrade.checks import check

# %% [markdown]
# ## Room 1: wrong numbers
#
# ### Case 1: only ever tested at one half
#
# *Classic dropout* leaves training alone (what is kept keeps its size, the rest is 0) and makes the
# outputs smaller in evaluation, so that the mean of each entry is the same in both modes. A browser
# library did this for years. Somebody then chose a rate other than 0.5.
#
# `classic_dropout(x, p, training, rng)`: `x` a float array of any shape, `p` from 0 to 1; in evaluation
# nothing is drawn.


# %%
def broken_classic_dropout(x, p, training, rng):
    if training:
        return np.where(rng.random(x.shape) >= p, x, 0)
    return x * p


x = np.ones(100_000)
for p in (0.5, 0.1):
    training = broken_classic_dropout(x, p, True, np.random.default_rng(1)).mean()
    evaluation = broken_classic_dropout(x, p, False, None).mean()
    print(f"p = {p}: mean {training:.2f} in training, {evaluation:.2f} in evaluation")


# %% grade_id="classic_dropout" solution=true
def classic_dropout(x, p, training, rng):
    """Dropout that scales in evaluation: the mean of each entry is the same in both modes."""
    ### BEGIN SOLUTION
    if training:
        return np.where(rng.random(x.shape) >= p, x, 0)
    return x * (1 - p)
    ### END SOLUTION


# %% check="evaluation_shrinks_by_the_keep_probability"
check("13_bugs.evaluation_shrinks_by_the_keep_probability", classic_dropout)

# %% [markdown]
# ### Case 2: all tests are green
#
# A course grades dropout layers with a test on the mask. A student found that a layer with `p` and `1 -
# p` swapped passes it as well.
#
# `rate_is_right(keep, p)` returns `True` or `False`. `keep` is a bool array of 10,000 entries or more,
# `True` where kept; `p` is the rate of dropping, between 0.05 and 0.45 or between 0.55 and 0.95. The test
# must accept a mask whose share of dropped entries is at most four standard deviations $\sqrt{p(1-p)/n}$
# from `p`, and refuse one whose share is 0.05 or more from `p`. In between you are free.


# %%
def broken_rate_is_right(keep, p):
    return bool(keep.any() and not keep.all())


keep = np.random.default_rng(2).random(10_000) >= 0.2
print("dropped at rate 0.2, tested for 0.2:", broken_rate_is_right(keep, 0.2))
print("dropped at rate 0.2, tested for 0.8:", broken_rate_is_right(keep, 0.8))


# %% grade_id="rate_is_right" solution=true
def rate_is_right(keep, p):
    """Whether these keep flags look like dropout at rate p."""
    ### BEGIN SOLUTION
    return bool(abs(1 - keep.mean() - p) < 0.03)
    ### END SOLUTION


# %% check="the_test_can_fail"
check("13_bugs.the_test_can_fail", rate_is_right)

# %% [markdown]
# ### Case 3: no need to store a mask
#
# To save memory a speech toolkit works the mask out in the backward pass, from what went into dropout and
# what came out. Look at what it does after a ReLU.
#
# `gradient(dy, x, y, keep, p)` returns the gradient at the input of inverted dropout: `dy / (1 - p)`
# where `keep` is `True`, else 0, in the dtype of `dy`. `x` went in, `y` came out; `p` is from 0 to 1, and
# at `p = 1` nothing is kept.


# %%
def broken_gradient(dy, x, y, keep, p):
    zero = x == 0
    return dy * np.where(zero, 1, y / np.where(zero, 1, x))


x, keep = np.array([3.0, 3.0, 0.0, 0.0]), np.array([True, False, True, False])
print("keep    ", keep)
print("gradient", broken_gradient(np.ones(4), x, np.where(keep, x / 0.5, 0), keep, 0.5))


# %% grade_id="gradient" solution=true
def gradient(dy, x, y, keep, p):
    """Gradient of inverted dropout at its input, of dy's shape and dtype."""
    ### BEGIN SOLUTION
    return np.divide(dy, 1 - p, out=np.zeros_like(dy), where=keep)
    ### END SOLUTION


# %% check="gradient_asks_the_mask"
check("13_bugs.gradient_asks_the_mask", gradient)

# %% [markdown]
# ### Case 4: the layer before looks strange
#
# A library's users printed the activations layer by layer and found zeros where there was no dropout yet.
#
# `residual_block(x, p, rng)` returns `x` plus inverted dropout of `x`, in the dtype of `x`; `p` is below
# 1.


# %%
def broken_residual_block(x, p, rng):
    h = x
    h[rng.random(x.shape) < p] = 0
    h /= 1 - p
    return x + h


x = np.ones(6)
print("y", broken_residual_block(x, 0.5, np.random.default_rng(3)), " (each entry should be 1 or 3)")
print("x", x, " (each entry should be 1)")


# %% grade_id="residual_block" solution=true
def residual_block(x, p, rng):
    """x + dropout(x)."""
    ### BEGIN SOLUTION
    return x + np.where(rng.random(x.shape) >= p, x / (1 - p), 0)
    ### END SOLUTION


# %% check="skip_branch_is_untouched"
check("13_bugs.skip_branch_is_untouched", residual_block)

# %% [markdown]
# ### Case 5: NaN from nowhere
#
# One framework returned NaN at a rate of 1. Another gave different results on the CPU and on the GPU for
# inputs that had overflowed to infinity. The cause is the same.
#
# `drop(x, p, rng)` is inverted dropout in training for every `p` from 0 to 1, both included, in the dtype
# of `x`. At `p = 1` the result is zeros. A dropped `inf` or NaN becomes 0, one that is kept stays what it
# is.


# %%
def broken_drop(x, p, rng):
    keep = rng.random(x.shape) >= p
    return x * keep / (1 - p)


with np.errstate(all="ignore"):
    print("p = 1:         ", broken_drop(np.ones(4), 1.0, np.random.default_rng(4)))
    print("an overflow:   ", broken_drop(np.full(4, np.inf), 0.5, np.random.default_rng(4)))


# %% grade_id="drop" solution=true
def drop(x, p, rng):
    """Inverted dropout for every p in [0, 1] and every x."""
    ### BEGIN SOLUTION
    return np.divide(x, 1 - p, out=np.zeros_like(x), where=rng.random(x.shape) >= p)
    ### END SOLUTION


# %% check="zeros_are_selected"
check("13_bugs.zeros_are_selected", drop)

# %% [markdown]
# ## Room 2: wrong masks
#
# ### Case 6: it does not seem to do anything
#
# A framework offers a seed, for those who want to repeat a run. Users who never touched it reported that
# dropout has "no randomness".
#
# `seeded_dropout(x, p, seed=None)` is inverted dropout; `p` is below 1. `seed` is an integer from 0
# upwards or `None`. The same seed gives the same mask, different seeds different masks, and without a
# seed every call draws a new one. NumPy's and Python's global generators are left alone.


# %%
def broken_seeded_dropout(x, p, seed=None):
    rng = np.random.default_rng(seed if seed is not None else 0)
    return np.where(rng.random(x.shape) >= p, x / (1 - p), 0)


for step in range(3):
    print(f"step {step}, no seed:", broken_seeded_dropout(np.ones(8), 0.5))


# %% grade_id="seeded_dropout" solution=true
def seeded_dropout(x, p, seed=None):
    """Inverted dropout: one mask for each seed, a new mask where there is none."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    return np.where(rng.random(x.shape) >= p, x / (1 - p), 0)
    ### END SOLUTION


# %% check="no_seed_means_a_new_mask"
check("13_bugs.no_seed_means_a_new_mask", seeded_dropout)

# %% [markdown]
# ### Case 7: four times the hardware
#
# A model is trained on several devices at once, each with its share of the batch. Every worker is started
# with the seed from the configuration file, so that the run can be repeated.
#
# `worker_masks(shape, p, seed, workers)` returns a list of `workers` bool masks of that shape, `True`
# where kept. The masks are independent of one another. They depend on `seed` alone: the same seed gives
# the same masks again, and worker `k` has the same mask however many workers there are. Runs with
# different seeds, neighbouring ones too, have no mask in common.


# %%
def broken_worker_masks(shape, p, seed, workers):
    return [np.random.default_rng(seed).random(shape) >= p for worker in range(workers)]


for worker, mask in enumerate(broken_worker_masks((12,), 0.5, 7, 3)):
    print(f"worker {worker}:", mask.astype(int))


# %% grade_id="worker_masks" solution=true
def worker_masks(shape, p, seed, workers):
    """One keep mask for each worker, all made from one seed."""
    ### BEGIN SOLUTION
    children = np.random.SeedSequence(seed).spawn(workers)
    return [np.random.default_rng(child).random(shape) >= p for child in children]
    ### END SOLUTION


# %% check="workers_draw_for_themselves"
check("13_bugs.workers_draw_for_themselves", worker_masks)

# %% [markdown]
# ### Case 8: less memory, and the loss moves
#
# Activation checkpointing forgets what a block computed and computes it again in the backward pass. It
# should change nothing but memory and time. A team switched it off and found a much better loss.
#
# `recomputed_block(x, w, dy, p, rng)` returns `(y, dx)`: `y` is inverted dropout of `x @ w`, and `dx` is
# the gradient at `x` of *that* `y`, when `dy` is the gradient at `y`. `x` is (n, d), `w` is (d, k), `dy`
# is (n, k), and `p` is below 1. Afterwards `rng` stands where one draw of the mask leaves it: a following
# call draws another mask. (A real block computes the same mask twice so that it need not be stored.
# Storing it instead is no mistake here.)


# %%
def broken_recomputed_block(x, w, dy, p, rng):
    def forward():
        h = x @ w
        keep = rng.random(h.shape) >= p
        return np.where(keep, h / (1 - p), 0), keep

    y, _ = forward()  # the mask is not stored
    _, keep = forward()  # the backward pass makes it again
    return y, np.where(keep, dy / (1 - p), 0) @ w.T


one = np.eye(6)
y, dx = broken_recomputed_block(one, np.ones((6, 1)), np.ones((6, 1)), 0.5, np.random.default_rng(5))
print("y      ", y.ravel())
print("dx     ", dx.diagonal(), " (2 where y is 2, 0 where y is 0)")


# %% grade_id="recomputed_block" solution=true
def recomputed_block(x, w, dy, p, rng):
    """The output y of dropout(x @ w) and the gradient at x, computed from a second forward pass."""

    ### BEGIN SOLUTION
    def forward():
        h = x @ w
        keep = rng.random(h.shape) >= p
        return np.where(keep, h / (1 - p), 0), keep

    before = rng.bit_generator.state
    y, _ = forward()
    rng.bit_generator.state = before
    _, keep = forward()
    return y, np.where(keep, dy / (1 - p), 0) @ w.T
    ### END SOLUTION


# %% check="recomputation_repeats_the_mask"
check("13_bugs.recomputation_repeats_the_mask", recomputed_block)

# %% [markdown]
# ## Room 3: wrong modes
#
# ### Case 9: overfitting from the second half of each epoch
#
# A training script evaluates every few batches. It overfits, though dropout is switched on at the top.
#
# `run_epoch(model, batches, held_out, every)` runs a linear layer. `model` is a dictionary: `"weights"`
# (d, k), the rate `"p"` below 1, a generator `"rng"`, and `"training"`, which is `True` before the call
# and afterwards. For each batch (n, d) the layer's output `batch @ weights` with inverted dropout goes
# into the first list, from masks drawn from `model["rng"]`. After every `every` batches its output for
# `held_out` *without* dropout goes into the second list. The function returns both lists. (The updates of
# the weights are left out here.)


# %%
def broken_run_epoch(model, batches, held_out, every):
    def run(x):
        h = x @ model["weights"]
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        return h

    model["training"] = True
    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        trained.append(run(batch))
        if step % every == 0:
            model["training"] = False
            validated.append(run(held_out))
    return trained, validated


model = {"weights": np.ones((2, 500)), "p": 0.3, "training": True, "rng": np.random.default_rng(6)}
trained, _ = broken_run_epoch(model, [np.ones((1, 2))] * 6, np.ones((1, 2)), every=3)
print("dropped in batches 1 to 6:", [f"{np.mean(y == 0):.0%}" for y in trained])


# %% grade_id="run_epoch" solution=true
def run_epoch(model, batches, held_out, every):
    """The outputs for each batch in training, and for held_out in evaluation after every `every` batches."""

    ### BEGIN SOLUTION
    def run(x):
        h = x @ model["weights"]
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        return h

    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        model["training"] = True
        trained.append(run(batch))
        if step % every == 0:
            model["training"] = False
            validated.append(run(held_out))
    model["training"] = True
    return trained, validated
    ### END SOLUTION


# %% check="training_goes_on_after_evaluation"
check("13_bugs.training_goes_on_after_evaluation", run_epoch)

# %% [markdown]
# ### Case 10: it trained with dropout until the first evaluation
#
# The same symptom, in the attention layer of a library that trains some of the largest models. This time
# the mode is switched back properly.
#
# `drop_weights(layer, weights, rng)` applies inverted dropout to the array `weights` if
# `layer["training"]` is `True`, at the rate `layer["p"]`, which is below 1; if not, the weights come back
# with the values they had. The dictionary `layer` is only read.


# %%
def broken_drop_weights(layer, weights, rng):
    if not layer["training"]:
        layer["p"] = 0.0
    keep = rng.random(weights.shape) >= layer["p"]
    return np.where(keep, weights / (1 - layer["p"]), 0)


layer, rng = {"p": 0.3, "training": True}, np.random.default_rng(7)
for mode in (True, False, True):
    layer["training"] = mode
    print(
        f"training = {mode!s:5}: {np.mean(broken_drop_weights(layer, np.ones(10_000), rng) == 0):.0%} dropped"
    )


# %% grade_id="drop_weights" solution=true
def drop_weights(layer, weights, rng):
    """Inverted dropout in training, nothing in evaluation; the layer is only read."""
    ### BEGIN SOLUTION
    p = layer["p"] if layer["training"] else 0.0
    keep = rng.random(weights.shape) >= p
    return np.where(keep, weights / (1 - p), 0)
    ### END SOLUTION


# %% check="rate_survives_evaluation"
check("13_bugs.rate_survives_evaluation", drop_weights)

# %% [markdown]
# ### Case 11: uncertainty that depends on the neighbours
#
# Monte Carlo dropout predicts with dropout on and averages several passes. A quick way to get there is to
# put the whole model into training mode. Then the prediction for an input changes with the other inputs
# of its batch, and the model is not quite the same afterwards.
#
# `mc_predict(model, x, passes)` returns the mean over `passes` passes of a small network: `x @ w1`, batch
# normalisation $(h - \mathrm{mean}) / \sqrt{\mathrm{var} + 10^{-5}}$ with the *stored* mean and variance,
# inverted dropout with a new mask in each pass, then `@ w2`. `model` is a dictionary with `"w1"` (d, h),
# `"mean"` (h,), `"var"` (h,), `"w2"` (h, k), the rate `"p"` below 1, `"rng"`, and `"training"`, which is
# `False`. After the call everything in it is what it was, except that `rng` has been drawn from.


# %%
def broken_mc_predict(model, x, passes):
    model["training"] = True
    outputs = []
    for _ in range(passes):
        h = x @ model["w1"]
        if model["training"]:
            mean, var = h.mean(axis=0), h.var(axis=0)
            model["mean"] = 0.9 * model["mean"] + 0.1 * mean
            model["var"] = 0.9 * model["var"] + 0.1 * var
        else:
            mean, var = model["mean"], model["var"]
        h = (h - mean) / np.sqrt(var + 1e-5)
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        outputs.append(h @ model["w2"])
    model["training"] = False
    return np.mean(outputs, axis=0)


model = {"w1": np.ones((1, 1)), "mean": np.zeros(1), "var": np.ones(1), "w2": np.ones((1, 1))}
model |= {"p": 0.0, "rng": np.random.default_rng(8), "training": False}
for neighbour in (0.0, 2.0):
    pair = broken_mc_predict(model, np.array([[1.0], [neighbour]]), 3)
    print(
        f"prediction for 1 beside {neighbour:g}: {pair[0, 0]:5.2f}; stored mean then: {model['mean'][0]:.2f}"
    )


# %% grade_id="mc_predict" solution=true
def mc_predict(model, x, passes):
    """Mean prediction over several dropout masks; everything but dropout stays in evaluation mode."""
    ### BEGIN SOLUTION
    outputs = []
    for _ in range(passes):
        h = (x @ model["w1"] - model["mean"]) / np.sqrt(model["var"] + 1e-5)
        keep = model["rng"].random(h.shape) >= model["p"]
        h = np.where(keep, h / (1 - model["p"]), 0)
        outputs.append(h @ model["w2"])
    return np.mean(outputs, axis=0)
    ### END SOLUTION


# %% check="only_dropout_wakes_up"
check("13_bugs.only_dropout_wakes_up", mc_predict)

# %% [markdown]
# ### Case 12: two runs of one model differ (PyTorch)
#
# `scaled_dot_product_attention` is PyTorch's fast attention. Several libraries moved to it, and
# afterwards their models gave a different answer each time, in evaluation too.
#
# `attend(q, k, v, p, training)` takes float tensors (batch, heads, length, size) and returns the
# attention output, with dropout at rate `p` on the attention weights in training, from PyTorch's global
# generator, and without in evaluation. Call PyTorch's function; load it inside yours, as the broken
# one does.


# %%
def broken_attend(q, k, v, p, training):
    import torch.nn.functional as F

    return F.scaled_dot_product_attention(q, k, v, dropout_p=p)


try:
    import torch
except ImportError:
    print("PyTorch is not installed here: cases 12 and 13 cannot be judged, the others can.")
else:
    q = k = v = torch.ones(1, 1, 4, 1)
    for call in (1, 2):
        print(f"evaluation, call {call}:", broken_attend(q, k, v, 0.5, False).ravel().tolist())


# %% grade_id="attend" solution=true
def attend(q, k, v, p, training):
    """Attention with dropout on its weights in training, and plain attention in evaluation."""
    ### BEGIN SOLUTION
    import torch.nn.functional as F

    return F.scaled_dot_product_attention(q, k, v, dropout_p=p if training else 0.0)
    ### END SOLUTION


# %% check="attention_rests_in_evaluation"
check("13_bugs.attention_rests_in_evaluation", attend)

# %% [markdown]
# ### Case 13: eval() was called, and still (PyTorch)
#
# A multi-task model has a dropout layer for each task. `model.eval()` is called before predicting,
# nothing is functional, and predictions still vary.
#
# `make_heads(count, p)` returns a `torch.nn.Module` whose `forward(x, task)` is dropout at rate `p` by
# the layer of task 0 to `count - 1`: inverted dropout after `train()`, nothing after `eval()`.


# %%
def broken_make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = [torch.nn.Dropout(p) for _ in range(count)]

        def forward(self, x, task):
            return self.drops[task](x)

    return Heads()


try:
    import torch
except ImportError:
    print("PyTorch is not installed here.")
else:
    heads = broken_make_heads(2, 0.5).eval()
    print("after eval():", heads(torch.ones(6), 0).tolist())


# %% grade_id="make_heads" solution=true
def make_heads(count, p):
    """A module with a dropout layer for each of `count` tasks; forward(x, task) uses the task's own."""
    ### BEGIN SOLUTION
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = torch.nn.ModuleList(torch.nn.Dropout(p) for _ in range(count))

        def forward(self, x, task):
            return self.drops[task](x)

    return Heads()
    ### END SOLUTION


# %% check="eval_reaches_every_layer"
check("13_bugs.eval_reaches_every_layer", make_heads)

# %% [markdown]
# ## If you are stuck
#
# <details><summary>Hint 1: think</summary>
#
# Run the broken function and say in one sentence what is wrong with its *output*. Then ask which line
# could make that so. In room 1, try a rate far from one half, zeros in the input, and infinity. In room
# 2, ask of each draw: from which state? In room 3, follow one variable through training, evaluation, and
# training again.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# The word "mask" names a thing that was drawn: hand it on rather than working it out again (3), draw it
# from a state that nobody else has (6, 7), and put that state back if you need the same mask twice (8).
# The word "mode" names a thing that lasts: whoever changes it for a while changes it back (9), and a
# value that is only needed for one call is a local variable (10). Not everything that listens to a mode
# should hear it (11), and some things do not listen at all (12, 13).
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Most repairs change one line. (1) the other probability; (2) a mean, a difference and a tolerance; (3,
# 5) select with a mask, dividing only where it is `True`; (4) a new array; (6) `default_rng` knows what
# `None` means; (7) look at `np.random.SeedSequence`; (8) `rng.bit_generator.state` can be read and set;
# (9) two more assignments; (10) a local name; (11) the stored statistics, always; (12) a rate that
# depends on the mode; (13) `torch.nn.ModuleList`.
#
# </details>
#
# ## What to notice
#
# None of the thirteen is a misunderstanding of dropout's formula. They are about state, aliasing,
# defaults, and tests that look at the wrong place. For each of them there is a test of a few lines that
# fails on the broken function. [The chapter](../../book/13_bugs.md) has these tests, and where each bug
# was found.
