"""What acts on a layer in PyTorch, and what it does to dropout: a table in Markdown, every entry measured.

Each way runs `nn.Dropout(0.5)`, or attention with that rate, on ones. *Draws*: the state of torch's global
stream has moved. *Scales*: the largest output is twice that of evaluation. *Records*: the output has a graph.
"""

import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

warnings.filterwarnings("ignore", category=FutureWarning)
P, X = 0.5, torch.ones(16, 16, requires_grad=True)
torch.manual_seed(0)


class Uses(nn.Module):
    """A module that calls a function with itself and x, as a forward pass does."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(self, x)


def attention(x, p):
    """Attention that looks at all 16 keys alike, times 16: ones and zeros without dropout."""
    query = torch.zeros(1, 16, 4)
    return 16 * F.scaled_dot_product_attention(query, query, x.diag().diag()[None], dropout_p=p)


def within(context, module):
    def call(x):
        with context():
            return module(x)

    return call


def dropout(training):
    return nn.Dropout(P).train(training)


def bfloat16():
    return torch.autocast("cpu", torch.bfloat16)


SWITCHED = dropout(True)
COMPILED = torch.compile(SWITCHED, backend="aot_eager", fullgraph=True)


def compiled(training):
    """One compiled module for both modes: it has to notice the switch."""

    def call(x):
        SWITCHED.train(training)
        return COMPILED(x)

    return call


WAYS = {
    ("`train()`", "nothing else"): dropout(True),
    ("`eval()`", "nothing else"): dropout(False),
    ("`train()`", "`no_grad()`"): within(torch.no_grad, dropout(True)),
    ("`train()`", "`inference_mode()`"): within(torch.inference_mode, dropout(True)),
    ("`train()`", "`autocast`"): within(bfloat16, dropout(True)),
    ("`train()`", "`compile`"): compiled(True),
    ("`eval()`", "`compile`"): compiled(False),
    ("`train()`", "`checkpoint`"): lambda x: checkpoint(dropout(True), x, use_reentrant=False),
    ("`eval()`", "`F.dropout`, not told"): Uses(lambda self, x: F.dropout(x)).eval(),
    ("`eval()`", "`F.dropout`, told"): Uses(lambda self, x: F.dropout(x, P, self.training)).eval(),
    ("`eval()`", "attention, not told"): Uses(lambda self, x: attention(x, P)).eval(),
    ("`eval()`", "attention, told"): Uses(lambda self, x: attention(x, P if self.training else 0.0)).eval(),
}


def row(call):
    """Whether a call draws, scales and records; whoever draws has another mask in the next call."""
    state = torch.get_rng_state()
    y = call(X)
    draws = not torch.equal(torch.get_rng_state(), state)
    assert y.dtype == X.dtype and draws == (not torch.equal(y, call(X)))
    return draws, y.max().item() == 2, y.requires_grad


print("| mode | and | draws | scales | records |\n|---|---|---|---|---|")
for (mode, way), call in WAYS.items():
    print(f"| {mode} | {way} |", " | ".join("yes" if said else "no" for said in row(call)), "|")
