"""What the kernel must ask the apps above it, which it cannot import.

An app above registers its answer when it is ready.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from gitopshq.core.models import User

AuditScope = Callable[[User], Collection[str]]
AuditAnchors = Callable[
    [Collection[str] | None], Mapping[str, Collection[tuple[int, str]]]
]
ProjectScope = Callable[[User], Collection[str]]
ProjectExists = Callable[[str], bool]


def _nowhere(user: User) -> Collection[str]:
    return ()


def _unanchored(projects: Collection[str] | None) -> Mapping[str, Any]:
    return {}


_audit_scope: AuditScope = _nowhere
_audit_anchors: AuditAnchors = _unanchored
_project_scope: ProjectScope = _nowhere
_project_exists: ProjectExists = bool


def set_audit_scope(answer: AuditScope) -> None:
    """Register who may read which trails.

    *answer* returns the slugs of the projects whose trail a person may read.
    """
    global _audit_scope  # noqa: PLW0603  set once, at start
    _audit_scope = answer


def audit_scope(user: User) -> Collection[str]:
    """Return the slugs of the projects whose trail *user* may read."""
    return _audit_scope(user)


def set_audit_anchors(answer: AuditAnchors) -> None:
    """Register who knows heads of the trail that were kept outside the database.

    *answer* takes slugs, or ``None`` for all projects, and returns sequence numbers
    and hashes of entries by project.
    """
    global _audit_anchors  # noqa: PLW0603  set once, at start
    _audit_anchors = answer


def audit_anchors(
    projects: Collection[str] | None,
) -> Mapping[str, Collection[tuple[int, str]]]:
    """Return what was kept outside the database of the trails of *projects*."""
    return _audit_anchors(projects)


def set_project_scope(answer: ProjectScope) -> None:
    """Register who sees which projects: *answer* returns their slugs."""
    global _project_scope  # noqa: PLW0603  set once, at start
    _project_scope = answer


def project_scope(user: User) -> Collection[str]:
    """Return the slugs of the projects that *user* may see."""
    return _project_scope(user)


def set_project_exists(answer: ProjectExists) -> None:
    """Register who knows the projects there are: *answer* takes a slug."""
    global _project_exists  # noqa: PLW0603  set once, at start
    _project_exists = answer


def project_exists(slug: str) -> bool:
    """Say whether there is a project of that slug, whoever may see it."""
    return _project_exists(slug)
