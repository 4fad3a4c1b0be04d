"""Releases for operators: to look at. They move by their actions alone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from gitopshq.core.admin import Attached, ReadOnly
from releases.models import (
    BreakGlass,
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
