"""One's own notifications over HTTP."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import errors, notifying
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, NoBody, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.asking import OWN
from gitopshq.core.models import Notification


class NotificationSerializer(ModelSerializer[Notification]):
    class Meta:
        model = Notification
        fields = [
            "id",
            "event",
            "project",
            "title",
            "body",
            "url",
            "created_at",
            "read_at",
        ]
        read_only_fields = fields


class NotificationFilters(Query):
    unread = serializers.BooleanField(required=False, default=False)
    project = serializers.SlugField(required=False, max_length=40)


class NotificationList(ApiView):
    spans_projects = True

    @operation(gives=NotificationSerializer, is_list=True, filters=NotificationFilters)
    def get(self, request: Request) -> Response:
        """List what one was told."""
        chosen = self.query(NotificationFilters)
        mine = notifying.notifications_of(self.actor, unread=chosen["unread"])
        for project in filter(None, [chosen.get("project"), self.token_project]):
            mine = mine.filter(project=project)
        return self.page(mine, NotificationSerializer)


class NotificationRead(ApiView):
    asks = {"POST": OWN}

    @operation(gives=NotificationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Mark a notification as read."""
        notification = notifying.notifications_of(self.actor).filter(pk=pk).first()
        if notification is None:
            raise errors.NotFound
        notification = notifying.mark_read(notification, actor=self.actor)
        return self.show(notification, NotificationSerializer)


class ReadCountSerializer(Serializer[Any]):
    read = serializers.IntegerField()


class NotificationsRead(ApiView):
    asks = {"POST": OWN}

    @operation(gives=ReadCountSerializer)
    def post(self, request: Request) -> Response:
        """Mark all of one's notifications as read; say how many that were."""
        self.read(NoBody)
        return Response({"read": notifying.mark_all_read(actor=self.actor)})
