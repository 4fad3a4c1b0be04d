"""What people, and the system, do to a request for agreement."""

from approvals.actions.opening import (
    cancel_request,
    carry_votes,
    open_request,
    refresh_request,
)
from approvals.actions.voting import (
    approve,
    complete_approval,
    reject,
    reopen_request,
    withdraw_vote,
)

__all__ = [
    "approve",
    "cancel_request",
    "carry_votes",
    "complete_approval",
    "open_request",
    "refresh_request",
    "reject",
    "reopen_request",
    "withdraw_vote",
]
