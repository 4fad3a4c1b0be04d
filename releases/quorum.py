"""What approval a release needs now, and how far it has got."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Min

from approvals.approvable import Facts
from approvals.models import ApprovalDecision
from approvals.tally import Tally, count_votes, decisions_on, stands
from environments import access, policies
from environments.permissions import Permission
from environments.policies import PolicyTerms
from releases.client_policy import denials
from releases.models import Release, ReleaseChange


def terms_of(release: Release, *, live: PolicyTerms | None = None) -> PolicyTerms:
    """Return the policy that judges *release* (domain 8): the strictest that counts.

    *live*, the policy of its environment now, spares the query where it is known.
    """
    cut = release.policy_at_cut
    return policies.effective_policy(
        release.target, cut=PolicyTerms.from_json(cut) if cut else None, live=live
    )


def facts_of(
    release: Release,
    *,
    terms: PolicyTerms | None = None,
    summary: Mapping[str, int] | None = None,
) -> Facts:
    """Return what approvers and the inbox must know of *release*.

    *terms* and *summary* spare the queries where the caller has them.
    """
    terms = terms or terms_of(release)
    counts = summary_of([release])[release.pk] if summary is None else summary
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
            "summary": dict(counts),
            "stale": release.is_stale,
            "violations": denials(release.policy_snapshot),
        },
    )


def required_by(terms: PolicyTerms) -> int:
    """Return how many people must agree; none where releases approve themselves."""
    return 0 if terms.auto_approve else terms.required_approvals


def summary_of(releases: Iterable[Release]) -> dict[int, dict[str, int]]:
    """Return the number of changes by type, in their order, by release; one query."""
    counts: dict[int, dict[str, int]] = {release.pk: {} for release in releases}
    rows = (
        ReleaseChange.objects.filter(release__in=counts)
        .values_list("release", "type")
        .annotate(count=Count("pk"), first=Min("position"))
        .order_by("release", "first")
    )
    for release, kind, count, _ in rows:
        counts[release][kind] = count
    return counts


class Progress(NamedTuple):
    """How far approval has got: what is asked for, and the live count."""

    facts: Facts
    tally: Tally


def progress_of(
    release: Release, *, terms: PolicyTerms | None = None, at: datetime | None = None
) -> Progress:
    """Return where approval stands at *at* (now), for the content as it is now."""
    facts = facts_of(release, terms=terms)
    votes = [row for row in decisions_on(release) if stands(row)]
    voters = {row.approver_id for row in votes}
    holders = access.holders_of(
        Permission.APPROVE_RELEASE, release.target.environment
    ).filter(pk__in=voters)
    eligible = set(holders.values_list("pk", flat=True)) if votes else set()
    return counted(facts, votes, eligible=eligible, at=at)


def counted(
    facts: Facts,
    votes: Sequence[ApprovalDecision],
    *,
    eligible: Collection[int],
    at: datetime | None = None,
) -> Progress:
    """Count *votes* that stand, oldest first; *eligible* may be more than gave one."""
    tally = count_votes(
        votes,
        facts.terms,
        digest=facts.digest,
        barred=facts.barred,
        eligible=eligible,
        at=at,
    )
    return Progress(facts, tally)
