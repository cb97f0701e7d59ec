"""Inverted dropout in which entries may share a coin."""

import torch


def drop(x: torch.Tensor, shape: tuple[int, ...], p: float, noise: torch.Generator) -> torch.Tensor:
    """Zero with chance p, else divided by 1 - p; one coin for each entry of `shape`, stretched to x."""
    keep = torch.rand(shape, generator=noise) >= p
    return torch.where(keep, x / (1 - p), 0.0)
