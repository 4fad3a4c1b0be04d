import threading
from pathlib import Path

import pytest

from delivery.git import copying, refs
from delivery.git.maintenance import fsck
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make


def test_a_copy_is_sound_although_writers_go_on(
    project: ProjectRepositories, tmp_path: Path
) -> None:
    """Commits and joined packs come between; each copy is of one moment."""
    stop = threading.Event()

    def write() -> None:
        with Repository(project.main) as main:
            turn = 0
            # A moment between commits: the lock has no queue.
            while not stop.wait(0.02):
                make.advance(main, {f"t/e/{turn % 7}.yaml": f"a: {turn}\n".encode()})
                turn += 1
                if turn % 5 == 0:
                    make.repacked(project.main)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(4):
            copying.copy(project.main, tmp_path / str(turn))
    finally:
        stop.set()
        writer.join()

    for turn in range(4):
        assert fsck(tmp_path / str(turn)) == []
    copied = ProjectRepositories(tmp_path / "copied")
    for path in project.all:
        copying.copy(path, copied.folder / path.name)
    with Repository(project.main) as main, Repository(copied.source) as shown:
        assert refs.tip(shown, "main") == refs.tip(main, "main")
    assert not list(copied.main.glob("gitopshq-*"))
    assert not list(project.folder.glob(".*"))
    with pytest.raises(FileExistsError):
        copying.copy(project.main, copied.main)
