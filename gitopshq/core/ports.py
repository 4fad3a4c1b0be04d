"""What the kernel must ask the apps above it, which it cannot import.

An app above registers its answer when it is ready.
"""

from collections.abc import Callable, Collection

from gitopshq.core.models import User

AuditScope = Callable[[User], Collection[str]]


def _nowhere(user: User) -> Collection[str]:
    return ()


_audit_scope: AuditScope = _nowhere


def set_audit_scope(answer: AuditScope) -> None:
    """Register who may read which trails.

    *answer* returns the slugs of the projects whose trail a person may read.
    """
    global _audit_scope  # noqa: PLW0603  set once, at start
    _audit_scope = answer


def audit_scope(user: User) -> Collection[str]:
    """Return the slugs of the projects whose trail *user* may read."""
    return _audit_scope(user)
