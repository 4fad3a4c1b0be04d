"""Frames on pipes between a worker and its rendering child: length, then bytes.

What the frames mean is for `pool` and `child` to agree on.
"""

import json
import os
import select
import struct
import time
from typing import Any, Final

CHUNK: Final = 1 << 16

_LENGTH = struct.Struct(">I")


class PeerGone(Exception):
    """The other end of the pipe is closed."""


class OutOfTime(Exception):
    """The other end did not answer before the deadline."""


class FrameTooLarge(Exception):
    """A frame is longer than what this end accepts."""


def send_frame(fd: int, data: bytes, deadline: float | None = None) -> None:
    """Write one frame; ``deadline`` is on the monotonic clock.

    With a deadline the descriptor must be non-blocking.

    :raises PeerGone: nobody reads.
    :raises OutOfTime: the other end reads too slowly.
    """
    for part in (_LENGTH.pack(len(data)), data):
        left = memoryview(part)
        while left:
            _wait(fd, select.POLLOUT, deadline)
            try:
                left = left[os.write(fd, left[:CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as refusal:
                raise PeerGone from refusal


def receive_frame(fd: int, limit: int, deadline: float | None = None) -> bytes:
    """Read one frame of at most ``limit`` bytes.

    :raises PeerGone: the pipe ended.
    :raises OutOfTime: it did not come before the deadline.
    :raises FrameTooLarge: it says that it is longer.
    """
    (length,) = _LENGTH.unpack(_receive(fd, _LENGTH.size, deadline))
    if length > limit:
        raise FrameTooLarge(str(length))
    return _receive(fd, length, deadline)


def send_message(fd: int, message: dict[str, Any], deadline: float | None) -> None:
    """Write a frame of JSON; raises as `send_frame`."""
    send_frame(fd, json.dumps(message).encode(), deadline)


def receive_message(fd: int, limit: int, deadline: float | None) -> dict[str, Any]:
    """Read a frame of JSON; raises as `receive_frame`."""
    message: dict[str, Any] = json.loads(receive_frame(fd, limit, deadline))
    return message


def _receive(fd: int, count: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        _wait(fd, select.POLLIN, deadline)
        try:
            part = os.read(fd, min(1 << 20, count - len(parts)))
        except BlockingIOError:
            continue
        if not part:
            raise PeerGone
        parts += part
    return bytes(parts)


def _wait(fd: int, event: int, deadline: float | None) -> None:
    poll = select.poll()
    poll.register(fd, event)
    if deadline is None:
        poll.poll()
        return
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise OutOfTime
