"""Requests and votes for operators: to look at. Nobody votes from here."""

from django.contrib import admin

from approvals.models import ApprovalDecision, ApprovalRequest
from gitopshq.core.admin import Attached, ReadOnly


class Decisions(Attached):
    model = ApprovalDecision
    fields = (
        "approver",
        "verdict",
        "digest",
        "comment",
        "decided_at",
        "withdrawn_at",
        "voided_at",
        "void_reason",
    )


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ReadOnly):
    date_hierarchy = "created_at"
    list_display = [
        "__str__",
        "kind",
        "project",
        "environment",
        "requester",
        "state",
        "required",
        "created_at",
        "closed_at",
    ]
    list_filter = ["state", "kind"]
    list_select_related = ["environment", "requester"]
    search_fields = ["project", "requester__username"]
    inlines = [Decisions]


@admin.register(ApprovalDecision)
class ApprovalDecisionAdmin(ReadOnly):
    date_hierarchy = "decided_at"
    list_display = ["request", "approver", "verdict", "decided_at", "void_reason"]
    list_filter = ["verdict"]
    list_select_related = ["request", "approver"]
    search_fields = ["approver__username", "request__project"]
