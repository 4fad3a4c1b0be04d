"""Reading a repository over HTTP as a Git client begins to, to see whether it can.

Asks for what the server can do and where the branches are; fetches no object.
"""

import base64
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

AGENT: Final = "gitopshq-test/1"
_PATIENCE: Final = 5.0  # seconds, for each of the two questions
_MOST_BYTES: Final = 256 * 1024
_FLUSH, _DELIMITER, _END = "0000", "0001", "0002"
_LS_REFS: Final = b"0014command=ls-refs\n0001001bref-prefix refs/heads/\n0000"
_REF: Final = re.compile(r"([0-9a-f]{40}) (refs/\S+)")
_HEAD: Final = re.compile(r"[0-9a-f]{4}")
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Probe:
    """What came back. ``problem`` is empty where a client could go on and fetch."""

    url: str
    status: int | None
    seconds: float
    problem: str = ""
    capabilities: tuple[str, ...] = ()
    branches: tuple[tuple[str, str], ...] = ()
    """Names, without ``refs/heads/``, and the commits they are at."""


def probe(url: str, *, password: str) -> Probe:
    """Ask the repository at *url*, as ``git ls-remote`` would, with *password*."""
    began = time.monotonic()
    status: int | None = None
    try:
        status, said = _ask(url, "GET", "/info/refs?service=git-upload-pack", password)
        if status != _OK:
            return _failed(url, status, began, _first_line(said) or f"HTTP {status}")
        capabilities = _capabilities(said)
        if "version 2" not in capabilities:
            return _failed(url, status, began, "what answers there is no Git server")
        status, said = _ask(url, "POST", "/git-upload-pack", password, _LS_REFS)
    except (OSError, HTTPException, ValueError) as error:
        return _failed(
            url, status, began, f"no answer: {str(error) or type(error).__name__}"
        )
    if status != _OK:
        return _failed(url, status, began, _first_line(said) or f"HTTP {status}")
    found = (_REF.match(line) for line in _lines(said))
    branches = tuple(
        (ref[2].removeprefix("refs/heads/"), ref[1]) for ref in found if ref
    )
    if not branches:
        return _failed(url, status, began, "what answers there names no branch")
    return Probe(
        url,
        status,
        time.monotonic() - began,
        capabilities=tuple(capabilities),
        branches=branches,
    )


def _failed(url: str, status: int | None, began: float, problem: str) -> Probe:
    return Probe(url, status, time.monotonic() - began, problem)


def _ask(
    url: str, method: str, path: str, password: str, body: bytes | None = None
) -> tuple[int, bytes]:
    """Return the status and the answer; a redirect is an answer, and not followed."""
    place = urlsplit(url)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    pair = base64.b64encode(f"git:{password}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Git-Protocol": "version=2",
        "User-Agent": AGENT,
    }
    if body is not None:
        headers["Content-Type"] = "application/x-git-upload-pack-request"
    connection = kind(place.hostname or "", place.port, timeout=_PATIENCE)
    try:
        connection.request(method, f"{place.path}{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_BYTES)
    finally:
        connection.close()


def _lines(data: bytes) -> Iterator[str]:
    """Yield the lines of pkt-line *data*, up to where it breaks off or is none."""
    at = 0
    while at + 4 <= len(data):
        head = data[at : at + 4].decode("ascii", "replace")
        if head in (_FLUSH, _DELIMITER, _END):
            at += 4
            continue
        size = int(head, 16) if _HEAD.fullmatch(head) else 0
        if size <= 4 or at + size > len(data):  # noqa: PLR2004  a head is 4 bytes
            return
        yield data[at + 4 : at + size].decode("utf-8", "replace").rstrip("\n")
        at += size


def _capabilities(data: bytes) -> list[str]:
    return [line for line in _lines(data) if not line.startswith("#")]


def _first_line(data: bytes) -> str:
    text = data[:500].decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else text.partition("\n")[0]
