"""A learner's torch modules in the judge's process: forward is a remote call, backward a remote gradient."""

from typing import Any

import torch

from . import tensors
from .peer import Peer, SubmissionEnded
from .proxies import Remote, exchange_with


class RemoteModule(torch.nn.Module):
    """A module whose forward runs in the learner's process; its parameters stay there."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        object.__setattr__(self, "_remote", remote)

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        """The learner's own forward, called through the learner's own module."""
        return self._remote(*arguments, **keywords)

    def train(self, mode: bool = True) -> "RemoteModule":
        """Switch both sides between training and evaluation."""
        super().train(mode)
        self._remote.train(bool(mode))
        return self

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self._remote, name)


def module_of(remote: Remote) -> RemoteModule:
    """The stand-in for a module."""
    return RemoteModule(remote)


def class_of(remote: Remote) -> type:
    """The stand-in for a class of modules: calling it makes one over there."""

    def make(cls: type, *arguments: Any, **keywords: Any) -> Any:
        return remote(*arguments, **keywords)

    return type(remote.__name__, (torch.nn.Module,), {"__new__": make, "_remote": remote})


class _RemoteGraph(torch.autograd.Function):
    """Joins the outputs of a remote call to its inputs."""

    @staticmethod
    def forward(ctx: Any, peer: Peer, number: int, outputs: list[Any], *inputs: Any) -> tuple[Any, ...]:
        ctx.peer, ctx.number = peer, number
        ctx.save_for_backward(*inputs)
        return tuple(output.detach() for output in outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Any, ...]:
        exchange = exchange_with(ctx.peer)
        sent = exchange.encode([None if grad is None else grad.contiguous() for grad in gradients])
        answer, reply = ctx.peer.ask("gradient", exchange, graph=ctx.number, gradients=sent)
        values = ctx.peer.value(answer, reply)
        inputs = ctx.saved_tensors
        if type(values) is not list or len(values) != len(inputs):
            raise SubmissionEnded("The submission's gradients do not fit what was sent.")
        return (None, None, None, *values)


def attach(peer: Peer, number: Any, sent: list[Any], received: list[Any], value: Any) -> Any:
    """The value of a call with its tensors joined to the tensors that were sent.

    Args:
        number: the graph's number in the learner's process.
        sent: the shared values of the request.
        received: the shared values that came with the answer, in order.
        value: the decoded value, which holds those of `received`.
    """
    inputs, outputs = tensors.wanting_gradients(sent), tensors.wanting_gradients(received)
    if type(number) is not int or not inputs or not outputs or not torch.is_grad_enabled():
        return value
    joined = _RemoteGraph.apply(peer, number, outputs, *inputs)
    return _replaced(value, {id(old): new for old, new in zip(outputs, joined, strict=True)})


def _replaced(value: Any, fresh: dict[int, Any]) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_replaced(part, fresh) for part in value)
    if isinstance(value, dict):
        return {key: _replaced(part, fresh) for key, part in value.items()}
    return fresh.get(id(value), value)
