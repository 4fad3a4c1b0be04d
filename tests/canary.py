"""A secret to look for, in every form it could take, and all that it could stand in.

Nothing here knows what is kept where: tables and objects are read as they are.
"""

import base64
import gzip
import html
import json
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import yaml
from django.contrib.sessions.models import Session
from django.core.cache import cache as kept
from django.db import connection

CORE = "canary7f3aQx9"
SECRET = f'{CORE} "&<ü>/+%41'
"""Written otherwise by everything that quotes, escapes or encodes."""


@cache
def needles() -> frozenset[str]:
    """Return what to look for: the secret and its core, however they are written."""
    return frozenset({CORE, *forms(SECRET), *forms(CORE)})


def forms(secret: str) -> set[str]:
    """Return how a secret looks quoted, escaped and encoded."""
    plain = secret.encode()
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {
        *(secret, plain.hex(), repr(secret)[1:-1], html.escape(secret)),
        *(quote(secret, safe=""), quote_plus(secret)),
        *escaped,
        *(form for start in range(3) for form in _as_base64(plain, start)),
    }


def leaks(text: str | bytes) -> list[str]:
    """Return the forms of the secret that stand in *text*, or in what it packs."""
    read = text if isinstance(text, str) else "\n".join(_unpacked(text))
    return [form for form in needles() if form in read]


def leaking(parts: Iterable[tuple[str, str | bytes]]) -> list[str]:
    """Return where the secret stands: of *parts*, each a name and what is there."""
    return [name for name, text in parts if leaks(text)]


def database() -> Iterator[tuple[str, str | bytes]]:
    """Yield every column of every row of every table, and what sessions hold."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    is_packed = isinstance(value, bytes | memoryview)
                    held = bytes(value) if is_packed else str(value)
                    yield f"{table}.{column}", held
    for session in Session.objects.all():
        yield "what a session holds", str(session.get_decoded())


def cached() -> Iterator[tuple[str, bytes]]:
    """Yield what the cache of a test holds, pickled as a real one would get it."""
    for key, value in list(getattr(kept, "_cache", {}).items()):
        yield f"cache {key}", value


def folder(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files below *path*."""
    for file in path.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(path)), file.read_bytes()


def objects(*repositories: Path) -> str:
    """Return every object of the repositories, reachable or not."""
    return "".join(_contents(path, "--batch-all-objects") for path in repositories)


def branch(repository: Path, name: str) -> str:
    """Return every object that a branch reaches, and none that is only borrowed."""
    listed = git(repository, "rev-list", "--objects", "--no-object-names", name)
    return _contents(repository, given=listed)


def kinds_that_hold_it(repository: Path) -> set[str]:
    """Return the Kubernetes kinds of all objects of a repository with the secret."""
    left = git(repository, "cat-file", "--batch", "--batch-all-objects")
    found = set()
    while left:
        head, _, left = left.partition(b"\n")
        _, kind, size = head.decode().split()
        content, left = left[: int(size)], left[int(size) + 1 :]
        if leaks(content):
            # Only a blob of one document may: anything else is named by its type.
            is_blob = kind == "blob"
            found.add(str(yaml.safe_load(content)["kind"]) if is_blob else kind)
    return found


def git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", repository, *arguments],
        input=given,
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout


def _contents(repository: Path, *options: str, given: bytes = b"") -> str:
    found = git(repository, "cat-file", "--batch", *options, given=given)
    return found.decode(errors="replace")


def _unpacked(data: bytes) -> Iterator[str]:
    """Yield *data* as text, and what it was compressed from."""
    yield data.decode(errors="replace")
    for unpack in (zlib.decompress, gzip.decompress):
        with suppress(zlib.error, OSError, EOFError):
            yield unpack(data).decode(errors="replace")


def _as_base64(plain: bytes, start: int) -> Iterator[str]:
    """Yield what is sure of the base64 of a text that begins *start* bytes earlier."""
    first = -(-start * 8 // 6)
    last = (start + len(plain)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * start + plain).decode()[first:last]
