# ---
# title: Co-adaptation
# slug: 04_coadaptation
# minutes: 60
# difficulty: 4
# chapter: book/04_coadaptation.md
# needs: [03_backward]
# ---

# %% [markdown]
# # Co-adaptation
#
# Dropout was invented against units that only work together. Such a claim needs a number. Here you put the
# layer into a network, train it on handwritten digits, take hidden units away and watch what that costs: once
# after training without dropout, once after training with it. A run takes less than a second, so you can
# afford to be sure.

# %%
import numpy as np

from dropgrade.checks import check
from dropgrade.digits import load_digits
from dropgrade.reference import dropout_backward, dropout_forward

digits = load_digits()
images, labels = digits.train_images, digits.train_labels
print("to train on:", images.shape, "to test on:", digits.test_images.shape)

# %% [markdown]
# `dropout_forward(x, p, training, rng)` and `dropout_backward(dy, keep, p)` are those of exercises 2 and 3;
# use them or your own. `rng` is always a `numpy.random.Generator`, and all randomness comes from it.
#
# ## What you write
#
# A network is a dict of four arrays of one float dtype: `W1` (inputs, width), `b1` (width,), `W2` (width,
# classes), `b2` (classes,). Images are rows: `x` is (n, inputs), `labels` is (n,) with integers. You write
# four functions. No argument may be changed, nothing may be printed to stderr, no warning set off, and the
# same rng state has to give the same result. These rules are graded with those below, and nothing else is.
#
# ### 1. The forward pass
#
# `logits(params, x, p, training, rng)` returns the scores before the softmax, (n, classes):
# $z = y W_2 + b_2$ with $y = \text{dropout}(h)$ and $h = \max(0, x W_1 + b_1)$.
#
# - In training every hidden unit of every example is dropped with probability `p`, $0 \le p < 1$, and what is
#   kept is divided by $1 - p$. Each example has a mask of its own. Nothing else is dropped.
# - In evaluation `p` has no say, and nothing is drawn from `rng`.


# %% grade_id="logits" solution=true
def logits(params, x, p, training, rng):
    """Scores (n, classes) of images x (n, inputs); dropout on the hidden units in training."""
    ### BEGIN SOLUTION
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, _ = dropout_forward(hidden, p, training, rng)
    return y @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% [markdown]
# ### 2. The loss and its gradients
#
# `loss_and_gradients(params, x, labels, p, rng)` makes one training pass and returns two things: the loss, a
# number, and the gradients, a dict with the keys and shapes of `params`.
#
# - The loss is the mean over the n examples of $-\log q$, where $q$ is the softmax probability of the right
#   class. It stays finite when scores are in the thousands.
# - The gradients are the slopes of exactly this loss: same masks, averaged over the batch, computed in the
#   precision of `params`. At $h = 0$ the ReLU passes no gradient.


# %% grade_id="loss_and_gradients" solution=true
def loss_and_gradients(params, x, labels, p, rng):
    """Mean cross-entropy of a training pass, and a dict of its gradients by W1, b1, W2 and b2."""
    ### BEGIN SOLUTION
    rows = np.arange(len(x))
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, keep = dropout_forward(hidden, p, True, rng)
    scores = y @ params["W2"] + params["b2"]
    scores = scores - scores.max(axis=1, keepdims=True)
    log_q = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    d_scores = np.exp(log_q)
    d_scores[rows, labels] -= 1
    d_scores /= len(x)
    d_hidden = dropout_backward(d_scores @ params["W2"].T, keep, p) * (hidden > 0)
    slopes = {"W1": x.T @ d_hidden, "W2": y.T @ d_scores}
    slopes |= {"b1": d_hidden.sum(axis=0), "b2": d_scores.sum(axis=0)}
    return -log_q[rows, labels].mean(), slopes
    ### END SOLUTION


# %% [markdown]
# ### 3. Training
#
# `train(params, images, labels, settings, rng)` returns a new network after `settings["steps"]` steps.
# `settings` is a dict with `p`, `steps`, `batch`, `rate` and `momentum`; the number of images is a multiple
# of `batch`.
#
# - An epoch is a fresh permutation of the images, cut into batches: each image is used once in it. The last
#   epoch may end early.
# - For each array $w$ with gradient $g$ a step is $v \leftarrow \mu v - \eta g$, then $w \leftarrow w + v$,
#   where $\mu$ is `settings["momentum"]`, $\eta$ is `settings["rate"]`, and $v$ starts at zero.
# - Every step draws new masks with probability `settings["p"]`.


# %% grade_id="train" solution=true
def train(params, images, labels, settings, rng):
    """A new network, trained by SGD with momentum; params stays as it is."""
    ### BEGIN SOLUTION
    batch, per_epoch = settings["batch"], len(images) // settings["batch"]
    params = dict(params)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for step in range(settings["steps"]):
        place = step % per_epoch
        if place == 0:
            order = rng.permutation(len(images))
        chosen = order[place * batch : (place + 1) * batch]
        _, slopes = loss_and_gradients(params, images[chosen], labels[chosen], settings["p"], rng)
        for name in params:
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * slopes[name]
            params[name] = params[name] + velocity[name]
    return params
    ### END SOLUTION


# %% [markdown]
# ### 4. Taking units away
#
# `ablation_curve(params, images, labels, shares, masks, rng)` returns an array (or list) of errors, one for
# each of the `shares`; an error is the share of images whose largest logit is not that of their label.
#
# - For a share $f$, $0 \le f < 1$, exactly `round(f * width)` hidden units are removed, drawn from `rng`, the
#   same for all images; the values of the others are divided by $1 - f$. Nothing else is dropped.
# - This is done `masks` times with new units each time, and the errors are averaged.


# %% grade_id="ablation_curve" solution=true
def ablation_curve(params, images, labels, shares, masks, rng):
    """Mean error (len(shares),) after a random share of the hidden units is gone."""
    ### BEGIN SOLUTION
    hidden = np.maximum(images @ params["W1"] + params["b1"], 0)
    width, curve = hidden.shape[1], []
    for share in shares:
        errors = []
        for _ in range(masks):
            left = hidden / (1 - share)
            left[:, rng.permutation(width)[: round(share * width)]] = 0
            scores = left @ params["W2"] + params["b2"]
            errors.append(np.mean(scores.argmax(axis=1) != labels))
        curve.append(np.mean(errors))
    return np.array(curve)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Which of the four arrays feel the mask directly, and which only through the loss? What is the gradient of
# the cross-entropy by the logits, in words? And why does a removed unit differ from a dropped one?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# By the logits the gradient is "probability minus one-hot", divided by n. From there every array's gradient
# is one matrix product: what came in, transposed, times what comes back. On the way to the hidden layer
# there are two gates, the mask and the ReLU. Subtract each row's largest score before any exponential. A
# removed unit is gone for all images; a dropped one for one example only.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# `loss_and_gradients` is the forward pass with its intermediate values kept, then five lines backwards.
# `train` is one loop over steps with a permutation drawn when an epoch begins, and an inner loop over the
# four names; create new arrays, do not add into the old ones. `ablation_curve` computes the hidden layer
# once, then zeroes columns of a copy.
#
# </details>

# %% [markdown]
# ## Look before you check: what do missing units cost?
#
# Below, one network is trained without dropout and one with $p = 0.5$, both from the same start. Both will
# misread a similar share of new digits. Then half of the hidden units go. Guess both errors first.


# %%
def new_network(width, rng):
    """Normal weights of variance 2 / inputs, biases zero, in single precision."""
    params = {"b1": np.zeros(width, np.float32), "b2": np.zeros(10, np.float32)}
    params["W1"] = (rng.normal(size=(196, width)) * np.sqrt(2 / 196)).astype(np.float32)
    params["W2"] = (rng.normal(size=(width, 10)) * np.sqrt(2 / width)).astype(np.float32)
    return params


settings = {"steps": 1000, "batch": 100, "rate": 0.1, "momentum": 0.9}
shares = (0.0, 0.25, 0.5, 0.75)
print("share removed  " + "".join(f"{share:8.0%}" for share in shares))
for p in (0.0, 0.5):
    rng = np.random.default_rng(1)
    trained = train(new_network(128, rng), images, labels, settings | {"p": p}, rng)
    curve = ablation_curve(trained, digits.test_images, digits.test_labels, shares, 10, rng)
    print(f"error, p = {p}   " + "".join(f"{error:8.1%}" for error in curve))

# %% [markdown]
# ## The checks
#
# **Evaluation.** The whole network, and a generator that stands still.

# %% check="evaluation_uses_every_unit"
check("04_coadaptation.evaluation_uses_every_unit", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **Training mode.** Hidden units go, each example for itself, and the rest grows.

# %% check="training_drops_hidden_units"
check("04_coadaptation.training_drops_hidden_units", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **The loss.** Averaged, and finite for any scores.

# %% check="loss_is_mean_cross_entropy"
check("04_coadaptation.loss_is_mean_cross_entropy", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **The gradients.** The check freezes the mask by handing the same rng state to each evaluation of the loss.

# %% check="gradients_are_slopes"
check("04_coadaptation.gradients_are_slopes", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **The mask in the gradients.** A gradient that is consistent may still belong to a network without dropout.

# %% check="gradients_use_dropout"
check("04_coadaptation.gradients_use_dropout", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **The steps.** With one full batch and p = 0 nothing is left to chance.

# %% check="steps_follow_momentum"
check("04_coadaptation.steps_follow_momentum", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **The epochs.** Each image once, in a drawn order.

# %% check="epochs_use_every_image"
check("04_coadaptation.epochs_use_every_image", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **New masks.** A mask that is drawn once and kept trains a smaller network.

# %% check="masks_change_with_each_step"
check("04_coadaptation.masks_change_with_each_step", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **Removal.** The right number of units, for all images alike, and the rest rescaled.

# %% check="removal_takes_whole_units"
check("04_coadaptation.removal_takes_whole_units", logits, loss_and_gradients, train, ablation_curve)

# %% check="removal_averages_over_masks"
check("04_coadaptation.removal_averages_over_masks", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **On the digits.** Your training on the first 1,000 digits, for 400 steps, otherwise with the settings
# above and from a random start with 128 hidden units. With $p = 0.5$ fewer than 13 % of the test digits are
# misread, and fewer than 8 points more when half of the hidden units are removed. Over two seeds, the mean
# negative log-likelihood of the test digits is lower by more than 0.035 with $p = 0.5$ than with $p = 0$. A
# right answer stays far from these limits; this takes a few seconds.

# %% check="learns_and_leans_less"
check("04_coadaptation.learns_and_leans_less", logits, loss_and_gradients, train, ablation_curve)

# %% check="dropout_generalises"
check("04_coadaptation.dropout_generalises", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# **Manners.** Randomness from `rng` alone, arguments left as they were, no noise.

# %% check="randomness_is_an_argument"
check("04_coadaptation.randomness_is_an_argument", logits, loss_and_gradients, train, ablation_curve)

# %% check="arguments_unchanged"
check("04_coadaptation.arguments_unchanged", logits, loss_and_gradients, train, ablation_curve)

# %% check="quiet"
check("04_coadaptation.quiet", logits, loss_and_gradients, train, ablation_curve)

# %% [markdown]
# ## What to notice
#
# The two networks differ little with all units in place and a great deal without half of them. Is that
# because the units lean less on each other, or because one network has practised losing units? Both: the
# removal is close to what dropout does in training. So look at something that was not practised. Remove the
# *most active* units first, which no random mask ever does:

# %%
for p in (0.0, 0.5):
    rng = np.random.default_rng(2)
    trained = train(new_network(128, rng), images, labels, settings | {"p": p}, rng)
    hidden = np.maximum(digits.test_images @ trained["W1"] + trained["b1"], 0)
    order = np.argsort(-hidden.mean(axis=0))
    errors = []
    for count in (0, 8, 16, 32):
        keep = np.isin(np.arange(128), order[:count], invert=True)
        scores = (hidden * keep) @ trained["W2"] + trained["b2"]
        errors.append(np.mean(scores.argmax(axis=1) != digits.test_labels))
    print(f"p = {p}: without the 0, 8, 16, 32 most active units " + "".join(f"{e:8.1%}" for e in errors))

# %% [markdown]
# [The chapter](../../book/04_coadaptation.md) puts intervals on such numbers, adds the control that
# separates the two explanations, and shows where the story ends: in the second hidden layer of a deeper
# network the units correlate *more* after dropout.
