"""What people said about a release, over HTTP."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Serializer
from releases import actions, asking
from releases.actions.commenting import LONGEST
from releases.api.releases import ReleaseView
from releases.models import ReleaseComment


class CommentAnswer(ModelSerializer[ReleaseComment]):
    """``author`` is a user name, ``body`` Markdown as it was written."""

    class Meta:
        model = ReleaseComment
        fields = ["id", "author", "body", "created_at"]
        read_only_fields = fields

    author = serializers.CharField(source="author.username", read_only=True)


class CommentInput(Serializer[None]):
    body = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


class Comments(ReleaseView):
    asks = {"POST": asking.COMMENT}

    @operation(gives=CommentAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List what was said, newest first."""
        rows = self.release().comments.select_related("author")
        return self.page(rows, CommentAnswer, order=("-created_at", "-pk"))

    @operation(takes=CommentInput, gives=CommentAnswer, status=201)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Say something; it is never edited nor deleted."""
        release = self.release()
        given = self.read(CommentInput)
        comment = actions.comment_on(release, actor=self.actor, **given)
        return self.show(comment, CommentAnswer, status=201)
