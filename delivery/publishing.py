"""Building the commit of a deploy, beside the served repository.

The commit and its trees are written to the repository of renderings, which is never
served, and what ``main`` lacks of it to a draft that nobody can fetch; ``advancing``
lets that appear when the ref moves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from delivery.git import locks, packs, publishing, refs, trees
from delivery.git.bookkeeping import (
    RECORDS,
    DeployedRelease,
    DeployedTarget,
    bookkeeping_files,
)
from delivery.git.commits import Identity, build_commit
from delivery.git.project import MAIN
from delivery.git.repository import Repository
from delivery.repositories import clone_url, repositories_of, service_identity
from environments.models import Project, TenantEnvironment

TURN_SECONDS: Final = 15.0


@dataclass(frozen=True)
class ReleaseCommit:
    """What is committed: the rendered tree, the message, and the bookkeeping.

    ``tree`` is a Git tree id of the project's renderings; ``at`` is aware.
    """

    target: TenantEnvironment
    tree: str
    namespaces: frozenset[str]
    message: str
    author: Identity
    at: datetime
    release_name: str
    source_commit: str
    digest: str
    audit_sequence: int
    audit_hash: str


def tip_of(project: Project) -> str:
    """Return the commit that ``main`` stands at."""
    with Repository(repositories_of(project).main) as served:
        return refs.tip(served, MAIN)


@contextmanager
def turn(project: Project) -> Iterator[None]:
    """Have other deploys of the project wait from tip to swap, so that none races.

    Of eight that race for ``main``, one wins a round: some lose ten in a row. One whose
    worker stands still is not waited for beyond ``TURN_SECONDS``.
    """
    path = repositories_of(project).main
    with locks.turn(path, timeout_seconds=TURN_SECONDS):
        yield


def is_published(project: Project, commit: str) -> bool:
    """Say whether *commit* is ``main``'s tip or one of those it was built on."""
    with Repository(repositories_of(project).main) as served:
        return refs.is_reachable(served, tip=refs.tip(served, MAIN), commit=commit)


@dataclass(frozen=True)
class CommitProof:
    """The bytes of Git objects that prove which tree a commit holds for a target.

    ``trees`` are the folders on the way from the root to the target's and to the
    ``record`` of its deploy; what is in the target's own folder is not among them.
    """

    commit: bytes
    trees: tuple[bytes, ...]
    record: bytes


def proof_of(target: TenantEnvironment, commit: str) -> CommitProof:
    """Return what proves the folder of *target* in *commit*, one of ``main``.

    :raises delivery.git.repository.NoSuchObject: when it is not on ``main``
    """
    tenant, name = target.tenant.slug, f"{target.environment.slug}.json"
    with Repository(repositories_of(target.project).main) as served:
        found = served.read_commit(commit)
        root = str(found.tree, "ascii")
        ways = ("", tenant, RECORDS, f"{RECORDS}/{tenant}")
        ids = [trees.find(served, root, way)[1] if way else root for way in ways]
        return CommitProof(
            commit=found.as_raw_string(),
            trees=tuple(served.read_tree(one).as_raw_string() for one in ids),
            record=trees.read_file(served, root, f"{RECORDS}/{tenant}/{name}"),
        )


def build_release_commit(commit: ReleaseCommit, *, tip: str) -> str:
    """Write the commit on *tip* and prepare what it adds; return its id.

    Moves no ref, and makes nothing fetchable. The folder ``<tenant>/<environment>``
    becomes the rendered tree, id for id.

    :raises delivery.git.repository.NoSuchObject: when *tip* or the tree is not there
    :raises delivery.git.locks.RepositoryBusy: when the renderings stay locked
    """
    target = commit.target
    place = DeployedTarget(
        project=target.project.slug,
        tenant=target.tenant.slug,
        environment=target.environment.slug,
        namespace=target.namespace,
        repository_url=clone_url(target.project),
        cluster=target.cluster,
        namespaces=commit.namespaces,
    )
    record = DeployedRelease(
        name=commit.release_name,
        source_commit=commit.source_commit,
        digest=commit.digest,
        audit_sequence=commit.audit_sequence,
        audit_hash=commit.audit_hash,
    )
    places = repositories_of(target.project)
    with Repository(places.renderings) as renderings:
        edits: dict[str, trees.TreeEdit] = {
            place.folder: trees.GraftFolder(commit.tree),
            **bookkeeping_files(place, record),
        }
        root, objects = trees.edit_tree(renderings, renderings.tree_of(tip), edits)
        built = build_commit(
            parent=tip,
            tree=root,
            message=commit.message,
            author=commit.author,
            committer=service_identity(),
            at=commit.at,
        )
        with locks.lock(places.renderings):
            packs.add_pack(renderings, [*objects, built])
        commit_id = str(built.id, "ascii")
        publishing.prepare(renderings, places.main, commit_id)
    return commit_id
