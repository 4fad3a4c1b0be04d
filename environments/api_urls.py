"""Where projects and desired state are in the API, relative to ``/api/v1/``."""

from django.urls import path

from environments.api import (
    charts,
    effective,
    images,
    impact,
    members,
    overlays,
    places,
    policy,
    projects,
    targets,
    values,
    variables,
    workloads,
)

_PROJECT = "projects/<str:project>"
_ENVIRONMENT = f"{_PROJECT}/environments/<str:environment>"
_TARGET = f"{_PROJECT}/targets/<str:tenant>/<str:environment>"

api_urlpatterns = [
    path("projects", projects.ProjectList.as_view()),
    path(_PROJECT, projects.ProjectDetail.as_view()),
    path(f"{_PROJECT}/members", members.MemberList.as_view()),
    path(f"{_PROJECT}/members/<str:member>", members.MemberDetail.as_view()),
    path(f"{_PROJECT}/tenants", places.TenantList.as_view()),
    path(f"{_PROJECT}/tenants/<str:tenant>", places.TenantDetail.as_view()),
    path(f"{_PROJECT}/environments", places.EnvironmentList.as_view()),
    path(_ENVIRONMENT, places.EnvironmentDetail.as_view()),
    path(f"{_ENVIRONMENT}/policy", policy.Policy.as_view()),
    path(f"{_ENVIRONMENT}/freeze", policy.Freeze.as_view()),
    path(f"{_PROJECT}/freeze-windows", policy.WindowList.as_view()),
    path(f"{_PROJECT}/freeze-windows/<int:window>", policy.WindowDetail.as_view()),
    path(f"{_PROJECT}/targets", targets.TargetList.as_view()),
    path(_TARGET, targets.TargetDetail.as_view()),
    path(f"{_TARGET}/workloads", workloads.BindingList.as_view()),
    path(f"{_TARGET}/workloads/<str:workload>", workloads.BindingDetail.as_view()),
    path(f"{_TARGET}/kustomize", overlays.OverlayList.as_view()),
    path(f"{_TARGET}/kustomize/<str:name>", overlays.Overlay.as_view()),
    path(f"{_TARGET}/manifests", overlays.ManifestsList.as_view()),
    path(f"{_TARGET}/manifests/<str:name>", overlays.Manifests.as_view()),
    path(f"{_TARGET}/variables", effective.EffectiveList.as_view()),
    path(f"{_TARGET}/variables/<str:key>", effective.EffectiveDetail.as_view()),
    path("charts", charts.ChartList.as_view()),
    path(f"{_PROJECT}/workloads", workloads.WorkloadList.as_view()),
    path(f"{_PROJECT}/workloads/<str:workload>", workloads.WorkloadDetail.as_view()),
    path(f"{_PROJECT}/workloads/<str:workload>/values", values.Values.as_view()),
    path(f"{_PROJECT}/variables", variables.VariableList.as_view()),
    path(f"{_PROJECT}/variables/impact", impact.VariableImpact.as_view()),
    path(f"{_PROJECT}/variables/<int:variable>", variables.VariableDetail.as_view()),
    path(f"{_PROJECT}/images", images.Images.as_view()),
]
