# ---
# title: Dropout on a GPU, without a mask in memory
# slug: 09_gpu
# minutes: 90
# difficulty: 5
# chapter: book/09_gpu.md
# needs: [03_backward, PyTorch, Triton]
# ---

# %% [markdown]
# # Dropout on a GPU, without a mask in memory
#
# The backward pass needs the mask of the forward pass. You can store it, one byte for each number that went
# through the layer; or you can *draw it again*, if the random numbers are a function of the element's number
# and a seed. Then 16 bytes replace megabytes, and a mask can be compared bit for bit between NumPy, torch and
# a GPU. Here you write the generator, the rule, a layer that stores nothing, and three GPU kernels.
#
# **No GPU is needed.** Kernels run in Triton's interpreter, slowly and exactly, and the compiler tells what
# they would cost on a real one. Where Triton is missing (it exists for Linux only) the kernel checks say so,
# and everything else counts.

# %%
import numpy as np
import torch

from dropgrade.checks import check
from dropgrade.reference.kernel_cost import cost
from dropgrade.reference.kernel_language import MODE, tl, triton
from dropgrade.reference.torch_ops import pack_state

print("kernels here:", MODE)

# %% [markdown]
# The import of `kernel_language` gives you Triton as `triton` and `tl`, told beforehand whether to use a GPU
# or its interpreter. If you `import triton` yourself, do it after this cell.
#
# ## Part 1: a generator without memory
#
# `philox(counter, key)` turns a counter of four 32-bit words and a key of two into four random words. It
# goes through ten rounds. In each, with multipliers $A$ = `0xD2511F53` and $B$ = `0xCD9E8D57`:
#
# $$
# (c_0, c_1, c_2, c_3) \leftarrow
# \bigl(\mathrm{high}(B c_2) \oplus c_1 \oplus k_0,\;\; \mathrm{low}(B c_2),\;\;
# \mathrm{high}(A c_0) \oplus c_3 \oplus k_1,\;\; \mathrm{low}(A c_0)\bigr),
# $$
#
# where *high* and *low* are the two 32-bit halves of a 64-bit product and $\oplus$ is exclusive or. After
# each round the key is raised: $k_0$ by `0x9E3779B9` and $k_1$ by `0xBB67AE85`, both modulo $2^{32}$.
#
# `keep_mask(shape, p, seed, offset)` makes a mask from it. **The contract**, which every part below shares:
#
# - elements are numbered in row-major order, $i = 0, 1, 2, \dots$;
# - block $b$ is `philox` of the counter $(b \bmod 2^{32}, \lfloor b / 2^{32} \rfloor, 0, 0)$ under the key
#   (lower half of `seed`, upper half of `seed`);
# - element $i$ uses word $i \bmod 4$ of block $\mathrm{offset} + \lfloor i/4 \rfloor$;
# - it is dropped if and only if that word is below `round(p * 2**32)`.
#
# Graded here:
#
# 1. `philox`: `counter` is an array of unsigned 32-bit integers (..., 4), `key` a pair of Python integers;
#    it returns uint32 (..., 4).
# 2. `keep_mask` returns a bool array of `shape`, `True` where kept. `seed` and `offset` are Python integers
#    from 0 to $2^{63}$.
# 3. `p = 0` keeps all, `p = 1` none, an empty shape gives an empty mask; a `p` outside [0, 1], or NaN, raises
#    `ValueError`.
#
# Both in NumPy. Each check stops waiting after 60 seconds.


# %% grade_id="philox" solution=true
def philox(counter, key):
    """Four 32-bit words for each counter.

    counter: unsigned 32-bit integers (..., 4), lowest word first; key: two integers in [0, 2**32).
    Returns uint32 (..., 4).
    """
    ### BEGIN SOLUTION
    c0, c1, c2, c3 = np.moveaxis(counter.astype(np.uint64), -1, 0)
    k0, k1 = key
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1 = (b >> half) ^ c1 ^ np.uint64(k0), b & low
        c2, c3 = (a >> half) ^ c3 ^ np.uint64(k1), a & low
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)
    ### END SOLUTION


# %% grade_id="keep_mask" solution=true
def keep_mask(shape, p, seed, offset):
    """The mask that seed and offset name: bool array of `shape`, True where kept.

    p: probability of dropping, 0 <= p <= 1; raises ValueError for any other p.
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = int(np.prod(shape, dtype=np.int64))
    block = np.uint64(offset) + np.arange(-(-n // 4), dtype=np.uint64)
    counter = np.zeros((block.size, 4), dtype=np.uint32)
    counter[:, 0] = block & np.uint64(0xFFFFFFFF)
    counter[:, 1] = block >> np.uint64(32)
    words = philox(counter, (seed % 2**32, seed >> 32)).reshape(-1)[:n]
    return (words >= round(p * 2**32)).reshape(shape)
    ### END SOLUTION


# %% [markdown]
# ## Part 2: a layer that stores nothing
#
# `SeededDropout.apply(x, p, seed, offset)` is inverted dropout as a torch function with a gradient:
#
# 4. `y` has x's shape and dtype (float16, bfloat16, float32 or float64): $x / (1 - p)$ where `keep_mask`
#    keeps, 0 elsewhere, rounding errors forgiven. Elements are numbered row by row, wherever they lie in
#    memory.
# 5. `dx` is $dy / (1 - p)$ where `y` was kept and 0 elsewhere, and can itself be differentiated along `dy`.
# 6. Between the passes at most 64 bytes of arrays are kept, whatever the size.
# 7. A dropped `inf` or NaN becomes 0. At `p = 1` both `y` and `dx` are zero. A bad `p` raises `ValueError`.
# 8. `x` and `dy` are left as they were, and nothing is printed to stderr.
#
# `forward` gets `ctx`, a bag that the backward pass gets again; `backward` returns one gradient for each
# argument of `forward`, `None` where there is none. `keep_mask` is yours to use.


# %% grade_id="seeded_dropout" solution=true
class SeededDropout(torch.autograd.Function):
    """Inverted dropout whose backward pass draws the mask again: apply(x, p, seed, offset) -> y."""

    @staticmethod
    def forward(ctx, x, p, seed, offset):
        ### BEGIN SOLUTION
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset)).to(x.device)
        ctx.drawn = p, seed, offset
        scale = 1 / (1 - p) if p < 1 else 0.0
        return torch.where(keep, x * scale, torch.zeros_like(x))
        ### END SOLUTION

    @staticmethod
    def backward(ctx, dy):
        ### BEGIN SOLUTION
        return SeededDropout.apply(dy, *ctx.drawn), None, None, None
        ### END SOLUTION


# %% [markdown]
# ## Part 3: kernels
#
# A kernel is launched as many *programs* at once. Program `tl.program_id(0)` handles the elements from
# `program_id * BLOCK` to `program_id * BLOCK + BLOCK - 1`, all together, as a tensor of `BLOCK` numbers. The
# pointers point at memory: `tl.load(x_ptr + i, mask=i < n)` reads the elements `i`, `tl.store` writes them.
# `state_ptr` points at two int64 numbers, seed and offset: read from memory, they can change without a new
# kernel. `threshold` is `round(p * 2**32)`, below $2^{32}$ here, and `scale` is $1/(1-p)$. `BLOCK` is a power
# of two, at least 64.
#
# 9. `one_word`: a Philox call for each element. Element `i` uses word 0 of block offset + `i` (not the
#    contract's mask, but the way most tutorials go).
# 10. `four_words`: the contract's mask. Compiled for a Hopper GPU it costs at most 40 machine instructions an
#     element, which a call for each element does not reach.
# 11. `fused`: `y = residual + dropout(x + bias)` under the contract's mask. `x`, `residual` and `y` have `n`
#     elements in rows of `columns`; `bias` has `columns`. Any number of columns.
# 12. All of `y` is written and nothing else; the result does not depend on `BLOCK`.
#
# `four_words` is also the backward pass: given `dy` in place of `x` it makes `dx`.


# %% grade_id="one_word" solution=true
@triton.jit
def one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    """y = x * scale, or 0 where word 0 of block offset + i is below threshold."""
    ### BEGIN SOLUTION
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    word, _, _, _ = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + i)
    keep = word.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x.to(tl.float32) * scale, 0.0), mask=i < n)
    ### END SOLUTION


# %% grade_id="four_words" solution=true
@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    """y = x * scale, or 0 where word i % 4 of block offset + i // 4 is below threshold."""
    ### BEGIN SOLUTION
    start = tl.program_id(0).to(tl.int64) * BLOCK
    block = tl.load(state_ptr + 1) + start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), block)
    words = tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK])
    keep = words.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    i = start + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x.to(tl.float32) * scale, 0.0), mask=i < n)
    ### END SOLUTION


# %% grade_id="fused" solution=true
@triton.jit
def fused(x_ptr, bias_ptr, residual_ptr, y_ptr, state_ptr, n, columns, threshold, scale, BLOCK: tl.constexpr):
    """y = residual + dropout(x + bias) under the contract's mask."""
    ### BEGIN SOLUTION
    start = tl.program_id(0).to(tl.int64) * BLOCK
    block = tl.load(state_ptr + 1) + start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), block)
    words = tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK])
    keep = words.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    i = start + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + i, mask=i < n).to(tl.float32) + tl.load(bias_ptr + i % columns, mask=i < n)
    residual = tl.load(residual_ptr + i, mask=i < n)
    tl.store(y_ptr + i, residual + tl.where(keep, x * scale, 0.0), mask=i < n)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# *Philox:* how many bits has the product of two 32-bit numbers, and which dtype holds them all?
# *The contract:* with 10 elements, how many blocks are needed, and which words are left over?
# *The layer:* which three numbers are enough to draw the mask again?
# *The kernels:* what is element `i` of program `pid` over the whole tensor, and what must not happen for
# `i >= n`?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# *Philox:* compute in `np.uint64`, split with `>> 32` and `& 0xFFFFFFFF`, raise the key with Python integers.
# *The contract:* draw whole blocks, flatten them, cut to `n`, compare, reshape.
# *The layer:* numbers may sit on `ctx` as attributes. A backward that calls `SeededDropout.apply` on `dy` is
# right for free, and has a backward of its own.
# *The kernels:* `tl.randint4x(seed, b)` gives the four words of the blocks `b` (int64) as four tensors;
# `.to(tl.uint32, bitcast=True)` makes sure that their bits are read as unsigned numbers.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# *Four words:* one program handles `BLOCK` elements, that is `BLOCK // 4` blocks. If `a, b, c, d` are the
# four tensors of words, `tl.join(a, c)` has shape `[BLOCK // 4, 2]`; joining two such pairs gives
# `[BLOCK // 4, 2, 2]`, and reshaping that to `[BLOCK]` deals the words in order, if you pair them rightly.
# *Fused:* the column of element `i` is a remainder. Load, add, select, add, store.
#
# </details>

# %% [markdown]
# ## Look before you check
#
# Run all the cells above first, also those that are not written yet: the checks below are handed everything,
# and each looks only at its own part.

# %%
small, large = keep_mask((4, 48), 0.3, 7, 0), keep_mask((4, 48), 0.6, 7, 0)
for row in small:
    print("".join("#" if kept else "." for kept in row))
print("dropped at p = 0.3 and kept at p = 0.6:", int((~small & large).sum()))

# %% [markdown]
# The same seed at a larger `p` drops a superset: one number decides for each element, and only the threshold
# moves. Now the forward pass in programs of 64 and the backward pass in programs of 1024:

# %%
if MODE != "absent":
    device = "cuda" if MODE == "gpu" else "cpu"
    x, dy, state = (
        torch.randn(3000, device=device),
        torch.randn(3000, device=device),
        pack_state(7, 0, device),
    )
    y, dx = torch.empty_like(x), torch.empty_like(x)
    four_words[(triton.cdiv(3000, 64),)](x, y, state, 3000, round(0.3 * 2**32), 1 / 0.7, BLOCK=64)
    four_words[(triton.cdiv(3000, 1024),)](dy, dx, state, 3000, round(0.3 * 2**32), 1 / 0.7, BLOCK=1024)
    print("places where the two masks differ:", int(((y != 0) != (dx != 0)).sum()))
    keep = torch.from_numpy(keep_mask((3000,), 0.3, 7, 0)).to(device)
    print("places where NumPy's mask differs:", int(((y != 0) != keep).sum()))

# %% [markdown]
# ## The checks
#
# **Part 1.** The three blocks that the generator's authors publish; many counters at once; the contract, that
# is which word decides for which element; all 64 bits of the seed and of the offset; both ends of `p`, an
# empty mask and the refusal.

# %% check="known_answers"
check("09_gpu.known_answers", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="many_counters"
check("09_gpu.many_counters", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="mask_by_contract"
check("09_gpu.mask_by_contract", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="all_64_bits"
check("09_gpu.all_64_bits", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="mask_edges"
check("09_gpu.mask_edges", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% [markdown]
# **Part 2.** The contract's places, in four dtypes; backward the same mask, whatever happened in between;
# what waits for the backward pass is counted, also what hides on `ctx`; the gradient's gradient; both ends of
# `p`, inf and NaN; transposed, sliced, expanded, empty and 0-d arrays.

# %% check="layer_drops_by_contract"
check("09_gpu.layer_drops_by_contract", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="gradient_has_the_same_mask"
check("09_gpu.gradient_has_the_same_mask", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="no_mask_is_stored"
check("09_gpu.no_mask_is_stored", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="differentiable_twice"
check("09_gpu.differentiable_twice", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="layer_edges"
check("09_gpu.layer_edges", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="any_layout"
check("09_gpu.any_layout", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% [markdown]
# **Part 3.** One word a call; four words a call, which make NumPy's mask bit for bit in programs of any size;
# what that costs: your kernel is compiled for a GPU that need not be here, and its machine instructions are
# counted; bias, dropout and residual in one pass; and the neighbours: what lies before and after `y` belongs
# to somebody else.

# %% check="one_word_kernel"
check("09_gpu.one_word_kernel", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="four_words_kernel"
check("09_gpu.four_words_kernel", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="four_words_pay"
check("09_gpu.four_words_pay", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="fused_kernel"
check("09_gpu.fused_kernel", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% check="nothing_outside"
check("09_gpu.nothing_outside", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% [markdown]
# **Quiet.** No warning on legal inputs, and nothing on stderr.

# %% check="quiet"
check("09_gpu.quiet", philox, keep_mask, SeededDropout, one_word, four_words, fused)

# %% [markdown]
# ## What to notice
#
# The two plain kernels differ in a few lines, and the cheaper one has the simpler mask rule. Here is what the
# compiler makes of each (the figures are counts, the share of bandwidth a prediction from them):

# %%
if MODE != "absent":
    for kernel in (one_word, four_words):
        found = cost(kernel, kernel.fn.__name__)
        print(f"{kernel.fn.__name__:10} {found['instructions']:5.1f} instructions an element", end="")
        print(f", at most {found['share']:.0%} of an H100's bandwidth" if "share" in found else "")

# %% [markdown]
# With a GPU at hand, measure: each way against a copy of the same bytes, which is as fast as memory allows.

# %%
if MODE == "gpu":
    from triton.testing import do_bench

    n, state = 2**24, pack_state(7, 0, "cuda")
    x = torch.randn(n, device="cuda", dtype=torch.float16)
    y = torch.empty_like(x)

    def launch(kernel):
        grid = (triton.cdiv(n, 1024),)
        return lambda: kernel[grid](x, y, state, n, round(0.1 * 2**32), 1 / 0.9, BLOCK=1024)

    ways = {
        "copy": lambda: y.copy_(x),
        "torch's dropout": lambda: torch.nn.functional.dropout(x, 0.1),
        "one word a call": launch(one_word),
        "four words a call": launch(four_words),
    }
    copy = do_bench(ways["copy"])
    for name, call in ways.items():
        print(f"{name:18} {copy / do_bench(call):5.0%} of a copy's speed")
else:
    print("no GPU here; on Colab choose Runtime > Change runtime type > GPU, and run all cells again")

# %% [markdown]
# Nothing in the contract speaks of blocks, programs or threads. That is why a mask can be drawn again by
# another kernel, on another device or in another language, and why a test can ask for *the* mask instead of a
# plausible one. [The chapter](../../book/09_gpu.md) explains why the generator, not memory, is the limit.
