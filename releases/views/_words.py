"""Policies, freezes and titles in words."""

from collections.abc import Sequence
from typing import Final

from environments import freeze_words
from environments.freezing import FreezeVerdict
from environments.policies import PolicyTerms
from gitopshq.core.instants import on_the_clock, with_clock_times
from releases.pending import PendingChange


def plural(count: int, noun: str, many: str = "") -> str:
    """Return ``1 change`` or ``2 changes``."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def sentence(words: str) -> str:
    """Return *words* with a capital in front, and times as on the reader's clock.

    A hash or a number in front stays as it is.
    """
    words = with_clock_times(words)
    if not words.partition(" ")[0].strip(",.;:").isalpha():
        return words
    return f"{words[:1].upper()}{words[1:]}"


def approvals_words(terms: PolicyTerms) -> str:
    """Say in a few words who must agree."""
    if terms.auto_approve:
        return "approved by the system"
    if not terms.required_approvals:
        return "no approval needed"
    said = plural(terms.required_approvals, "approval")
    return f"{said}, not the author" if terms.block_self_approval else said


def policy_words(terms: PolicyTerms) -> str:
    """Say the whole policy in one sentence."""
    parts = [approvals_words(terms)]
    if terms.is_gated:
        hours = terms.approval_expiry_hours
        parts.append(f"votes last {hours} h" if hours else "votes do not lapse")
    if terms.block_self_deploy:
        parts.append("the author may not deploy")
    parts.append("deployed on approval" if terms.deploys_itself else "deployed by hand")
    return "; ".join(parts)


def frozen_words(freeze: FreezeVerdict, environment: str) -> str:
    """Say what is frozen, by which reason, and when deploys resume."""
    return f"{freeze_words.blocked(freeze, environment, say=on_the_clock)}."


def freeze_in_short(freeze: FreezeVerdict) -> str:
    """Say until when it is frozen and why, or when the next freeze begins."""
    if freeze.is_frozen:
        return sentence(freeze_words.in_short(freeze, say=on_the_clock))
    if freeze.next_change:
        return f"Open until {on_the_clock(freeze.next_change)}"
    return "No freeze planned"


def suggested_title(rows: Sequence[PendingChange], *, is_first: bool, at: str) -> str:
    """Propose a title for a release of *rows*: images first, then what else moves."""
    if is_first:
        return f"First release to {at}"
    said: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.change.facet != "image"):
        change = row.change
        if change.object not in said:
            said[change.object] = _phrase(row)
    phrases = list(said.values())
    rest = len(phrases) - 2
    shown = ", ".join(phrases[:2])
    title = f"{shown} and {rest} more" if rest > 0 else shown
    return f"{title[:1].upper()}{title[1:]}"[:200]


_LONGEST_TAG: Final = 40


def _phrase(row: PendingChange) -> str:
    change = row.change
    after = change.after or ""
    if (
        change.facet == "image"
        and after
        and len(after) <= _LONGEST_TAG
        and "\n" not in after
    ):
        return f"{change.object} {after}"
    if change.facet == "assignment":
        return f"{change.object} {change.action}"
    if change.type == "environment_policy":
        return f"{change.object} policy"
    return change.object
