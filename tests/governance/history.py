"""Proving from the records alone that governance held.

Reads audit entries and the branch that clusters follow, nothing else: no release row,
no approval row. What it finds wrong comes back in words; nothing found is the proof.
"""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.governance.reading import Reading
from tests.governance.records import Record


def problems(records: Sequence[Record], main: Path) -> list[str]:
    """Return what in the history contradicts the rules; empty is the proof.

    One commit for each deployed release and one release for each commit; the quorum
    held by people eligible then, no author or editor among them, on that very digest,
    not lapsed; sent by who might; not frozen, or set aside by two people; never past
    another deploy of the target. A full rollback commits the very tree it goes back to.
    """
    reading = Reading()
    for record in records:
        reading.take(record)
    return [*reading.end(), *_commits(reading, main), *_ways_back(reading, main)]


def _commits(reading: Reading, main: Path) -> Iterator[str]:
    """Compare the branch with what the records say was committed."""
    found: dict[str, str] = {}
    for row in _git(
        main,
        "log",
        "--format=%H%x09%P%x09%(trailers:key=Release-Id,valueonly,separator=%x2C)",
        "main",
    ).splitlines():
        commit, parents, release = row.split("\t")
        if parents:
            found[commit] = release.rpartition("/")[2]
    for commit in found:
        if commit not in reading.trees:
            yield f"commit {commit} is on main, and no record says so"
    for commit, (tree, target, name) in reading.trees.items():
        if found.get(commit) != name:
            yield f"{name} was recorded as {commit}, which main does not hold for it"
        elif _tree(main, commit, target) != tree:
            yield f"{name} committed another tree than the one on record"


def _ways_back(reading: Reading, main: Path) -> Iterator[str]:
    """Compare what full rollbacks committed with what they say they went back to."""
    for story in reading.stories.values():
        anchor = reading.stories.get(story.back_to or "")
        if anchor and anchor.commit and story.commit and story.is_full:
            commits = (story.commit, anchor.commit)
            now, then = (_tree(main, commit, story.target) for commit in commits)
            if now != then:
                yield f"{story.name} went back to {anchor.name} by another tree"


def files_of(repository: Path, place: str) -> dict[str, str]:
    """Return the texts below a place, such as ``main:acme/prod``, by path."""
    names = _git(repository, "ls-tree", "-r", "--name-only", place).splitlines()
    return {name: _git(repository, "show", f"{place}/{name}") for name in names}


def _tree(repository: Path, commit: str, target: str) -> str:
    return _git(repository, "rev-parse", f"{commit}:{target}").strip()


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", repository, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
