"""Everything the page of one release shows, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from approvals.models import ApprovalDecision, Verdict
from gitopshq.core.models import User
from releases import people
from releases.following import deployed_in
from releases.gates import Gate, ahead_of, evaluate
from releases.models import (
    CANCELLABLE,
    DeployAttempt,
    DeployedState,
    Release,
    ReleaseKind,
    Status,
)
from releases.questions import Question
from releases.selectors.allowed import AllowedAction, allowed_actions
from releases.selectors.history import TimelineEntry, timeline_with
from releases.selectors.shipping import Shipping, shipping_of


@dataclass(frozen=True)
class ReleasePage:
    """A release with its votes, gates, steps, history and changes, for one reader."""

    release: Release
    question: Question
    gates: list[dict[str, Any]]
    shipping: Shipping | None
    actions: Mapping[str, AllowedAction]
    approvers: list[people.Approver]

    @property
    def attempt(self) -> DeployAttempt | None:
        attempts = self.question.attempts
        return attempts[-1] if attempts else None

    @property
    def is_gated(self) -> bool:
        """Whether the gates are those of now; else those stored with the attempt."""
        return self.question.is_ahead

    @property
    def documents(self) -> list[dict[str, Any]]:
        return self.question.changes

    @property
    def names(self) -> Mapping[str, str]:
        """How the people who made the changes are called, by login."""
        named = self.question.around.named
        return {login: person.label for login, person in named.items()}

    @property
    def rejection(self) -> ApprovalDecision | None:
        """The decision that ended it, where one did."""
        if self.release.status != Status.CANCELLED:
            return None
        rows = self.question.decisions
        return next((r for r in rows if r.verdict == Verdict.REJECT), None)

    @cached_property
    def timeline(self) -> list[TimelineEntry]:
        """Its life, with the votes; what else befell a request is not told."""
        requests = {row.request_id for row in self.question.decisions}
        return timeline_with(self.release, sorted(requests))

    @property
    def deployed(self) -> DeployedState | None:
        """What its target runs now."""
        return deployed_in(self.release)

    @property
    def recreated_as(self) -> Release | None:
        """What was made of it anew."""
        if self.release.status not in (Status.CANCELLED, Status.FAILED):
            return None
        pk = self.release.pk
        made = [one for one in self.question.kin if one.recreated_from_id == pk]
        return made[-1] if made else None

    @property
    def undone(self) -> list[Release]:
        """What going back undid, newest first."""
        if self.release.kind != ReleaseKind.ROLLBACK:
            return []
        pk = self.release.pk
        return [one for one in self.question.kin if one.rolled_back_by_id == pk]

    @cached_property
    def digest(self) -> str:
        """What a vote given on this page is bound to."""
        return self.question.progress.facts.digest


def release_page(
    release: Release, user: User, *, question: Question | None = None
) -> ReleasePage:
    """Return what *user* sees of *release*, one of ``finding.visible_release``.

    *question*, theirs about it, spares what it has read already.
    """
    question = question or ahead_of(release, user)
    asked = evaluate(question) if question.is_ahead else []
    is_cancellable = release.status in CANCELLABLE
    return ReleasePage(
        release=release,
        question=question,
        gates=_documents(asked, question.attempts),
        shipping=shipping_of(question, evaluated=asked) if asked else None,
        actions={one.action: one for one in allowed_actions(user, question)},
        approvers=question.approvers if is_cancellable else [],
    )


def _documents(
    asked: list[Gate], attempts: Sequence[DeployAttempt]
) -> list[dict[str, Any]]:
    """Return the gates as documents: asked now, or as they stood at the commit."""
    if asked:
        return [gate.document for gate in asked]
    return list(attempts[-1].gates) if attempts else []
