"""Frames: what is sent arrives, and what breaks a rule ends the line."""

import socket
import struct
import threading
import time

import pytest

from dropgrade.grading.engine.inside.wire import MAX_BLOBS, Channel, Gone, ProtocolError


@pytest.fixture
def line():
    """Two channels joined by a line, with small limits."""
    ours, theirs = socket.socketpair()
    channels = Channel(ours, 1000, 10_000), Channel(theirs, 1000, 10_000)
    yield channels
    for channel in channels:
        channel.close()


def test_a_frame_arrives_as_it_was_sent(line):
    """JSON and blobs, several frames in a row, the empty ones too."""
    ours, theirs = line
    frames = [({"a": [1, "é", None]}, [b"", b"xyz"]), ({}, []), ({"b": 1.5}, [bytes(range(256))])]
    for head, blobs in frames:
        ours.send(head, blobs)
    assert [theirs.receive(1) for _ in frames] == frames
    assert theirs.idle


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack("!II", 1001, 0), id="head too long"),
        pytest.param(struct.pack("!II", 2, MAX_BLOBS + 1) + b"{}", id="too many blobs"),
        pytest.param(struct.pack("!III", 2, 1, 2**32 - 1) + b"{}", id="blob too long"),
        pytest.param(struct.pack("!II", 2, 0) + b"[]", id="no object"),
        pytest.param(struct.pack("!II", 4, 0) + b'{"a"', id="no JSON"),
        pytest.param(struct.pack("!II", 9, 0) + b'{"a":NaN}', id="NaN"),
        pytest.param(struct.pack("!II", 3, 0) + b"\xff\xfe{", id="no UTF-8"),
        pytest.param(struct.pack("!II", 900, 0) + b"[" * 900, id="nested too deep"),
    ],
)
def test_a_broken_frame_is_refused(line, data):
    """Whatever is wrong with it is found before it is used."""
    ours, theirs = line
    ours.sock.sendall(data)
    with pytest.raises(ProtocolError):
        theirs.receive(1)


def test_a_frame_over_the_limit_is_not_sent(line):
    """The sender hears it first, and the line stays usable."""
    ours, theirs = line
    with pytest.raises(ProtocolError, match="larger than allowed"):
        ours.send({"x": "y" * 2000})
    ours.send({"x": 1})
    assert theirs.receive(1) == ({"x": 1}, [])


def test_a_closed_line_is_gone(line):
    """For whoever reads, in the middle of a frame too, and for whoever writes."""
    ours, theirs = line
    ours.sock.sendall(struct.pack("!II", 100, 0) + b"half")
    ours.close()
    with pytest.raises(Gone):
        theirs.receive(1)
    with pytest.raises(Gone):
        theirs.send({})


def test_a_reader_does_not_wait_for_ever_for_a_frame_that_drips(line):
    """A byte now and then does not put off the deadline."""
    ours, theirs = line
    stop = threading.Event()

    def drip():
        ours.sock.sendall(struct.pack("!II", 1000, 0))
        while not stop.wait(0.1):
            ours.sock.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        theirs.receive(0.5)
    stop.set()
    thread.join()
    assert time.monotonic() - start < 2


def test_a_writer_does_not_wait_for_ever_for_a_reader_that_sleeps(line):
    """A full buffer ends in a TimeoutError."""
    ours, _ = line
    with pytest.raises(TimeoutError):
        for _ in range(1000):
            ours.send({}, [bytes(9000)], timeout=0.2)
