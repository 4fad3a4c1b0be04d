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
    "target__deployed__release",
    "author__service_account",
    "rendering",
    "snapshot",
)
"""What every step of a release asks for."""
SHOWN: Final = (
    *FOLLOWED,
    "target__deployed__release__deployed_by",
    "base_snapshot",
    "baseline_snapshot",
    "base_release__rendering",
)
"""What its page asks for: steps read the rest of it where they need it, seldom."""
UNREAD: Final = ("rendering__state_document",)
"""What is not read along: as large as a snapshot, and for who renders alone."""


def as_one(release: Release) -> Release:
    """Return *release*, which was read with ``FOLLOWED``, and whole in itself.

    Its target and what runs there are of its own project, and mostly that is what it
    is based on: to join either once more would cost more than the rest of the query.
    """
    release.target.project = release.project
    deployed = deployed_in(release)
    if deployed is not None:
        deployed.release.project = release.project
        is_base = deployed.release_id == release.base_release_id
        if is_base and not Release.base_release.is_cached(release):
            release.base_release = deployed.release
    return release


def deployed_in(release: Release) -> DeployedState | None:
    """Return what the release's target runs, if it ever ran anything."""
    found: DeployedState | None = getattr(release.target, "deployed", None)
    return found


def written_evidence(release: Release) -> Evidence | None:
    """Return what people put on record of the release, if they did."""
    found: Evidence | None = getattr(release, "evidence", None)
    return found
