"""Requests that wait for agreement, and quick decisions on them."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import actions, asking, selectors
from approvals.inbox import inbox_rows
from approvals.models import LONGEST_COMMENT, ApprovalRequest, RequestKind
from gitopshq.core.api import lists
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import TokenScope


class DecisionAnswer(Serializer[None]):
    """What the caller could decide, and why not."""

    action = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()


class RequestAnswer(Serializer[None]):
    """One row of the inbox."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    project = serializers.CharField()
    target = serializers.CharField()
    title = serializers.CharField()
    requester = serializers.CharField()
    created_at = serializers.DateTimeField()
    current = serializers.IntegerField()
    required = serializers.IntegerField()  # type: ignore[assignment]
    able = serializers.IntegerField()
    eligible_approvers = serializers.ListField(child=serializers.CharField())
    shortage = serializers.CharField()
    lapses_at = serializers.DateTimeField(allow_null=True)
    summary = serializers.DictField(child=serializers.IntegerField())
    stale = serializers.BooleanField()
    violations = serializers.ListField(child=serializers.CharField())
    digest = serializers.CharField(allow_null=True)
    eligible = serializers.BooleanField()
    reason_not_eligible = serializers.CharField()
    url = serializers.CharField()
    allowed_actions = DecisionAnswer(many=True)


class InboxFilters(Query):
    kind = serializers.ChoiceField(choices=RequestKind.choices, required=False)
    project = serializers.CharField(max_length=40, required=False)
    environment = serializers.CharField(max_length=40, required=False)
    requester = serializers.CharField(max_length=150, required=False)
    stale = serializers.BooleanField(required=False)
    eligible = serializers.BooleanField(required=False)


class VoteBody(Serializer[None]):
    digest = serializers.CharField(max_length=64)
    comment = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, required=False, default=""
    )


class RejectBody(Serializer[None]):
    reason = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, required=False, default=""
    )


class Inbox(ApiView):
    spans_projects = True

    @operation(gives=RequestAnswer, is_list=True, filters=InboxFilters)
    def get(self, request: Request) -> Response:
        """List what waits for approval, across projects."""
        chosen = self.query(InboxFilters)
        if self.token_project:
            chosen["project"] = self.token_project
        asked = selectors.open_requests(self.actor, **chosen)
        found, cursor = lists.page_of(asked, request.query_params)
        rows = inbox_rows(found, self.actor)
        response = self.listed([row.document for row in rows], RequestAnswer)
        response.data["next"] = cursor
        return response


class Decision(ApiView):
    """A decision on one request."""

    write_scope = TokenScope.RELEASES_WRITE

    def asked(self, pk: int) -> ApprovalRequest:
        """Return the request, if the caller may view it."""
        return selectors.visible_request(self.actor, pk, project=self.token_project)

    def answer(self, request: ApprovalRequest) -> Response:
        """Answer with the row as it is now."""
        [row] = inbox_rows([self.asked(request.pk)], self.actor)
        return self.show(row.document, RequestAnswer)


class ApproveRequest(Decision):
    asks = {"POST": asking.APPROVE}

    @operation(takes=VoteBody, gives=RequestAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Vote for what was shown."""
        asked = self.asked(pk)
        given = self.read(VoteBody)
        actions.approve(asked, actor=self.actor, by_token=self.is_token, **given)
        return self.answer(asked)


class RejectRequest(Decision):
    asks = {"POST": asking.REJECT}

    @operation(takes=RejectBody, gives=RequestAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Reject it, with a reason."""
        asked = self.asked(pk)
        given = self.read(RejectBody)
        actions.reject(asked, actor=self.actor, by_token=self.is_token, **given)
        return self.answer(asked)
