"""The names under which agreement is recorded. Past tense; never renamed."""

from enum import StrEnum


class ApprovalEvent(StrEnum):
    REQUESTED = "approval.requested"
    VOTED = "approval.voted"
    VOTE_WITHDRAWN = "approval.vote_withdrawn"
    VOTES_CARRIED = "approval.votes_carried"
    VOTES_LAPSED = "approval.votes_lapsed"
    VOTES_VOIDED = "approval.votes_voided"
    GRANTED = "approval.granted"
    REJECTED = "approval.rejected"
    CANCELLED = "approval.cancelled"
    REOPENED = "approval.reopened"
    VIEW_SAVED = "inbox_view.saved"
    VIEW_FORGOTTEN = "inbox_view.forgotten"
