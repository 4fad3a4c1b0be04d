"""The steps of a release's life: one view a verb, one action a view."""

from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from approvals import actions as approvals
from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import NoBody
from gitopshq.core.api.steps import Waiting
from gitopshq.core.errors import InvalidState
from gitopshq.core.models import TokenScope
from releases import actions, asking
from releases.actions.editing import KEEP
from releases.api.answers import ReleaseAnswer
from releases.api.bodies import CancelInput, RejectInput, RenewInput, VoteInput
from releases.api.releases import ReleaseView, once_rendered
from releases.models import Release


class Submit(ReleaseView):
    asks = {"POST": asking.SUBMIT}

    @operation(takes=NoBody, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Submit a draft for approval."""
        release = self.release()
        self.read(NoBody)
        return self.answer(actions.submit_release(release, actor=self.actor))


class Refresh(ReleaseView):
    asks = {"POST": asking.REFRESH}

    @operation(takes=RenewInput, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Waiting:
        """Cut the release again from current source."""
        release = self.release()
        given = self.read(RenewInput)
        release = actions.refresh_release(
            release, actor=self.actor, policy_snapshot=_snapshot(given)
        )
        return once_rendered(partial(self.answer, release), release)


class Recreate(ReleaseView):
    asks = {"POST": asking.RECREATE}

    @operation(takes=RenewInput, gives=ReleaseAnswer, status=201)
    def post(self, request: Request, project: str, number: int) -> Waiting:
        """Make the release anew; an open one is cancelled."""
        release = self.release()
        given = self.read(RenewInput)
        release = actions.recreate_release(
            release, actor=self.actor, policy_snapshot=_snapshot(given)
        )
        return once_rendered(partial(self.answer, release, status=201), release)


class Cancel(ReleaseView):
    asks = {"POST": asking.CANCEL}

    @operation(takes=CancelInput, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Cancel a release that is not deployed yet."""
        release = self.release()
        given = self.read(CancelInput)
        return self.answer(
            actions.cancel_release(release, actor=self.actor, reason=given["reason"])
        )


class Approve(ReleaseView):
    asks = {"POST": asking.APPROVE}

    @operation(takes=VoteInput, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Vote for the content of the digest that was shown."""
        release = self.release()
        asked = _request_of(release, "approved")
        given = self.read(VoteInput)
        approvals.approve(asked, actor=self.actor, by_token=self.is_token, **given)
        return self.answer(release)


class WithdrawVote(ReleaseView):
    asks = {"POST": asking.WITHDRAW}

    @operation(takes=NoBody, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Take one's own vote back."""
        release = self.release()
        self.read(NoBody)
        approvals.withdraw_vote(_request_of(release, "voted on"), actor=self.actor)
        return self.answer(release)


class CompleteApproval(ReleaseView):
    asks = {"POST": asking.COMPLETE}

    @operation(takes=NoBody, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Draw the conclusion from the votes that stand."""
        release = self.release()
        self.read(NoBody)
        approvals.complete_approval(_request_of(release, "approved"), actor=self.actor)
        return self.answer(release)


class Reject(ReleaseView):
    asks = {"POST": asking.REJECT}

    @operation(takes=RejectInput, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Reject the release; that cancels it."""
        release = self.release()
        asked = _request_of(release, "rejected")
        given = self.read(RejectInput)
        approvals.reject(asked, actor=self.actor, by_token=self.is_token, **given)
        return self.answer(release)


class Deploy(ReleaseView):
    asks = {"POST": asking.DEPLOY}
    write_scope = TokenScope.RELEASES_DEPLOY

    @operation(takes=NoBody, gives=ReleaseAnswer, status=202)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Deploy an approved release."""
        release = self.release()
        self.read(NoBody)
        release = actions.deploy_release(release, actor=self.actor)
        return self.answer(release, status=202)


class Retry(ReleaseView):
    asks = {"POST": asking.RETRY}
    write_scope = TokenScope.RELEASES_DEPLOY

    @operation(takes=NoBody, gives=ReleaseAnswer, status=202)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Deploy a failed release again."""
        release = self.release()
        self.read(NoBody)
        release = actions.retry_release(release, actor=self.actor)
        return self.answer(release, status=202)


def _request_of(release: Release, participle: str) -> ApprovalRequest:
    """Return the release's request; without one its state allows no vote."""
    found = request_for(release)
    if found is None:
        raise InvalidState(noun="release", participle=participle)
    return found


def _snapshot(given: dict[str, Any]) -> Any:
    return given.get("policy_snapshot_json", KEEP)
