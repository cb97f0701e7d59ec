"""What exercise 08_pytorch looks at in the process where the learner's classes live (see `scenario`).

A scene makes layers, calls them, and returns what came of it as plain data; nothing is judged here. Layers
get a generator of their own, so that what is seen does not depend on what others drew; torch's own generator
is put back at the end. Each scene runs under a `Guard` that notes each call of the library's own dropout.
"""

import gc
import random
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dropgrade.checks.pytorch_advice import advice
from dropgrade.checks.pytorch_network import NotATensor, tensor_from, training
from dropgrade.reference.autograd_memory import bytes_kept

BORROWED = {name for place in (torch, nn.functional) for name in dir(place) if "dropout" in name}
BORROWED |= {"scaled_dot_product_attention", "multi_head_attention_forward"}


class Guard(TorchFunctionMode):
    """Writes down the names of the library's dropout functions that are called inside.

    A mode sees a call whatever name it was imported under, and in whichever layer of the library it is made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "").partition(".")[0]
        if name in BORROWED:
            self.seen.append(name)
        return func(*args, **(kwargs or {}))


BASES = {"Dropout": nn.Module, "DropoutFunction": torch.autograd.Function}


def perform(scene: str, names: tuple[str, ...], *things: Any) -> dict[str, Any]:
    """Play one scene by its name.

    Args:
        scene: which.
        names: of the learner's classes, which are the first of `things`.

    Returns:
        {"borrowed": functions of the library's that were called, "value": what the scene returns}, or
        {"unfit": a sentence} where a class is not of the kind it should be, or a layer returns no tensor.
    """
    for name, thing in zip(names, things, strict=False):
        if not (isinstance(thing, type) and issubclass(thing, BASES[name])):
            base = "torch.nn.Module" if name == "Dropout" else "torch.autograd.Function"
            return {"unfit": f"{name} should be a class that inherits from {base}."}
    guard = Guard()
    try:
        watch = guard if scene != "advice" else nullcontext()  # the compiler does not work under a mode
        with torch.random.fork_rng(devices=[]), torch.enable_grad(), watch:
            value = SCENES[scene](*things)
    except NotATensor as wrong:
        return {"unfit": f"y should be a tensor; it is of type {wrong}."}
    except Exception:
        if not guard.seen:
            raise
        value = None
    return {"borrowed": guard.seen, "value": value}


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU."""
    return torch.Generator().manual_seed(seed)


def tensor(values: np.ndarray, dtype: str = "float64") -> Tensor:
    """Numbers as a tensor of that dtype, with memory of its own."""
    return torch.tensor(values, dtype=getattr(torch, dtype))


def look(value: Any) -> dict[str, Any]:
    """A tensor by its dtype, device, shape and values; anything else by the name of its type."""
    if not isinstance(value, Tensor):
        return {"kind": type(value).__name__}
    seen = {"kind": "tensor", "dtype": str(value.dtype).removeprefix("torch."), "device": value.device.type}
    seen |= {"shape": tuple(value.shape)}
    if value.device.type != "meta":
        seen["values"] = value.detach().double().cpu().contiguous().numpy()
    return seen


def slope(y: Any, x: Tensor, dy: Tensor) -> dict[str, Any]:
    """The gradient along x of y in the direction dy, or why there is none."""
    if not isinstance(y, Tensor) or not y.requires_grad or y.shape != dy.shape:
        return {"kind": "no gradient"}
    return look(torch.autograd.grad(y, x, dy, allow_unused=True)[0])


def outputs(make: type, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Forward and, where "dy" is given, backward passes.

    Args:
        make: the learner's Dropout.
        cases: each {"x": array, "seed": of the layer's generator}, and if wanted "p", "dtype", "dy",
            "eval": True for evaluation, "autocast": a dtype.

    Returns:
        For each case {"x": as it was rounded, "y": ..., "dx": ...}.
    """
    results = []
    for case in cases:
        rate = (case["p"],) if "p" in case else ()
        layer = make(*rate, generator=seeded(case["seed"])).train(not case.get("eval"))
        x = tensor(case["x"], case.get("dtype", "float32")).requires_grad_("dy" in case)
        low = getattr(torch, case.get("autocast", "bfloat16"))
        with torch.autocast("cpu", dtype=low, enabled="autocast" in case):
            y = layer(x)
        seen = {"x": look(x), "y": look(y)}
        if "dy" in case:
            layer(x.detach() + 1)  # another draw in between must not matter
            seen["dx"] = slope(y, x, tensor(case["dy"], case.get("dtype", "float32")))
        results.append(seen)
    return results


def masks(make: type, shape: tuple[int, ...], p: float, seeds: list[int], calls: int, dtype: str) -> list:
    """Which entries of ones come out at all: bool arrays, `calls` of them from a layer of each seed."""
    ones = torch.ones(shape, dtype=getattr(torch, dtype))
    found = []
    for seed in seeds:
        layer = make(p, generator=seeded(seed))
        for _ in range(calls):
            y = layer(ones.clone())
            found.append((y != 0).numpy() if isinstance(y, Tensor) else look(y))
    return found


def states() -> dict[str, Any]:
    """The states of the generators that belong to nobody."""
    _, key, position, *_ = np.random.get_state()
    return {
        "torch's global generator": torch.get_rng_state().numpy().tobytes(),
        "np.random": key.tobytes() + bytes([position % 256, position // 256]),
        "Python's random module": repr(random.getstate()).encode(),
    }


def moved(before: dict[str, Any]) -> list[str]:
    """Names of the global generators that are not where they were."""
    return [name for name, state in states().items() if state != before[name]]


def drawing(make: type, seed: int, shape: tuple[int, int]) -> dict[str, Any]:
    """Who decides the mask: the generator where there is one, else torch's global one."""
    ones, seen = torch.ones(shape), {}
    before = states()
    generator = seeded(seed)
    start = generator.get_state()
    layer = make(0.5, generator=generator)
    first = layer(ones)
    seen["moved"] = moved(before)
    seen["used"] = not torch.equal(generator.get_state(), start)
    generator.set_state(start)
    seen["first"], seen["again"] = look(first), look(layer(ones))
    another = seeded(seed + 1)
    start = another.get_state()
    seen["other"] = look(make(0.5, generator=another)(ones))
    seen["used by other"] = not torch.equal(another.get_state(), start)
    plain = make(0.5)
    for name in ("plain", "plain again"):
        torch.manual_seed(seed)
        seen[name] = look(plain(ones))
    seen["plain later"] = look(plain(ones))
    return seen


def evaluation(make: type, seed: int) -> dict[str, Any]:
    """What moves in evaluation, and whether the layer follows its parent into it and back."""
    ones, generator = torch.ones(40, 50), seeded(seed)
    layers = [make(0.5, generator=generator), make(0.5)]
    start, before = generator.get_state(), states()
    for layer in layers:
        layer.eval()(ones)
    seen: dict[str, Any] = {"moved": moved(before)}
    if not torch.equal(generator.get_state(), start):
        seen["moved"].append("its own generator")
    layer = make(0.5, generator=seeded(seed))
    parent = nn.Sequential(layer)
    parent.eval()
    seen["child in evaluation"] = look(parent(ones))
    parent.train()
    seen["child in training"] = look(parent(ones))
    with torch.no_grad():
        seen["without gradients"] = look(parent(ones))
    return seen


def by_hand(function: type, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`DropoutFunction` under given masks: y, its slope dx along dy, and the slope of dx along v."""
    results = []
    for case in cases:
        x, dy = tensor(case["x"]).requires_grad_(), tensor(case["dy"]).requires_grad_()
        keep = torch.tensor(case["keep"])
        y = function.apply(x, keep, case["p"])
        seen = {"y": look(y), "dx": {"kind": "no gradient"}, "twice": {"kind": "no gradient"}}
        if isinstance(y, Tensor) and y.requires_grad and y.shape == dy.shape:
            (dx,) = torch.autograd.grad(y, x, dy, create_graph=True, allow_unused=True)
            seen["dx"] = look(dx)
            if dx is not None and dx.requires_grad:
                seen["twice"] = slope(dx, dy, tensor(case["v"]))
        seen["keep"] = keep.numpy().copy()
        results.append(seen)
    return results


def checked(make: type, x: np.ndarray, p: float, seed: int) -> dict[str, Any]:
    """Torch's own verdict on the layer, whose generator starts afresh in each call.

    Returns:
        {"joined": whether the output depends on the input, "gradcheck": "" or what it says,
        "gradgradcheck": likewise}.
    """
    generator = torch.Generator()
    layer = make(p, generator=generator)

    def call(x: Tensor) -> Tensor:
        generator.manual_seed(seed)
        return tensor_from(layer, x)

    seen: dict[str, Any] = {"joined": call(tensor(x).requires_grad_()).requires_grad}
    for name in ("gradcheck", "gradgradcheck"):
        try:
            seen[name] = ""
            if seen["joined"]:
                getattr(torch.autograd, name)(call, (tensor(x).requires_grad_(),))
        except (RuntimeError, AssertionError) as error:
            seen[name] = str(error)[:300] or type(error).__name__
    return seen


def layouts(make: type, base: np.ndarray, seed: int) -> dict[str, Any]:
    """What becomes of tensors of every layout: views of a block (8, 6), an empty one, a single number."""
    block = tensor(base, "float32")
    before = block.clone()
    views = {
        "a transposed tensor": block.t(),
        "every second row of some columns": block[::2, 1:],
        "an expanded column": block[:, :1].expand(8, 40),
        "an expanded number": block[0, 0].expand(30, 20),
        "an empty tensor": torch.ones(0, 5),
        "a 0-d tensor": block[0, 0],
        "an image in channels-last order": block.reshape(1, 2, 4, 6).to(memory_format=torch.channels_last),
    }
    seen = {}
    for name, view in views.items():
        layer = make(0.5, generator=seeded(seed))
        shown = view.clone()
        seen[name] = {"x": look(shown), "y": look(layer(view)), "left alone": torch.equal(block, before)}
        leaf = view.detach().clone().requires_grad_()
        spread = torch.ones(()).expand(view.shape)
        y = layer(leaf)
        seen[name] |= {"y again": look(y), "dx": slope(y, leaf, spread)}
    return seen


def bookkeeping(make: type, seed: int) -> dict[str, list[str]]:
    """What a layer that has been used adds to its model."""
    layer = make(0.5, generator=seeded(seed))
    model = nn.Sequential(nn.Linear(3, 2), layer)
    model(torch.ones(5, 3))
    return {
        "state_dict": [key for key in model.state_dict() if key not in ("0.weight", "0.bias")],
        "parameters": [name for name, _ in layer.named_parameters()],
        "buffers": [name for name, _ in layer.named_buffers()],
    }


def kinds(base: type) -> set[type]:
    """A class and all that inherit from it: asking a set is faster than `isinstance`."""
    return {base}.union(*(kinds(one) for one in base.__subclasses__()))


def alive(count: int) -> int:
    """How many tensors of `count` numbers there are; a thorough collection only if there seem to be any."""
    types, found = kinds(Tensor), 0
    for generation in (1, 2):
        gc.collect(generation)
        found = sum(type(one) in types and one.numel() == count for one in gc.get_objects())
        if not found:
            break
    return found


def left_over(make: type, seed: int) -> int:
    """How many tensors and arrays of the size of a mask outlive a call and its backward pass."""
    count = 6007 + seed % 1000
    layer = make(0.5, generator=seeded(seed))
    x = torch.ones(count, requires_grad=True)
    y = tensor_from(layer, x)
    if y.requires_grad:
        y.sum().backward()
    del x, y
    return alive(count) + sum(getattr(value, "size", None) == count for value in vars(layer).values())


def saved(make: type, function: type, count: int) -> dict[str, int]:
    """Bytes that wait for the backward pass of `count` float32 numbers."""
    layer, x = make(0.5, generator=seeded(count)), torch.ones(count, requires_grad=True)
    keep = torch.arange(count) % 3 > 0
    return {
        "layer": bytes_kept(lambda: tensor_from(layer, x)),
        "function": bytes_kept(lambda: tensor_from(lambda x: function.apply(x, keep, 0.5), x)),
    }


def elsewhere(make: type) -> dict[str, Any]:
    """The layer on the meta device, where tensors have a shape and no numbers."""
    seen = {}
    for mode in ("training", "evaluation"):
        x = torch.ones(6, 7, device="meta", requires_grad=True)
        y = make(0.5).train(mode == "training")(x)
        seen[mode] = look(y)
        if isinstance(y, Tensor) and y.requires_grad:
            seen[f"gradient in {mode}"] = look(torch.autograd.grad(y.sum(), x)[0])
    return seen


def refusals(make: type, values: list[float]) -> list[str]:
    """What making a layer with each p raises: "" for nothing, "ValueError" for any kind of it."""
    found = []
    for p in values:
        try:
            make(p)
            found.append("")
        except ValueError:
            found.append("ValueError")
        except NotImplementedError:
            raise
        except Exception as error:
            found.append(type(error).__name__)
    return found


SCENES = {
    scene.__name__: scene
    for scene in (
        outputs,
        masks,
        drawing,
        evaluation,
        by_hand,
        checked,
        advice,
        layouts,
        bookkeeping,
        left_over,
        saved,
        elsewhere,
        refusals,
        training,
    )
}
