"""Everything the page of one release shows, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from approvals.models import ApprovalDecision, Verdict
from gitopshq.core.models import User
from releases import people
from releases.changes import release_changes
from releases.gates import Gate, ahead_of, evaluate
from releases.models import CANCELLABLE, DeployAttempt, DeployedState, Release, Status
from releases.questions import Question
from releases.selectors.allowed import AllowedAction, allowed_actions
from releases.selectors.history import TimelineEntry, timeline_of
from releases.selectors.shipping import Shipping, shipping_of
from releases.selectors.target_page import names_of

_GATED: Final = (*CANCELLABLE, Status.FAILED)
"""Where gates are asked now; elsewhere those stored with the attempt are shown."""


@dataclass(frozen=True)
class ReleasePage:
    """A release with its votes, gates, steps, history and changes, for one reader."""

    release: Release
    question: Question
    gates: list[dict[str, Any]]
    shipping: Shipping | None
    actions: Mapping[str, AllowedAction]
    approvers: list[people.Approver]
    rejection: ApprovalDecision | None
    timeline: list[TimelineEntry]
    documents: list[dict[str, Any]]
    names: Mapping[str, str]
    attempts: list[DeployAttempt]
    deployed: DeployedState | None
    recreated_as: Release | None
    undone: list[Release]

    @property
    def attempt(self) -> DeployAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def is_gated(self) -> bool:
        """Whether the gates are those of this moment."""
        return self.release.status in _GATED

    @cached_property
    def digest(self) -> str:
        """What a vote given on this page is bound to."""
        return self.question.progress.facts.digest


def release_page(release: Release, user: User) -> ReleasePage:
    """Return what *user* sees of *release*."""
    question = ahead_of(release, user)
    documents = release_changes(release)
    attempts = list(release.attempts.select_related("requested_by").order_by("number"))
    asked = evaluate(question) if release.status in _GATED else []
    request = question.progress.request
    rejected = release.status == Status.CANCELLED and request is not None
    return ReleasePage(
        release=release,
        question=question,
        gates=_documents(asked, attempts),
        shipping=shipping_of(question, evaluated=asked) if asked else None,
        actions={one.action: one for one in allowed_actions(user, question)},
        approvers=question.approvers if release.status in CANCELLABLE else [],
        rejection=request.decisions.filter(verdict=Verdict.REJECT).last()
        if rejected and request
        else None,
        timeline=timeline_of(release),
        documents=documents,
        names=names_of(document["changed_by"] for document in documents),
        attempts=attempts,
        deployed=DeployedState.objects.filter(target=release.target)
        .select_related("release__project")
        .first(),
        recreated_as=release.recreations.select_related("project").first(),
        undone=list(
            Release.objects.filter(rolled_back_by=release)
            .select_related("project")
            .order_by("-number")
        ),
    )


def _documents(
    asked: list[Gate], attempts: list[DeployAttempt]
) -> list[dict[str, Any]]:
    """Return the gates as documents: asked now, or as they stood at the commit."""
    if asked:
        return [gate.document for gate in asked]
    return list(attempts[-1].gates) if attempts else []
