"""What ``manage.py check --database default`` asks of the kernel's tables."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DatabaseError

from gitopshq.core import audit_checks


@checks.register(checks.Tags.database)
def trail_is_guarded(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Say which triggers of the audit trail are missing.

    A warning, because ``migrate`` checks before it installs them.
    """
    if not databases:
        return []
    try:
        gone = audit_checks.unguarded()
    except DatabaseError:
        return []
    if not gone:
        return []
    said = f"the audit trail is not append-only; triggers missing: {', '.join(gone)}"
    return [checks.Warning(said, hint="Run manage.py migrate.", id="core.W001")]
