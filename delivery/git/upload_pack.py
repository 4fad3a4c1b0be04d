"""Smart HTTP, reading only: answers made by `git upload-pack` as a child process.

Who may read which repository is decided before; pushes are refused with the reason.
"""

import logging
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.git import children, request_bodies
from delivery.git.pack_stream import PackStream

log = logging.getLogger(__name__)

UPLOAD_PACK = "git-upload-pack"
RECEIVE_PACK = "git-receive-pack"
PUSH_REFUSED = (
    "This repository is read-only: it is written by releases. "
    "Change the configuration in GitOpsHQ and deploy a release."
)

_VERSION = re.compile(r"(?:^|:)(version=[0-2])(?=:|$)")
# Partial clones leave out contents, large ones, or folders; a filter that reads its
# rules from an object, or nests others, makes the server work for nobody. No client
# needs to know sizes by id.
_SETTINGS = tuple(
    part
    for setting in (
        "transfer.advertiseObjectInfo=false",
        "uploadpackfilter.allow=false",
        "uploadpackfilter.blob:none.allow=true",
        "uploadpackfilter.blob:limit.allow=true",
        "uploadpackfilter.tree.allow=true",
    )
    for part in ("-c", setting)
)
_NEVER_CACHED = {
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Iterate `body` once; close it if it has `close`."""

    status: int
    body: Iterable[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What reading may take; the counts are for one process of the server.

    Who waits for a child holds a thread of the server: `waiting` leaves some of them
    to pages (`_WEB_THREADS` in `gitopshq.supervisor.services`).
    """

    children: int = 2 * (os.cpu_count() or 1)
    waiting: int = 16
    wait_seconds: float = 20.0
    wall_clock_seconds: float = 900.0
    max_request_bytes: int = 64 * 1024 * 1024


class UploadPack:
    """Answers Git clients; one for the whole process, usable from any thread."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._slots = threading.BoundedSemaphore(self.limits.children)
        self._seats = threading.BoundedSemaphore(self.limits.waiting)
        # Protocol 2 begins with what git can do here, and names no branch: the same
        # for every poll, so no child is started for it.
        self._capabilities: dict[tuple[Path, int], bytes] = {}

    def info_refs(self, repository: Path, *, service: str, protocol: str) -> Answer:
        """Answer `GET info/refs`: the branches, or for a push the reason why not.

        :param service: the query parameter of that name.
        :param protocol: the header Git-Protocol, or "".
        """
        if service == RECEIVE_PACK:
            return refuse_push()
        if service != UPLOAD_PACK:
            return _text(403, "Only the smart HTTP protocol of Git is spoken here.")
        version = _version(protocol)
        known = None
        if version == "version=2":
            known = (repository, _config_of(repository))
            if said := self._capabilities.get(known):
                return Answer(200, [said], _headers("advertisement"))
        stream = self._start(
            repository, subprocess.DEVNULL, version, "--advertise-refs"
        )
        if stream is None:
            return _busy()
        with stream:
            refs = b"".join(stream)
        if not refs:
            return _text(500, "The repository cannot be read.")
        if known:
            self._capabilities[known] = refs
        else:
            refs = _packet(f"# service={UPLOAD_PACK}\n") + b"0000" + refs
        return Answer(200, [refs], _headers("advertisement"))

    def serve(
        self, repository: Path, environ: Mapping[str, Any], *, protocol: str
    ) -> Answer:
        """Answer `POST git-upload-pack`: the objects asked for, streamed.

        :param environ: the WSGI environment, its input not yet read.
        :param protocol: the header Git-Protocol, or "".
        """
        if environ.get("CONTENT_TYPE") != f"application/x-{UPLOAD_PACK}-request":
            return _text(415, f"Send application/x-{UPLOAD_PACK}-request.")
        try:
            body = request_bodies.spool(
                environ, max_bytes=self.limits.max_request_bytes
            )
        except request_bodies.BodyTooLarge as refusal:
            return _text(413, f"The request is too large: {refusal}.")
        except request_bodies.UnknownEncoding as refusal:
            return _text(415, f"Content-Encoding {refusal} is not taken.")
        except request_bodies.BadBody as refusal:
            return _text(400, f"The request is broken: {refusal}.")
        with body:
            stream = self._start(repository, body.fileno(), _version(protocol))
        if stream is None:
            return _busy()
        return Answer(200, stream, _headers("result"))

    def _start(
        self, repository: Path, stdin: int, protocol: str, *options: str
    ) -> PackStream | None:
        """Start a child once there is a place for it; None if none comes free."""
        if not self._take_slot():
            log.warning("all %s places for git children taken", self.limits.children)
            return None
        try:
            return PackStream(
                children.command(
                    *_SETTINGS,
                    *("upload-pack", "--stateless-rpc", "--strict"),
                    *options,
                    str(repository),
                ),
                environment=children.environment(protocol),
                stdin=stdin,
                wall_clock_seconds=self.limits.wall_clock_seconds,
                on_end=self._slots.release,
            )
        except BaseException:
            self._slots.release()
            raise

    def _take_slot(self) -> bool:
        """Wait for a place while there is a seat to wait in, and for so long."""
        if self._slots.acquire(blocking=False):
            return True
        if not self._seats.acquire(blocking=False):
            return False
        try:
            return self._slots.acquire(timeout=self.limits.wait_seconds)
        finally:
            self._seats.release()


def refuse_push(reason: str = PUSH_REFUSED) -> Answer:
    """Answer any request of `git push`, which prints the text of a 403 for people."""
    return _text(403, reason)


def _config_of(repository: Path) -> int:
    """Return what changes with a repository's settings; 0 if there are none."""
    try:
        return (repository / "config").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _version(protocol: str) -> str:
    """Return the one part of the header Git-Protocol that a child may see."""
    found = _VERSION.findall(protocol)
    return max(found, default="")


def _headers(kind: str) -> dict[str, str]:
    return {**_NEVER_CACHED, "Content-Type": f"application/x-{UPLOAD_PACK}-{kind}"}


def _packet(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


def _busy() -> Answer:
    answer = _text(503, "Too many clients read at once; try again.")
    return Answer(503, answer.body, {**answer.headers, "Retry-After": "10"})


def _text(status: int, text: str) -> Answer:
    return Answer(
        status,
        [f"{text}\n".encode()],
        {**_NEVER_CACHED, "Content-Type": "text/plain; charset=utf-8"},
    )
