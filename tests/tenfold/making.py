"""What of the shop is copied, and the commits that belong to it."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q

from approvals.models import ApprovalDecision, ApprovalRequest
from delivery.advancing import advance_ref
from delivery.git import locks, packs, refs, trees
from delivery.git.commits import build_commit
from delivery.git.project import SOURCE
from delivery.git.repository import Repository
from delivery.models import HostedRepository, Rendering
from delivery.publishing import build_release_commit, tip_of
from delivery.repositories import repositories_of, service_identity
from environments.desired.state import State
from environments.desired.texts import text_digest
from environments.models import (
    Edit,
    EditedPlace,
    FreezeWindow,
    KustomizeBinding,
    ManifestBinding,
    Project,
    Tenant,
    TenantEnvironment,
    Text,
    ValuesLayer,
    Variable,
    WorkloadBinding,
)
from environments.stored import store_texts
from gitopshq.core import audit
from gitopshq.core.models import AuditEntry, AuditHead, Delivery, Notification
from releases.commits import commit_of
from releases.digests import release_digest
from releases.locking import fresh
from releases.models import (
    BreakGlass,
    DeployAttempt,
    DeployedState,
    HeldChange,
    Release,
    ReleaseChange,
    ReleaseComment,
    Snapshot,
)
from tests.tenfold.copying import Copy, save

TIMES: Final = 10

_OF_TENANTS: Final = (
    ValuesLayer.objects.exclude(tenant=None),
    WorkloadBinding.objects.all(),
    KustomizeBinding.objects.all(),
    ManifestBinding.objects.all(),
    Variable.objects.filter(Q(tenant__isnull=False) | Q(target__isnull=False)),
    FreezeWindow.objects.exclude(tenant=None),
)
_OF_RELEASES: Final = (
    ReleaseChange.objects.all(),
    HeldChange.objects.all(),
    ReleaseComment.objects.all(),
    BreakGlass.objects.all(),
    DeployAttempt.objects.all(),
    DeployedState.objects.all(),
)
_TOLD: Final = (Notification.objects.all(), Delivery.objects.all())
_OUR_FILES: Final = re.compile(r"targets/[^/]+/[^/]+/target\.yaml|.*\bvariables/.*")
"""Files whose text names the tenant; values, overlays and manifests are shared."""


@transaction.atomic
def multiply(project: Project) -> None:
    """Add nine copies of every tenant to a shop that holds the demo alone."""
    edits, releases = project.edit_sequence, project.release_sequence
    # The demo's own edits go last, so that each place was last edited by whom it says.
    older = edits * (TIMES - 1)
    Edit.objects.update(sequence=F("sequence") + older)
    EditedPlace.objects.update(sequence=F("sequence") + older)
    Release.objects.update(baseline_edit=F("baseline_edit") + older)
    Project.objects.update(
        edit_sequence=edits * TIMES, release_sequence=releases * TIMES
    )
    originals = _originals()
    for number in range(2, TIMES + 1):
        _add(project, Copy(number, releases), originals, edits)
    TenantEnvironment.objects.update(counted_at_edit=edits * TIMES)
    HostedRepository.objects.update(source_edit=edits * TIMES)


def _originals() -> dict[str, Any]:
    """Return what there was before the first copy."""
    return {
        "tenants": [*Tenant.objects.all()],
        "targets": [*TenantEnvironment.objects.all()],
        "of tenants": [[*rows.all()] for rows in _OF_TENANTS],
        "edits": [*Edit.objects.order_by("pk")],
        "places": [*EditedPlace.objects.all()],
        "snapshots": [*Snapshot.objects.all()],
        "renderings": [*Rendering.objects.all()],
        "releases": [*Release.objects.order_by("pk")],
        "of releases": [[*rows.all()] for rows in _OF_RELEASES],
        "requests": [*ApprovalRequest.objects.all()],
        "decisions": [*ApprovalDecision.objects.all()],
        "audit": [*AuditEntry.objects.order_by("pk")],
        "told": [[*rows.all()] for rows in _TOLD],
    }


def _add(project: Project, copy: Copy, were: dict[str, Any], edits: int) -> None:
    tenants = copy.rows(were["tenants"])
    for tenant in tenants:
        tenant.name = f"{tenant.name} {copy.number}"
    save(tenants)
    for rows in (were["targets"], *were["of tenants"]):
        save(copy.rows(rows))
    _add_edits(project, copy, were, edits * (TIMES - copy.number + 1))
    _add_releases(copy, were, edits * (TIMES - copy.number + 1))
    for rows in were["told"]:
        save(copy.rows(rows))
    _add_audit(project, copy, were["audit"])
    _publish(copy, were["releases"])


def _add_edits(project: Project, copy: Copy, were: dict[str, Any], back: int) -> None:
    copied = copy.rows(were["edits"])
    files: dict[str, str | None] = {}
    for edit in copied:
        edit.sequence -= back
        edit.files = {path: _file(copy, path, was) for path, was in edit.files.items()}
        files |= edit.files
    commit = _mirror(project, files, copied[-1].sequence)
    for edit in copied:
        edit.source_commit = commit
    save(copied)
    places = copy.rows(were["places"])
    for place in places:
        place.sequence -= back
    save(places)


def _file(copy: Copy, path: str, digest: str | None) -> str | None:
    if digest is None or not _OUR_FILES.fullmatch(path):
        return digest
    text = copy.named(Text.objects.get(pk=digest).body)
    store_texts([text])
    return text_digest(text)


def _mirror(project: Project, files: dict[str, str | None], sequence: int) -> str:
    """Commit all edits of a copy to ``source`` at once; return the commit."""
    texts = dict(
        Text.objects.filter(pk__in={*files.values()}).values_list("digest", "body")
    )
    path = repositories_of(project).source
    with Repository(path) as repository, locks.lock(path):
        tip = refs.tip(repository, SOURCE)
        root, objects = trees.edit_tree(
            repository,
            repository.tree_of(tip),
            {path: texts[it].encode() if it else None for path, it in files.items()},
        )
        built = build_commit(
            parent=tip,
            tree=root,
            message=f"Edits up to {sequence}\n",
            author=service_identity(),
            committer=service_identity(),
            at=project.created_at,
        )
        commit = built.id.decode()
        packs.add_pack(repository, [*objects, built])
        assert refs.compare_and_swap(repository, SOURCE, old=tip, new=commit)
    HostedRepository.objects.filter(project=project).update(source_commit=commit)
    return commit


def _add_releases(copy: Copy, were: dict[str, Any], back: int) -> None:
    snapshots = copy.rows(were["snapshots"])
    states = {row.pk: State.from_json(row.document) for row in snapshots}
    for snapshot in snapshots:
        snapshot.digest = states[snapshot.pk].digest
    renderings = copy.rows(were["renderings"])
    for rendering in renderings:
        rendering.digest = text_digest(f"{rendering.digest} {copy.number}")
    releases = copy.rows(were["releases"])
    for release in releases:
        release.number += copy.releases
        release.baseline_edit -= back
        baseline = states.get(release.baseline_snapshot_id)
        if baseline:
            release.baseline_digest = baseline.rendering_digest
    for rows in (snapshots, renderings, releases):
        save(rows)
    for rows in were["of releases"]:
        save(copy.rows(rows))
    _add_votes(copy, were, _bind(copy, were["releases"]))


def _bind(copy: Copy, originals: Iterable[Release]) -> dict[str, str]:
    """Give copies the digests of what they hold; return them by the former ones."""
    found = {}
    for original in originals:
        release = fresh(copy.key(Release, original.pk))
        found[original.digest] = release_digest(release)
        Release.objects.filter(pk=release.pk).update(digest=found[original.digest])
    return found


def _add_votes(copy: Copy, were: dict[str, Any], digests: dict[str, str]) -> None:
    kind = ContentType.objects.get_for_model(Release)
    requests, decisions = copy.rows(were["requests"]), copy.rows(were["decisions"])
    for request in requests:
        assert request.subject_type_id == kind.pk
        request.subject_id = copy.key(Release, request.subject_id)
        request.facts["number"] += copy.releases
    for row in (*requests, *decisions):
        row.digest = digests.get(row.digest, row.digest)
    save(requests)
    save(decisions)


def _add_audit(project: Project, copy: Copy, originals: list[AuditEntry]) -> None:
    """Chain the copies of a project's entries behind those that are there."""
    kinds = {row._meta.label_lower: row for row in (Release, ApprovalRequest, Tenant)}
    sequence, head = audit.head_of(project.slug)
    entries = copy.rows(row for row in originals if row.project == project.slug)
    for entry in entries:
        sequence += 1
        if kind := kinds.get(entry.object_type):
            entry.object_id = str(copy.key(kind, int(entry.object_id)))
        entry.sequence, entry.previous_hash = sequence, head
        entry.entry_hash = head = audit.hash_of(entry)
    save(entries)
    AuditHead.objects.filter(project=project.slug).update(
        sequence=sequence, entry_hash=head
    )


def _publish(copy: Copy, originals: Iterable[Release]) -> None:
    """Commit what the copies of deployed releases deployed, in the same order."""
    deployed = [(row.deployed_at, row.pk) for row in originals if row.deployed_at]
    for _, pk in sorted(deployed):
        release = fresh(copy.key(Release, pk))
        tip = tip_of(release.project)
        commit = build_release_commit(commit_of(release), tip=tip)
        assert advance_ref(
            release.project, old=tip, new=commit, job="copy", permit=lambda: None
        )
        Release.objects.filter(pk=release.pk).update(commit_sha=commit)
        DeployAttempt.objects.filter(release=release).update(commits=[commit])
