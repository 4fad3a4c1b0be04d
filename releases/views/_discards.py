"""Whether a pending change can be discarded here, by whom: for the link and its page.

The action decides again; this says beforehand what it would answer.
"""

from typing import Final

from environments.desired.change import (
    ASSIGNMENT,
    CHART,
    HQ_VARIABLE,
    KUSTOMIZE_BINDING,
    MANIFEST_BINDING,
    TARGET,
    WORKLOAD,
    Change,
)
from environments.models import VariableScope
from environments.permissions import Permission
from releases.pending import PendingChange
from releases.selectors.target_page import TargetPage

SHARED: Final = (
    "It reaches further than this target: edit it where it stands, in sight of all "
    "that it reaches."
)


def why_not(page: TargetPage, row: PendingChange) -> str:
    """Return why *row* cannot be discarded on *page*; "" where it can."""
    if row.claimed_by is not None:
        return f"It is in {row.claimed_by.name}: cancel that release first."
    if not _is_own(page, row.change):
        return SHARED
    needed = _permission(row.change)
    return "" if needed in page.rights else f"This needs the permission {needed.value}."


def _is_own(page: TargetPage, change: Change) -> bool:
    if change.type == HQ_VARIABLE:
        return change.scope == VariableScope.SVC
    if change.type != WORKLOAD:
        return change.type in (KUSTOMIZE_BINDING, MANIFEST_BINDING)
    if change.facet == ASSIGNMENT:
        return True
    if _is_about_the_target(change):
        return page.pool.deployed is not None
    if change.facet in (CHART, TARGET):
        return _overrides(page, change)
    return change.layer == "target"


def _is_about_the_target(change: Change) -> bool:
    return change.facet == TARGET and "/" in change.object


def _overrides(page: TargetPage, change: Change) -> bool:
    """Tell whether the binding here says it, rather than the workload itself."""
    found = [row for row in page.workloads if row.workload.name == change.object]
    return any(
        bool(row.chart_version_id if change.facet == CHART else row.namespace)
        for row in found
    )


def _permission(change: Change) -> Permission:
    if change.type == HQ_VARIABLE:
        return Permission.MANAGE_VARIABLES
    if change.type == WORKLOAD and _is_about_the_target(change):
        return Permission.MANAGE_ENVIRONMENT
    return Permission.MANAGE_WORKLOADS
