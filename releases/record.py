"""What people put on record of a release, and who may write, verify and close it."""

from collections.abc import Callable, Collection
from functools import cache, partial
from typing import Any, Final

from approvals.tally import is_human
from environments import access
from environments.permissions import Permission
from gitopshq.core.errors import DomainError, InvalidState, NotPermitted
from gitopshq.core.models import User
from releases import errors
from releases.models import Evidence, Release, Status

WRITERS: Final = (
    Permission.CREATE_RELEASE,
    Permission.DEPLOY_RELEASE,
    Permission.APPROVE_RELEASE,
)
VERIFIERS: Final = (Permission.DEPLOY_RELEASE, Permission.APPROVE_RELEASE)
_LIVE: Final = (Status.DEPLOYED, Status.ROLLED_BACK)
EXECUTED: Final = (*_LIVE, Status.FAILED)
ENDED: Final = (*EXECUTED, Status.CANCELLED)

May = Callable[[Permission], bool]
"""Says whether somebody holds a permission where the release goes."""


def evidence_of(release: Release) -> Evidence:
    """Return the evidence's row, or an unsaved one with what is known beforehand."""
    found = (
        Evidence.objects.select_related("verified_by", "closed_by")
        .filter(release=release)
        .first()
    )
    return found_or_blank(release, found)


def found_or_blank(release: Release, found: Evidence | None) -> Evidence:
    """Return *found*, the row of *release*, or an unsaved one in its place."""
    found = found or Evidence(release=release, fallback_plan=_planned(release))
    found.release = release
    return found


def refuse_edit(
    evidence: Evidence, *, actor: User, may: May | None = None
) -> DomainError | None:
    """Return why *actor* cannot write the evidence, if they cannot."""
    may = may or _rights_of(actor, evidence)
    return _lacking(may, WRITERS) or _closed(evidence, "edited")


def refuse_verification(
    evidence: Evidence,
    *,
    actor: User,
    by_token: bool = False,
    may: May | None = None,
) -> DomainError | None:
    """Return why *actor* cannot say how the release runs, if they cannot.

    Looking on is not enough, nor is having asked for the release: one holds
    ``releases.deploy`` or ``releases.approve`` there, and is a person signed in.
    *may*: what is known of their rights already.
    """
    if by_token or not is_human(actor):
        return errors.PersonRequired()
    may = may or _rights_of(actor, evidence)
    lacking = _lacking(may, VERIFIERS) or _closed(evidence, "verified")
    if lacking is None and evidence.release.status not in EXECUTED:
        return InvalidState(noun="release", participle="verified")
    return lacking


def refuse_closing(
    evidence: Evidence, *, actor: User, may: May | None = None
) -> DomainError | None:
    """Return why *actor* cannot close the evidence, if they cannot.

    What was deployed must have been verified; what failed or was cancelled left
    nothing to verify.
    """
    release = evidence.release
    may = may or _rights_of(actor, evidence)
    if lacking := _lacking(may, WRITERS) or _closed(evidence, "closed"):
        return lacking
    if release.status not in ENDED:
        return InvalidState(noun="release", participle="closed")
    if release.status in _LIVE and evidence.verified_at is None:
        return errors.NotVerified()
    return None


def allowed_steps(
    evidence: Evidence,
    *,
    actor: User,
    by_token: bool = False,
    may: May | None = None,
) -> list[dict[str, Any]]:
    """Return what *actor* could do now, each with its reason if they could not.

    *may*: what is known of their rights already.
    """
    may = may or cache(_rights_of(actor, evidence))
    found = {
        "edit": refuse_edit(evidence, actor=actor, may=may),
        "verify": refuse_verification(
            evidence, actor=actor, by_token=by_token, may=may
        ),
        "close": refuse_closing(evidence, actor=actor, may=may),
    }
    return [
        {"action": name, "allowed": not refusal, "reason": str(refusal or "")}
        for name, refusal in found.items()
    ]


def _rights_of(actor: User, evidence: Evidence) -> May:
    return partial(access.allowed, actor, on=evidence.release.target.environment)


def _lacking(may: May, any_of: Collection[Permission]) -> DomainError | None:
    if any(may(permission) for permission in any_of):
        return None
    names = " or ".join(permission.value for permission in any_of)
    return NotPermitted(permission=names)


def _closed(evidence: Evidence, participle: str) -> DomainError | None:
    if evidence.closed_at is None:
        return None
    return InvalidState(noun="evidence", participle=participle)


def _planned(release: Release) -> str:
    """Return the fallback that was planned when the release was made (S124, S125)."""
    owner = release.fallback_owner
    parts = [release.rollback_plan.strip(), f"Fallback owner: {owner}" if owner else ""]
    return "\n\n".join(part for part in parts if part)
