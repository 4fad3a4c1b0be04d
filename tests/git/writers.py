"""Writers for the race and crash tests; they also run as processes of their own."""

import os
import random
import signal
import time
from pathlib import Path

from delivery.git import journal, packs, publishing, refs
from delivery.git.locks import lock
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make


def publish_files(folder: Path, writer: int, count: int) -> None:
    """Publish `count` files of one writer, one a commit, starting again when beaten."""
    project = ProjectRepositories(folder)
    with (
        Repository(project.renderings) as renderings,
        Repository(project.main) as main,
    ):
        for turn in range(count):
            path = f"tenant-{writer}/production/api/{turn}.yaml"
            while not publish_file(main, renderings, path):
                time.sleep(random.uniform(0, 0.02))


def publish_file(main: Repository, renderings: Repository, path: str) -> bool:
    """Try once to publish a file: build on the tip seen, then swap."""
    tip = refs.tip(main, "main")
    with lock(renderings.path):
        new = make.commit_edits(renderings, tip, {path: f"path: {path}\n".encode()})
    with lock(main.path):
        return publishing.publish(renderings, main, "main", old=tip, new=new)


def die(*_: object, **__: object) -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def publish_and_die(folder: Path, moment: str) -> None:
    """Publish a file but die at a moment on the way."""
    moments: dict[str, tuple[object, str]] = {
        "before the note": (journal, "begin"),
        "before the objects": (packs.DraftPack, "reveal"),
        "before the ref": (refs, "compare_and_swap"),
        "after the ref": (packs.DraftPack, "discard"),
        "before the note goes": (journal, "settle"),
    }
    project = ProjectRepositories(folder)
    with (
        Repository(project.renderings) as renderings,
        Repository(project.main) as main,
    ):
        tip = refs.tip(main, "main")
        with lock(renderings.path):
            new = make.commit_edits(renderings, tip, {"t/e/a.yaml": b"a: 1\n"})
        with lock(main.path):
            owner, name = moments[moment]
            setattr(owner, name, die)
            publishing.publish(renderings, main, "main", old=tip, new=new)


def lock_and_die(path: Path) -> None:
    """Die in the middle of writing, as a killed dulwich or git leaves things."""
    with Repository(path), lock(path):
        for leftover in LEFTOVERS:
            (path / leftover).write_bytes(b"half")
        die()


LEFTOVERS = [
    "HEAD.lock",
    "packed-refs.lock",
    "config.lock",
    "refs/heads/main.lock",
    "objects/pack/pack-1234.idx.lock",
    "objects/pack/tmp_abc.pack",
    "objects/pack/tmp_pack_xyz",
    "objects/pack/.tmp-99-pack-1234.pack",
]
