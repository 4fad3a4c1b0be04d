"""Makes what a test needs. A test names only what it is about.

make.target(make.project(), tenant="acme", environment="prod")
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Sequence
from itertools import count
from typing import Any

from guardian.shortcuts import assign_perm

from environments import actions
from environments.models import (
    Chart,
    ChartArchive,
    ChartVersion,
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Workload,
)
from environments.permissions import Permission, Role
from gitopshq.core import tokens
from gitopshq.core.models import ApiToken, Notification, ServiceAccount, User

_serial = count(1)


def user(
    name: str = "",
    *,
    may: Sequence[Permission] = (),
    role: Role | None = None,
    on: Project | Environment | None = None,
    **fields: Any,
) -> User:
    """Make a person, with rights *on* a project or an environment."""
    person = User.objects.create_user(name or f"person-{next(_serial)}", **fields)
    permissions = {*may, *(role.permissions if role else ())}
    for permission in sorted(permissions):
        assert on is not None, "say where"
        assign_perm(permission.codename, person, on)
    return person


def service_account(*, of: User, **fields: Any) -> User:
    """Make a robot that counts as its owner."""
    robot = user(**fields)
    ServiceAccount.objects.create(user=robot, owner=of)
    return robot


def token(
    owner: User, *, scopes: Sequence[str] = ("admin",), **fields: Any
) -> tuple[ApiToken, str]:
    """Make a token of *owner* and return it with its secret."""
    name = f"token-{next(_serial)}"
    return tokens.issue_token(owner, name=name, scopes=scopes, actor=None, **fields)


def notification(
    recipient: User, title: str = "R-1 awaits your vote", **fields: Any
) -> Notification:
    """Make a message that was not read yet."""
    return Notification.objects.create(
        recipient=recipient, event="release.submitted", title=title, **fields
    )


def project(slug: str = "", **fields: Any) -> Project:
    slug = slug or f"shop-{next(_serial)}"
    return actions.create_project(slug=slug, name=slug.title(), actor=None, **fields)


def tenant(of: Project, slug: str = "acme") -> Tenant:
    """Return the tenant of that slug, made if need be."""
    found = of.tenants.filter(slug=slug).first()
    return found or actions.create_tenant(of, slug=slug, name=slug, actor=None)


def environment(of: Project, slug: str = "prod", **policy: Any) -> Environment:
    """Return the environment of that slug, made if need be with *policy*."""
    found = of.environments.filter(slug=slug).first()
    return found or actions.create_environment(
        of, slug=slug, name=slug, policy=policy, actor=None
    )


_tenant, _environment = tenant, environment


def target(
    of: Project, *, tenant: str = "acme", environment: str = "prod", **facts: Any
) -> TenantEnvironment:
    """Make a target, with its tenant and environment where they are missing."""
    facts.setdefault("namespace", f"{of.slug}-{tenant}-{environment}")
    return actions.create_target(
        _tenant(of, tenant),
        _environment(of, environment),
        facts=actions.TargetFacts(**facts),
        actor=None,
    )


def chart_version(
    name: str = "web", version: str = "1.0.0", files: dict[str, str] | None = None
) -> ChartVersion:
    """Return a version of a chart, made if need be of a real archive."""
    data = chart_archive(name, version, files)
    chart, _ = Chart.objects.get_or_create(name=name)
    digest = hashlib.sha256(data).hexdigest()
    archive, _ = ChartArchive.objects.get_or_create(
        digest=digest, defaults={"data": data}
    )
    found, _ = ChartVersion.objects.get_or_create(
        chart=chart, version=version, defaults={"archive": archive}
    )
    return found


def chart_archive(
    name: str = "web", version: str = "1.0.0", files: dict[str, str] | None = None
) -> bytes:
    """Return a packaged chart; *files* replace those it is made of."""
    contents = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n",
        "values.yaml": "replicas: 1\n",
        "templates/config.yaml": _TEMPLATE,
        **(files or {}),
    }
    stream = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path, text in contents.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


def workload(
    of: Project,
    name: str = "api",
    *,
    chart: ChartVersion | None = None,
    on: Sequence[TenantEnvironment] = (),
    **fields: Any,
) -> Workload:
    """Make a workload, bound to the targets *on*."""
    made = actions.create_workload(
        of, name=name, chart_version=chart or chart_version(), actor=None, **fields
    )
    for place in on:
        actions.bind_workload(made, to=place, actor=None)
    return made


def restless(of: Project, *, on: TenantEnvironment) -> Workload:
    """Make a workload that comes out different each time, and may."""
    files = {"templates/config.yaml": f"{_TEMPLATE}  key: {{{{ randAlphaNum 24 }}}}\n"}
    chart = chart_version("restless", files=files)
    return workload(of, chart=chart, on=[on], allow_nondeterministic=True)


_TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  replicas: {{ .Values.replicas | quote }}
"""
