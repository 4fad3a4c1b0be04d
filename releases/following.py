"""What is read along with a release, in its own query, and how to get at it.

Right for the instant at which the release was read: within the project lock for a
release of ``locking.fresh``. Nothing here reads again.
"""

from typing import Final

from releases.models import DeployedState, Evidence, Release

FOLLOWED: Final = (
    "project",
    "target__tenant",
    "target__environment__policy",
    "target__project",
    "target__deployed__release__project",
    "target__deployed__release__deployed_by",
    "author__service_account",
    "rendering",
    "snapshot",
    "base_snapshot",
    "baseline_snapshot",
    "base_release__rendering",
)
UNREAD: Final = ("rendering__state_document", "base_release__rendering__state_document")
"""What is not read along: as large as a snapshot, and for who renders alone."""


def deployed_in(release: Release) -> DeployedState | None:
    """Return what the release's target runs, if it ever ran anything."""
    found: DeployedState | None = getattr(release.target, "deployed", None)
    return found


def written_evidence(release: Release) -> Evidence | None:
    """Return what people put on record of the release, if they did."""
    found: Evidence | None = getattr(release, "evidence", None)
    return found
