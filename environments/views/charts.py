"""The installation's charts: the list, and uploading one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from environments import access, actions, asking
from environments.forms.charts import ChartForm
from environments.models import ChartVersion
from environments.packages import read_package
from environments.permissions import Permission
from environments.selectors import sees_charts
from environments.views.frame import NEEDS, crumb
from gitopshq.core.answers import show
from gitopshq.core.api.lists import page_of
from gitopshq.core.asking import asks
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_WORKLOADS


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.UPLOAD_CHART_HERE)
def charts(request: PageRequest) -> HttpResponse:
    """Show the charts there are; POST uploads one."""
    user = request.user
    may_upload = (
        access.environments_open_to(user, MANAGE).exists()
        or access.projects_open_to(user, MANAGE).exists()
    )
    if not (may_upload or sees_charts(user)):
        raise NotFound
    form = ChartForm()
    if request.method == "POST":
        form = ChartForm(request.POST, files=request.FILES)
        if form.accepts(lambda: _upload(form, user)):
            upload = form.outcome
            said = "Uploaded" if upload.is_new else "It was known already:"
            messages.success(request, f"{said} {upload.version}.")
            return redirect("environments:charts")
    rows, following = page_of(_versions(request.GET.get("q", "")), request.GET)
    context = {
        "crumbs": [crumb("Charts")],
        "versions": rows,
        "next": following,
        "form": form,
        "may_upload": may_upload,
        "why_not": NEEDS.format(MANAGE.value),
        "words": request.GET.get("q", ""),
    }
    return show(request, "environments/charts.html", context, form)


def _upload(form: ChartForm, user: User) -> actions.Upload:
    package = read_package(form.cleaned_data["file"].read())
    return actions.upload_chart(package, actor=user)


def _versions(words: str) -> QuerySet[ChartVersion]:
    rows = ChartVersion.objects.select_related("chart", "uploaded_by")
    if words:
        rows = rows.filter(
            Q(chart__name__icontains=words) | Q(description__icontains=words)
        )
    return rows
