"""What a path of desired state is about: the row that must be seen, and where it is.

What only the body names cannot be looked up yet: then the permission is asked for
somewhere in the project, and by the action on the very place.
"""

from django.http import HttpRequest

from environments import access, selectors
from environments.access import Within
from environments.actions import VariablePlace
from environments.asking.needs import About
from environments.models import Environment, Project, TenantEnvironment
from environments.permissions import Permission
from gitopshq.core.asking import Place
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User


def anywhere(request: HttpRequest, user: User, place: Place) -> About:
    """Look for nothing: it belongs to no project."""
    return About(Within(None))


def the_charts(request: HttpRequest, user: User, place: Place) -> About:
    """Let members see the charts, and whoever may upload some."""
    about = About(Within(None))
    may = access.allowed(user, Permission.MANAGE_WORKLOADS, on=about.place)
    if not (may or selectors.sees_charts(user)):
        raise NotFound
    return about


def the_project(request: HttpRequest, user: User, place: Place) -> About:
    """Find the whole project."""
    project = selectors.visible_project(user, place["project"])
    return About(project, project, project.slug)


def within_project(request: HttpRequest, user: User, place: Place) -> About:
    """Find the project: where in it is said in the body."""
    project = selectors.visible_project(user, place["project"])
    return About(Within(project), project, project.slug)


def the_environment(request: HttpRequest, user: User, place: Place) -> About:
    """Find one environment."""
    found = selectors.visible_environment(user, place["project"], place["environment"])
    return About(found, found, found.project.slug)


def the_target(request: HttpRequest, user: User, place: Place) -> About:
    """Find one target; its permissions are those of its environment."""
    return _target(user, place["project"], place["tenant"], place["environment"])


def the_tenant_of_project(request: HttpRequest, user: User, place: Place) -> About:
    """Find the tenant, if it is no new one: it reaches the whole project."""
    name = _named(request, place, "tenant")
    if not name:
        return the_project(request, user, place)
    found = selectors.visible_tenant(user, place["project"], name)
    return About(found.project, found, found.project.slug)


def the_stage_of_project(request: HttpRequest, user: User, place: Place) -> About:
    """Find the environment, if it is no new one: the project decides about it."""
    name = _named(request, place, "environment")
    if not name:
        return the_project(request, user, place)
    found = selectors.visible_environment(user, place["project"], name)
    return About(found.project, found, found.project.slug)


def the_target_edited(request: HttpRequest, user: User, place: Place) -> About:
    """Find the target that ``?edit=`` names, if it is no new one."""
    tenant, _, environment = request.GET.get("edit", "").partition("/")
    if not tenant:
        return within_project(request, user, place)
    return _target(user, place["project"], tenant, environment)


def the_workload(request: HttpRequest, user: User, place: Place) -> About:
    """Find a workload itself: it reaches the whole project."""
    found = selectors.visible_workload(user, place["project"], place["workload"])
    return About(found.project, found, found.project.slug)


def within_workload(request: HttpRequest, user: User, place: Place) -> About:
    """Find a workload: in which target or layer is said in the body."""
    found = selectors.visible_workload(user, place["project"], place["workload"])
    return About(Within(found.project), found, found.project.slug)


def the_binding(request: HttpRequest, user: User, place: Place) -> About:
    """Find a workload in a target."""
    selectors.visible_workload(user, place["project"], place["workload"])
    return the_target(request, user, place)


def the_layer(request: HttpRequest, user: User, place: Place) -> About:
    """Find where the layer reaches that the query names: the base is everything's."""
    project, query = place["project"], request.GET
    found = selectors.visible_workload(user, project, place["workload"])
    tenant, environment = query.get("tenant"), query.get("environment")
    on: Project | Environment | TenantEnvironment = found.project
    if tenant and environment:
        on = selectors.visible_target(user, project, tenant, environment)
    elif environment:
        on = selectors.visible_environment(user, project, environment)
    elif tenant:
        selectors.visible_tenant(user, project, tenant)
    return About(on, found, found.project.slug)


def the_variables(request: HttpRequest, user: User, place: Place) -> About:
    """Find the target whose variables are shown; the scope is in the body."""
    tenant = request.GET.get("tenant", "")
    environment = request.GET.get("environment", "")
    if not (tenant and environment):
        return within_project(request, user, place)
    return _target(user, place["project"], tenant, environment)


def the_variable(request: HttpRequest, user: User, place: Place) -> About:
    """Find a variable, and where its scope reaches."""
    project = selectors.visible_project(user, place["project"])
    rows = selectors.visible_variables(user, project)
    found = rows.filter(pk=place.get("variable", place.get("pk"))).first()
    if found is None:
        raise NotFound
    return About(VariablePlace.of(found).reach, found, project.slug)


def the_window(request: HttpRequest, user: User, place: Place) -> About:
    """Find a freeze window: of an environment, or of the whole project."""
    project = selectors.visible_project(user, place["project"])
    if "environment" in place:
        selectors.visible_environment(user, project.slug, place["environment"])
    rows = selectors.visible_windows(user, project)
    found = rows.filter(pk=place.get("window", place.get("pk"))).first()
    if found is None:
        raise NotFound
    return About(found.environment or project, found, project.slug)


def the_member(request: HttpRequest, user: User, place: Place) -> About:
    """Find what somebody was granted in one place."""
    member = selectors.visible_member(user, place["project"], place["member"])
    return About(member.place, member.place, place["project"])


def _target(user: User, project: str, tenant: str, environment: str) -> About:
    found = selectors.visible_target(user, project, tenant, environment)
    return About(found, found, found.project.slug)


def _named(request: HttpRequest, place: Place, name: str) -> str:
    """Return the slug of a row: from the path, or as a page's ``?edit=`` says."""
    found = place.get(name) or place.get("slug") or request.GET.get("edit", "")
    return str(found)
