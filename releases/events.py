"""The names under which a release's history is written. Past tense; never renamed."""

from enum import StrEnum


class ReleaseEvent(StrEnum):
    CREATED = "release.created"
    EDITED = "release.edited"
    SUBMITTED = "release.submitted"
    RENDERED = "release.rendered"
    APPROVED = "release.approved"
    REOPENED = "release.reopened"
    CANCELLED = "release.cancelled"
    REFRESHED = "release.refreshed"
    RECREATED = "release.recreated"
    DEPLOY_REQUESTED = "release.deploy_requested"
    RETRY_REQUESTED = "release.retry_requested"
    DEPLOYED = "release.deployed"
    DEPLOY_FAILED = "release.deploy_failed"
    ROLLED_BACK = "release.rolled_back"
    WENT_STALE = "release.went_stale"
    NOT_DEPLOYED_BY_ITSELF = "release.not_deployed_by_itself"
    CHANGE_DISCARDED = "release.change_discarded"
    BREAK_GLASS_ASKED = "release.break_glass_asked"
    BREAK_GLASS_CONFIRMED = "release.break_glass_confirmed"
    COMMENTED = "release.commented"
    EVIDENCE_EDITED = "evidence.edited"
    EVIDENCE_VERIFIED = "evidence.verified"
    EVIDENCE_CLOSED = "evidence.closed"
