"""Character models of a little text: an LSTM and a transformer, with dropout where the literature puts it."""

import functools
import math
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from _masks import drop
from torch import nn
from torch.nn import functional

TEXT = Path(__file__).parents[1] / "data" / "northanger.txt"
LETTERS = "abcdefghijklmnopqrstuvwxyz .,;'\n!?-"
PIECES = (6_000, 6_000, 6_000)  # characters to train on, to validate, to test
CONTEXT = 32  # characters of a window in evaluation, and of the transformer's training windows
EVERY = 50  # updates from one look at the validation piece to the next


@functools.cache
def characters() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """int64 codes of three consecutive pieces: train, validation, test; what is not in LETTERS is a space."""
    text = "".join(c if c in LETTERS else " " for c in TEXT.read_text("ascii").lower())
    codes = torch.tensor([LETTERS.index(c) for c in text[: sum(PIECES)]])
    return tuple(codes.split(PIECES))


class Lstm(nn.Module):
    """One LSTM layer. `kind` 0: no masks; 1: fresh masks on inputs and outputs alone; 2: fresh masks on the
    recurrent state as well; 3: the same three places, one mask for a whole sequence.

    Source: zaremba2014recurrent for 1, gal2016rnn for 3.
    """

    INPUT, WIDTH, WINDOW = 32, 96, 24

    def __init__(self, settings: Mapping[str, float], noise: torch.Generator) -> None:
        super().__init__()
        self.embed, self.cell = nn.Embedding(len(LETTERS), self.INPUT), nn.LSTMCell(self.INPUT, self.WIDTH)
        self.out = nn.Linear(self.WIDTH, len(LETTERS))
        self.kind, self.p, self.noise = int(settings.get("kind", 0)), settings.get("p", 0.0), noise

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Logits float32 (batch, time, letters) of codes int64 (batch, time)."""
        place = (len(codes), self.WIDTH)
        state, cell, tied, states = torch.zeros(place), torch.zeros(place), torch.ones(place), []
        if self.training and self.kind == 3:
            tied = drop(tied, place, self.p, self.noise)
        for x in self.mask(self.embed(codes)).unbind(1):
            if self.training and self.kind == 2:
                state = drop(state, place, self.p, self.noise)
            state, cell = self.cell(x, (state * tied, cell))
            states.append(state)
        return self.out(self.mask(torch.stack(states, 1)))

    def mask(self, x: torch.Tensor) -> torch.Tensor:
        """Inputs and outputs: fresh at every step, or one mask a sequence for kind 3."""
        n, steps, width = x.shape
        coins = (n, 1 if self.kind == 3 else steps, width)
        return drop(x, coins, self.p, self.noise) if self.training and self.kind else x


class Block(nn.Module):
    """Causal self-attention with four heads and a feed-forward layer, each behind a LayerNorm."""

    def __init__(self, width: int, attention: float, residual: float, noise: torch.Generator) -> None:
        super().__init__()
        self.mix, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.residual, self.noise = attention, residual, noise

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 (batch, time, width) to the same; masks on attention weights and on both branches."""
        n, steps, width = x.shape
        q, k, v = self.mix(self.first(x)).view(n, steps, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        later = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-1, -2) / math.sqrt(width // 4)).masked_fill(later, -torch.inf)
        mixed = self.drop(scores.softmax(-1), self.attention) @ v
        x = x + self.drop(self.join(mixed.transpose(1, 2).reshape(n, steps, width)), self.residual)
        return x + self.drop(self.down(functional.gelu(self.up(self.second(x)))), self.residual)

    def drop(self, x: torch.Tensor, p: float) -> torch.Tensor:
        return drop(x, x.shape, p, self.noise) if self.training and p else x


class Transformer(nn.Module):
    """Two blocks; `attention` drops attention weights, `residual` both branches and the embedding.

    Source: vaswani2017attention, section 5.4 (residual dropout).
    """

    WIDTH, WINDOW = 64, CONTEXT

    def __init__(self, settings: Mapping[str, float], noise: torch.Generator) -> None:
        super().__init__()
        attention, self.residual = settings.get("attention", 0.0), settings.get("residual", 0.0)
        self.embed, self.place = nn.Embedding(len(LETTERS), self.WIDTH), nn.Embedding(CONTEXT, self.WIDTH)
        self.blocks = nn.ModuleList(Block(self.WIDTH, attention, self.residual, noise) for _ in range(2))
        self.norm, self.out, self.noise = nn.LayerNorm(self.WIDTH), nn.Linear(self.WIDTH, len(LETTERS)), noise

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Logits float32 (batch, time, letters) of codes int64 (batch, time), time at most CONTEXT."""
        x = self.embed(codes) + 0.05 * self.place(torch.arange(codes.shape[1]))
        if self.training and self.residual:
            x = drop(x, x.shape, self.residual, self.noise)
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train with Adam; bits a character of the pieces at the end, and the best of validation on the way.

    `transformer` 1: that model; `steps`, `batch` and `rate` are settings, too.
    """
    torch.set_num_threads(1)
    model = Transformer if settings.get("transformer") else Lstm
    net = model(settings, torch.Generator().manual_seed(seed + 2_000_003))
    begin(net, torch.Generator().manual_seed(seed))
    optimizer = torch.optim.Adam(net.parameters(), lr=settings["rate"], fused=True)
    train, validation, test = characters()
    draw = torch.Generator().manual_seed(seed + 1_000_003)
    window, seen, start = torch.arange(model.WINDOW + 1), [], time.process_time()
    for step in range(1, int(settings["steps"]) + 1):
        places = torch.randint(0, len(train) - model.WINDOW, (int(settings["batch"]), 1), generator=draw)
        piece = train[places + window]
        net.train()
        loss = functional.cross_entropy(net(piece[:, :-1]).flatten(0, 1), piece[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % EVERY == 0:
            seen.append(bits(net, validation))
    found = {"cpu_seconds": time.process_time() - start, "best_bits": min(seen)}
    return found | {"train_bits": bits(net, train), "validation_bits": seen[-1], "test_bits": bits(net, test)}


@torch.no_grad()
def bits(net: nn.Module, codes: torch.Tensor) -> float:
    """Bits a character of codes int64 (n,) in evaluation mode, in windows of CONTEXT characters."""
    net.eval()
    n = (len(codes) - 1) // CONTEXT * CONTEXT
    logits = net(codes[:n].view(-1, CONTEXT)).flatten(0, 1)
    return float(functional.cross_entropy(logits, codes[1 : n + 1])) / math.log(2)


def begin(net: nn.Module, start: torch.Generator) -> None:
    """Matrices uniform as torch draws them, embeddings normal, biases 0, an LSTM's forget gates half open."""
    for layer in net.modules():
        if isinstance(layer, nn.Embedding):
            nn.init.normal_(layer.weight, generator=start)
        elif isinstance(layer, nn.Linear | nn.LSTMCell):
            bound = 1 / math.sqrt(layer.in_features if isinstance(layer, nn.Linear) else layer.hidden_size)
            for parameter in layer.parameters():
                if parameter.ndim == 2:
                    nn.init.uniform_(parameter, -bound, bound, generator=start)
                else:
                    nn.init.zeros_(parameter)
        if isinstance(layer, nn.LSTMCell):
            nn.init.ones_(layer.bias_ih[layer.hidden_size : 2 * layer.hidden_size].detach())
