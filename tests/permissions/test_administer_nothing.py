"""The admin: who gets in, and what each of its lists lets them do."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission

from gitopshq.core.models import ServiceAccount, User
from tests import make
from tests.permissions.callers import Caller
from tests.permissions.counting import count
from tests.permissions.world import World, told

KEPT = {User: {"add", "change"}, Group: {"add", "change"}, ServiceAccount: {"add"}}
"""What superusers keep here; everything else is only to be looked at."""

VERBS = ("changelist", "add", "change", "delete")


@pytest.fixture(scope="module")
def people(world: World):
    """A superuser, staff with every permission of the admin, and staff with none."""
    clerk = make.user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.all())
    return {
        "nobody": None,
        "a maintainer": world.person(Caller("a maintainer")),
        "staff with no permission": make.user("intern", is_staff=True),
        "staff with all permissions": clerk,
        "a superuser": make.user("admin", is_staff=True, is_superuser=True),
    }


def expected(name, model, verb):
    if name in {"nobody", "a maintainer"}:
        return "log in"
    if name == "staff with no permission":
        return "403"
    if verb == "changelist":
        return "allowed"
    may = name == "a superuser" and verb in KEPT.get(model, ())
    return "allowed" if may else "403"


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str))
def test_the_admin_changes_only_people(world: World, people, request, client, model):
    """S87: S93: no gate is turned and no record is changed from here."""
    row = model._default_manager.order_by("pk").first()
    name = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    urls = {"changelist": name, "add": f"{name}add/"}
    if row is not None:
        urls["change"] = f"{name}{row.pk}/change/"
        urls["delete"] = f"{name}{row.pk}/delete/"
    answers, wrong = {}, {}
    for person, user in people.items():
        client.logout()
        if user is not None:
            client.force_login(user)
        for verb, url in urls.items():
            call = client.get if verb == "changelist" else client.post
            found = told(call(url, {}))
            answers[person, verb] = found
            if found != expected(person, model, verb):
                wrong[person, verb] = found

    assert not wrong
    count(request, "admin", str(model._meta.label), answers)
