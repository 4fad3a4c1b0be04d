"""Requests as clients other than git send them, broken ones, and how children end."""

import gzip
import http.client
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from delivery.git.upload_pack import Limits, UploadPack
from tests.git import make, serving
from tests.git.packets import FLUSH, lines_in, pack_in, packet

REQUEST = "application/x-git-upload-pack-request"
GO_GIT = "side-band-64k ofs-delta no-progress"
GIT = (
    "multi_ack_detailed no-done side-band-64k thin-pack no-progress include-tag"
    " ofs-delta"
)


@pytest.fixture
def tip(main: Repository) -> str:
    make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})
    return make.advance(main, {"acme/production/api/a.yaml": b"a: 2\n"})


def post(
    url: str, body: bytes, *, chunked: bool = False, **headers: Any
) -> tuple[int, bytes]:
    """Send a request for objects; return status and body of the answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(
            "POST",
            "/main.git/git-upload-pack",
            iter([body[:7], body[7:]]) if chunked else body,
            {"Content-Type": REQUEST, **sent},
            encode_chunked=chunked,
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def commits_in(pack: bytes, folder: Path) -> int:
    """Return how many commits a pack holds, after git has checked all of it."""
    make.git("init", "-q", "--bare", folder)
    subprocess.run(
        ["git", "index-pack", "--stdin", "--fsck-objects"],
        cwd=folder,
        input=pack,
        check=True,
        capture_output=True,
    )
    kinds = make.git("cat-file", "--batch-all-objects", "--batch-check", cwd=folder)
    return sum(" commit " in line for line in kinds.splitlines())


@pytest.mark.parametrize("encoding", ["plain", "gzip", "chunked"])
def test_a_branch_is_read_as_go_git_asks(
    encoding: str, project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    """S70: Flux's client asks with protocol 0, no thin packs, everything at once."""
    body = packet(f"want {tip} {GO_GIT}\n") + FLUSH + packet("done\n")

    with serving.served(project) as url:
        match encoding:
            case "gzip":
                status, answer = post(url, gzip.compress(body), Content_Encoding="gzip")
            case _:
                status, answer = post(url, body, chunked=encoding == "chunked")

    assert status == 200
    assert lines_in(answer) == ["NAK"]
    assert commits_in(pack_in(answer), tmp_path / "received") == 3


def test_a_single_commit_is_read_as_go_git_asks(
    project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    """S70: Flux's client asks for one commit by `deepen`."""
    body = packet(f"want {tip} {GO_GIT} shallow\n") + packet("deepen 1\n")

    with serving.served(project) as url:
        _, answer = post(url, body + FLUSH + packet("done\n"))

    assert lines_in(answer) == [f"shallow {tip}", "NAK"]
    assert commits_in(pack_in(answer), tmp_path / "received") == 1


def test_a_deep_fetch_is_answered_in_its_two_requests(
    project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    body = packet(f"want {tip} {GIT}\n") + packet("deepen 10000\n") + FLUSH

    with serving.served(project) as url:
        first_status, first = post(url, body)
        _, second = post(url, body + packet("done\n"))

    assert (first_status, pack_in(first)) == (200, b"")
    assert lines_in(second) == ["NAK"]
    assert commits_in(pack_in(second), tmp_path / "received") == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"zzzz", b"0009", b"0003", b"fff1" + b"x" * 40, packet("want nothing\n")],
)
def test_a_broken_request_gets_no_objects(
    body: bytes, project: ProjectRepositories, tip: str
) -> None:
    with serving.served(project) as url:
        _, answer = post(url, body)
        after, _ = post(url, packet(f"want {tip} {GO_GIT}\n") + FLUSH)

    assert b"PACK" not in answer
    assert after == 200


def test_an_inflating_body_is_refused_at_the_bound(
    project: ProjectRepositories,
) -> None:
    server = UploadPack(Limits(max_request_bytes=100_000))
    with serving.served(project, server) as url:
        bomb = gzip.compress(bytes(20_000_000))
        status, said = post(url, bomb, Content_Encoding="gzip")
        plain_status, _ = post(url, bytes(100_001))

    assert len(bomb) < 100_000
    assert (status, plain_status) == (413, 413)
    assert b"too large" in said


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (gzip.compress(b"0000" * 9, mtime=0)[:-9], {"Content_Encoding": "gzip"}, 400),
        (b"no gzip", {"Content_Encoding": "gzip"}, 400),
        (b"0000", {"Content_Encoding": "br"}, 415),
        (b"0000", {"Content_Type": "text/plain"}, 415),
        (b"xyz\r\n", {"Transfer_Encoding": "chunked"}, 400),
        (b"-1\r\n", {"Transfer_Encoding": "chunked"}, 400),
        (b"2\r\nabc\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}, 400),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(
    body: bytes, headers: dict[str, Any], status: int, project: ProjectRepositories
) -> None:
    with serving.served(project) as url:
        answered, _ = post(url, body, **headers)

    assert answered == status


def test_only_the_smart_protocol_and_its_versions_are_spoken(
    project: ProjectRepositories,
) -> None:
    server = UploadPack()

    dumb = server.info_refs(project.main, service="", protocol="")
    hostile = server.info_refs(
        project.main, service="git-upload-pack", protocol="version=2\nX=1:version=9"
    )
    mixed = server.info_refs(
        project.main, service="git-upload-pack", protocol="key=1:version=2"
    )

    assert dumb.status == 403
    assert b"".join(hostile.body).startswith(b"001e# service=git-upload-pack\n0000")
    assert b"".join(mixed.body).startswith(b"000eversion 2\n")
