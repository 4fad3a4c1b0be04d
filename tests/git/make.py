"""Commits and git calls for the tests, with everything they do not care about."""

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from delivery.git import commits, maintenance, packs, refs, trees
from delivery.git.commits import Identity
from delivery.git.locks import lock
from delivery.git.repository import Repository
from delivery.git.trees import TreeEdit

SERVICE = Identity("GitOpsHQ", "gitopshq@localhost")
DORA = Identity("Dora", "dora@example.com")
SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def commit_edits(
    repository: Repository, parent: str, edits: Mapping[str, TreeEdit]
) -> str:
    """Write a commit of `edits` on `parent`, on no branch yet; needs the lock."""
    tree, objects = trees.edit_tree(repository, repository.tree_of(parent), edits)
    commit = commits.build_commit(
        parent=parent,
        tree=tree,
        message="change\n",
        author=DORA,
        committer=SERVICE,
        at=NOON,
    )
    packs.add_pack(repository, [*objects, commit])
    return commit.id.decode()


def advance(
    repository: Repository, edits: Mapping[str, TreeEdit], branch: str = "main"
) -> str:
    """Commit `edits` on a branch."""
    with lock(repository.path):
        tip = refs.tip(repository, branch)
        new = commit_edits(repository, tip, edits)
        assert refs.compare_and_swap(repository, branch, old=tip, new=new)
    return new


def git(
    *arguments: str | Path,
    cwd: Path | None = None,
    check: bool = True,
    text: str | None = None,
) -> str:
    """Run the real git with no configuration of this machine; return its stdout."""
    return run_git(*arguments, cwd=cwd, check=check, text=text).stdout.strip()


def run_git(
    *arguments: str | Path,
    cwd: Path | None = None,
    check: bool = False,
    text: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run the real git and return what came of it."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Stan",
        "GIT_AUTHOR_EMAIL": "stan@example.com",
        "GIT_COMMITTER_NAME": "Stan",
        "GIT_COMMITTER_EMAIL": "stan@example.com",
    }
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        input=text,
        timeout=60,
        check=False,
    )
    if check:
        assert done.returncode == 0, done.stderr
    return done


def repacked(path: Path) -> None:
    """Join the packs of a repository however few they are."""
    with lock(path):
        assert maintenance.repack(path, beyond=0)
