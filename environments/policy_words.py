"""A policy in plain words, and what makes it impossible to meet, with names.

Which of several policies counts is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from environments.policies import PolicyTerms

_NUMBERS = ("Nobody", "One person", "Two people", "Three people", "Four people")
_HOURS_A_DAY = 24
_NAMES_SHOWN = 8


def summary_of(terms: PolicyTerms) -> str:
    """Return what a release has to go through, in a sentence or three."""
    return " ".join([votes_in_words(terms), *_deploys(terms)])


@dataclass(frozen=True, slots=True)
class Hands:
    """Who can do what in an environment, by name; ``makers`` author or edit there."""

    approvers: Sequence[str] = ()
    deployers: Sequence[str] = ()
    makers: frozenset[str] = frozenset()


def shortages_of(terms: PolicyTerms, hands: Hands) -> list[str]:
    """Say what of *terms* these people can never, or hardly ever, meet."""
    found = []
    if terms.is_gated:
        found.append(_too_few_votes(terms, hands))
    if terms.block_self_deploy and not terms.deploys_itself:
        found.append(_too_few_deployers(hands))
    return [said for said in found if said]


def too_few(need: int, able: Sequence[str], *, where: str = "here") -> str:
    """Say that fewer people may approve than must; empty where they are enough.

    :param able: the names of all who may approve
    """
    if len(able) >= need:
        return ""
    who = f"only {listed(able)} may approve" if able else "nobody may approve"
    are = "1 approval is" if need == 1 else f"{need} approvals are"
    return f"{are} required, but {who} {where}."


def _too_few_votes(terms: PolicyTerms, hands: Hands) -> str:
    need, able = terms.required_approvals, hands.approvers
    if said := too_few(need, able):
        return said
    spoilers = [name for name in able if name in hands.makers]
    if not terms.block_self_approval or len(able) > need or not spoilers:
        return ""
    return (
        f"All who may approve here are needed ({listed(able)}): what "
        f"{listed(spoilers, 'or')} authors or edits cannot be approved."
    )


def _too_few_deployers(hands: Hands) -> str:
    if not hands.deployers:
        return "The author may not deploy, and nobody may deploy here."
    [first, *others] = hands.deployers
    if others or first not in hands.makers:
        return ""
    return f"Only {first} may deploy here: what they author cannot be deployed."


def listed(names: Sequence[str], word: str = "and", *, most: int = _NAMES_SHOWN) -> str:
    """Return ``Ann, Bob and Cleo``, or the first of many; needs at least one."""
    shown = list(names[:most])
    if rest := len(names) - len(shown):
        shown.append(f"{rest} more")
    *ahead, last = shown
    return f"{', '.join(ahead)} {word} {last}" if ahead else last


def votes_in_words(terms: PolicyTerms) -> str:
    """Return who must approve, and for how long that counts, in a sentence."""
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
