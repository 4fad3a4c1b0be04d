"""What the wire contract promises of an answer, written down once more by hand.

Names and JSON types only; ``holds`` compares, and knows no serializer.
"""

import re
from typing import Any

NULL = type(None)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""RFC 3339 in UTC."""

Shape = dict[str, Any]

TARGET_NAME: Shape = {"tenant": str, "environment": str}
POLICY: Shape = {
    "requiredApprovals": int,
    "blockSelfApproval": bool,
    "approvalExpiryHours": (int, NULL),
    "autoApprove": bool,
    "blockSelfDeploy": bool,
    "deployMode": str,
}
SYNC: Shape = {"state": str, "revision": (str, NULL), "checkedAt": (TIME, NULL)}
TARGET: Shape = {
    **TARGET_NAME,
    "namespace": str,
    "cluster": str,
    "kubernetesVersion": str,
    "apiVersions": list,
    "deployedRelease": (str, NULL),
    "pendingCount": int,
    "frozen": bool,
    "effectivePolicy": POLICY,
    "sync": SYNC,
}
CHANGE: Shape = {
    "id": re.compile("[0-9a-f]{32}"),
    "revision": re.compile("[0-9a-f]{32,64}"),
    "type": str,
    "object": str,
    "facet": str,
    "path": str,
    "action": str,
    "scope": (str, NULL),
    "service": (str, NULL),
    "summary": str,
    "before": (str, NULL),
    "after": (str, NULL),
    "changedBy": (str, NULL),
    "changedAt": (TIME, NULL),
    "claimedBy": (str, NULL),
    "heldBy": (str, NULL),
    "selectable": bool,
    "dependsOn": list,
}
RENDERING: Shape = {
    "state": re.compile("pending|ready|failed"),
    "tree": (re.compile("[0-9a-f]{40}"), NULL),
    "errors": list,
}
ACTION: Shape = {"action": str, "allowed": bool, "reason": str}
RELEASE: Shape = {
    "number": int,
    "name": re.compile(r"R-\d+"),
    "title": str,
    "notes": str,
    "ticket": str,
    "state": re.compile(
        "draft|pending_approval|approved|deploying|deployed|failed|rolled_back|cancelled"
    ),
    "kind": re.compile("normal|rollback|promotion"),
    "target": TARGET_NAME,
    "author": str,
    "createdAt": TIME,
    "baselineSourceSha": re.compile("[0-9a-f]{40}"),
    "baseRelease": (str, NULL),
    "stale": bool,
    "digest": (re.compile("[0-9a-f]{64}"), NULL),
    "rendering": RENDERING,
    "changeCount": int,
    "approvals": {"current": int, "required": int, "votes": list},
    "commit": ({"sha": re.compile("[0-9a-f]{40}"), "branch": str}, NULL),
    "sync": SYNC,
    "failure": ({"type": str, "detail": str}, NULL),
    "cancelled": (
        {
            "kind": re.compile("cancelled|rejected|recreated"),
            "reason": str,
            "by": str,
            "at": TIME,
        },
        NULL,
    ),
    "deployedBy": (str, NULL),
    "deployedAt": (TIME, NULL),
    "rolledBackBy": (str, NULL),
}
INBOX_ROW: Shape = {
    "id": int,
    "kind": re.compile("release|promotion|cluster_command"),
    "project": str,
    "target": str,
    "title": str,
    "requester": str,
    "createdAt": TIME,
    "current": int,
    "required": int,
    "summary": dict,
    "digest": (re.compile("[0-9a-f]{64}"), NULL),
    "eligible": bool,
    "reasonNotEligible": str,
    "url": str,
}


def holds(answer: Any, shape: Shape) -> bool:
    """Assert that *answer* has every field of *shape*, each of its type."""
    assert isinstance(answer, dict), answer
    for name, wanted in shape.items():
        assert name in answer, f"{name} is missing: {sorted(answer)}"
        kinds = wanted if isinstance(wanted, tuple) else (wanted,)
        value = answer[name]
        assert any(_fits(value, kind) for kind in kinds), f"{name} is {value!r}"
    return True


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, dict):
        return isinstance(value, dict) and holds(value, kind)
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.fullmatch(value) is not None
    # JSON's true is no number.
    return type(value) is kind
