"""What nobody read of a request is read before it is answered, within bounds."""

import io

from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from gitopshq.core import draining
from gitopshq.core.draining import UnreadBodyMiddleware, drain

BODY = b"x" * 300_000


class Left(io.BytesIO):
    """A client that leaves in the midst of its body."""

    def read(self, size=-1, /):
        raise ConnectionResetError


def answered(view, **environ):
    request = RequestFactory().post("/", BODY, "text/plain")
    request.META.update(environ)
    return request, UnreadBodyMiddleware(view)(request)


def test_an_unread_body_is_read_to_its_end():
    request, _ = answered(lambda _: HttpResponse(status=413))

    assert request.read() == b""


def test_a_body_in_chunks_ends_where_the_server_says():
    stream = io.BytesIO(BODY)
    terminated = {"wsgi.input": stream, "wsgi.input_terminated": True}

    answered(lambda _: HttpResponse(status=401), **terminated)

    assert stream.tell() == len(BODY)


def test_a_streamed_answer_reads_for_itself():
    request, _ = answered(lambda _: StreamingHttpResponse([]))

    assert request.read() == BODY


def test_only_so_much_is_read(monkeypatch):
    assert drain(io.BytesIO(BODY), most=100_000) == 100_000
    assert drain(Left()) == 0

    monkeypatch.setattr(draining, "MOST_SECONDS", 0)
    assert drain(io.BytesIO(BODY)) == 0
