"""Instants as text: RFC 3339 in UTC with ``Z``, as everything on the wire has them.

For what is kept as JSON and shown as it is kept; serializers do so by themselves.
"""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Return *moment*, which is aware, as text."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
