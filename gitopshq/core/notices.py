"""What people can be told: every event, to whom it goes, and by which ways at first.

Whoever calls ``notifying.notify`` names one of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gitopshq.core.models import Way


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of message. ``audience`` completes "You get this as …"."""

    event: str
    label: str
    audience: str
    by_email: bool = True

    def is_default(self, way: str) -> bool:
        """Say whether people get it by *way* who never chose."""
        return way == Way.IN_APP or self.by_email


_AUTHOR: Final = "the author of the release"
_APPROVER: Final = "somebody who may approve it"

NOTICES: Final[tuple[Notice, ...]] = (
    Notice("approval.requested", "Approval wanted", _APPROVER),
    Notice("approval.cancelled", "Request cancelled", _APPROVER, by_email=False),
    Notice(
        "approval.votes_lapsed", "Votes lapsed", "who gave them, or who asked for them"
    ),
    Notice("release.approved", "Release approved", _AUTHOR),
    Notice("release.rejected", "Release rejected", _AUTHOR),
    Notice("release.cancelled", "Release cancelled by others", _AUTHOR),
    Notice("release.reopened", "Approval lapsed", _AUTHOR),
    Notice("release.went_stale", "Release went stale", _AUTHOR),
    Notice("release.deployed", "Release deployed", _AUTHOR, by_email=False),
    Notice("release.deploy_failed", "Deploy failed", "its author, or who deployed it"),
    Notice("release.not_deployed_by_itself", "Not deployed by itself", _AUTHOR),
    Notice("release.rolled_back", "Release rolled back", _AUTHOR),
    Notice("release.commented", "Comment on a release", "somebody who takes part"),
    Notice(
        "release.break_glass_asked",
        "Override of a freeze wanted",
        "somebody who may override freezes",
    ),
    Notice(
        "release.break_glass_confirmed",
        "Freeze overridden",
        "the author, or somebody who may override freezes",
    ),
    Notice(
        "policy.changed",
        "Policy changed",
        "somebody who approves or manages there",
        by_email=False,
    ),
    Notice(
        "environment.frozen",
        "Environment frozen",
        "somebody who deploys there",
        by_email=False,
    ),
    Notice(
        "environment.unfrozen",
        "Environment open again",
        "somebody who deploys there",
        by_email=False,
    ),
    Notice("audit.chain_broken", "Audit trail broken", "an administrator"),
)
BY_EVENT: Final[Mapping[str, Notice]] = {notice.event: notice for notice in NOTICES}
