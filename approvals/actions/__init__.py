"""What people, and the system, do to a request for agreement."""

from approvals.actions.keeping import forget_view, save_view
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
    "forget_view",
    "open_request",
    "refresh_request",
    "reject",
    "reopen_request",
    "save_view",
    "withdraw_vote",
]
