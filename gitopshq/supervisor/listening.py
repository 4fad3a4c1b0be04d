"""Gunicorn's settings: connections on which a silent client holds no thread for good.

Gunicorn waits for the first byte of a request without a thread; for the rest of it, and
for room to answer, it would wait for ever. The kernel ends that wait: what is accepted
inherits the time-outs of the socket it came to, and they outlast Python's own settings.
A client that trickles is for a proxy in front that buffers requests.
"""

import socket
import struct
from typing import Any, Final

PATIENCE_SECONDS: Final = 30.0


def when_ready(server: Any) -> None:
    """Limit what gunicorn listens on; it calls this before it forks."""
    for listener in server.LISTENERS:
        limit(listener.sock, seconds=PATIENCE_SECONDS)


def limit(listener: socket.socket, *, seconds: float) -> None:
    """Let no read and no write on what *listener* accepts wait longer than that.

    Each then raises ``BlockingIOError``.
    """
    whole = int(seconds)
    timeout = struct.pack("@ll", whole, int((seconds - whole) * 1_000_000))
    for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, direction, timeout)
