"""The client's own policy result, kept word for word and never evaluated here."""

import json
from collections.abc import Mapping
from typing import Any, Final

from gitopshq.core.errors import TooLarge

MAX_BYTES: Final = 256 * 1024


def check_size(document: Any) -> None:
    """Refuse a snapshot of more than 256 KiB as JSON.

    :raises TooLarge: when it is
    """
    if len(json.dumps(document, ensure_ascii=False).encode()) > MAX_BYTES:
        raise TooLarge(what="policySnapshotJson", limit="256 KiB")


def denials(document: Any) -> list[str]:
    """Return what the snapshot denies: its ``violations`` with enforcement ``deny``."""
    if not isinstance(document, Mapping):
        return []
    violations = document.get("violations")
    if not isinstance(violations, list):
        return []
    return [
        _words(violation)
        for violation in violations
        if isinstance(violation, Mapping) and violation.get("enforcement") == "deny"
    ]


def _words(violation: Mapping[str, Any]) -> str:
    for name in ("message", "msg", "policy", "rule", "name"):
        if isinstance(said := violation.get(name), str) and said:
            return said[:300]
    return json.dumps(violation, ensure_ascii=False, sort_keys=True)[:300]
