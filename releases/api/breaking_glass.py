"""Break-glass over HTTP: asked for by one, confirmed by another who is signed in."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import NoBody, Serializer
from gitopshq.core.models import TokenScope
from releases import actions, asking
from releases.actions.breaking_glass import MAX_REASON
from releases.api.answers import ReleaseAnswer
from releases.api.releases import ReleaseView


class BreakGlassInput(Serializer[None]):
    # Whether a reason is missing is decided by the action: 400 reason_required.
    reason = serializers.CharField(
        max_length=MAX_REASON, allow_blank=True, required=False, default=""
    )


class AskBreakGlass(ReleaseView):
    asks = {"POST": asking.ASK_GLASS}
    write_scope = TokenScope.RELEASES_DEPLOY

    @operation(takes=BreakGlassInput, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Ask that the freeze be set aside for this release."""
        release = self.release()
        given = self.read(BreakGlassInput)
        return self.answer(
            actions.ask_break_glass(release, actor=self.actor, reason=given["reason"])
        )


class ConfirmBreakGlass(ReleaseView):
    asks = {"POST": asking.CONFIRM_GLASS}
    write_scope = TokenScope.RELEASES_DEPLOY

    @operation(takes=NoBody, gives=ReleaseAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Confirm it as the second person: for 60 minutes, for this release alone."""
        release = self.release()
        self.read(NoBody)
        return self.answer(
            actions.confirm_break_glass(
                release, actor=self.actor, by_token=self.is_token
            )
        )
