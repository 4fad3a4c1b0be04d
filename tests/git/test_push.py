from pathlib import Path

import pytest

from delivery.git import refs
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make, serving


@pytest.mark.parametrize("version", ["0", "1", "2"])
@pytest.mark.parametrize("reader", ["main", "all"])
def test_a_push_is_refused_with_the_reason(
    reader: str,
    version: str,
    project: ProjectRepositories,
    main: Repository,
    tmp_path: Path,
) -> None:
    """S3: nothing but a deploy writes the delivery branch."""
    work = tmp_path / "work"
    tip = refs.tip(main, "main")
    with serving.served(project) as url:
        make.git("clone", f"{url}/{reader}.git", work)
        make.git("commit", "--allow-empty", "-m", "mine", cwd=work)
        done = make.run_git("-c", f"protocol.version={version}", "push", cwd=work)

    assert done.returncode != 0
    assert "remote: This repository is read-only" in done.stderr
    assert "deploy a release" in done.stderr
    assert refs.tip(main, "main") == tip


def test_git_itself_would_not_take_a_push_over_http(
    project: ProjectRepositories,
) -> None:
    for path in (project.main, project.source, project.renderings):
        assert make.git("config", "http.receivepack", cwd=path) == "false"
