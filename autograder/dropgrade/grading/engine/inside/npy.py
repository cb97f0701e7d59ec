"""Plain NumPy arrays as .npy files of format 1.0, read so strictly that there is nothing to exploit.

NumPy's own reader evaluates the header as a Python literal; this one matches it against one pattern. Only
booleans, numbers and fixed-width strings pass: no objects, no records, no dates, no subclasses.
"""

import re
import struct

import numpy as np

from .wire import ProtocolError

MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    r"\{'descr': '([<>|][biufcSU][1-9]\d{0,9})', 'fortran_order': (True|False), "
    r"'shape': \((|\d{1,19},|\d{1,19}(?:, \d{1,19}){1,31})\), \} *\n"
)
KINDS = "biufcSU"


def dump(array: np.ndarray) -> bytes:
    """The bytes of a .npy file.

    Args:
        array: exactly an `ndarray`, of a dtype whose kind is one of `KINDS`; any layout.

    Raises:
        TypeError: it is of another type or dtype.
    """
    if type(array) is not np.ndarray or array.dtype.kind not in KINDS or array.dtype.itemsize == 0:
        raise TypeError(f"an array of type {type(array).__name__} and dtype {array.dtype} is no plain data")
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    shape = ", ".join(map(str, array.shape)) + ("," if array.ndim == 1 else "")
    header = f"{{'descr': '{array.dtype.str}', 'fortran_order': {fortran}, 'shape': ({shape}), }}"
    padding = -(len(MAGIC) + 2 + len(header) + 1) % 64
    header += " " * padding + "\n"
    body = array.tobytes("F" if fortran else "C")
    return b"".join((MAGIC, struct.pack("<H", len(header)), header.encode("latin1"), body))


def load(data: bytes) -> np.ndarray:
    """The writable array in a .npy file that `dump` could have written.

    Raises:
        ProtocolError: the file is anything else.
    """
    if data[:8] != MAGIC or len(data) < 10:
        raise ProtocolError("a blob is no .npy file of format 1.0")
    start = 10 + struct.unpack_from("<H", data, 8)[0]
    match = _HEADER.fullmatch(data[10:start].decode("latin1")) if start <= len(data) else None
    if match is None:
        raise ProtocolError("a .npy header is not of the one form allowed")
    shape = tuple(int(size) for size in match[3].split(",") if size.strip())
    try:
        dtype = np.dtype(match[1])
        count = 1
        for size in shape:
            count *= size
        if count * dtype.itemsize != len(data) - start:
            raise ProtocolError("a .npy file is not as long as its header says")
        if dtype.kind == "b" and data[start:].strip(b"\0\1"):
            raise ProtocolError("a boolean array holds bytes that are neither True nor False")
        return np.ndarray(shape, dtype, bytearray(data[start:]), order="F" if match[2] == "True" else "C")
    except (TypeError, ValueError, MemoryError) as error:
        raise ProtocolError(f"a .npy file cannot be an array: {error}") from None
