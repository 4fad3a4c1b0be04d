"""Whose each commit of ``main`` is: the history against the releases that deployed.

What the repositories themselves lack is told by the delivery app. Records on ``main``
are compared here with what the database says; alone they decide nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from delivery import soundness
from delivery.git import refs, trees
from delivery.git.bookkeeping import RECORDS
from delivery.git.ids import EMPTY_TREE
from delivery.git.project import MAIN
from delivery.git.repository import NoSuchObject, Repository
from delivery.repositories import places_of
from delivery.soundness import Finding, Kind
from environments.locking import lock_project
from environments.models import Project
from releases.models import DeployAttempt, DeployedState, Release, Status

SHIPPED: Final = (Status.DEPLOYED, Status.ROLLED_BACK)
_RELEASE: Final = re.compile(r"R-([1-9][0-9]{0,9})")


@dataclass(frozen=True)
class Published:
    """A commit of ``main``, and what its own record says of it.

    ``place`` is the folder ``<tenant>/<environment>`` that it renewed, "" where it
    renewed none or several; ``tree`` is that folder's id, "" where it is not there.
    """

    commit: str
    place: str = ""
    number: int = 0
    digest: str = ""
    tree: str = ""


@dataclass(frozen=True)
class _Shipped:
    """A release that the database calls deployed."""

    name: str
    place: str
    digest: str
    tree: str


@dataclass(frozen=True)
class _Known:
    """What the database says, read while nobody deploys."""

    tip: str
    releases: dict[str, list[_Shipped]]
    recorded: frozenset[str]
    deployed: dict[str, tuple[str, str]]
    last_number: int


def check(project: Project, *, deep: bool = False) -> list[Finding]:
    """Return everything that is wrong between database and repositories."""
    found = soundness.check(project, deep=deep)
    is_readable = not any(
        one.kind in {Kind.REPOSITORY_MISSING, Kind.MAIN_ASTRAY, Kind.UNREADABLE}
        for one in found
    )
    if is_readable and not places_of(project).missing():
        found += soundness.guarded(project, _history)
    return found


def published_without_release(project: Project) -> list[Published]:
    """Return the commits of ``main`` that no release accounts for, oldest first.

    What a later release has replaced is history, and not among them.
    """
    with Repository(places_of(project).main) as served:
        known = _read(project, served)
        return _strangers(known, _commits(served, known.tip))


def _history(project: Project) -> Iterator[Finding]:
    with Repository(places_of(project).main) as served:
        known = _read(project, served)
        commits = _commits(served, known.tip)
        root = served.tree_of(known.tip)
        folders = {
            place: trees.find_folder(served, root, place) for place in known.deployed
        }
    by_id = {published.commit: published for published in commits}
    for commit, owners in known.releases.items():
        yield from _owned(project.slug, by_id.get(commit), owners, commit)
    for stranger in _strangers(known, commits):
        yield Finding(
            Kind.COMMIT_UNKNOWN,
            project.slug,
            stranger.commit,
            f"no release of the database deployed it; it says R-{stranger.number} to "
            f"{stranger.place or 'nowhere'}",
            "fsck --repair finishes that release if it was approved with this very "
            "digest; else deploy a release there, which takes its place",
        )
    highest = max((published.number for published in commits), default=0)
    if highest > known.last_number:
        yield Finding(
            Kind.NUMBER_TAKEN,
            project.slug,
            f"R-{highest}",
            f"{MAIN} knows this release, the database counts to {known.last_number}",
            "fsck --repair goes on counting behind it",
        )
    for place, (name, tree) in known.deployed.items():
        if folders[place] != tree:
            yield Finding(
                Kind.TARGET_DIFFERS,
                project.slug,
                place,
                f"{name} is deployed with the tree {tree}, {MAIN} has {folders[place]}",
                "deploy a release there",
            )


def _owned(
    project: str, published: Published | None, owners: list[_Shipped], commit: str
) -> Iterator[Finding]:
    names = ", ".join(owner.name for owner in owners)
    if published is None:
        yield Finding(
            Kind.RELEASE_UNPUBLISHED,
            project,
            commit,
            f"{names} was deployed with this commit, and {MAIN} lacks it",
            "find out who rewrote main.git; restore it",
        )
        return
    if len(owners) > 1:
        yield Finding(
            Kind.COMMIT_SHARED,
            project,
            commit,
            f"{names} were all deployed with it",
            "read the audit trail of each",
        )
    owner = owners[0]
    if (published.place, published.tree) != (owner.place, owner.tree):
        yield Finding(
            Kind.FOLDER_DIFFERS,
            project,
            commit,
            f"{owner.name} approved {owner.tree} for {owner.place}, the commit holds "
            f"{published.tree or 'nothing'} there",
            "find out who rewrote main.git; restore it",
        )
    if (f"R-{published.number}", published.digest) != (owner.name, owner.digest):
        yield Finding(
            Kind.RECORD_DIFFERS,
            project,
            commit,
            f"{owner.name} has the digest {owner.digest}, the record says "
            f"R-{published.number} and {published.digest or 'none'}",
            "find out who rewrote main.git; restore it",
        )


def _strangers(known: _Known, commits: list[Published]) -> list[Published]:
    """Return the commits nobody owns whose folder no later release has renewed."""
    found: list[Published] = []
    renewed: set[str] = set()
    for published in reversed(commits):
        if published.commit in known.releases:
            renewed.add(published.place)
        elif published.commit not in known.recorded and (
            not published.place or published.place not in renewed
        ):
            found.append(published)
    return found[::-1]


@transaction.atomic
def _read(project: Project, served: Repository) -> _Known:
    current = lock_project(project)
    shipped = Release.objects.filter(project=project, status__in=SHIPPED).values_list(
        "commit_sha",
        "number",
        "target__tenant__slug",
        "target__environment__slug",
        "digest",
        "rendering__tree",
    )
    releases: dict[str, list[_Shipped]] = {}
    for commit, number, tenant, environment, digest, tree in shipped:
        owner = _Shipped(f"R-{number}", f"{tenant}/{environment}", digest, tree)
        releases.setdefault(commit, []).append(owner)
    # A worker is about to adopt what it recorded before it was lost.
    recorded = DeployAttempt.objects.filter(
        release__project=project, release__status=Status.DEPLOYING
    ).values_list("commits", flat=True)
    deployed = DeployedState.objects.filter(target__project=project).select_related(
        "target__tenant", "target__environment", "release__rendering"
    )
    return _Known(
        tip=refs.tip(served, MAIN),
        releases=releases,
        recorded=frozenset(commit for commits in recorded for commit in commits),
        deployed={
            str(row.target): (row.release.name, row.release.rendering.tree)
            for row in deployed
        },
        last_number=current.release_sequence,
    )


def _commits(served: Repository, tip: str) -> list[Published]:
    """Return the commits of ``main`` with their records, oldest first."""
    found = [
        _published(
            served, commit.id.decode(), str(commit.tree, "ascii"), commit.parents
        )
        for commit in refs.first_parents(served, tip)
        if commit.parents
    ]
    return found[::-1]


def _published(
    served: Repository, commit: str, root: str, parents: list[Any]
) -> Published:
    before = served.tree_of(parents[0].decode())
    records = [
        change.path.removesuffix(".json")
        for change in trees.changed_files(
            served, _records(served, before), _records(served, root)
        )
    ]
    if len(records) != 1:
        return Published(commit)
    place = records[0]
    tree = trees.find_folder(served, root, place) or ""
    try:
        said = json.loads(trees.read_file(served, root, f"{RECORDS}/{place}.json"))
        name = _RELEASE.fullmatch(said["release"])
        return Published(
            commit, place, int(name[1]) if name else 0, str(said["digest"]), tree
        )
    except (NoSuchObject, ValueError, LookupError, TypeError):
        return Published(commit, place, tree=tree)


def _records(served: Repository, root: str) -> str:
    return trees.find_folder(served, root, RECORDS) or EMPTY_TREE
