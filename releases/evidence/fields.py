"""The ten fields of the template (domain 12), and which of them people write."""

from typing import Final

from releases.models import Evidence, Release

TEMPLATE: Final = (
    ("title", "Release title"),
    ("projectEnvironment", "Project/environment"),
    ("requester", "Requester"),
    ("approvers", "Approver(s)"),
    ("executor", "Executor"),
    ("riskSummary", "Risk summary"),
    ("diffSummary", "Diff summary"),
    ("runtimeVerificationSummary", "Runtime verification summary"),
    ("fallbackPlan", "Fallback plan"),
    ("postReleaseFollowUpTasks", "Post-release follow-up tasks"),
)
"""Names on the wire and headings, in the order of the template."""

WRITTEN: Final = {
    "risk_summary": "risk_summary",
    "runtime_verification_summary": "runtime_verification",
    "fallback_plan": "fallback_plan",
    "post_release_follow_up_tasks": "follow_up_tasks",
}
"""What people write: names outside, and the columns that hold it."""


def evidence_of(release: Release) -> Evidence:
    """Return the evidence's row, or an unsaved one with what is known beforehand."""
    found = (
        Evidence.objects.select_related("verified_by", "closed_by")
        .filter(release=release)
        .first()
    )
    found = found or Evidence(release=release, fallback_plan=_planned(release))
    found.release = release
    return found


def _planned(release: Release) -> str:
    """Return the fallback that was planned when the release was made (S124, S125)."""
    owner = release.fallback_owner
    parts = [release.rollback_plan.strip(), f"Fallback owner: {owner}" if owner else ""]
    return "\n\n".join(part for part in parts if part)
