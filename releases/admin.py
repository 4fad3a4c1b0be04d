"""Releases for operators: to look at. They move by their actions alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from gitopshq.core import answers
from gitopshq.core.admin import Attached, ReadOnly
from gitopshq.core.errors import DomainError
from gitopshq.core.models import User
from gitopshq.core.refusals import attempting
from releases import actions
from releases.models import (
    BreakGlass,
    CauseSearch,
    DeployAttempt,
    DeployedState,
    Evidence,
    HeldChange,
    Release,
    ReleaseChange,
    ReleaseComment,
    Snapshot,
)
from releases.selectors import timeline_of


class Attempts(Attached):
    model = DeployAttempt
    fk_name = "release"
    fields = (
        "number",
        "state",
        "requested_by",
        "requested_at",
        "runs",
        "commits",
        "failure_type",
        "failure_detail",
        "ended_at",
    )


class Changes(Attached):
    model = ReleaseChange
    fk_name = "release"
    fields = ("position", "type", "change_id", "revision", "is_claimed")


class BreakGlasses(Attached):
    model = BreakGlass
    fields = (
        *("reason", "asked_by", "asked_at"),
        *("confirmed_by", "confirmed_at", "expires_at"),
    )


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    date_hierarchy = "created_at"
    list_display = [
        "name",
        "project",
        "target",
        "status",
        "is_stale",
        "title",
        "author",
        "created_at",
        "deployed_at",
    ]
    list_filter = ["status", "is_stale", "kind", "project"]
    list_select_related = [
        "project",
        "target__tenant",
        "target__environment",
        "author",
    ]
    search_fields = ["number", "title", "commit_sha", "project__slug"]
    readonly_fields = ["history"]
    inlines = [BreakGlasses, Attempts, Changes]

    @admin.display(description="History")
    def history(self, release: Release) -> SafeString:
        """Return everything recorded of *release*, oldest first."""
        return format_html_join(
            mark_safe("<br>"),
            "{} {} {}",
            (
                (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor or "system", entry.event)
                for entry in timeline_of(release)
            ),
        )


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly):
    list_display = ["digest", "project", "created_at"]
    list_select_related = ["project"]
    search_fields = ["digest"]


@admin.register(DeployedState)
class DeployedStateAdmin(ReadOnly):
    list_display = ["target", "release", "deployed_at", "sync_state"]
    list_select_related = [
        "target__tenant",
        "target__environment",
        "release__project",
    ]


@admin.register(HeldChange)
class HeldChangeAdmin(ReadOnly):
    list_display = ["change_id", "target", "by_release", "ended_at"]
    list_select_related = [
        "target__tenant",
        "target__environment",
        "by_release__project",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-pk")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly):
    list_display = ["release", "verified_by", "verified_at", "closed_by", "closed_at"]
    list_select_related = ["release", "verified_by", "closed_by"]
    search_fields = ["release__number", "release__title", "digest"]


@admin.register(ReleaseComment)
class ReleaseCommentAdmin(ReadOnly):
    date_hierarchy = "created_at"
    list_display = ["release", "author", "created_at"]
    list_select_related = ["release", "author"]
    search_fields = ["release__number", "release__title", "author__username"]


class ReasonForm(ActionForm):
    """What an action on jobs is told: why."""

    reason = forms.CharField(
        required=False, max_length=1000, label="Reason (to mark as failed)"
    )


@admin.register(DeployAttempt)
class DeployAttemptAdmin(ReadOnly):
    """Deploy jobs. Two steps are open to operators, each on record as theirs."""

    action_form = ReasonForm
    actions = ["requeue", "fail"]
    date_hierarchy = "requested_at"
    list_display = [
        *("__str__", "state", "runs", "lease_until"),
        *("requested_by", "requested_at", "ended_at", "failure_type"),
    ]
    list_filter = ["state"]
    list_select_related = ["release__project", "requested_by"]
    search_fields = ["release__number", "release__title", "release__project__slug"]

    @admin.action(description="Queue the jobs chosen again", permissions=["operate"])
    def requeue(self, request: HttpRequest, chosen: QuerySet[DeployAttempt]) -> None:
        self._each(request, chosen, actions.requeue_attempt, "release.requeue")

    @admin.action(description="Mark the jobs chosen as failed", permissions=["operate"])
    def fail(self, request: HttpRequest, chosen: QuerySet[DeployAttempt]) -> None:
        reason = request.POST.get("reason", "")
        step = partial(actions.fail_attempt, reason=reason)
        self._each(request, chosen, step, "release.mark_failed")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[DeployAttempt],
        step: Callable[..., DeployAttempt],
        event: str,
    ) -> None:
        assert isinstance(request.user, User)
        for attempt in chosen.order_by("pk"):
            release = attempt.release
            attempting(request, event, release, project=release.project.slug)
            try:
                step(attempt, actor=request.user)
            except DomainError as refused:
                answers.record(request, refused)
                self.message_user(request, f"{attempt}: {refused}", messages.ERROR)
            else:
                self.message_user(request, f"{attempt}: done.", messages.SUCCESS)


@admin.register(CauseSearch)
class CauseSearchAdmin(ReadOnly):
    date_hierarchy = "created_at"
    list_display = ["__str__", "project", "state", "attempts", "lease_until"]
    list_filter = ["state"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "digest"]
