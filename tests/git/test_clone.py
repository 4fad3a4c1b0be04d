import shutil
from pathlib import Path

import pytest

from delivery.git.maintenance import fsck
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make, serving

VERSIONS = ["0", "1", "2"]


@pytest.fixture
def tip(main: Repository) -> str:
    make.advance(main, {"acme/production/api/a.yaml": b"kind: A\n"})
    make.advance(main, {"acme/production/api/b.yaml": b"kind: B\n"})
    return make.advance(main, {"acme/staging/api/a.yaml": b"kind: A\n"})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_clone_holds_what_was_committed(
    version: str, project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    """S70: a plain clone over HTTP gets the commit."""
    with serving.served(project) as url:
        make.git(*speaking(version), "clone", f"{url}/main.git", "work", cwd=tmp_path)

    work = tmp_path / "work"
    assert make.git("rev-parse", "HEAD", cwd=work) == tip
    assert make.git("symbolic-ref", "HEAD", cwd=work) == "refs/heads/main"
    assert (work / "acme/production/api/b.yaml").read_bytes() == b"kind: B\n"
    assert make.git("rev-list", "--count", "HEAD", cwd=work) == "4"
    assert make.git("fsck", "--strict", "--full", cwd=work) == ""
    assert fsck(project.main) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_shallow_clone_holds_one_commit(
    version: str, project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    with serving.served(project) as url:
        make.git(
            *speaking(version),
            *("clone", "--depth", "1", f"{url}/main.git", "work"),
            cwd=tmp_path,
        )

    work = tmp_path / "work"
    assert make.git("rev-list", "HEAD", cwd=work) == tip
    assert (work / "acme/production/api/a.yaml").exists()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_partial_clone_fetches_contents_when_they_are_needed(
    version: str, project: ProjectRepositories, tip: str, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    with serving.served(project) as url:
        make.git(
            *speaking(version),
            *("clone", "--filter=blob:none", "--no-checkout", f"{url}/main.git", work),
        )
        missing = make.git("rev-list", "--objects", "--missing=print", tip, cwd=work)
        make.git(*speaking(version), "checkout", "main", cwd=work)

    assert sum(line.startswith("?") for line in missing.splitlines()) == 2
    assert (work / "acme/staging/api/a.yaml").read_bytes() == b"kind: A\n"


def test_a_clone_during_repacking_and_commits_is_sound(
    project: ProjectRepositories, main: Repository, tmp_path: Path
) -> None:
    with serving.served(project) as url:
        for turn in range(6):
            make.advance(main, {f"acme/production/api/{turn}.yaml": b"a: 1\n"})
            make.repacked(project.main)
            work = tmp_path / "work"
            make.git("clone", f"{url}/main.git", work)
            assert make.git("fsck", "--strict", cwd=work) == ""
            assert (work / f"acme/production/api/{turn}.yaml").exists()
            shutil.rmtree(work)


def speaking(version: str) -> tuple[str, str]:
    return "-c", f"protocol.version={version}"
