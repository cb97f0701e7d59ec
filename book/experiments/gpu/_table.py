"""The rows of the table: torch's own ways, the schemes of others, and the course's kernels."""

import torch
import torch.nn.functional as F
from _contenders import Calls, Case, Contender, launched, through_autograd
from _judges import (
    any_rate,
    before_norm,
    behind_residual,
    by_contract,
    by_floats,
    by_halves,
    by_stored,
    by_words,
    plain,
    probabilities,
)
from torch import Tensor

from dropgrade.reference import custom_op, fused, triton_ops, triton_variants

COPY, PLAIN, BIAS, SOFTMAX, NORM = (
    "copy",
    "dropout",
    "bias, dropout, residual",
    "softmax, dropout",
    "dropout, LayerNorm",
)


def contenders(*, compiled: bool, kernels: bool) -> list[Contender]:
    """All rows, the copy first.

    Args:
        compiled: include torch.compile.
        kernels: force the fused kernels, as the interpreter on a CPU needs.
    """
    rows = [Contender("copy_", COPY, _copy, lambda s: (2 * s, 2 * s)), *_plain_kernels()]
    for op, eager, ours, inputs, judge, traffic in _through_torch(kernels):
        rows.append(
            Contender("eager", op, through_autograd(eager, inputs, judge(any_rate)), traffic["eager"])
        )
        if compiled:
            make = through_autograd(eager, inputs, judge(any_rate), compiled=True)
            rows.append(Contender("compile", op, make, traffic["compile"]))
        rows.append(
            Contender("seeded", op, through_autograd(ours, inputs, judge(by_contract)), traffic["ours"])
        )
    return rows


def _copy(case: Case, block: int, warps: int) -> Calls:
    def copy() -> Tensor:
        return case.out.copy_(case.x)

    return Calls(copy, copy, lambda: (copy(), copy()), lambda: torch.equal(copy(), case.x), lambda: 0)


def _plain_kernels() -> list[Contender]:
    """Kernels launched directly: forward and backward are one and the same."""

    def ours(rounds: int):
        return lambda case, x, block, warps: triton_ops.dropout(
            x, case.p, case.state, out=case.out, block=block, rounds=rounds, num_warps=warps
        )

    def other(name: str, **options):
        kernel = getattr(triton_variants, name)
        return lambda case, x, block, warps: kernel(
            x, case.p, case.state, case.out, block=block, num_warps=warps, **options
        )

    def stored(case: Case, x: Tensor, block: int, warps: int) -> Tensor:
        return triton_variants.stored_mask(x, case.stored, case.p, case.out, block=block, num_warps=warps)

    rows = {
        "four words": launched(ours(10), by_contract),
        "four words, 7 rounds": launched(ours(7), any_rate),
        "half words": launched(other("half_words"), by_halves),
        "half words, 7 rounds": launched(other("half_words", rounds=7), any_rate),
        "one word": launched(other("one_word"), by_words),
        "selected word": launched(other("selected_word"), by_contract),
        "float compare": launched(other("float_compare"), by_floats),
    }
    table = [
        Contender(name, PLAIN, make, lambda s: (2 * s, 2 * s), tunable=True) for name, make in rows.items()
    ]
    make = launched(stored, by_stored, keeps=lambda case: case.n)
    return [*table, Contender("stored mask", PLAIN, make, lambda s: (2 * s + 1, 2 * s + 1), tunable=True)]


def _through_torch(kernels: bool):
    """(op, eager function, ours, inputs, judge, ideal bytes by variant) of every op behind autograd."""
    forced = {"kernels": True} if kernels else {}

    def eager_bias(case: Case, x: Tensor, bias: Tensor, residual: Tensor) -> Tensor:
        return residual + F.dropout(x + bias, case.p)

    def eager_norm(case: Case, x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor):
        z = residual + F.dropout(x, case.p)
        return z, F.layer_norm(z, (case.columns,), weight, bias)

    def seeded(case: Case, x: Tensor) -> Tensor:
        if kernels:  # the operator's CPU kernel is NumPy's; here the Triton kernel is on trial
            return _LaunchedDropout.apply(x, case.state, case.p)
        return custom_op.seeded_dropout(x, case.state, case.p)

    return (
        (
            PLAIN,
            lambda case, x: F.dropout(x, case.p),
            seeded,
            lambda case: (case.x,),
            plain,
            {
                "eager": lambda s: (2 * s + 1, 2 * s + 1),
                "compile": lambda s: (2 * s + 1, 2 * s + 1),
                "ours": lambda s: (2 * s, 2 * s),
            },
        ),
        (
            BIAS,
            eager_bias,
            lambda case, *inputs: fused.bias_dropout_residual(*inputs, case.p, case.state, **forced),
            lambda case: (case.x, case.bias, case.residual),
            behind_residual,
            {
                "eager": lambda s: (7 * s + 1, 3 * s + 1),
                "compile": lambda s: (3 * s + 1, 3 * s + 1),
                "ours": lambda s: (3 * s, 2 * s),
            },
        ),
        (
            SOFTMAX,
            lambda case, scores: F.dropout(F.softmax(scores, -1), case.p),
            lambda case, scores: fused.softmax_dropout(scores, case.p, case.state, **forced),
            lambda case: (case.x,),
            probabilities,
            {
                "eager": lambda s: (4 * s + 1, 5 * s + 1),
                "compile": lambda s: (3 * s + 1, 3 * s + 1),
                "ours": lambda s: (2 * s, 3 * s),
            },
        ),
        (
            NORM,
            eager_norm,
            lambda case, *inputs: fused.dropout_layer_norm(*inputs, case.p, case.state, **forced),
            lambda case: (case.x, case.residual, case.weight, case.bias),
            before_norm,
            {
                "eager": lambda s: (7 * s + 1, 8 * s + 1),
                "compile": lambda s: (4 * s + 1, 5 * s + 1),
                "ours": lambda s: (4 * s, 5 * s),
            },
        ),
    )


class _LaunchedDropout(torch.autograd.Function):
    """The Triton kernel behind autograd where the operator would choose another one."""

    @staticmethod
    def forward(ctx, x: Tensor, state: Tensor, p: float) -> Tensor:
        ctx.save_for_backward(state)
        ctx.p = p
        return triton_ops.dropout(x, p, state)

    @staticmethod
    def backward(ctx, dy: Tensor):
        return triton_ops.dropout(dy, ctx.p, *ctx.saved_tensors), None, None
