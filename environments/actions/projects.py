"""Making and changing projects, tenants and environments."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from django.db import transaction

from environments import checks
from environments.access import require, require_to_create_projects
from environments.actions._begin import begin, differing, refuse_archived
from environments.actions.grants import grant_to_creator
from environments.actions.policy import create_policy
from environments.addresses import PAGES
from environments.events import Event
from environments.models import Environment, Project, SecretsInGit, Tenant
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 10_000
MAX_RANK: Final = 32_767

RowT = TypeVar("RowT", bound=Project | Tenant | Environment)


@transaction.atomic
def create_project(
    *,
    slug: str,
    name: str,
    description: str = "",
    secrets_in_git: str = SecretsInGit.REFUSE,
    actor: User | None,
) -> Project:
    """Make a project; whoever makes it becomes its maintainer.

    :raises NotPermitted: without ``projects.create``
    :raises ValidationError: for a slug that is taken or none
    """
    require_to_create_projects(actor)
    checks.check_slug(slug, "/slug")
    fields = _project_fields(name, description, secrets_in_git)
    if Project.objects.filter(slug=slug).exists():
        raise ValidationError.of("/slug", "is taken", code="taken")
    project = Project.objects.create(slug=slug, created_by=actor, **fields)
    if actor is not None:
        grant_to_creator(project, actor=actor)
    audit.record(
        Event.PROJECT_CREATED,
        project,
        actor=actor,
        project=slug,
        after={"slug": slug, **fields},
    )
    return project


@transaction.atomic
def update_project(
    project: Project,
    *,
    actor: User | None,
    name: str | None = None,
    description: str | None = None,
    secrets_in_git: str | None = None,
) -> Project:
    """Change what is given.

    :raises NotPermitted: without ``projects.manage``
    :raises Archived: when the project is
    """
    project = begin(project)
    require(actor, Permission.MANAGE_PROJECT, on=project)
    before = _project_facts(project)
    after = _project_fields(
        before["name"] if name is None else name,
        before["description"] if description is None else description,
        before["secrets_in_git"] if secrets_in_git is None else secrets_in_git,
    )
    return _save(project, before, after, Event.PROJECT_CHANGED, actor, project.slug)


@transaction.atomic
def create_tenant(
    project: Project,
    *,
    slug: str,
    name: str,
    tags: Sequence[str] = (),
    actor: User | None,
) -> Tenant:
    """Make a tenant of the project.

    :raises NotPermitted: without ``environments.manage`` on the project
    :raises ValidationError: for a slug that is taken or names a page of the project,
        or for a word that is no tag
    """
    project = begin(project)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=project)
    checks.check_slug(slug, "/slug")
    if slug in PAGES:
        raise ValidationError.of("/slug", f"{slug} is the name of a page, take another")
    if project.tenants.filter(slug=slug).exists():
        raise ValidationError.of("/slug", "is taken", code="taken")
    fields = _tenant_fields(name, tags)
    tenant = Tenant.objects.create(project=project, slug=slug, **fields)
    audit.record(
        Event.TENANT_CREATED,
        tenant,
        actor=actor,
        project=project.slug,
        after={"slug": slug, **fields},
    )
    return tenant


@transaction.atomic
def update_tenant(
    tenant: Tenant,
    *,
    actor: User | None,
    name: str | None = None,
    tags: Sequence[str] | None = None,
) -> Tenant:
    """Change what is given, *tags* as a whole; its slug stays.

    :raises NotPermitted: without ``environments.manage`` on the project
    :raises ValidationError: for a name or a tag that breaks a rule
    """
    project = begin(tenant.project)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=project)
    tenant = Tenant.objects.get(pk=tenant.pk)
    refuse_archived(tenant)
    before: dict[str, Any] = {"name": tenant.name, "tags": tenant.tags}
    after = _tenant_fields(
        before["name"] if name is None else name,
        before["tags"] if tags is None else tags,
    )
    return _save(tenant, before, after, Event.TENANT_CHANGED, actor, project.slug)


@transaction.atomic
def create_environment(
    project: Project,
    *,
    slug: str,
    name: str,
    rank: int = 0,
    colour: str = "",
    policy: Mapping[str, Any] | None = None,
    actor: User | None,
) -> Environment:
    """Make an environment with its policy, the defaults where none is given.

    :param policy: fields of ``PolicyTerms``
    :raises NotPermitted: without ``environments.manage`` on the project
    """
    project = begin(project)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=project)
    checks.check_slug(slug, "/slug")
    if project.environments.filter(slug=slug).exists():
        raise ValidationError.of("/slug", "is taken", code="taken")
    fields = _environment_fields(name, rank, colour)
    environment = Environment.objects.create(project=project, slug=slug, **fields)
    audit.record(
        Event.ENVIRONMENT_CREATED,
        environment,
        actor=actor,
        project=project.slug,
        after={"slug": slug, **fields},
    )
    create_policy(environment, policy or {}, actor=actor)
    return environment


@transaction.atomic
def update_environment(
    environment: Environment,
    *,
    actor: User | None,
    name: str | None = None,
    rank: int | None = None,
    colour: str | None = None,
) -> Environment:
    """Change what is given.

    :raises NotPermitted: without ``environments.manage`` on the project
    """
    project = begin(environment.project)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=project)
    environment = Environment.objects.get(pk=environment.pk)
    refuse_archived(environment)
    before: dict[str, Any] = {
        "name": environment.name,
        "rank": environment.rank,
        "colour": environment.colour,
    }
    after = _environment_fields(
        before["name"] if name is None else name,
        before["rank"] if rank is None else rank,
        before["colour"] if colour is None else colour,
    )
    event = Event.ENVIRONMENT_CHANGED
    return _save(environment, before, after, event, actor, project.slug)


def _save(
    row: RowT,
    before: dict[str, Any],
    after: dict[str, Any],
    event: Event,
    actor: User | None,
    project: str,
) -> RowT:
    """Write fields that differ, and write down that they do."""
    old, new = differing(before, after)
    if new:
        for name, value in new.items():
            setattr(row, name, value)
        row.save(update_fields=[*new])
        audit.record(event, row, actor=actor, project=project, before=old, after=new)
    return row


def _project_facts(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "description": project.description,
        "secrets_in_git": str(project.secrets_in_git),
    }


def _project_fields(name: str, description: str, secrets_in_git: str) -> dict[str, Any]:
    if secrets_in_git not in SecretsInGit.values:
        detail = f"one of {', '.join(SecretsInGit.values)}"
        raise ValidationError.of("/secretsInGit", detail)
    return {
        "name": checks.check_text(name, "/name", longest=MAX_NAME),
        "description": checks.check_text(
            description, "/description", longest=MAX_DESCRIPTION, empty=True
        ),
        "secrets_in_git": str(secrets_in_git),
    }


def _tenant_fields(name: str, tags: Sequence[str]) -> dict[str, Any]:
    return {
        "name": checks.check_text(name, "/name", longest=MAX_NAME),
        "tags": checks.checked_tags(tags),
    }


def _environment_fields(name: str, rank: int, colour: str) -> dict[str, Any]:
    checks.check_colour(colour)
    if not 0 <= rank <= MAX_RANK:
        raise ValidationError.of("/rank", f"a whole number from 0 to {MAX_RANK}")
    return {
        "name": checks.check_text(name, "/name", longest=MAX_NAME),
        "rank": rank,
        "colour": colour,
    }
