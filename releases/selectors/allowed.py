"""What a person could do with a release now, and why not the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from approvals import errors as approval_errors
from approvals.tally import CountedVote, is_human
from environments.permissions import Permission
from gitopshq.core.errors import DomainError, NotPermitted, in_full
from gitopshq.core.models import User
from releases import errors, people, record
from releases.gates import Question, enforce
from releases.glass import GlassState, current_of, state_of
from releases.models import (
    CANCELLABLE,
    BreakGlass,
    FailureType,
    Status,
)
from releases.refusals import rendering_refusal


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """One action; ``reason`` says why not, "" where it is allowed."""

    action: str
    allowed: bool
    reason: str = ""


class _Asker:
    """One person before one release."""

    def __init__(self, user: User, question: Question, *, by_token: bool) -> None:
        self.user = user
        self.question = question
        self.by_token = by_token
        self.release = question.release
        self.facts, self.tally = question.progress

    def lacks(self, permission: Permission) -> str:
        if self.question.may(permission):
            return ""
        return str(NotPermitted(permission=permission.value))

    def edit(self) -> str:
        return self.lacks(Permission.CREATE_RELEASE)

    def submit(self) -> str:
        if reason := self.lacks(Permission.CREATE_RELEASE):
            return reason
        if self.question.stale is not None:
            return "the source has moved: refresh or recreate"
        refusal = rendering_refusal(self.release.rendering)
        return "" if refusal is None else str(refusal)

    def recreate(self) -> str:
        """Return why this person cannot: an open release is cancelled by it."""
        is_over = self.release.status == Status.FAILED
        return self.edit() or ("" if is_over else self.cancel())

    def roll_back(self) -> str:
        """Return why this person cannot make a release that goes back to this one."""
        if reason := self.edit():
            return reason
        return "" if self.question.deployed is None else "it is what is deployed"

    def verify(self) -> str:
        """Return why this person cannot say how the release runs."""
        refusal = record.refuse_verification(
            self.question.evidence,
            actor=self.user,
            by_token=self.by_token,
            may=self.question.may,
        )
        return str(refusal or "")

    def close(self) -> str:
        """Return why this person cannot close the evidence."""
        refusal = record.refuse_closing(
            self.question.evidence, actor=self.user, may=self.question.may
        )
        return str(refusal or "")

    def cancel(self) -> str:
        if self.user.pk == self.release.author_id:
            return ""
        return self.lacks(Permission.CANCEL_RELEASE)

    def refresh(self) -> str:
        if self.question.may(Permission.DEPLOY_RELEASE):
            return ""
        return self.lacks(Permission.CREATE_RELEASE)

    def vote(self) -> str:
        """Return why this person cannot approve, in the order of domain 8."""
        return self._eligible() or self._already() or self._nothing_to_vote_on()

    def reject(self) -> str:
        return self._eligible()

    def complete(self) -> str:
        """Return why this person cannot draw the conclusion from the votes."""
        if reason := self.lacks(Permission.APPROVE_RELEASE):
            return reason
        if self.tally.is_met:
            return self._nothing_to_vote_on()
        current, required = self.tally.current, self.facts.required
        return str(approval_errors.ThresholdNotMet(current=current, required=required))

    def withdraw(self) -> str:
        if self.by_token:
            return str(approval_errors.NotEligible(reason="tokens do not vote"))
        return "" if self._live_vote() else str(approval_errors.NothingToWithdraw())

    def deploy(self) -> str:
        """Return the first refusal of the guard chain, for deploy or for retry."""
        try:
            enforce(self.question)
        except DomainError as refusal:
            return in_full(refusal)
        return ""

    def ask_glass(self) -> str:
        """Return why this person cannot ask that the freeze be set aside."""
        return self._breaks_glass() or (
            "it was asked for already" if self.glass else ""
        )

    def confirm_glass(self) -> str:
        """Return why this person cannot be the second one."""
        if self.by_token:
            return str(
                approval_errors.NotEligible(reason="no token confirms break-glass")
            )
        if reason := self._breaks_glass():
            return reason
        row = self.glass
        if row is None or state_of(row, self.question.at) != GlassState.WAITING:
            return str(errors.NothingToConfirm())
        if people.are_one(self.user, row.asked_by):
            return str(errors.SecondPersonRequired(reason="you asked for it"))
        if people.are_one(self.user, self.release.author):
            reason = "you are the author of the release"
            return str(errors.SecondPersonRequired(reason=reason))
        return ""

    @cached_property
    def glass(self) -> BreakGlass | None:
        """The break-glass that waits or is open, if any."""
        return current_of(self.question.glasses, self.question.at)

    def _breaks_glass(self) -> str:
        if reason := self.lacks(Permission.OVERRIDE_FREEZE):
            return reason
        return "" if self._is_human else "people break glass, accounts do not"

    @cached_property
    def _is_human(self) -> bool:
        return is_human(self.user)

    def _eligible(self) -> str:
        if self.by_token or not self._is_human:
            who = "tokens" if self.by_token else "service accounts"
            return str(approval_errors.NotEligible(reason=f"{who} do not vote"))
        if reason := self.lacks(Permission.APPROVE_RELEASE):
            return reason
        barred = self.facts.barred if self.facts.blocks_self_approval else {}
        if self.user.pk in barred:
            why = barred[self.user.pk]
            return str(approval_errors.SelfApprovalBlocked(reason=why))
        return ""

    def _already(self) -> str:
        return str(approval_errors.AlreadyVoted()) if self._has_voted() else ""

    def _nothing_to_vote_on(self) -> str:
        refusal = rendering_refusal(self.release.rendering)
        return "" if refusal is None else str(refusal)

    def _live_vote(self) -> CountedVote | None:
        mine = (v for v in self.tally.votes if v.decision.approver_id == self.user.pk)
        return next(mine, None)

    def _has_voted(self) -> bool:
        """Say whether a vote stands; one that lapsed may be given again."""
        vote = self._live_vote()
        lapses = vote and vote.lapses_at
        return vote is not None and not (lapses and lapses <= self.question.at)


_VERIFIED: dict[str, Callable[[_Asker], str]] = {
    "verify": _Asker.verify,
    "close": _Asker.close,
}
_BY_STATE: dict[str, dict[str, Callable[[_Asker], str]]] = {
    Status.DRAFT: {
        "submit": _Asker.submit,
        "edit": _Asker.edit,
        "refresh": _Asker.refresh,
        "recreate": _Asker.recreate,
        "cancel": _Asker.cancel,
    },
    Status.PENDING_APPROVAL: {
        "approve": _Asker.vote,
        "reject": _Asker.reject,
        "withdraw-vote": _Asker.withdraw,
        "complete-approval": _Asker.complete,
        "refresh": _Asker.refresh,
        "recreate": _Asker.recreate,
        "cancel": _Asker.cancel,
    },
    Status.APPROVED: {
        "deploy": _Asker.deploy,
        "refresh": _Asker.refresh,
        "recreate": _Asker.recreate,
        "cancel": _Asker.cancel,
    },
    Status.FAILED: {
        "retry": _Asker.deploy,
        "recreate": _Asker.recreate,
        **_VERIFIED,
    },
    Status.DEPLOYED: {"rollback": _Asker.roll_back, **_VERIFIED},
    # View only: what is left is to finish the record of how it went.
    Status.ROLLED_BACK: _VERIFIED,
    Status.CANCELLED: {"close": _Asker.close},
}

_THROUGH_FREEZE: dict[str, Callable[[_Asker], str]] = {
    "break-glass": _Asker.ask_glass,
    "break-glass/confirm": _Asker.confirm_glass,
}


def allowed_actions(
    user: User, question: Question, *, by_token: bool = False
) -> list[AllowedAction]:
    """Return the actions of the release's state, each with its reason if refused.

    *question* is theirs, about the step that lies ahead (``gates.ahead_of``). Deploy is
    listed while it still lies ahead, so that people see what it waits for.
    """
    asker = _Asker(user, question, by_token=by_token)
    release = question.release
    actions = dict(_BY_STATE.get(release.status, {}))
    if release.status in CANCELLABLE and "deploy" not in actions:
        actions["deploy"] = _Asker.deploy
    if release.status == Status.FAILED and (
        release.failure_type not in FailureType.RETRYABLE
    ):
        del actions["retry"]
    is_next = release.status == Status.APPROVED or "retry" in actions
    if is_next and question.freeze.is_frozen:
        actions |= _THROUGH_FREEZE
    found = [(name, ask(asker)) for name, ask in actions.items()]
    return [AllowedAction(name, not reason, reason) for name, reason in found]
