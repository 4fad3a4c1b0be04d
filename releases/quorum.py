"""What approval a release needs now, and how far it has got."""

from datetime import datetime
from typing import NamedTuple

from approvals.approvable import Facts
from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from approvals.tally import Tally, tally
from environments import policies
from environments.policies import PolicyTerms
from releases.client_policy import denials
from releases.models import Release, ReleaseChange


def terms_of(release: Release) -> PolicyTerms:
    """Return the policy that judges *release* (domain 8): the strictest that counts."""
    cut = release.policy_at_cut
    return policies.effective_policy(
        release.target, cut=PolicyTerms.from_json(cut) if cut else None
    )


def facts_of(release: Release, *, terms: PolicyTerms | None = None) -> Facts:
    """Return what approvers and the inbox must know of *release*."""
    terms = terms or terms_of(release)
    return Facts(
        kind="release",
        environment=release.target.environment,
        requester=release.author,
        digest=release.digest,
        required=required_by(terms),
        expiry_hours=terms.approval_expiry_hours,
        blocks_self_approval=terms.block_self_approval,
        barred={int(pk): reason for pk, reason in release.barred.items()},
        shown={
            "title": f"{release.name} {release.title}",
            "target": str(release.target),
            "url": release.get_absolute_url(),
            "number": release.number,
            "author": release.author.label,
            "notes": release.notes,
            "summary": summary_of(release),
            "stale": release.is_stale,
            "violations": denials(release.policy_snapshot),
        },
    )


def required_by(terms: PolicyTerms) -> int:
    """Return how many people must agree; none where releases approve themselves."""
    return 0 if terms.auto_approve else terms.required_approvals


def summary_of(release: Release) -> dict[str, int]:
    """Return the number of changes by type."""
    counts: dict[str, int] = {}
    types = ReleaseChange.objects.filter(release=release).order_by("position")
    for kind in types.values_list("type", flat=True):
        counts[kind] = counts.get(kind, 0) + 1
    return counts


class Progress(NamedTuple):
    """How far approval has got: the request if any, its facts, the live count."""

    request: ApprovalRequest | None
    facts: Facts
    tally: Tally


def progress_of(
    release: Release, *, terms: PolicyTerms | None = None, at: datetime | None = None
) -> Progress:
    """Return where approval stands at *at* (now), for the content as it is now."""
    facts = facts_of(release, terms=terms)
    request = request_for(release)
    if request is None:
        return Progress(None, facts, Tally(0, facts.required, (), None))
    return Progress(request, facts, tally(request, facts, at=at))
