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
        make.git(
            "-c",
            f"protocol.version={version}",
            "clone",
            f"{url}/main.git",
            "work",
            cwd=tmp_path,
        )

    work = tmp_path / "work"
    assert make.git("rev-parse", "HEAD", cwd=work) == tip
    assert make.git("symbolic-ref", "HEAD", cwd=work) == "refs/heads/main"
    assert (work / "acme/production/api/b.yaml").read_bytes() == b"kind: B\n"
    assert make.git("fsck", "--strict", "--full", cwd=work) == ""
    assert fsck(project.main) == []
