"""Requests: one that an operation describes, then as a rule made worse in a place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, encode_multipart

from tests.contract.fuzzing.contract import Operation
from tests.contract.fuzzing.inventing import (
    LONGEST,
    TEXTS,
    fitting,
    properties,
    sent,
    strange,
)
from tests.contract.fuzzing.known import Known

JSON: Final = "application/json"
BROKEN: Final = (
    *(b"", b"{", b"[]", b"null", b"0", b'""', b"\xff\xfe", b"\x00", b"{}{}", b"[" * 9),
    *(b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}', b"\xef\xbb"),
    *(b'{"\\u0000":1}', b"[" * 100_000, b'{"a":' * 50_000, b"9" * 6_000, b"a=1&b=2"),
    *(b'{"a":"' + b"x" * LONGEST + b'"}', b"x" * (2 * LONGEST), b"--x--\r\n"),
)
KINDS: Final = (
    *("text/html", "text/plain", "application/xml", "text/yaml", "", "/", "json"),
    *(f"{JSON}; charset=utf-16", f"{JSON}; charset=no-such", "multipart/form-data"),
    *("multipart/form-data; boundary=", "application/x-www-form-urlencoded", "a/b\x01"),
)
HEADERS: Final = (
    *(("If-Match", tag) for tag in ("*", '"x"', 'W/"x"', "x", "", '"', '"a", *', "é")),
    *(("If-None-Match", tag) for tag in ("*", '"x"', ",,,", '"' * 999)),
    *(
        ("Idempotency-Key", key)
        for key in ("", " ", "é", "k" * 256, "\x01", "a b", "k")
    ),
    *(("Range", span) for span in ("bytes=0-1", "bytes=-1", "bytes=9-1", "lines=0-1")),
    *(("Accept", kind) for kind in ("text/html", "*/*;q=x", "", "image/png", "a")),
    *(("Accept", kind) for kind in ("text/x-diff", "text/markdown", f"{JSON};v=9")),
    *(("Authorization", how) for how in ("Bearer", "Bearer é", "Basic !", "Digest x")),
    *(("Authorization", f"Bearer gohq_{rest}") for rest in ("", "x" * 9000, "\x00")),
    *(("Content-Length", length) for length in ("x", "0", "")),
    *(("Cookie", jar) for jar in ("sessionid=\x00", "sessionid=x; csrftoken=y", "=;")),
    *(("X-Request-Id", id_) for id_ in ("x", "é" * 9, "a" * 65, "a\x00")),
    *(("X-HTTP-Method-Override", "DELETE"), ("Transfer-Encoding", "chunked")),
    *(("Accept-Encoding", "x"), ("Accept-Language", "é"), ("Host", "evil.example")),
)


@dataclass
class Attempt:
    """A request before it is sent."""

    operation: Operation
    method: str
    path: dict[str, Any]
    query: list[tuple[str, Any]] = field(default_factory=list)
    content: Any = None
    """The body as an object; what was made of it stands in *raw*."""
    raw: bytes = b""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        parts = {name: _quoted(value) for name, value in self.path.items()}
        asked = "&".join(f"{_quoted(n)}={_quoted(v)}" for n, v in self.query)
        path = self.operation.path.format(**parts)
        return f"{path}?{asked}" if asked else path

    def __str__(self) -> str:
        told = f"{self.method} {self.url[:300]} {self.kind} {self.headers}"
        return f"{told} {self.raw[:500]!r} ({len(self.raw)} bytes)"


def make(operation: Operation, known: Known, random: Random) -> Attempt:
    """Return a request of *operation*; every third one is as it should be."""
    attempt = _proper(operation, known, random)
    for _ in range(random.choice((0, 1, 1, 2))):
        random.choice(_WORSE)(attempt, known, random)
    if attempt.content is not None and not attempt.raw:
        attempt.raw = _written(attempt)
    return attempt


def _proper(operation: Operation, known: Known, random: Random) -> Attempt:
    attempt = Attempt(operation, operation.method, known.place(operation, random))
    for name, schema in operation.parameters("query").items():
        is_wanted = name in operation.required or random.random() < 0.25
        if is_wanted and name != "cursor":
            value = fitting(schema, name, known.pool, random)
            attempt.query.append((name, value))
    if operation.body:
        attempt.kind, schema = operation.body
        whole = "text" if attempt.kind == "text/yaml" else ""
        attempt.content = fitting(schema, whole, known.around(attempt.path), random)
    return attempt


def _written(attempt: Attempt) -> bytes:
    """Return the body as its media type wants it."""
    if attempt.kind == "multipart/form-data":
        attempt.kind = f"multipart/form-data; boundary={BOUNDARY}"
        form = {
            name: SimpleUploadedFile("it.tgz", value)
            if isinstance(value, bytes)
            else str(value).encode(errors="replace")
            for name, value in attempt.content.items()
        }
        return encode_multipart(BOUNDARY, form)
    if attempt.kind == "text/yaml":
        return str(attempt.content).encode(errors="surrogatepass")
    return sent(attempt.content)


def _with_a_strange_field(attempt: Attempt, known: Known, random: Random) -> None:
    if not attempt.operation.body or not isinstance(attempt.content, dict):
        _with_a_strange_parameter(attempt, known, random)
        return
    kind, schema = attempt.operation.body
    fields = properties(schema)
    if not fields or kind != JSON:
        attempt.raw = random.choice(BROKEN)
        return
    name = random.choice([*fields, random.choice(TEXTS), "state"])
    below = fields.get(name, {})
    inside = attempt.content.get(name)
    if isinstance(inside, dict) and inside and random.random() < 0.5:
        inside[random.choice([*inside, "x"])] = strange({}, random)
    elif isinstance(inside, list) and random.random() < 0.5:
        inside.append(strange(below.get("items", {}), random))
    else:
        attempt.content[name] = strange(below, random)


def _without_a_field(attempt: Attempt, known: Known, random: Random) -> None:
    if isinstance(attempt.content, dict) and attempt.content:
        del attempt.content[random.choice(list(attempt.content))]
    else:
        attempt.raw, attempt.kind = random.choice(BROKEN), JSON


def _with_a_strange_body(attempt: Attempt, known: Known, random: Random) -> None:
    attempt.raw = random.choice(BROKEN) or b"0"
    attempt.kind = attempt.kind or JSON


def _of_a_strange_kind(attempt: Attempt, known: Known, random: Random) -> None:
    if attempt.content is not None and not attempt.raw:
        attempt.raw = _written(attempt)
    attempt.kind = random.choice(KINDS)


def _with_a_strange_parameter(attempt: Attempt, known: Known, random: Random) -> None:
    described = attempt.operation.parameters("query")
    names = [*described, "limit", "cursor", "page", random.choice(TEXTS)]
    name = random.choice(names)
    value = strange(described.get(name, {"type": "string"}), random)
    if name == "cursor" and random.random() < 0.7:
        value = known.cursor(random)
    attempt.query.append((name, str(value)[:3000]))
    if random.random() < 0.3:
        attempt.query.append(random.choice(attempt.query))


def _at_a_strange_place(attempt: Attempt, known: Known, random: Random) -> None:
    described = attempt.operation.parameters("path")
    if not described:
        _with_a_strange_header(attempt, known, random)
        return
    name = random.choice(list(described))
    attempt.path[name] = str(strange(described[name], random))[:3000] or "0"


def _with_a_strange_header(attempt: Attempt, known: Known, random: Random) -> None:
    name, value = random.choice(HEADERS)
    attempt.headers[name] = value


def _by_another_method(attempt: Attempt, known: Known, random: Random) -> None:
    attempt.method = random.choice(
        ("HEAD", "HEAD", "OPTIONS", "TRACE", "PATCH", "PUT", "DELETE", "BREW", "get")
    )


_WORSE: Final[tuple[Callable[[Attempt, Known, Random], None], ...]] = (
    *(_with_a_strange_field,) * 6,
    *(_with_a_strange_parameter,) * 3,
    *(_at_a_strange_place, _with_a_strange_header) * 2,
    *(_without_a_field, _with_a_strange_body, _of_a_strange_kind, _by_another_method),
)


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    return quote(str(value), safe="", errors="surrogatepass")
