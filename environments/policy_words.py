"""A policy in plain words. Which of several policies counts is not known here."""

from collections.abc import Sequence

from environments.policies import PolicyTerms

_NUMBERS = ("Nobody", "One person", "Two people", "Three people", "Four people")
_HOURS_A_DAY = 24
_NAMES_SHOWN = 8


def summary_of(terms: PolicyTerms) -> str:
    """Return what a release has to go through, in a sentence or three."""
    return " ".join([_votes(terms), *_deploys(terms)])


def shortage_of(terms: PolicyTerms, approvers: Sequence[str]) -> str:
    """Say who could vote where they are too few; empty where they are enough.

    :param approvers: the names of all who hold the vote
    """
    if not terms.is_gated:
        return ""
    need, have = terms.required_approvals, len(approvers)
    shown = ", ".join(approvers[:_NAMES_SHOWN])
    if have < need:
        who = f"only {shown} may approve" if approvers else "nobody may approve"
        return f"{need} approvals are required, but {who} here."
    if terms.block_self_approval and have == need:
        return (
            f"All who may approve are needed ({shown}): whatever one of them authors "
            "cannot be approved."
        )
    return ""


def _votes(terms: PolicyTerms) -> str:
    if terms.auto_approve:
        return "Releases are approved by themselves as soon as they are submitted."
    if terms.required_approvals == 0:
        return "Nobody has to approve."
    need = terms.required_approvals
    people = _NUMBERS[need] if need < len(_NUMBERS) else f"{need} people"
    who = (
        f"{people} other than the author and editors"
        if (terms.block_self_approval)
        else people
    )
    said = f"{who} must approve"
    if terms.approval_expiry_hours is None:
        return f"{said}; approvals do not expire."
    return f"{said}; approvals expire after {_hours(terms.approval_expiry_hours)}."


def _deploys(terms: PolicyTerms) -> list[str]:
    if terms.deploys_itself:
        return ["What is approved is deployed at once."]
    if terms.block_self_deploy:
        return ["Somebody other than the author must press deploy."]
    return ["What is approved is deployed by hand."]


def _hours(hours: int) -> str:
    if hours % _HOURS_A_DAY == 0 and hours > _HOURS_A_DAY:
        return f"{hours // _HOURS_A_DAY} days"
    return "one hour" if hours == 1 else f"{hours} h"
