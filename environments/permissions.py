"""Every permission there is, and the bundles in which they are granted.

Granted on a project or on one environment (domain 11). Asking is in ``access``.
"""

from typing import Final

from django.db.models import TextChoices


class Permission(TextChoices):
    """The dotted name is what people see; guardian stores the codename."""

    VIEW_RELEASE = "releases.view", "View release history, diffs and status"
    CREATE_RELEASE = "releases.create", "Create releases and submit them"
    APPROVE_RELEASE = "releases.approve", "Approve or reject releases"
    DEPLOY_RELEASE = "releases.deploy", "Deploy approved releases"
    CANCEL_RELEASE = "releases.cancel", "Cancel releases at any stage"
    MANAGE_ENVIRONMENT = "environments.manage", "Policy, freeze, tenants and targets"
    MANAGE_WORKLOADS = "workloads.manage", "Workloads, values, overlays, manifests"
    MANAGE_VARIABLES = "variables.manage", "Variables"
    CREATE_PROMOTION = "promotions.create", "Promote between environments"
    REQUEST_COMMAND = "commands.request", "Ask for cluster commands"
    MANAGE_CLUSTERS = "clusters.manage", "Clusters and agents"
    MANAGE_PROJECT = "projects.manage", "Members and settings of the project"
    OVERRIDE_FREEZE = "freeze.override", "Ask for and confirm a break-glass"
    VIEW_AUDIT = "audit.view", "Read the audit trail"

    @property
    def codename(self) -> str:
        """The name guardian and Django store: ``releases_deploy``."""
        return self.value.replace(".", "_")


CREATE_PROJECT: Final = "environments.projects_create"
"""The one global permission: make projects."""

OBJECT_PERMISSIONS: Final = [(p.codename, p.label) for p in Permission]

_VIEWER: Final = frozenset({Permission.VIEW_RELEASE})


class Role(TextChoices):
    VIEWER = "viewer", "Viewer"
    DEVELOPER = "developer", "Developer"
    APPROVER = "approver", "Approver"
    DEPLOYER = "deployer", "Deployer"
    MAINTAINER = "maintainer", "Maintainer"

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role holds, by the table of domain 11."""
        return _HELD[self]


_HELD: Final[dict[str, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.DEVELOPER: _VIEWER
    | {
        Permission.CREATE_RELEASE,
        Permission.MANAGE_WORKLOADS,
        Permission.MANAGE_VARIABLES,
        Permission.CREATE_PROMOTION,
    },
    Role.APPROVER: _VIEWER | {Permission.APPROVE_RELEASE},
    Role.DEPLOYER: _VIEWER | {Permission.DEPLOY_RELEASE},
    Role.MAINTAINER: frozenset(Permission),
}
