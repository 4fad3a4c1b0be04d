"""The kernel's paths below ``/api/v1/``."""

from django.urls import path

from gitopshq.core.api import describing
from gitopshq.core.api.resources import audit, notifications, preferences, tokens

api_urlpatterns = [
    path("schema", describing.Document.as_view(), name="api-schema"),
    path("docs", describing.Docs.as_view(), name="api-docs"),
    path("tokens", tokens.TokenList.as_view()),
    path("tokens/<int:pk>", tokens.TokenDetail.as_view()),
    path("notifications", notifications.NotificationList.as_view()),
    path("notifications/read", notifications.NotificationsRead.as_view()),
    path("notifications/preferences", preferences.Preferences.as_view()),
    path("notifications/<int:pk>/read", notifications.NotificationRead.as_view()),
    path("audit", audit.AuditList.as_view()),
    path("audit/verify", audit.AuditVerify.as_view()),
]
