"""Taking what is left of a request's body before it is answered, within bounds.

A server that closes a connection with unread bytes resets it, and a client that is
still sending then sees a broken pipe instead of its 401 or 413.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from django.http import HttpRequest, HttpResponseBase

MOST_BYTES: Final = 64 * 2**20
"""Whoever sends more than this in vain may miss the answer."""
MOST_SECONDS: Final = 20.0
_CHUNK: Final = 2**16


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class UnreadBodyMiddleware:
    """Read the rest of a body nobody wanted. Streamed answers see to theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.streaming:
            drain(_body_of(request))
        return response


def drain(body: _Readable, *, most: int = MOST_BYTES) -> int:
    """Read *body* to its end, or up to *most* bytes; return how many there were."""
    ends_at = time.monotonic() + MOST_SECONDS
    taken = 0
    while taken < most and time.monotonic() < ends_at:
        try:
            part = body.read(min(_CHUNK, most - taken))
        except OSError:  # the client has left
            break
        if not part:
            break
        taken += len(part)
    return taken


def _body_of(request: HttpRequest) -> _Readable:
    # Django takes a body in chunks for an empty one: the server knows where it ends.
    if request.META.get("wsgi.input_terminated"):
        source: _Readable = request.META["wsgi.input"]
        return source
    return request
