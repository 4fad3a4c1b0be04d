"""One file that proves a release: evidence, content, Git objects, audit trail, signed.

What is in it says ``proof``, which checks it without a database.
"""

import json
from base64 import b64encode
from typing import Any, Final

from django.db.models import Q

from approvals.subjects import request_for
from delivery import publishing
from environments import access
from environments.desired.state import canonical_digest
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.models import AuditEntry, User
from releases.digests import digested
from releases.events import ReleaseEvent
from releases.evidence.document import document_of
from releases.evidence.signing import sign
from releases.models import Release
from releases.record import evidence_of

FORMAT: Final = "gitopshq-evidence-bundle/1"


def bundle_of(release: Release, *, actor: User) -> dict[str, Any]:
    """Return everything that proves *release*, as JSON values.

    It shows folders of the repository and a stretch of the trail, which know no
    rights inside: both must be open to *actor* in the whole project.

    :raises NotPermitted: without ``releases.view`` and ``audit.view`` there
    """
    for permission in (Permission.VIEW_RELEASE, Permission.VIEW_AUDIT):
        access.require(actor, permission, on=release.project)
    sections = {
        "evidence": document_of(release, evidence_of(release)),
        "content": digested(release) if release.digest else None,
        "git": _git(release),
        "audit": _audit(release),
    }
    digests = {name: canonical_digest(part) for name, part in sections.items()}
    signed = {"format": FORMAT, "digests": digests}
    message = json.dumps(signed, sort_keys=True, separators=(",", ":"))
    return {**signed, **sections, "signature": sign(message.encode())}


def to_bytes(bundle: dict[str, Any]) -> bytes:
    """Return the file; there is one way to write it."""
    text = json.dumps(bundle, sort_keys=True, indent=1, ensure_ascii=False)
    return text.encode() + b"\n"


def _git(release: Release) -> dict[str, Any] | None:
    """Return the commit, the trees down to the target, and the record of the deploy."""
    if not release.commit_sha:
        return None
    found = publishing.proof_of(release.target, release.commit_sha)
    return {
        "commit": b64encode(found.commit).decode(),
        "trees": [b64encode(tree).decode() for tree in found.trees],
        "record": b64encode(found.record).decode(),
    }


def _audit(release: Release) -> list[dict[str, Any]]:
    """Return the trail from the birth of *release* to the last entry about it."""
    own = Q(object_type="releases.release", object_id=str(release.pk))
    about = own
    if request := request_for(release):
        about |= Q(object_type="approvals.approvalrequest", object_id=str(request.pk))
    trail = AuditEntry.objects.filter(project=release.project.slug)
    sequences = trail.order_by("sequence").values_list("sequence", flat=True)
    first = sequences.filter(own, event=ReleaseEvent.CREATED).first()
    last = sequences.filter(about).last()
    rows = trail.filter(sequence__gte=first, sequence__lte=last)
    return [
        {"content": audit.content_of(entry), "hash": entry.entry_hash}
        for entry in rows.order_by("sequence").iterator(chunk_size=1000)
    ]
