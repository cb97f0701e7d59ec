"""The state of a NumPy Generator as plain data, and back, checked so that no state can misuse memory.

NumPy trusts the positions inside a state; a forged one would make it read outside its arrays.
"""

from typing import Any

import numpy as np

from .wire import ProtocolError

Generator, SeedSequence = np.random.Generator, np.random.SeedSequence
BITS = {name: getattr(np.random, name) for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")}
"""NumPy's own, as they were before a learner could patch the module."""
WORD = 2**64
_WIDE = {"PCG64": 2**128, "PCG64DXSM": 2**128}


def dump(generator: Generator) -> dict[str, Any]:
    """Bit generator, its state, and the seed sequence behind it (for ``spawn``), as JSON data.

    Raises:
        TypeError: it is no plain Generator on one of NumPy's own bit generators.
    """
    bits = generator.bit_generator
    name = type(bits).__name__
    if type(generator) is not Generator or BITS.get(name) is not type(bits):
        raise TypeError(f"a {type(generator).__name__} on {name} is no plain data")
    state = bits.state
    # Most generators are PCG64, whose state is made of plain integers already.
    return {"bits": name, "state": state if name in _WIDE else _listed(state), "seed": _seed(bits.seed_seq)}


def load(data: Any) -> Generator:
    """A new Generator with that state; `ProtocolError` if it is none."""
    state = check(data)
    seed = data.get("seed")
    try:
        sequence = SeedSequence(**_seed_arguments(seed)) if seed else SeedSequence(0)
        bits = BITS[data["bits"]](sequence)
        bits.state = state
    except (TypeError, ValueError, OverflowError, KeyError) as error:
        raise ProtocolError(f"a generator's state is wrong: {error}") from None
    return Generator(bits)


def restore(generator: Generator, data: Any) -> None:
    """Put a state that came back into the generator that was sent; `ProtocolError` if it does not fit."""
    state = check(data)
    if data["bits"] != type(generator.bit_generator).__name__:
        raise ProtocolError("a generator came back as one of another kind")
    try:
        generator.bit_generator.state = state
        children = _integer((data.get("seed") or {}).get("children", 0), 2**31)
        sequence = generator.bit_generator.seed_seq
        if isinstance(sequence, SeedSequence) and 0 < children - sequence.n_children_spawned < 10_000:
            sequence.spawn(children - sequence.n_children_spawned)
    except (TypeError, ValueError, OverflowError, KeyError) as error:
        raise ProtocolError(f"a generator's state is wrong: {error}") from None


def check(data: Any) -> dict[str, Any]:
    """The state inside `data`, after every number in it was found to be in its range."""
    try:
        name, state = data["bits"], data["state"]
        inner = state["state"]
        if state["bit_generator"] != name:
            raise ProtocolError("a generator's state belongs to another kind")
        if name == "MT19937":
            key = [_integer(word, 2**32) for word in _sized(inner["key"], 624)]
            # pos = 624 means: make new words first; anything beyond would be read from outside the array.
            return {"bit_generator": name, "state": {"key": key, "pos": _integer(inner["pos"], 625)}}
        if name in _WIDE:
            clean: dict[str, Any] = {part: _integer(inner[part], _WIDE[name]) for part in ("state", "inc")}
        elif name == "SFC64":
            clean = {
                "state": np.array([_integer(word, WORD) for word in _sized(inner["state"], 4)], np.uint64)
            }
        elif name == "Philox":
            clean = {
                "counter": np.array([_integer(w, WORD) for w in _sized(inner["counter"], 4)], np.uint64),
                "key": np.array([_integer(w, WORD) for w in _sized(inner["key"], 2)], np.uint64),
            }
        else:
            raise ProtocolError(f"no generator is called {str(name)[:40]!r}")
        whole = {"bit_generator": name, "state": clean}
        whole |= {
            "has_uint32": _integer(state["has_uint32"], 2),
            "uinteger": _integer(state["uinteger"], 2**32),
        }
        if name == "Philox":
            words = [_integer(word, WORD) for word in _sized(state["buffer"], 4)]
            whole |= {"buffer": np.array(words, np.uint64), "buffer_pos": _integer(state["buffer_pos"], 5)}
        return whole
    except (KeyError, TypeError, IndexError) as error:
        raise ProtocolError(f"a generator's state is incomplete: {error}") from None


def _listed(value: Any) -> Any:
    """A state with its arrays as lists and its integers as Python's."""
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return [int(word) for word in value]
    return value if isinstance(value, str) else int(value)


def _seed(sequence: Any) -> dict[str, Any] | None:
    if type(sequence) is not SeedSequence:
        return None
    entropy = sequence.entropy
    if isinstance(entropy, (list, tuple, np.ndarray)):
        entropy = [int(word) for word in entropy]
    elif entropy is not None:
        entropy = int(entropy)
    return {
        "entropy": entropy,
        "spawn_key": [int(word) for word in sequence.spawn_key],
        "pool_size": sequence.pool_size,
        "children": sequence.n_children_spawned,
    }


def _seed_arguments(seed: dict[str, Any]) -> dict[str, Any]:
    return {
        "entropy": seed["entropy"],
        "spawn_key": tuple(seed["spawn_key"]),
        "pool_size": _integer(seed["pool_size"], 65),
        "n_children_spawned": _integer(seed["children"], 2**31),
    }


def _integer(value: Any, end: int) -> int:
    if type(value) is not int or not 0 <= value < end:
        raise ProtocolError("a number in a generator's state is out of range")
    return value


def _sized(value: Any, size: int) -> list:
    if type(value) is not list or len(value) != size:
        raise ProtocolError("a list in a generator's state has the wrong length")
    return value
