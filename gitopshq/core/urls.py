"""The kernel's own pages."""

from django.urls import path

from gitopshq.core.views import help as help_views
from gitopshq.core.views import preferences, profile, trail

app_name = "core"

urlpatterns = [
    path("audit", trail.trail, name="audit"),
    path("audit/verify", trail.verify, name="verify_audit"),
    path("audit/<int:pk>", trail.entry, name="audit_entry"),
    path("help", help_views.contents, name="help"),
    path("help/<slug:page>", help_views.page, name="help_page"),
    path("me", profile.profile, name="profile"),
    path("me/tokens", profile.own_tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke", profile.revoke_token, name="revoke_token"),
    path("me/notifications", profile.notifications, name="notifications"),
    path("me/notifications/preferences", preferences.choose, name="preferences"),
    path("me/notifications/read", profile.read_all, name="read_all"),
    path(
        "me/notifications/<int:pk>/read",
        profile.read_notification,
        name="read_notification",
    ),
]
