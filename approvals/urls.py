"""The inbox."""

from django.urls import path

from approvals.views import inbox, saved, votes

app_name = "approvals"

urlpatterns = [
    path("approvals", inbox.inbox, name="inbox"),
    path("approvals/waiting", inbox.waiting, name="waiting"),
    path("approvals/views", saved.save, name="save_view"),
    path("approvals/views/<int:pk>/forget", saved.forget, name="forget_view"),
    path("approvals/decide", votes.decide, name="decide"),
    path("approvals/<int:pk>/approve", votes.approve, name="approve"),
    path("approvals/<int:pk>/reject", votes.reject, name="reject"),
    path("approvals/<int:pk>/withdraw", votes.withdraw, name="withdraw"),
]
