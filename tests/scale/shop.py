"""Makes the project of a scale run, in the installation's own Django."""

import json
import time

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from delivery.repositories import repositories_of
from environments import actions, sourcing
from environments.editing import record_edit
from environments.locking import lock_project
from environments.models import Project, TenantEnvironment, WorkloadBinding
from environments.permissions import Role
from gitopshq.core import tokens
from gitopshq.core.models import User
from tests import make
from tests.bench.shop import chart, values
from tests.scale import PROJECT, STAGES, service, tenant


def build(tenants: int, workloads: int) -> None:
    """Make everything; print the token and the session of somebody who may do it all.

    As JSON, with the seconds it took.
    """
    began = time.monotonic()
    project = make.project(PROJECT)
    _add_services(project, workloads)
    for number in range(tenants):
        for stage in STAGES:
            _bind_all(make.target(project, tenant=tenant(number), environment=stage))
    person = make.user("driver")
    actions.grant_role(project, to=person, role=Role.MAINTAINER, actor=None)
    scopes = ["admin", "git:read"]
    _, token = tokens.issue_token(person, name="drive", scopes=scopes, actor=None)
    seconds = time.monotonic() - began
    made = {"token": token, "session": _session(person), "seconds": seconds}
    print(json.dumps(made))


def sizes() -> None:
    """Print the MB of the database and of the repositories, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        rows = cursor.fetchone()[0]
    places = repositories_of(Project.objects.get(slug=PROJECT))
    told = {"database": rows / 2**20}
    for name in ("main", "renderings", "source"):
        files = getattr(places, name).rglob("*")
        told[name] = sum(one.stat().st_size for one in files if one.is_file()) / 2**20
    print(json.dumps(told))


def _add_services(project: Project, number: int) -> None:
    for count in range(number):
        name = service(count)
        made = actions.create_workload(
            project, name=name, chart_version=chart(), actor=None
        )
        actions.set_values(made, text=values(name, 0), actor=None)


def _bind_all(target: TenantEnvironment) -> None:
    """Let every workload run there, by one edit."""
    with transaction.atomic():
        project = lock_project(target.project)
        before = sourcing.target_files(target)
        WorkloadBinding.objects.bulk_create(
            WorkloadBinding(workload=workload, target=target)
            for workload in project.workloads.all()
        )
        record_edit(
            project,
            actor=None,
            subject=("target", str(target)),
            before=before,
            after=sourcing.target_files(target),
            message=f"Bind everything to {target}",
        )


def _session(person: User) -> str:
    """Log *person* in; return the cookie to send."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
