"""Values as plain data: what may cross between a learner's process and the judge, and how.

JSON carries structure, .npy blobs carry arrays; a tagged object stands for everything JSON lacks. Decoding
builds built-in types, plain arrays and generators only, so a decoded value holds no behaviour of the
sender's. What crosses in one exchange is remembered by number: a function that hands back the very array it
was given gives back that array, and what it changed in place is changed on the other side.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import generators, npy
from .wire import ProtocolError

MAX_DEPTH = 24
MAX_NODES = 200_000
MAX_INT_BITS = 4096
_SCALARS = (bool, int, str)
Hook = Callable[[Any, "Exchange"], Any]


class CannotCross(TypeError):
    """A value is of a kind that is not sent between the processes; the message names it."""


class Exchange:
    """The values of one request and its answer.

    Args:
        blobs: the arrays as bytes; decoding reads them, encoding appends to them.
        shared: arrays, generators, lists and dictionaries seen so far; both sides number them alike.
        give: encodes a value of an unknown type, such as a function, or raises `CannotCross`.
        take: decodes what `give` of the other side made, or raises `ProtocolError`.

    Attributes:
        raw: the encoded form of decoded arrays and generators, by their number in `shared`.
    """

    def __init__(
        self,
        blobs: list[bytes] | None = None,
        shared: list[Any] | None = None,
        give: Hook | None = None,
        take: Hook | None = None,
    ) -> None:
        self.blobs = [] if blobs is None else blobs
        self.shared = [] if shared is None else shared
        self.give = give or _refuse
        self.take = take or _unknown
        self.nodes = 0
        self.raw: dict[int, Any] = {}
        self._numbers = {id(value): number for number, value in enumerate(self.shared)}

    def reply(self, blobs: list[bytes] | None = None) -> "Exchange":
        """The exchange for the answer: it starts with the same shared values and its own blobs."""
        return Exchange(blobs, list(self.shared), self.give, self.take)

    def encode(self, value: Any, depth: int = 0) -> Any:
        """A value as JSON data; arrays go to `blobs`.

        Raises:
            CannotCross: it is, or holds, something that is no plain data.
        """
        kind = type(value)
        if value is None or (kind in _SCALARS and kind is not int):
            return value
        if kind is int:
            if value.bit_length() > MAX_INT_BITS:
                raise CannotCross(f"an integer of {value.bit_length()} bits cannot be sent")
            return value if -(2**63) <= value < 2**64 else {"int": hex(value)}
        if kind is float:
            return value if value - value == 0 else {"float": repr(value)}
        if depth > MAX_DEPTH:
            raise CannotCross("a value nested this deeply, or in itself, cannot be sent")
        if id(value) in self._numbers:
            return {"same": self._numbers[id(value)]}
        return self._structure(value, kind, depth + 1)

    def share(self, value: Any) -> Any:
        """Number a value, so that it can be named in what follows; returns it."""
        self._numbers.setdefault(id(value), len(self.shared))
        self.shared.append(value)
        return value

    def _structure(self, value: Any, kind: type, depth: int) -> Any:
        if kind in (list, dict):
            self.share(value)
        self.nodes += len(value) if kind in (list, tuple, dict) else 1
        if self.nodes > MAX_NODES:
            raise CannotCross("a value of so many parts cannot be sent; use an array")
        if kind in (list, tuple):
            return {kind.__name__: [self.encode(part, depth) for part in value]}
        if kind is dict:
            return {"dict": [[self.encode(k, depth), self.encode(v, depth)] for k, v in value.items()]}
        if kind is complex:
            return {"complex": [self.encode(value.real), self.encode(value.imag)]}
        if kind is bytes:
            return self._blob("bytes", value)
        if kind is np.ndarray:
            return self._array(value)
        if isinstance(value, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in npy.KINDS:
            return self._blob("scalar", npy.dump(np.array(value)))
        if kind is generators.Generator:
            return {"rng": generators.dump(self.share(value))}
        if isinstance(value, np.dtype) and value.kind in npy.KINDS:
            return {"dtype": value.str}
        if isinstance(value, type) and issubclass(value, np.generic) and value.__module__ == "numpy":
            return {"type": np.dtype(value).str}
        for base, plain in _BASES.items():
            if isinstance(value, base):
                return self.encode(plain(value), depth)
        return self.give(value, self)

    def _array(self, value: np.ndarray) -> dict:
        try:
            data = npy.dump(value)
        except TypeError as error:
            raise CannotCross(f"{error} and cannot be sent") from None
        self.share(value)
        tagged = self._blob("array", data)
        if not value.flags.writeable:
            tagged["locked"] = True
        if not (value.flags.c_contiguous or value.flags.f_contiguous):
            tagged["gaps"] = True
        return tagged

    def _blob(self, tag: str, data: bytes) -> dict:
        self.blobs.append(data)
        return {tag: len(self.blobs) - 1}

    def decode(self, data: Any, depth: int = 0) -> Any:
        """The value that `encode` on the other side was given.

        Raises:
            ProtocolError: `data` is nothing that `encode` makes.
        """
        if data is None or type(data) in (*_SCALARS, float):
            return data
        self.nodes += 1
        if type(data) is not dict or not data or depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ProtocolError("a value on the wire has no known form")
        tag, content = next(iter(data.items()))
        decoder = _DECODERS.get(tag)
        try:
            return decoder(self, content, data, depth + 1) if decoder else self.take(data, self)
        except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
            raise ProtocolError(f"a value on the wire is malformed: {type(error).__name__}") from None

    def _list(self, content: Any, data: dict, depth: int) -> list:
        made: list[Any] = self.share([])
        made.extend(self.decode(part, depth) for part in content)
        return made

    def _dict(self, content: Any, data: dict, depth: int) -> dict:
        made: dict[Any, Any] = self.share({})
        for key, value in content:
            made[self.decode(key, depth)] = self.decode(value, depth)
        return made

    def _float(self, content: Any, data: dict, depth: int) -> float:
        return float({"nan": "nan", "inf": "inf", "-inf": "-inf"}[content])

    def _read_array(self, content: Any, data: dict, depth: int) -> np.ndarray:
        value = npy.load(self.blobs[_index(content)])
        if data.get("gaps") is True and value.ndim:
            wide = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), value.dtype)
            wide[..., ::2] = value
            value = wide[..., ::2]
        if data.get("locked") is True:
            value.flags.writeable = False
        self.raw[len(self.shared)] = self.blobs[content]
        return self.share(value)

    def _rng(self, content: Any, data: dict, depth: int) -> generators.Generator:
        self.raw[len(self.shared)] = content
        return self.share(generators.load(content))


_BASES: dict[type, Callable[[Any], Any]] = {
    bool: bool,
    int: int.__index__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: bytes.__bytes__,
    tuple: tuple,
    list: list,
    dict: dict,
    np.ndarray: np.asarray,
}
"""Children of these, such as named tuples and masked arrays, travel as what they are at bottom."""


def _index(content: Any) -> int:
    if type(content) is not int or content < 0:
        raise ProtocolError("a number on the wire counts nothing")
    return content


def _dtype(content: Any) -> np.dtype:
    found = np.dtype(content) if type(content) is str else None
    if found is None or found.kind not in npy.KINDS:
        raise ProtocolError("a dtype on the wire is not allowed")
    return found


def _integer(content: Any) -> int:
    if type(content) is not str or len(content) > MAX_INT_BITS // 4 + 3:
        raise ProtocolError("an integer on the wire is too long")
    return int(content, 16)


_DECODERS: dict[str, Callable[[Exchange, Any, dict, int], Any]] = {
    "int": lambda self, content, data, depth: _integer(content),
    "float": Exchange._float,
    "list": Exchange._list,
    "tuple": lambda self, content, data, depth: tuple(self.decode(part, depth) for part in content),
    "dict": Exchange._dict,
    "complex": lambda self, content, data, depth: complex(self.decode(content[0]), self.decode(content[1])),
    "bytes": lambda self, content, data, depth: self.blobs[_index(content)],
    "array": Exchange._read_array,
    "scalar": lambda self, content, data, depth: npy.load(self.blobs[_index(content)]).reshape(())[()],
    "rng": Exchange._rng,
    "dtype": lambda self, content, data, depth: _dtype(content),
    "type": lambda self, content, data, depth: _dtype(content).type,
    "same": lambda self, content, data, depth: self.shared[_index(content)],
}


def _refuse(value: Any, exchange: Exchange) -> Any:
    raise CannotCross(f"a {type(value).__name__} is no plain data and cannot be sent")


def _unknown(data: dict, exchange: Exchange) -> Any:
    raise ProtocolError("a value on the wire has no known form")
