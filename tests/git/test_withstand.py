"""Clients that want the server to work, or to break: what they get, and who after them.

Pushes bring no pack in: nothing of a stranger's is ever unpacked.
"""

import http.client
import io
import struct
import zlib
from urllib.parse import urlsplit

import pytest

from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from delivery.git.upload_pack import Limits, UploadPack
from tests.git import make, serving
from tests.git.packets import FLUSH, pack_in, packet

REQUEST = "application/x-git-upload-pack-request"
DELIMITER = b"0001"
VERSION_2 = "version=2"


@pytest.fixture
def tip(main: Repository) -> str:
    return make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})


def ask(
    project: ProjectRepositories,
    body: bytes,
    *,
    protocol: str = "",
    server: UploadPack | None = None,
) -> bytes:
    """Return all that is answered to a request."""
    environ = {
        "CONTENT_TYPE": REQUEST,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": Pieces(body),
    }
    answer = (server or UploadPack()).serve(project.main, environ, protocol=protocol)
    return b"".join(answer.body)


def fetch(tip: str, *more: str) -> bytes:
    """A well-formed fetch by protocol 2."""
    lines = [packet(line) for line in (*more, f"want {tip}\n", "done\n")]
    return packet("command=fetch\n") + DELIMITER + b"".join(lines) + FLUSH


def is_served(project: ProjectRepositories, tip: str, server: UploadPack) -> bool:
    return b"PACK" in pack_in(
        ask(project, fetch(tip), protocol=VERSION_2, server=server)
    )


class Pieces(io.BytesIO):
    """A request that is read in small pieces, or not at all."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= 65536
        return super().read(size)


@pytest.fixture(scope="module")
def haves() -> bytes:
    return b"".join(b"0032have %040x\n" % number for number in range(1_000_000))


@pytest.mark.parametrize("protocol", ["", VERSION_2])
def test_a_million_commits_that_nobody_has_are_read_past(
    protocol: str, haves: bytes, project: ProjectRepositories, tip: str
) -> None:
    """They go by way of a file: we hold a piece at a time, git some ids."""
    server = UploadPack(Limits(children=1, wait_seconds=0.01))
    want = packet(f"want {tip} side-band-64k\n") + FLUSH
    done = packet("done\n")
    if protocol:
        want = packet("command=fetch\n") + DELIMITER + packet(f"want {tip}\n")
        done += FLUSH

    answer = ask(project, want + haves + done, protocol=protocol, server=server)

    assert b"PACK" in pack_in(answer)
    assert is_served(project, tip, server), "its place is free again"


def test_more_than_the_bound_is_refused_before_git_starts(
    project: ProjectRepositories, tip: str
) -> None:
    server = UploadPack(Limits(max_request_bytes=50_000))
    haves = b"".join(b"0032have %040x\n" % number for number in range(1_001))

    said = ask(project, packet(f"want {tip}\n") + FLUSH + haves, server=server)

    assert b"too large" in said
    assert is_served(project, tip, server)


@pytest.mark.parametrize(
    "body",
    [
        packet("command=fetch\n"),
        packet("command=push\n") + FLUSH,
        packet("command=object-info\n") + DELIMITER + packet("size\n") + FLUSH,
        packet("command=ls-refs\n") + packet("command=fetch\n") + FLUSH,
        packet("command=fetch\n") + DELIMITER + packet("want zzzz\n") + FLUSH,
        packet("command=fetch\n") + DELIMITER + packet("want HEAD\n") + FLUSH,
        packet("command=fetch\n") + DELIMITER + packet("deepen -1\n") + FLUSH,
        packet("command=fetch\n") + DELIMITER + packet("shallow x\n") + FLUSH,
        packet("command=fetch\n") + DELIMITER + b"ffff" + b"want ",
        packet("command=fetch\n") + DELIMITER + b"0000" * 1000,
        packet("command=fetch\0--upload-pack=/bin/sh\n") + FLUSH,
        DELIMITER * 3,
        b"\xff" * 70_000,
    ],
)
@pytest.mark.parametrize("protocol", ["", "version=1", VERSION_2])
def test_a_request_out_of_order_gets_no_objects(
    protocol: str, body: bytes, project: ProjectRepositories, tip: str
) -> None:
    server = UploadPack(Limits(children=1, wait_seconds=0.01, wall_clock_seconds=20))

    answer = ask(project, body, protocol=protocol, server=server)

    assert b"PACK" not in answer
    assert str(project.folder).encode() not in answer
    assert is_served(project, tip, server)


@pytest.mark.parametrize("given", ["blob:none", "blob:limit=10", "tree:0"])
def test_a_filter_that_costs_nothing_is_taken(
    given: str, project: ProjectRepositories, tip: str
) -> None:
    answer = ask(project, fetch(tip, f"filter {given}\n"), protocol=VERSION_2)

    assert b"PACK" in pack_in(answer)


@pytest.mark.parametrize(
    "given",
    [
        "sparse:oid=HEAD:rules",
        "combine:blob:none+tree:0",
        "object:type=tag",
        "tree:" + "9" * 400,
        "nonsense",
    ],
)
def test_a_filter_that_makes_work_is_refused(
    given: str, project: ProjectRepositories, tip: str
) -> None:
    answer = ask(project, fetch(tip, f"filter {given}\n"), protocol=VERSION_2)

    assert b"PACK" not in answer


def test_a_pushed_pack_is_not_even_read(project: ProjectRepositories, tip: str) -> None:
    """S3: bombs of deltas, wrong ids, odd trees: refused before they are read."""
    # One object whose delta claims to grow to 2**62 bytes.
    bomb = b"PACK" + struct.pack(">II", 2, 1) + b"\xff" * 9 + zlib.compress(b"\xff" * 8)
    update = packet(f"{tip} {'1' * 40} refs/heads/main\0report-status\n")
    before = {path: path.stat().st_mtime_ns for path in project.main.rglob("*")}
    with serving.served(project) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request(
            "POST",
            "/main.git/git-receive-pack",
            update + FLUSH + bomb,
            {"Content-Type": "application/x-git-receive-pack-request"},
        )
        answer = connection.getresponse()
        said = answer.read()
        connection.close()

    assert (answer.status, said.split(b":")[0]) == (
        403,
        b"This repository is read-only",
    )
    assert {path: path.stat().st_mtime_ns for path in project.main.rglob("*")} == before
