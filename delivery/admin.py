"""Repositories and renderings for operators: to look at, not to change."""

from django.contrib import admin

from delivery.models import (
    HostedRepository,
    RefMove,
    RenderedUnit,
    Rendering,
    RepositoryReader,
)
from gitopshq.core.admin import ReadOnly


@admin.register(HostedRepository)
class HostedRepositoryAdmin(ReadOnly):
    list_display = ["__str__", "main_commit", "source_commit", "source_edit"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "main_commit", "source_commit"]


@admin.register(RefMove)
class RefMoveAdmin(ReadOnly):
    date_hierarchy = "at"
    list_display = ["__str__", "repository", "job", "at"]
    list_select_related = ["repository__project"]
    search_fields = ["repository__project__slug", "job", "old_commit", "new_commit"]


@admin.register(RepositoryReader)
class RepositoryReaderAdmin(ReadOnly):
    list_display = ["agent", "repository", "token", "last_at", "commit"]
    list_select_related = ["repository__project", "token"]
    search_fields = ["agent", "repository__project__slug", "token__prefix"]


@admin.register(Rendering)
class RenderingAdmin(ReadOnly):
    date_hierarchy = "created_at"
    list_display = ["__str__", "project", "state", "attempts", "lease_until", "tree"]
    list_filter = ["state"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "digest", "tree"]


@admin.register(RenderedUnit)
class RenderedUnitAdmin(ReadOnly):
    list_display = ["__str__", "project", "tree", "created_at"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "key", "tree"]
