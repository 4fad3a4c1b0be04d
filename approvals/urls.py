"""The inbox."""

from django.urls import path

from approvals import views

app_name = "approvals"

urlpatterns = [
    path("approvals", views.inbox, name="inbox"),
    path("approvals/<int:pk>/approve", views.approve, name="approve"),
    path("approvals/<int:pk>/reject", views.reject, name="reject"),
    path("approvals/<int:pk>/withdraw", views.withdraw, name="withdraw"),
]
