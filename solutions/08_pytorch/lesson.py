# ---
# title: A Dropout module for PyTorch
# slug: 08_pytorch
# minutes: 60
# difficulty: 4
# chapter: book/08_pytorch.md
# needs: [03_backward, PyTorch]
# ---

# %% [markdown]
# # A Dropout module for PyTorch
#
# The formula is two lines. A *module* that other people build on is more: it follows its model between
# training and evaluation, it goes wherever its input is, it does not disturb anybody's random numbers, it
# takes half precision and odd memory layouts, it leaves checkpoints alone and memory as it was. Most real
# bugs with dropout live in this list and not in the formula. Here you write such a module, and then see it
# earn its keep: networks that learn from noisy labels, with it and without.

# %%
import torch

from dropgrade.checks import check

# %% [markdown]
# ## What you write
#
# **`DropoutFunction`**, a `torch.autograd.Function`: given a mask it computes, and knows its gradient.
# `y = DropoutFunction.apply(x, keep, p)` with
#
# - `x`: a floating-point tensor (float16, bfloat16, float32 or float64), any shape and layout;
# - `keep`: a bool tensor of x's shape on x's device, `True` where kept;
# - `p`: the probability of **dropping**, 0 to 1, that `keep` was drawn with.
#
# **`Dropout`**, a `torch.nn.Module`: `Dropout(p=0.5, generator=None)` draws the masks and uses the function.
# `generator` is a `torch.Generator`, or `None` for torch's own one of the input's device.
#
# These rules are graded, and nothing else is. In training:
#
# 1. each entry of `x` is dropped with probability `p`, by a draw of its own, anew in each call, whatever the
#    dtype; also at p = 0.001 in half precision;
# 2. what is kept is $x / (1 - p)$, rounding forgiven, and `Dropout()` is `Dropout(0.5)`; what is dropped is 0,
#    even where `x` is `inf` or NaN;
# 3. `dx` is $dy / (1 - p)$ where `x` was kept and 0 elsewhere, even where `dy` is `inf` or NaN, and can
#    itself be differentiated along `dy`; `torch.autograd.gradcheck` and `gradgradcheck` agree in float64 when
#    the generator is put back before each call;
# 4. at `p = 0` `y` equals `x`; at `p = 1` `y` and `dx` are zero, whatever `x` and `dy` hold.
#
# In evaluation:
#
# 5. `y` equals `x` (`x` itself or a copy) and `dx` equals `dy`, for every `p`;
# 6. no random number is used up;
# 7. the mode is that of the module: `train()` and `eval()` of a model around it switch it, and nothing else
#    does (`torch.no_grad()` does not).
#
# Always:
#
# 8. with a generator, the same state of it gives the same mask, and no global generator moves (torch's,
#    `np.random`, `random`); without one `torch.manual_seed` decides;
# 9. `y` and `dx` have x's dtype, under `torch.autocast` too;
# 10. transposed, strided, expanded, empty and 0-d tensors will do, and `x` is left as it was;
# 11. `y` is on the device of `x`. No GPU is needed: the check uses torch's `meta` device, where tensors have
#     a shape and no numbers, and no generator;
# 12. the layer adds no parameter, no buffer and nothing to the `state_dict`; when `x` and `y` are gone, no
#     tensor of their size is left;
# 13. between the passes at most one byte for each number is kept: not `x`, and no mask of floats;
# 14. a `p` below 0, above 1 or NaN raises `ValueError` when the layer is made;
# 15. no warnings and nothing on stderr. `print` is welcome.
#
# **Torch's own dropout is out of bounds** (`nn.Dropout`, `F.dropout`, `torch.dropout` and their relatives): a
# check that sees it called says so and gives no points. Everything else in torch and NumPy is yours.


# %% grade_id="dropout_function" solution=true
class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep is True, else 0: apply(x, keep, p) -> y."""

    @staticmethod
    def forward(ctx, x, keep, p):
        ### BEGIN SOLUTION
        ctx.save_for_backward(keep)
        ctx.p = p
        scale = 1 / (1 - p) if p < 1 else 0.0
        return torch.where(keep, x * scale, torch.zeros_like(x))
        ### END SOLUTION

    @staticmethod
    def backward(ctx, dy):
        """One gradient for each argument of forward; None where there is none."""
        ### BEGIN SOLUTION
        (keep,) = ctx.saved_tensors
        return DropoutFunction.apply(dy, keep, ctx.p), None, None
        ### END SOLUTION


# %% grade_id="dropout" solution=true
class Dropout(torch.nn.Module):
    """Inverted dropout in training, the identity in evaluation."""

    def __init__(self, p=0.5, generator=None):
        super().__init__()
        ### BEGIN SOLUTION
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], got {p}")
        self.p = p
        self.generator = generator
        ### END SOLUTION

    def forward(self, x):
        """A tensor of x's shape, dtype and device."""
        ### BEGIN SOLUTION
        if not self.training or self.p == 0:
            return x
        keep = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.p
        return DropoutFunction.apply(x, keep, self.p)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Which of the rules concern the *mask* and which the *arithmetic*? The function never draws; the layer never
# computes. Which attribute does every module have that `train()` and `eval()` switch? What does a number
# drawn in float16 look like near 0.001?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# *Function:* keep the mask with `ctx.save_for_backward` and `p` as an attribute of `ctx`. Select, do not
# multiply, and never divide by `1 - p` at `p = 1`. In `backward` use `DropoutFunction` itself: then the
# gradient has a gradient.
# *Layer:* look at the mode first, draw second. Draw uniform float32 numbers of x's *shape* (not "like" `x`,
# whose dtype may be too coarse), on x's device, from the generator, and compare.
#
# </details>
#
# <details><summary>Hint 3: the plan in words</summary>
#
# 1. In the constructor refuse a bad `p` in a way that NaN cannot pass, and keep `p` and the generator.
# 2. In evaluation, or if nothing is dropped, give `x` back.
# 3. Otherwise draw the mask and hand `x`, mask and rate to the function.
# 4. The function works out the scale once, taking care of `p = 1`, and chooses between scaled and zero.
#
# </details>
#
# ## Try it

# %%
x = torch.arange(1.0, 9.0, requires_grad=True)
layer = Dropout(0.5, generator=torch.Generator().manual_seed(8))
y = layer(x)
y.sum().backward()
print("y  =", y.detach())
print("dx =", x.grad)

# %% [markdown]
# ## Checks
#
# Each of them looks at one rule and says what it expected, what it found and where to read on. They run in a
# moment; the last trains twelve small networks and takes a few seconds.
#
# **The mask.** Its rate, its independence, and who decides it.

# %% check="drops_at_rate"
check("08_pytorch.drops_at_rate", Dropout)

# %% check="entries_are_independent"
check("08_pytorch.entries_are_independent", Dropout)

# %% check="each_call_draws_anew"
check("08_pytorch.each_call_draws_anew", Dropout)

# %% check="generator_decides"
check("08_pytorch.generator_decides", Dropout)

# %% [markdown]
# **The values**, in training and in evaluation.

# %% check="kept_are_rescaled"
check("08_pytorch.kept_are_rescaled", Dropout)

# %% check="same_in_evaluation"
check("08_pytorch.same_in_evaluation", Dropout)

# %% check="evaluation_draws_nothing"
check("08_pytorch.evaluation_draws_nothing", Dropout)

# %% check="follows_its_mode"
check("08_pytorch.follows_its_mode", Dropout)

# %% [markdown]
# **The gradient**, first of the layer, then of the function by itself.

# %% check="gradient_has_the_same_mask"
check("08_pytorch.gradient_has_the_same_mask", Dropout)

# %% check="function_applies_the_mask"
check("08_pytorch.function_applies_the_mask", DropoutFunction)

# %% check="differentiable_twice"
check("08_pytorch.differentiable_twice", Dropout, DropoutFunction)

# %% check="passes_gradcheck"
check("08_pytorch.passes_gradcheck", Dropout)

# %% [markdown]
# **The corners:** rates at the edge, inf and NaN, dtypes, layouts.

# %% check="edges_are_exact"
check("08_pytorch.edges_are_exact", Dropout)

# %% check="nonfinite_is_dropped"
check("08_pytorch.nonfinite_is_dropped", Dropout)

# %% check="dtypes_are_kept"
check("08_pytorch.dtypes_are_kept", Dropout)

# %% check="rate_in_half_precision"
check("08_pytorch.rate_in_half_precision", Dropout)

# %% check="any_layout"
check("08_pytorch.any_layout", Dropout)

# %% check="input_unchanged"
check("08_pytorch.input_unchanged", Dropout)

# %% [markdown]
# **Good manners:** what the layer leaves behind, where it works, and what it refuses.

# %% check="nothing_is_added"
check("08_pytorch.nothing_is_added", Dropout)

# %% check="no_mask_is_kept"
check("08_pytorch.no_mask_is_kept", Dropout)

# %% check="saves_one_byte"
check("08_pytorch.saves_one_byte", Dropout, DropoutFunction)

# %% check="any_device"
check("08_pytorch.any_device", Dropout)

# %% check="rejects_bad_p"
check("08_pytorch.rejects_bad_p", Dropout)

# %% check="quiet"
check("08_pytorch.quiet", Dropout)

# %% [markdown]
# **What it is for.** Six pairs of networks learn 400 digits, half of which have a random label; the two of a
# pair differ in your layer alone, at p = 0.5. The gain on unseen digits comes with its 95 % interval, and the
# whole interval has to lie above 0. If six pairs leave it open, six more are trained, and all twelve count.

# %% check="helps_a_model"
check("08_pytorch.helps_a_model", Dropout)

# %% [markdown]
# ## What to notice
#
# - The line that draws and the line that computes are in different classes. That is why the function can be
#   checked without any randomness, and why `gradcheck` works as soon as the generator stands still.
# - `torch.rand_like(x)` looks shorter than `torch.rand(x.shape, ...)`. In bfloat16 a draw that rounds up to 1
#   comes out as 0, once in 512 times; at `p = 0.001` that triples the rate.
# - A mask is one byte for each number. [The GPU chapter](../../book/09_gpu.md) brings that down to 16 bytes
#   in all.
# - Not graded, but worth a try: `torch.func.vmap(layer, randomness="different")` wants functions whose
#   context is set up apart, and `torch.compile(layer, fullgraph=True)` stops at a generator. The message of
#   `passes_gradcheck` says how both fared without one.
#
# [The chapter](../../book/08_pytorch.md) says where each rule comes from, and which bug in which library
# broke it.
