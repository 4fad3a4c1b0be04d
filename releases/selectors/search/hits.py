"""One line of the answer to a search: what was found, where it is, what opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from environments.models import (
    Edit,
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Variable,
    Workload,
)
from releases.models import DeployedResource, Release

IsWhole = Callable[[int], bool]
"""Whether the searcher sees all of the project of that key, and so its branches."""


@dataclass(frozen=True)
class Hit:
    """A link, what is said beside it, and the project and place it belongs to."""

    title: str
    url: str
    where: str = ""
    said: str = ""
    name: str = ""
    status: str = ""
    is_code: bool = False
    is_archived: bool = False


def project(row: Project, is_whole: IsWhole) -> Hit:
    """Show a project."""
    return Hit(
        row.slug,
        row.get_absolute_url(),
        said=row.name,
        is_archived=row.archived_at is not None,
    )


def tenant(row: Tenant, is_whole: IsWhole) -> Hit:
    """Show a tenant: its rows of the matrix."""
    query = urlencode({"tenant": row.slug})
    return Hit(
        row.slug,
        f"{row.project.get_absolute_url()}?{query}",
        where=row.project.slug,
        said=", ".join([row.name, *row.tags]),
        is_archived=row.archived_at is not None,
    )


def environment(row: Environment, is_whole: IsWhole) -> Hit:
    """Show an environment: its policy."""
    return Hit(
        row.slug,
        row.get_absolute_url(),
        where=row.project.slug,
        said=row.name,
        is_archived=row.archived_at is not None,
    )


def target(row: TenantEnvironment, is_whole: IsWhole) -> Hit:
    """Show a tenant-environment."""
    pending = row.pending_count
    return Hit(
        str(row),
        row.get_absolute_url(),
        where=row.project.slug,
        said=f"{pending} pending" if pending else f"namespace {row.namespace}",
    )


def workload(row: Workload, is_whole: IsWhole) -> Hit:
    """Show a workload."""
    return Hit(
        row.name,
        row.get_absolute_url(),
        where=row.project.slug,
        said=f"chart {row.chart_version}",
        is_archived=row.archived_at is not None,
    )


def variable(row: Variable, is_whole: IsWhole) -> Hit:
    """Show the name and the scope of a variable, and never its value."""
    query = {"key": row.key}
    if row.target is not None and row.workload is not None:
        query["tenant"] = row.target.tenant.slug
        query["environment"] = row.target.environment.slug
        query["service"] = row.workload.name
    page = reverse("environments:variables", args=[row.project.slug])
    return Hit(
        row.key,
        f"{page}?{urlencode(query)}",
        where=row.project.slug,
        said=f"{'secret, ' if row.is_secret else ''}{_scope(row)}",
        is_code=True,
    )


def release(row: Release, is_whole: IsWhole) -> Hit:
    """Show a release."""
    return Hit(
        row.title,
        row.get_absolute_url(),
        where=f"{row.project.slug} · {row.target}",
        name=row.name,
        status=row.status,
    )


def commit(row: Release, is_whole: IsWhole) -> Hit:
    """Show a commit on ``main``; who sees a part of the project goes to its release."""
    where = [row.project.slug, row.commit_sha]
    return Hit(
        row.commit_sha[:12],
        reverse("releases:repository_commit", args=where)
        if is_whole(row.project_id)
        else row.get_absolute_url(),
        where=f"{row.project.slug} · main",
        said=str(row),
        is_code=True,
    )


def edit(row: Edit, is_whole: IsWhole) -> Hit:
    """Show a commit on ``source``."""
    where = [row.project.slug, row.source_commit]
    return Hit(
        row.source_commit[:12],
        reverse("releases:repository_commit", args=where),
        where=f"{row.project.slug} · source",
        said=row.message,
        is_code=True,
    )


def resource(row: DeployedResource, is_whole: IsWhole) -> Hit:
    """Show a deployed resource: its manifest, else the target that runs it."""
    at = row.target
    path = f"{at}/{row.path}"
    return Hit(
        row.kind_and_name,
        reverse("releases:repository_tree", args=[at.project.slug, "main", path])
        if is_whole(at.project_id)
        else at.get_absolute_url(),
        where=f"{at.project.slug} · {at}",
        said=row.unit,
        is_code=True,
    )


def _scope(row: Variable) -> str:
    place: Any = row.environment or row.tenant or row.target
    if place is None:
        return "of the whole project"
    service = f" for {row.workload}" if row.workload is not None else ""
    return f"{row.get_scope_display().lower()} {place}{service}"
