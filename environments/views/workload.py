"""One workload: its settings, where it is bound, its images, its layers."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from environments import actions, asking
from environments.forms.workloads import ImageForm, WorkloadSettingsForm
from environments.models import TenantEnvironment, Workload
from environments.saving import version_of
from environments.selectors.home import Home
from environments.views.workload_page import WorkloadPage, facts_of
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest


@require_GET
@login_required
def workload(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Everything about a workload but its texts."""
    page = _page(request, project, workload)
    bump = request.GET.get("bump", "")
    form = page.image_form(bump=bump, path=request.GET.get("path", ""))
    context = page.context(image=form, is_bumping=bool(bump))
    return show(request, "environments/workload.html", context)


@require_POST
@login_required
@asks(asking.CHANGE_WORKLOAD)
def settings(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Change the chart version and the other settings."""
    page = _page(request, project, workload)
    form = WorkloadSettingsForm(request.POST)

    def save() -> Workload:
        given = {
            name: value
            for name, value in form.cleaned_data.items()
            if name != "version"
        }
        return actions.update_workload(page.workload, actor=request.user, **given)

    def now() -> str:
        return version_of(facts_of(page.home.workload(workload)))

    if form.saves(page.home.project, now=now, step=save):
        return _saved(request, page, "Saved. The change is pending in its targets.")
    return show(
        request, "environments/workload.html", page.context(settings=form), form
    )


@require_POST
@login_required
@asks(asking.BIND_SOMEWHERE)
def bind(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Put the workload into a target, or change its overrides there."""
    page = _page(request, project, workload)
    form = page.binding_form(request.POST)

    def step() -> object:
        given = dict(form.cleaned_data)
        target = _target(page.home, given.pop("target"))
        return actions.bind_workload(
            page.workload, to=target, actor=request.user, **given
        )

    if form.accepts(step):
        return _saved(request, page, f"Bound to {form.cleaned_data['target']}.")
    return show(request, "environments/workload.html", page.context(bind=form), form)


@require_POST
@login_required
@asks(asking.BIND)
def unbind(
    request: PageRequest, project: str, workload: str, tenant: str, environment: str
) -> HttpResponse:
    """Take the workload out of a target."""
    page = _page(request, project, workload)
    target = page.home.target(tenant, environment)
    actions.unbind_workload(page.workload, from_=target, actor=request.user)
    return _saved(request, page, f"Unbound from {target}.")


@require_POST
@login_required
@asks(asking.BUMP_IMAGE_HERE)
def image(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Write another image into one of the layers."""
    page = _page(request, project, workload)
    form: ImageForm = page.image_form(request.POST)

    def step() -> object:
        tenant, _, environment = form.cleaned_data["layer"].partition("/")
        return actions.bump_image(
            page.workload,
            image=form.image,
            path=form.cleaned_data["path"],
            tenant=page.home.tenant(tenant) if tenant else None,
            environment=page.home.environment(environment) if environment else None,
            actor=request.user,
            message=form.cleaned_data["message"],
        )

    if form.accepts(step):
        bump = form.outcome
        said = f"{bump.before or 'nothing'} → {bump.after}"
        return _saved(request, page, f"{page.workload.name}: {said}.")
    return show(request, "environments/workload.html", page.context(image=form), form)


@require_POST
@login_required
@asks(asking.CHANGE_WORKLOAD)
def archive(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Put the workload away."""
    return _put(request, project, workload, actions.archive, "Archived.")


@require_POST
@login_required
@asks(asking.CHANGE_WORKLOAD)
def restore(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Take the workload back from the archive."""
    return _put(request, project, workload, actions.restore, "Restored.")


def _put(
    request: PageRequest,
    project: str,
    workload: str,
    act: Callable[..., Workload],
    said: str,
) -> HttpResponse:
    page = _page(request, project, workload)
    act(page.workload, actor=request.user)
    return _saved(request, page, said)


def _page(request: PageRequest, project: str, workload: str) -> WorkloadPage:
    home = Home(request.user, project)
    return WorkloadPage(home, home.workload(workload))


def _saved(request: PageRequest, page: WorkloadPage, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("environments:workload", page.home.project.slug, page.workload.name)


def _target(home: Home, name: str) -> TenantEnvironment:
    tenant, _, environment = name.partition("/")
    return home.target(tenant, environment)
