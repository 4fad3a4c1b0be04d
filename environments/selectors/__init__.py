"""Questions about projects, desired state, its history and its freezes."""

from environments.selectors.freezes import (
    calendar_of,
    freeze_of,
    freezes_of,
    freezes_of_environments,
    spans_of,
)
from environments.selectors.history import LastEdit, editors_between, last_edit_of
from environments.selectors.inputs import (
    bindings_of,
    chart_version,
    targets_bound,
    values_path,
    values_text,
    workload_for,
)
from environments.selectors.members import Member, held_by, members_of
from environments.selectors.people import approvers_in, warnings_about
from environments.selectors.variables import effective_in, explained_in, impact_of
from environments.selectors.visible import (
    projects_seen_whole,
    sees_charts,
    sees_whole,
    variables_where,
    visible_environment,
    visible_environments,
    visible_project,
    visible_target,
    visible_targets,
    visible_tenant,
    visible_tenants,
    visible_variables,
    visible_windows,
    visible_workload,
    visible_workloads,
)

__all__ = [
    "LastEdit",
    "Member",
    "approvers_in",
    "bindings_of",
    "calendar_of",
    "chart_version",
    "editors_between",
    "effective_in",
    "explained_in",
    "freeze_of",
    "freezes_of",
    "freezes_of_environments",
    "held_by",
    "impact_of",
    "last_edit_of",
    "members_of",
    "projects_seen_whole",
    "sees_charts",
    "sees_whole",
    "spans_of",
    "targets_bound",
    "values_path",
    "values_text",
    "variables_where",
    "visible_environment",
    "visible_environments",
    "visible_project",
    "visible_target",
    "visible_targets",
    "visible_tenant",
    "visible_tenants",
    "visible_variables",
    "visible_windows",
    "visible_workload",
    "visible_workloads",
    "warnings_about",
    "workload_for",
]
