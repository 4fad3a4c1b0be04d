"""What readers may fetch: everything of what they are shown, nothing else by any id."""

from pathlib import Path

import pytest

from delivery.git import refs
from delivery.git.locks import lock
from delivery.git.project import ProjectRepositories
from delivery.git.repository import NoSuchObject, Repository
from delivery.git.trees import find
from tests.git import make, serving

VERSIONS = ["0", "1", "2"]
KINDS = ["commit", "tree", "blob"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    work = tmp_path / "clone"
    make.git("init", "-q", work)
    return work


def fetch(work: Path, version: str, url: str, *wanted: str) -> str:
    """Fetch and return what git says; empty when it went well."""
    done = make.run_git(
        *("-c", f"protocol.version={version}", "fetch", "-q", url, *wanted), cwd=work
    )
    assert bool(done.returncode) == bool(done.stderr)
    return done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_a_fetch_brings_what_came_since(
    version: str, project: ProjectRepositories, main: Repository, tmp_path: Path
) -> None:
    make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})
    work = tmp_path / "work"
    with serving.served(project) as url:
        make.git("clone", f"{url}/main.git", work)
        tip = make.advance(main, {"acme/production/api/b.yaml": b"b: 1\n"})
        make.git(
            *("-c", f"protocol.version={version}"),
            *("fetch", "origin", "--tags", "--force", "--prune"),
            cwd=work,
        )

    assert make.git("rev-parse", "origin/main", cwd=work) == tip
    assert make.git("fsck", "--strict", cwd=work) == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_commit_is_fetched_by_its_id(
    version: str, project: ProjectRepositories, main: Repository, clone: Path
) -> None:
    """S70: Argo CD fetches a revision with depth 1."""
    older = make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})
    make.advance(main, {"acme/production/api/a.yaml": b"a: 2\n"})

    with serving.served(project) as url:
        assert fetch(clone, version, f"{url}/main.git", older, "--depth=1") == ""

    assert make.git("rev-list", "FETCH_HEAD", cwd=clone) == older
    content = make.git("show", f"{older}:acme/production/api/a.yaml", cwd=clone)
    assert content == "a: 1"


def objects_of(repository: Repository, commit: str, path: str) -> dict[str, str]:
    tree = repository.tree_of(commit)
    return {
        "commit": commit,
        "tree": tree,
        "blob": find(repository, tree, path)[1],
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_source_is_fetched_only_by_who_may_see_it(
    kind: str, version: str, project: ProjectRepositories, clone: Path
) -> None:
    with Repository(project.source) as source:
        tip = make.advance(source, {"variables/repo.yaml": b"a: b\n"}, branch="source")
        wanted = objects_of(source, tip, "variables/repo.yaml")[kind]

    with serving.served(project) as url:
        refused = fetch(clone, version, f"{url}/main.git", wanted)
        held_after_refusal = make.run_git("cat-file", "-e", wanted, cwd=clone)
        allowed = fetch(clone, version, f"{url}/all.git", wanted)

    assert "not our ref" in refused
    assert held_after_refusal.returncode != 0
    assert allowed == ""
    assert make.git("cat-file", "-t", wanted, cwd=clone) == kind


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", ["main", "all"])
def test_what_was_rendered_but_not_published_is_fetched_by_nobody(
    reader: str,
    kind: str,
    version: str,
    project: ProjectRepositories,
    renderings: Repository,
    clone: Path,
) -> None:
    tip = refs.tip(renderings, "main")
    with lock(project.renderings):
        commit = make.commit_edits(
            renderings, tip, {"acme/production/api/a.yaml": b"unapproved: true\n"}
        )
    wanted = objects_of(renderings, commit, "acme/production/api/a.yaml")[kind]

    with serving.served(project) as url:
        refused = fetch(clone, version, f"{url}/{reader}.git", wanted)

    assert "not our ref" in refused


def test_readers_of_main_are_shown_main_alone(
    project: ProjectRepositories, main: Repository
) -> None:
    tip = make.advance(main, {"acme/production/api/a.yaml": b"a: 1\n"})

    with serving.served(project) as url:
        shown = make.git("ls-remote", f"{url}/main.git")
        shown_to_all = make.git("ls-remote", "--symref", f"{url}/all.git")

    assert shown.split() == [tip, "HEAD", tip, "refs/heads/main"]
    assert "ref: refs/heads/main\tHEAD" in shown_to_all
    assert f"{tip}\trefs/heads/main" in shown_to_all
    assert "\trefs/heads/source" in shown_to_all


def test_a_branch_that_is_only_shown_cannot_be_moved_there(
    project: ProjectRepositories, main: Repository
) -> None:
    tip = refs.tip(main, "main")
    with Repository(project.source) as source, lock(project.source):
        new = make.commit_edits(source, tip, {"a.yaml": b"a: 1\n"})

        with pytest.raises(ValueError, match="another repository"):
            refs.compare_and_swap(source, "main", old=tip, new=new)

    assert refs.tip(main, "main") == tip


def test_an_unknown_object_is_told_apart_from_a_branch(main: Repository) -> None:
    with pytest.raises(NoSuchObject):
        main.read_commit("0" * 40)
    with pytest.raises(NoSuchObject):
        main.read_blob(refs.tip(main, "main"))
    with pytest.raises(NoSuchObject):
        refs.tip(main, "elsewhere")
