"""Who may do what in a project: granting and revoking."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from environments import actions, asking
from environments.forms.projects import GrantForm
from environments.models import Environment, Project
from environments.permissions import Permission, Role
from environments.selectors import Member, members_of, visible_member
from environments.selectors.home import Home
from environments.views.frame import NEEDS
from environments.views.settings import settings_frame
from gitopshq.core import refusals
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_PROJECT


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.GRANT)
def members(request: PageRequest, project: str) -> HttpResponse:
    """Show who was granted what; POST grants."""
    home = Home(request.user, project)
    form = GrantForm(
        request.POST if request.method == "POST" else None,
        environments=home.environments,
    )
    if request.method == "POST" and form.accepts(lambda: _grant(request, home, form)):
        messages.success(request, f"Granted to {form.cleaned_data['name']}.")
        return redirect(request.path)
    context = {
        **settings_frame(home, "Members"),
        "form": form,
        "members": [_shown(home, member) for member in _members(home)],
        "roles": Role.labels,
        "table": _table(),
        "may_grant": home.rights.anywhere(MANAGE),
        "why_not": NEEDS.format(MANAGE.value),
    }
    return show(request, "environments/members.html", context, form)


@require_POST
@login_required
@asks(asking.REVOKE)
def revoke(request: PageRequest, project: str, member: str) -> HttpResponse:
    """Take away all that a person or a group was granted on one place."""
    found = visible_member(request.user, project, member)
    actions.revoke_access(found.place, of=found.grantee, actor=request.user)
    messages.success(request, f"Revoked what {found.grantee} held on {found.place}.")
    return redirect("environments:members", project)


def _grant(request: PageRequest, home: Home, form: GrantForm) -> object:
    given = form.cleaned_data
    slug = given["place"]
    place: Project | Environment = home.environment(slug) if slug else home.project
    refusals.attempting(request, "access.grant", place, project=home.project.slug)
    if given["role"]:
        role = Role(given["role"])
        return actions.grant_role(
            place, to=given["grantee"], role=role, actor=home.user
        )
    return actions.grant_permissions(
        place, to=given["grantee"], permissions=form.chosen, actor=home.user
    )


def _members(home: Home) -> list[Member]:
    return members_of(home.project, home.environments, whole=home.is_whole)


def _shown(home: Home, member: Member) -> dict[str, Any]:
    on = member.place
    place = on if isinstance(on, Environment) else None
    return {
        "id": member.id,
        "name": str(member.grantee),
        "login": getattr(member.grantee, "username", ""),
        "is_group": not hasattr(member.grantee, "username"),
        "place": f"Environment {place}" if place else "The whole project",
        **_told(member),
        "may_revoke": home.may(MANAGE, place),
    }


def _told(member: Member) -> dict[str, Any]:
    """Return what a member may do, as the closest role and what differs from it."""
    role = member.closest
    usual = role.permissions if role else frozenset()
    return {
        "role": role.label if role else "",
        "more": [p for p in Permission if p in member.permissions - usual],
        "less": [p for p in Permission if p in usual - member.permissions],
    }


def _table() -> list[dict[str, Any]]:
    """Return every permission, and for each role whether it holds it."""
    return [
        {"permission": p, "held": [p in role.permissions for role in Role]}
        for p in Permission
    ]
