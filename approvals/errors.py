"""Why a vote is refused. In the order in which a vote is checked (domain 8)."""

from gitopshq.core.errors import Conflict, NotPermitted


class NotEligible(NotPermitted):
    code = "not_eligible"
    message = "a vote is given by a person who is signed in: {reason}"


class SelfApprovalBlocked(NotPermitted):
    """``person`` is barred; ``reason`` says what they did: "made this release"."""

    code = "self_approval_blocked"
    message = "you cannot vote on this: you {reason}"


class AlreadyVoted(Conflict):
    code = "already_voted"
    message = "you have voted on this already"


class DigestMismatch(Conflict):
    code = "digest_mismatch"
    message = "what was shown to you has changed since: look again, then vote"


class NothingToWithdraw(Conflict):
    code = "no_vote"
    message = "you have no vote on this to withdraw"


class ThresholdNotMet(Conflict):
    code = "approval_threshold_not_met"
    message = "release does not meet approval threshold: {current}/{required}"
