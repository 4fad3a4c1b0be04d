"""Eight writers at once: linear history, no lost path, a sound repository."""

import multiprocessing
import subprocess
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from delivery.git import packs, refs, trees
from delivery.git.ids import to_git
from delivery.git.locks import lock
from delivery.git.maintenance import fsck
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make, writers

WRITERS = 8
ABSENT = "1" * 40


@pytest.mark.parametrize(
    ("executor", "count"),
    [
        pytest.param(ThreadPoolExecutor, 6 * make.SCALE, id="threads"),
        pytest.param(
            partial(
                ProcessPoolExecutor,
                mp_context=multiprocessing.get_context("spawn"),
            ),
            3 * make.SCALE,
            id="processes",
        ),
    ],
)
def test_writers_at_once_lose_nothing(
    executor: Callable[..., Executor],
    count: int,
    project: ProjectRepositories,
    main: Repository,
) -> None:
    """S76: concurrent writers of different targets all succeed."""
    with executor(max_workers=WRITERS) as pool:
        jobs = [
            pool.submit(writers.publish_files, project.folder, writer, count)
            for writer in range(WRITERS)
        ]
        for job in jobs:
            job.result()

    tip = refs.tip(main, "main")
    assert trees.list_files(main, main.tree_of(tip)).keys() == {
        f"tenant-{writer}/production/api/{turn}.yaml"
        for writer in range(WRITERS)
        for turn in range(count)
    }
    history = list(refs.first_parents(main, tip))
    assert len(history) == WRITERS * count + 1
    assert all(len(commit.parents) == 1 for commit in history[:-1])
    assert fsck(main.path) == []


def test_a_project_made_by_many_at_once_is_made_once(
    project: ProjectRepositories,
) -> None:
    fresh = ProjectRepositories(project.folder.parent / "fresh")
    with ThreadPoolExecutor(WRITERS) as pool:
        jobs = [
            pool.submit(fresh.create, identity=make.SERVICE, at=make.NOON)
            for _ in range(WRITERS)
        ]
        for job in jobs:
            job.result()

    assert sorted(path.name for path in fresh.folder.iterdir()) == [
        *("main.git", "renderings.git", "source.git")
    ]
    assert fsck(fresh.main) == []


def test_something_else_in_its_place_is_left_alone(
    project: ProjectRepositories,
) -> None:
    other = ProjectRepositories(project.folder.parent / "other")
    (other.main / "mine").mkdir(parents=True)

    with pytest.raises(OSError, match="main"):
        other.create(identity=make.SERVICE, at=make.NOON)

    assert [path.name for path in other.main.iterdir()] == ["mine"]
    assert [path.name for path in other.folder.iterdir()] == ["main.git"]


def test_a_half_written_pack_is_seen_by_nobody(
    main: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S76: readers come by at any moment; they open all that is named like a pack."""
    write_index, seen = packs.write_pack_index_v2, []

    def look_and_write(file: Any, *rest: Any) -> bytes:
        with Repository(main.path) as reader:
            # What is not there is looked for in every pack.
            seen.append(reader.store.contains_packed(to_git(ABSENT)))
        look = ["git", "-C", main.path, "cat-file", "-e", ABSENT]
        seen.append(subprocess.run(look, capture_output=True, check=False).stderr)
        return write_index(file, *rest)

    monkeypatch.setattr(packs, "write_pack_index_v2", look_and_write)
    with lock(main.path):
        make.commit_edits(main, refs.tip(main, "main"), {"t/e/a.yaml": b"a: 1\n"})

    assert seen == [False, b""]
