"""The ten fields of the template (domain 12), and which of them people write."""

from typing import Final

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
