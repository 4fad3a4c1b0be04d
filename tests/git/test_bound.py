"""Children that serve: how many there are, how they end, and what they see."""

import http.client
import io
import os
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from delivery.git.pack_stream import NICENESS, PackStream
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from delivery.git.upload_pack import Limits, UploadPack
from tests.git import make, serving
from tests.git.packets import FLUSH, packet

REQUEST = "application/x-git-upload-pack-request"


@pytest.fixture
def tip(main: Repository) -> str:
    return make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})


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


def test_a_child_gives_way_to_pages(project: ProjectRepositories, large: str) -> None:
    """In our session, where the kernel compares it with us, and behind us."""
    with reading(UploadPack(), project, large) as stream:
        next(stream)
        child = stream._child.pid

        assert os.getsid(child) == os.getsid(0)
        assert os.getpgid(child) == child
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        theirs = {os.getpriority(os.PRIO_PROCESS, pid) for pid in processes_of(child)}
        assert theirs == {min(ours + NICENESS, 19)}


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

    following = server.info_refs(project.main, service="git-upload-pack", protocol="")
    assert following.status == 200


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


def test_who_finds_no_seat_to_wait_in_is_told_at_once(
    project: ProjectRepositories, large: str
) -> None:
    """Else threads that wait for a child are all there are, and no page is served."""
    server = UploadPack(Limits(children=1, waiting=1, wait_seconds=30))
    taken = reading(server, project, large)
    seated: list[int] = []
    waiting = threading.Thread(
        target=lambda: seated.append(
            server.info_refs(
                project.main, service="git-upload-pack", protocol=""
            ).status
        )
    )
    waiting.start()
    while server._seats.acquire(blocking=False):
        server._seats.release()

    began = time.monotonic()
    refused = server.serve(project.main, environ_for(large), protocol="")
    took = time.monotonic() - began
    taken.close()
    waiting.join()

    assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
    assert took < server.limits.wait_seconds / 2
    assert seated == [200]


def test_what_git_can_do_here_is_told_without_a_child(
    project: ProjectRepositories, large: str
) -> None:
    """Clusters poll all day; each poll of protocol 2 begins so."""
    server = UploadPack(Limits(children=1, wait_seconds=0.01))
    asked = {"service": "git-upload-pack", "protocol": "version=2"}
    first = b"".join(server.info_refs(project.main, **asked).body)
    taken = reading(server, project, large)

    second = server.info_refs(project.main, **asked)
    of_another = server.info_refs(project.source, **asked)
    taken.close()

    assert b"".join(second.body) == first
    assert first.startswith(b"000eversion 2\n")
    assert of_another.status == 503, "nobody asked git for that one yet"


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
