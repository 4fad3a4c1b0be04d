"""Request bodies as WSGI hands them over, read within bounds into a file.

The whole body is taken before Git starts: a client sends all of a request before it
reads the answer, and a slow one should hold neither a process nor a place in the queue.
"""

import tempfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any, Protocol

_CHUNK = 65536
_MAX_CHUNK_HEADER = 1024


class Readable(Protocol):
    """What a WSGI server offers as input."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class BadBody(ValueError):
    """A body that is cut short or not encoded as it says."""


class BodyTooLarge(ValueError):
    """A body larger than allowed, counted as inflated."""


class UnknownEncoding(ValueError):
    """A Content-Encoding that is not taken."""


def spool(
    environ: Mapping[str, Any],  # type: ignore[explicit-any,unused-ignore]
    *,
    max_bytes: int,
) -> IO[bytes]:
    """Return an unnamed file with the plain request body, at its beginning.

    Takes a Content-Length or chunks, plain or gzip.

    :param max_bytes: the most the body may hold, on the wire and inflated.
    :raises BadBody: if it is cut short or broken.
    :raises BodyTooLarge: if it is larger.
    :raises UnknownEncoding: if it is compressed in another way.
    """
    parts = _limited(_raw(environ), max_bytes)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        parts = _limited(_inflated(parts), max_bytes)
    elif encoding not in {"", "identity"}:
        raise UnknownEncoding(encoding)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        for part in parts:
            file.write(part)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _raw(environ: Mapping[str, Any]) -> Iterator[bytes]:
    source: Readable = environ["wsgi.input"]
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        # Most servers take the chunks apart themselves, and say so.
        if environ.get("wsgi.input_terminated"):
            return _to_end(source)
        return _dechunked(source)
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise BadBody("Content-Length is no number")
    return _exactly(source, int(length))


def _to_end(source: Readable) -> Iterator[bytes]:
    while part := source.read(_CHUNK):
        yield part


def _exactly(source: Readable, length: int) -> Iterator[bytes]:
    while length:
        part = source.read(min(length, _CHUNK))
        if not part:
            raise BadBody("the body ends early")
        length -= len(part)
        yield part


def _dechunked(source: Readable) -> Iterator[bytes]:
    while True:
        header = source.readline(_MAX_CHUNK_HEADER).partition(b";")[0].strip()
        try:
            length = int(header, 16)
        except ValueError:
            raise BadBody("a chunk without its length") from None
        if length < 0:
            raise BadBody("a chunk of negative length")
        if not length:
            break
        yield from _exactly(source, length)
        if source.readline(3) not in {b"\r\n", b"\n"}:
            raise BadBody("a chunk longer than it says")
    while source.readline(_MAX_CHUNK_HEADER).strip():
        """Trailers are read past."""


def _inflated(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate gzip piece by piece, so that a bomb is met before it is held."""
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for part in parts:
            waiting = part
            while waiting and not inflater.eof:
                yield inflater.decompress(waiting, _CHUNK)
                waiting = inflater.unconsumed_tail
        while not inflater.eof and (rest := inflater.decompress(b"", _CHUNK)):
            yield rest
    except zlib.error as fault:
        raise BadBody(f"broken gzip: {fault}") from None
    if not inflater.eof:
        raise BadBody("the gzip body ends early")


def _limited(parts: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    taken = 0
    for part in parts:
        taken += len(part)
        if taken > max_bytes:
            raise BodyTooLarge(f"more than {max_bytes} bytes")
        yield part
