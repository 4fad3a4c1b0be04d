"""The life of a release as its timeline shows it: what was, what is, what comes."""

from typing import Any, Final

from releases.models import CancelKind, Release, Status
from releases.selectors.history import TimelineEntry
from releases.selectors.release_page import ReleasePage

_PAST: Final = {
    "release.created": "Created",
    "release.edited": "Edited",
    "release.submitted": "Submitted",
    "release.approved": "Approved",
    "release.reopened": "Sent back",
    "release.refreshed": "Refreshed",
    "release.break_glass_asked": "Break-glass asked for",
    "release.break_glass_confirmed": "Freeze set aside",
    "release.deploy_requested": "Deploying",
    "release.retry_requested": "Retried",
    "release.deployed": "Deployed",
    "release.deploy_failed": "Deploy failed",
    "release.cancelled": "Cancelled",
    "evidence.verified": "Verified",
    "evidence.closed": "Closed",
}
_FAILED: Final = frozenset({"release.deploy_failed", "release.cancelled"})
_NOTED: Final = {"evidence.verified": "note", "evidence.closed": "summary"}
"""Steps that are told with the words that were left for whoever looks back."""
_MERGED: Final = 7
_LONGEST: Final = 160


def steps(page: ReleasePage) -> list[dict[str, Any]]:
    """Return the steps, oldest first, then what lies ahead."""
    past = [
        step
        for entry in page.timeline
        if (step := _past(page.release, entry)) is not None
    ]
    if page.release.rolled_back_by is not None:
        past.append(_rolled_back(page.release))
    if page.release.status == Status.DEPLOYING and past:
        past[-1]["step"] = "now"
    return [*_shortened(past), *_ahead(page)]


def _past(release: Release, entry: TimelineEntry) -> dict[str, Any] | None:
    if entry.event.startswith("approval."):
        return _vote(entry)
    title = _PAST.get(entry.event)
    if title is None:
        return None
    said = ""
    if entry.event == "release.cancelled":
        kind = release.cancel_kind
        title = {
            CancelKind.REJECTED: "Rejected and cancelled",
            CancelKind.RECREATED: "Cancelled, made anew",
        }.get(CancelKind(kind), title)
        said = release.cancel_reason if kind != CancelKind.RECREATED else ""
    if entry.event == "release.deploy_failed":
        said = str(entry.data.get("type", "")).replace("_", " ")
    if entry.event.startswith("release.break_glass"):
        said = f"“{entry.data.get('reason', '')}”"
    if noted := _NOTED.get(entry.event):
        said = _quoted(entry.data.get(noted))
    if entry.event == "release.approved":
        said = str(entry.data.get("note", ""))
    return {
        "title": title,
        "step": "failed" if entry.event in _FAILED else "done",
        "by": entry.actor.label if entry.actor else "the system",
        "at": entry.at,
        "said": said,
    }


def _vote(entry: TimelineEntry) -> dict[str, Any] | None:
    if entry.event == "approval.votes_lapsed":
        voters = ", ".join(entry.data.get("votes", []))
        return {
            "title": "Votes lapsed",
            "step": "failed",
            "at": entry.at,
            "said": voters,
        }
    if entry.event != "approval.voted" or entry.actor is None:
        return None
    comment = str(entry.data.get("comment") or "")
    return {
        "title": f"{entry.actor.label} approved",
        "step": "done",
        "at": entry.at,
        "said": f"“{comment}”" if comment else "",
    }


def _quoted(note: object) -> str:
    line = " ".join(str(note or "").split())
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST - 1]}…"
    return f"“{line}”" if line else ""


def _rolled_back(release: Release) -> dict[str, Any]:
    by = release.rolled_back_by
    assert by is not None
    return {
        "title": "Rolled back",
        "step": "failed",
        "at": by.deployed_at,
        "said": f"by {by.name}",
    }


def _shortened(past: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first step and the latest, where there are too many for one row."""
    if len(past) <= _MERGED:
        return past
    left_out = len(past) - _MERGED + 1
    gap = {"title": f"{left_out} more steps", "step": "done", "said": "in the audit"}
    return [past[0], gap, *past[-(_MERGED - 2) :]]


def _ahead(page: ReleasePage) -> list[dict[str, Any]]:
    status = page.release.status
    facts, tally = page.question.progress
    deploy = {
        "title": "Deploy",
        "step": "next",
        "icon": "rocket",
        "said": "on approval" if page.question.terms.deploys_itself else "by hand",
    }
    if status == Status.DRAFT:
        return [{"title": "Submit", "step": "now", "icon": "clock"}, deploy]
    if status == Status.PENDING_APPROVAL:
        left = max(facts.required - tally.current, 0)
        able = [p.user.label for p in page.approvers if not p.reason]
        voted = {vote.decision.approver.label for vote in tally.votes if vote.counts}
        open_to = [name for name in able if name not in voted]
        waiting = f"waiting for {', '.join(open_to)}" if open_to else "nobody can vote"
        return [
            {
                "title": f"{left} more approval{'s' if left != 1 else ''}",
                "step": "now",
                "icon": "clock",
                "said": waiting,
            },
            deploy,
        ]
    if status == Status.APPROVED:
        return [{**deploy, "step": "now"}]
    return []
