"""Workloads of a project: the list, and making one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from environments import actions, asking
from environments.forms.files import NewFilesForm
from environments.forms.workloads import WorkloadForm
from environments.models import KustomizeBinding, ManifestBinding, Workload
from environments.permissions import Permission
from environments.selectors.home import Home
from environments.views.frame import NEEDS, crumb, frame
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.named_pages import page_by_name
from gitopshq.core.web import PageRequest


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CREATE_WORKLOAD)
def workloads(request: PageRequest, project: str) -> HttpResponse:
    """Show workloads, overlays and manifests of a project; POST makes a workload."""
    home = Home(request.user, project)
    form = WorkloadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.accepts(
        lambda: actions.create_workload(
            home.project, actor=request.user, **form.cleaned_data
        )
    ):
        messages.success(request, f"Created {form.outcome}. Now bind it to a target.")
        return redirect("environments:workload", project, form.outcome.name)
    context = _context(home, form, request.GET)
    return show(request, "environments/workloads.html", context, form)


def _context(
    home: Home, form: WorkloadForm, asked: Mapping[str, str]
) -> dict[str, Any]:
    manage = Permission.MANAGE_WORKLOADS
    seen = [target.pk for target in home.targets]
    rows = Workload.objects.filter(project=home.project).annotate(
        targets=Count("bindings", filter=Q(bindings__target__in=seen))
    )
    if not home.is_whole:
        rows = rows.filter(targets__gt=0)
    return {
        **frame(home, "Workloads", crumb("Workloads")),
        "workloads": rows.select_related("chart_version__chart").order_by("name"),
        "named": page_by_name(_sets(home), asked, name=_name_of),
        "form": form,
        "may_create": home.may(manage),
        "why_not": NEEDS.format(manage.value),
        "files_form": NewFilesForm(
            targets=[t for t in home.live_targets if home.may(manage, t.environment)]
        ),
    }


def _sets(home: Home) -> list[dict[str, Any]]:
    """Return every overlay and every set of manifests, by target."""
    targets = {target.pk: target for target in home.targets}
    overlays = KustomizeBinding.objects.filter(target__in=targets)
    manifests = ManifestBinding.objects.filter(target__in=targets)
    rows: list[dict[str, Any]] = [
        {"kind": "overlay", "row": row, "workload": row.workload}
        for row in overlays.select_related("workload")
    ]
    rows += [{"kind": "manifests", "row": row} for row in manifests]
    for found in rows:
        found["target"] = targets[found["row"].target_id]
        found["files"] = len(found["row"].files)
    return sorted(rows, key=lambda found: (str(found["target"]), found["row"].name))


def _name_of(found: dict[str, Any]) -> str:
    """Return what tells a set from the others: they share the names of a target."""
    return f"{found['target']}/{found['row'].name}"
