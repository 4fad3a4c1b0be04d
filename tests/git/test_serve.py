"""Requests as clients other than git send them, broken ones, and how children end."""

import gzip
import http.client
import io
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from delivery.git.pack_stream import PackStream
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


@pytest.fixture
def large(project: ProjectRepositories, main: Repository) -> str:
    """A tip whose pack fits into no pipe, so that its child waits for the reader."""
    noise = b"".join(bytes([(n * n + n // 7) % 256]) for n in range(2**16))
    return make.advance(
        main, {f"{n}.bin": noise[n * 97 :] + noise[: n * 97] for n in range(64)}
    )


def environ_for(tip: str) -> dict[str, object]:
    body = packet(f"want {tip} side-band-64k\n") + FLUSH + packet("done\n")
    return {
        "CONTENT_TYPE": REQUEST,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


def reading(server: UploadPack, project: ProjectRepositories, tip: str) -> PackStream:
    answer = server.serve(project.main, environ_for(tip), protocol="")
    assert isinstance(answer.body, PackStream)
    return answer.body


def processes_of(group: int) -> list[int]:
    """Return the processes of a group that are no zombies."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def are_gone(group: int) -> bool:
    """Wait for the kernel to end the processes of a group it was told to kill."""
    deadline = time.monotonic() + 30
    while processes_of(group) and time.monotonic() < deadline:
        time.sleep(0.01)
    return processes_of(group) == []


def test_a_child_dies_with_all_it_started_when_the_client_leaves(
    project: ProjectRepositories, large: str
) -> None:
    stream = reading(UploadPack(), project, large)
    group = stream._child.pid
    next(stream)
    running = processes_of(group)

    stream.close()

    assert len(running) >= 1
    assert are_gone(group)
    assert list(stream) == []


def test_a_client_that_leaves_frees_its_place(
    project: ProjectRepositories, large: str
) -> None:
    server = UploadPack(Limits(children=1, wait_seconds=30))
    with serving.served(project, server) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        body = packet(f"want {large} side-band-64k\n") + FLUSH + packet("done\n")
        connection.request(
            "POST", "/main.git/git-upload-pack", body, {"Content-Type": REQUEST}
        )
        leaving = connection.getresponse()
        leaving.read(1000)
        leaving.close()
        connection.close()

        status, _ = post(url, packet(f"want {large} {GO_GIT}\n") + FLUSH)

    assert status == 200


def test_a_client_is_told_to_come_back_when_all_places_are_taken(
    project: ProjectRepositories, large: str
) -> None:
    server = UploadPack(Limits(children=1, wait_seconds=0.01))
    taken = reading(server, project, large)

    refused = server.serve(project.main, environ_for(large), protocol="")
    taken.close()
    served = reading(server, project, large)

    assert refused.status == 503
    assert "Retry-After" in refused.headers
    assert next(served)
    served.close()


def test_the_wall_clock_ends_a_child_that_nobody_reads(
    project: ProjectRepositories, large: str
) -> None:
    server = UploadPack(Limits(children=1, wait_seconds=30, wall_clock_seconds=0.2))
    stuck = reading(server, project, large)

    following = server.info_refs(project.main, service="git-upload-pack", protocol="")

    assert are_gone(stuck._child.pid)
    assert following.status == 200
    stuck.close()


def test_a_child_sees_nothing_of_our_environment(
    project: ProjectRepositories, tip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "transfer.hideRefs")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "refs/heads")

    answer = UploadPack().info_refs(
        project.main, service="git-upload-pack", protocol=""
    )

    assert tip.encode() in b"".join(answer.body)


def test_a_damaged_repository_is_an_error_and_frees_its_place(
    project: ProjectRepositories, caplog: pytest.LogCaptureFixture
) -> None:
    (project.main / "HEAD").unlink()
    server = UploadPack(Limits(children=1, wait_seconds=0.01))

    answers = [
        server.info_refs(project.main, service="git-upload-pack", protocol="")
        for _ in range(2)
    ]

    assert [answer.status for answer in answers] == [500, 500]
    assert "git ended with" in caplog.text
    assert str(project.main).encode() not in b"".join(answers[0].body)
