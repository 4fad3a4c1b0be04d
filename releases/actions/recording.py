"""Writing, verifying and closing the evidence of a release (domain 12)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gitopshq.core import audit
from gitopshq.core.models import User
from releases import record
from releases.events import ReleaseEvent
from releases.evidence.document import digest_of, live_document
from releases.locking import lock_release
from releases.models import Evidence, Release
from releases.record import evidence_of

_VERIFICATION = ("verified_by", "verified_at", "verification_note")


@transaction.atomic
def edit_evidence(
    release: Release, *, actor: User, changed: Mapping[str, str]
) -> Evidence:
    """Write some of ``Evidence.EDITABLE``. Nothing is recorded where nothing differs.

    Another text on how it runs is not what was verified: the verification is void.

    :raises NotPermitted: without a permission to work on releases there
    :raises InvalidState: once it is closed
    """
    evidence = _locked(release)
    _raise(record.refuse_edit(evidence, actor=actor))
    assert set(changed) <= set(Evidence.EDITABLE)
    before = {name: getattr(evidence, name) for name in changed}
    moved = {name: text for name, text in changed.items() if text != before[name]}
    if not moved:
        return evidence
    for name, text in moved.items():
        setattr(evidence, name, text)
    is_void = "runtime_verification" in moved and evidence.verified_at is not None
    if is_void:
        _verify(evidence, by=None, at=None, note="")
    _save(evidence, *moved, *_VERIFICATION)
    audit.record(
        ReleaseEvent.EVIDENCE_EDITED,
        evidence.release,
        actor=actor,
        project=evidence.release.project.slug,
        before={name: before[name] for name in moved},
        after=dict(moved),
        verification_void=is_void,
    )
    return evidence


@transaction.atomic
def verify_evidence(
    release: Release, *, actor: User, note: str = "", by_token: bool = False
) -> Evidence:
    """Say, in person, that one has looked at how the release runs.

    Until it is closed somebody else may do so again; the last one stands.

    :raises PersonRequired: for tokens and service accounts
    :raises NotPermitted: without ``releases.deploy`` or ``releases.approve``
    :raises InvalidState: before there was a deploy, or once it is closed
    """
    evidence = _locked(release)
    _raise(record.refuse_verification(evidence, actor=actor, by_token=by_token))
    _verify(evidence, by=actor, at=timezone.now(), note=note)
    _save(evidence, *_VERIFICATION)
    audit.record(
        ReleaseEvent.EVIDENCE_VERIFIED,
        evidence.release,
        actor=actor,
        project=evidence.release.project.slug,
        note=note,
        summary=evidence.runtime_verification,
    )
    return evidence


@transaction.atomic
def close_evidence(release: Release, *, actor: User) -> Evidence:
    """Freeze the evidence: the whole document is stored, with its digest, for good.

    :raises NotPermitted: without a permission to work on releases there
    :raises InvalidState: before the release has ended, or once it is closed
    :raises NotVerified: when what was deployed was not verified
    """
    evidence = _locked(release)
    _raise(record.refuse_closing(evidence, actor=actor))
    evidence.closed_by, evidence.closed_at = actor, timezone.now()
    evidence.document = live_document(evidence.release, evidence)
    evidence.digest = digest_of(evidence.document)
    _save(evidence, "closed_by", "closed_at", "document", "digest")
    audit.record(
        ReleaseEvent.EVIDENCE_CLOSED,
        evidence.release,
        actor=actor,
        project=evidence.release.project.slug,
        digest=evidence.digest,
        summary=evidence.runtime_verification,
    )
    return evidence


def _locked(release: Release) -> Evidence:
    """Lock, and return the evidence as it is now, with the release as it is now."""
    return evidence_of(lock_release(release))


def _raise(refusal: Exception | None) -> None:
    if refusal is not None:
        raise refusal


def _verify(
    evidence: Evidence, *, by: User | None, at: datetime | None, note: str
) -> None:
    evidence.verified_by, evidence.verified_at = by, at
    evidence.verification_note = note


def _save(evidence: Evidence, *fields: str) -> None:
    """Save *fields*; the first time everything, with what was filled in beforehand."""
    evidence.save(update_fields=fields if evidence.pk else None)
