"""The API rows of approvals, relative to ``/api/v1/``."""

from django.urls import path

from approvals.api.inbox import ApproveRequest, Inbox, RejectRequest

api_urlpatterns = [
    path("approvals", Inbox.as_view()),
    path("approvals/<int:pk>/approve", ApproveRequest.as_view()),
    path("approvals/<int:pk>/reject", RejectRequest.as_view()),
]
