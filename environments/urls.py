"""Pages of desired state."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from environments.addresses import TENANT
from environments.views import (
    charts,
    files,
    members,
    places,
    policy,
    settings,
    switching,
    values,
    variables,
    workload,
    workloads,
)

app_name = "environments"


class StepConverter(StringConverter):
    regex = "archive|restore"


register_converter(StepConverter, "archiving")

PROJECT = "projects/<slug:project>"
WORKLOAD = f"{PROJECT}/workloads/<slug:workload>"
POLICY = f"{PROJECT}/environments/<slug:environment>/policy"
TARGET = f"{PROJECT}/{TENANT}/<slug:environment>"
SETTINGS = f"{PROJECT}/settings"

urlpatterns = [
    path("charts", charts.charts, name="charts"),
    path(f"{PROJECT}/workloads", workloads.workloads, name="workloads"),
    path(WORKLOAD, workload.workload, name="workload"),
    path(f"{WORKLOAD}/values", values.values, name="values"),
    path(f"{WORKLOAD}/settings", workload.settings, name="workload_settings"),
    path(f"{WORKLOAD}/bind", workload.bind, name="bind"),
    path(
        f"{WORKLOAD}/unbind/<slug:tenant>/<slug:environment>",
        workload.unbind,
        name="unbind",
    ),
    path(f"{WORKLOAD}/switch", switching.switch, name="switch"),
    path(f"{WORKLOAD}/image", workload.image, name="image"),
    path(f"{WORKLOAD}/archive", workload.archive, name="archive_workload"),
    path(f"{WORKLOAD}/restore", workload.restore, name="restore_workload"),
    path(f"{PROJECT}/variables", variables.variables, name="variables"),
    path(f"{PROJECT}/variables/set", variables.set_variable, name="set_variable"),
    path(
        f"{PROJECT}/variables/<int:pk>/delete",
        variables.delete_variable,
        name="delete_variable",
    ),
    path(
        f"{PROJECT}/variables/<int:pk>/rename",
        variables.rename_variable,
        name="rename_variable",
    ),
    path(POLICY, policy.policy, name="policy"),
    path(f"{POLICY}/freeze", policy.freeze, name="freeze"),
    path(f"{POLICY}/unfreeze", policy.unfreeze, name="unfreeze"),
    path(f"{POLICY}/windows", policy.add_window, name="add_window"),
    path(f"{POLICY}/windows/<int:pk>/end", policy.end_window, name="end_window"),
    path(SETTINGS, settings.project_settings, name="project_settings"),
    path(f"{SETTINGS}/archive", settings.archive_project, name="archive_project"),
    path(f"{SETTINGS}/restore", settings.restore_project, name="restore_project"),
    path(f"{SETTINGS}/members", members.members, name="members"),
    path(f"{SETTINGS}/members/<slug:member>/revoke", members.revoke, name="revoke"),
    path(f"{SETTINGS}/tenants", places.tenants, name="tenants"),
    path(
        f"{SETTINGS}/tenants/<slug:slug>/<archiving:step>",
        places.put_tenant,
        name="put_tenant",
    ),
    path(f"{SETTINGS}/environments", places.environments, name="environments"),
    path(
        f"{SETTINGS}/environments/<slug:slug>/<archiving:step>",
        places.put_environment,
        name="put_environment",
    ),
    path(f"{SETTINGS}/targets", places.targets, name="targets"),
    path(f"{PROJECT}/files", files.new_files, name="new_files"),
    path(f"{TARGET}/kustomize/<slug:name>", files.overlay, name="overlay"),
    path(
        f"{TARGET}/kustomize/<slug:name>/delete",
        files.delete_overlay,
        name="delete_overlay",
    ),
    path(f"{TARGET}/manifests/<slug:name>", files.manifests, name="manifests"),
    path(
        f"{TARGET}/manifests/<slug:name>/delete",
        files.delete_manifests,
        name="delete_manifests",
    ),
]
