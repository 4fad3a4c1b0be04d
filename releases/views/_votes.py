"""Votes on a release, and what the reader may do about it."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from approvals.models import ApprovalDecision
from environments.policy_words import too_few, votes_in_words
from gitopshq.core.models import User
from releases.models import Release, Status
from releases.people import Approver
from releases.questions import Question
from releases.selectors.release_page import ReleasePage

_STRICTER: Final = (
    "Stricter than the policy of now: what was last released here, or in force when "
    "this was cut, still binds."
)


def context(page: ReleasePage, user: User) -> dict[str, Any]:
    """Return the card of approvals; nothing where none is needed or was given."""
    release = page.release
    facts = page.question.progress.facts
    approve, reject = page.actions.get("approve"), page.actions.get("reject")
    found = standing(page.question, page.approvers, user, rejection=page.rejection)
    if found["approval"] is None:
        return found
    return {
        **found,
        "rule_note": rule_note(page.question),
        "vote_digest": facts.digest,
        "vote_url": reverse(
            "releases:vote", args=[release.project.slug, release.number]
        ),
        "may_approve": bool(approve and approve.allowed),
        "may_reject": bool(reject and reject.allowed),
        "why_not_vote": _why_not(page),
        "waits_for_me": bool(approve and approve.allowed),
    }


def standing(
    question: Question,
    approvers: Sequence[Approver],
    user: User,
    *,
    rejection: ApprovalDecision | None = None,
) -> dict[str, Any]:
    """Return how far approval has got, for the part that is looked at again.

    ``votes_url`` is where; "" once nothing moves any more.
    """
    release = question.release
    facts, tally = question.progress
    voters = _voters(question, approvers, rejection)
    if not facts.required and not voters:
        return {"approval": None}
    where = [release.project.slug, release.number]
    seen = urlencode(seen_by(question, user))
    is_open = _is_open(release)
    return {
        "approval": {
            "current": tally.current,
            "required": facts.required,
            "voters": voters,
        },
        "approval_rule": votes_in_words(question.terms) if facts.required else "",
        "approval_note": _note(question, approvers),
        "approval_lapses_at": tally.falls_below_at if is_open else None,
        "votes_url": f"{reverse('releases:votes', args=where)}?{seen}"
        if is_open
        else "",
    }


def seen_by(question: Question, user: User) -> dict[str, str]:
    """Return what of the votes a page shows to *user*, as its next look will send it.

    ``mine`` is the reader's own vote; while ``state``, ``digest`` and that stay, only
    others have voted.
    """
    facts, tally = question.progress.facts, question.progress.tally
    mine = next((v for v in tally.votes if v.decision.approver_id == user.pk), None)
    return {
        "state": question.release.status,
        "digest": facts.digest[:16],
        "mine": str(mine.decision.pk) if mine else "",
        "votes": f"{tally.current}/{facts.required}",
    }


def rule_note(question: Question) -> str:
    """Say why more is asked for than the policy of now says, where it is."""
    return _STRICTER if question.live != question.terms else ""


def _voters(
    question: Question,
    approvers: Sequence[Approver],
    rejection: ApprovalDecision | None,
) -> list[dict[str, Any]]:
    release, tally = question.release, question.progress.tally
    voted = [
        {
            "who": vote.decision.approver,
            "vote": "approve" if vote.counts else "open",
            "said": vote.decision.comment,
            "at": vote.decision.decided_at,
            "lapses_at": vote.lapses_at if _is_open(release) else None,
            "why": "" if vote.counts else f"Does not count: {vote.reason}",
        }
        for vote in tally.votes
    ]
    if rejection is not None:
        voted.append(
            {
                "who": rejection.approver,
                "vote": "reject",
                "said": rejection.comment,
                "at": rejection.decided_at,
            }
        )
    known = {row["who"] for row in voted}
    facts = question.progress.facts
    asked = release.status in (Status.DRAFT, Status.PENDING_APPROVAL)
    if not asked or not facts.required:
        return voted
    return voted + [
        {
            "who": person.user,
            "vote": "barred" if person.reason else "open",
            "why": person.reason,
        }
        for person in approvers
        if person.user not in known
    ]


def _note(question: Question, approvers: Sequence[Approver]) -> str:
    """Warn when fewer people can vote than must, with their names."""
    if question.release.status not in (Status.DRAFT, Status.PENDING_APPROVAL):
        return ""
    able = [person.user.label for person in approvers if not person.reason]
    return too_few(question.progress.facts.required, able)


def _why_not(page: ReleasePage) -> str:
    """Return why the reader cannot vote; "" where they can or nobody is asked."""
    approve = page.actions.get("approve")
    if approve is None or approve.allowed:
        return ""
    return f"{approve.reason[:1].upper()}{approve.reason[1:]}"


def _is_open(release: Release) -> bool:
    return release.status in (Status.PENDING_APPROVAL, Status.APPROVED)
