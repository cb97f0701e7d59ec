"""Frames between processes: a JSON object and raw blobs, counted in advance, capped, never pickled.

A frame is ``!II`` (bytes of JSON, number of blobs), one ``!I`` for the size of each blob, the JSON, the
blobs. Whoever reads one trusts nothing: the first rule broken raises `ProtocolError`, after which the
other side is not to be heard again.
"""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Sequence

PREFIX = struct.Struct("!II")
MAX_BLOBS = 1024
CHUNK = 1 << 18
SLACK = 0.5


class ProtocolError(Exception):
    """The other side broke a rule of the protocol; the message says which."""


class Gone(Exception):
    """The other side closed the connection or its process ended."""


class Channel:
    """One end of a stream socket that carries frames.

    Args:
        sock: connected stream socket; the channel owns it from here on.
        max_head: largest JSON part accepted, in bytes.
        max_total: largest frame accepted, in bytes.
    """

    def __init__(self, sock: socket.socket, max_head: int = 1 << 20, max_total: int = 1 << 26) -> None:
        self.sock = sock
        self.max_head = max_head
        self.max_total = max_total
        self._buffer = bytearray()
        self._seconds: float | None = None
        sock.settimeout(None)

    def fileno(self) -> int:
        """The socket's descriptor, so that a channel can be given to `select`."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close the socket; closing twice is fine."""
        with contextlib.suppress(OSError):
            self.sock.close()

    def send(self, head: dict, blobs: Sequence[bytes] = (), timeout: float | None = None) -> None:
        """Send one frame.

        Raises:
            Gone: nobody is there to read it.
            TimeoutError: the other side did not read it within `timeout` seconds.
            ProtocolError: the frame is larger than this channel allows; nothing was sent.
        """
        text = _ENCODER.encode(head).encode()
        sizes = struct.pack(f"!{len(blobs)}I", *map(len, blobs))
        frame = b"".join((PREFIX.pack(len(text), len(blobs)), sizes, text, *blobs))
        if len(text) > self.max_head or len(frame) > self.max_total or len(blobs) > MAX_BLOBS:
            raise ProtocolError(f"a frame of {len(frame)} bytes is larger than allowed")
        self._wait(timeout)
        try:
            self.sock.sendall(frame)
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone(str(error)) from None

    def receive(self, timeout: float | None = None) -> tuple[dict, list[bytes]]:
        """The next frame as (JSON object, blobs).

        Args:
            timeout: seconds until the whole frame must have arrived; None waits for ever.

        Raises:
            Gone: the connection ended first.
            TimeoutError: the time was up first; the connection is of no further use.
            ProtocolError: what arrived is no frame within the limits.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        self._fill(PREFIX.size, deadline)
        head_size, count = PREFIX.unpack_from(self._buffer)
        if head_size > self.max_head or count > MAX_BLOBS:
            raise ProtocolError(f"a frame announces {head_size} bytes of JSON and {count} blobs")
        start = PREFIX.size + 4 * count
        self._fill(start, deadline)
        sizes = struct.unpack_from(f"!{count}I", self._buffer, PREFIX.size)
        end = start + head_size + sum(sizes)
        if end > self.max_total:
            raise ProtocolError(f"a frame announces {end} bytes")
        self._fill(end, deadline)
        head = _parse(bytes(self._buffer[start : start + head_size]))
        blobs, place = [], start + head_size
        for size in sizes:
            blobs.append(bytes(self._buffer[place : place + size]))
            place += size
        del self._buffer[:end]
        return head, blobs

    @property
    def idle(self) -> bool:
        """Whether nothing that was received is left unread."""
        return not self._buffer

    def _wait(self, seconds: float | None) -> None:
        """Let the next operation block for about so long: setting it anew for each would cost two calls.

        The deadline itself is looked at after each part that arrives: a limit is passed by `SLACK` at most.
        """
        now = self._seconds
        if seconds is None or now is None or not seconds <= now <= seconds + SLACK:
            if seconds is not now:
                self.sock.settimeout(seconds if seconds is None else seconds + SLACK / 2)
            self._seconds = seconds if seconds is None else seconds + SLACK / 2

    def _fill(self, size: int, deadline: float | None) -> None:
        """Read until `size` bytes are in the buffer."""
        while len(self._buffer) < size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("no answer in time")
            self._wait(left)
            try:
                chunk = self.sock.recv(max(CHUNK, min(size - len(self._buffer), 1 << 22)))
            except TimeoutError:
                raise
            except OSError as error:
                raise Gone(str(error)) from None
            if not chunk:
                raise Gone("the connection was closed")
            self._buffer += chunk


def _parse(text: bytes) -> dict:
    """A JSON object out of hostile bytes."""
    try:
        head = _DECODER.decode(text.decode())
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProtocolError(f"a frame holds no JSON: {type(error).__name__}") from None
    if type(head) is not dict:
        raise ProtocolError("a frame holds JSON, but no object")
    return head


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_no_constant)
