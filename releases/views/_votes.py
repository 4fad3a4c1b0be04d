"""Votes on a release, and what the reader may do about it."""

from typing import Any

from django.urls import reverse

from gitopshq.core.models import User
from releases.models import Release, Status
from releases.selectors.release_page import ReleasePage


def context(page: ReleasePage, user: User) -> dict[str, Any]:
    """Return the card of approvals; nothing where none is needed or was given."""
    release = page.release
    _, facts, tally = page.question.progress
    approve, reject = page.actions.get("approve"), page.actions.get("reject")
    voters = _voters(page)
    if not facts.required and not voters:
        return {"approval": None}
    return {
        "approval": {
            "current": tally.current,
            "required": facts.required,
            "voters": voters,
        },
        "approval_note": _note(page),
        "vote_digest": facts.digest,
        "vote_url": reverse(
            "releases:vote", args=[release.project.slug, release.number]
        ),
        "may_approve": bool(approve and approve.allowed),
        "may_reject": bool(reject and reject.allowed),
        "why_not_vote": _why_not(page),
        "waits_for_me": bool(approve and approve.allowed),
    }


def _voters(page: ReleasePage) -> list[dict[str, Any]]:
    tally = page.question.progress.tally
    voted = [
        {
            "who": vote.decision.approver,
            "vote": "approve" if vote.counts else "open",
            "said": vote.decision.comment,
            "at": vote.decision.decided_at,
            "lapses_at": vote.lapses_at if _is_open(page.release) else None,
            "why": "" if vote.counts else f"Does not count: {vote.reason}",
        }
        for vote in tally.votes
    ]
    if page.rejection is not None:
        voted.append(
            {
                "who": page.rejection.approver,
                "vote": "reject",
                "said": page.rejection.comment,
                "at": page.rejection.decided_at,
            }
        )
    known = {row["who"] for row in voted}
    facts = page.question.progress.facts
    asked = page.release.status in (Status.DRAFT, Status.PENDING_APPROVAL)
    if not asked or not facts.required:
        return voted
    return voted + [
        {
            "who": person.user,
            "vote": "barred" if person.reason else "open",
            "why": person.reason,
        }
        for person in page.approvers
        if person.user not in known
    ]


def _note(page: ReleasePage) -> str:
    """Warn when fewer people can vote than must."""
    facts, tally = page.question.progress.facts, page.question.progress.tally
    voted = {vote.decision.approver_id for vote in tally.votes if vote.counts}
    able = {person.user.pk for person in page.approvers if not person.reason} | voted
    if page.release.status == Status.PENDING_APPROVAL and len(able) < facts.required:
        return f"{facts.required} are needed, but only {len(able)} can be given."
    return ""


def _why_not(page: ReleasePage) -> str:
    """Return why the reader cannot vote; "" where they can or nobody is asked."""
    approve = page.actions.get("approve")
    if approve is None or approve.allowed:
        return ""
    return f"{approve.reason[:1].upper()}{approve.reason[1:]}"


def _is_open(release: Release) -> bool:
    return release.status in (Status.PENDING_APPROVAL, Status.APPROVED)
