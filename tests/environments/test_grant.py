"""Giving and taking rights: by people, groups, and the command on the server."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from environments import access, actions
from environments.models import Project
from environments.permissions import Permission, Role
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/projects/shop/members"
APPROVE, DEPLOY = Permission.APPROVE_RELEASE, Permission.DEPLOY_RELEASE


def test_a_role_is_granted_and_taken(shop, production, mona, stan):
    actions.grant_role(production, to=stan, role=Role.APPROVER, actor=mona)

    assert access.allowed(stan, APPROVE, on=production)
    entry = AuditEntry.objects.filter(event="access.granted").latest("pk")
    assert entry.data == {"grantee": {"user": "stan"}, "role": "approver"}
    assert entry.after == ["releases.approve", "releases.view"]

    actions.revoke_access(production, of=stan, actor=mona)
    assert not access.allowed(stan, APPROVE, on=production)
    assert AuditEntry.objects.filter(event="access.revoked").exists()


def test_nobody_grants_to_themselves(shop, mona):
    with pytest.raises(NotPermitted, match="themselves"):
        actions.grant_role(shop, to=mona, role=Role.APPROVER, actor=mona)


def test_nobody_grants_to_a_group_they_are_in(shop, mona):
    team = Group.objects.create(name="team")
    mona.groups.add(team)

    with pytest.raises(NotPermitted):
        actions.grant_role(shop, to=team, role=Role.APPROVER, actor=mona)


def test_nobody_grants_to_a_robot_of_theirs_nor_a_robot_to_its_owner(shop, mona):
    robot = make.service_account(of=mona, role=Role.MAINTAINER, on=shop)
    team = Group.objects.create(name="robots")
    robot.groups.add(team)

    for actor, grantee in ((mona, robot), (robot, mona), (mona, team)):
        with pytest.raises(NotPermitted):
            actions.grant_role(shop, to=grantee, role=Role.APPROVER, actor=actor)


def test_a_superuser_grants_no_vote_to_themselves(shop):
    root = make.user(is_superuser=True)

    with pytest.raises(NotPermitted):
        actions.grant_permissions(shop, to=root, permissions=[APPROVE], actor=root)


def test_who_maintains_an_environment_grants_there_alone(shop, production, pia, stan):
    actions.grant_role(production, to=stan, role=Role.DEPLOYER, actor=pia)

    with pytest.raises(NotPermitted):
        actions.grant_role(shop, to=stan, role=Role.DEPLOYER, actor=pia)


def test_rights_die_with_what_they_were_granted_on(db, stan):
    project = make.project("gone")
    actions.grant_role(project, to=stan, role=Role.VIEWER, actor=None)
    key = project.pk
    Project.objects.filter(pk=key).delete()

    again = Project.objects.create(pk=key, slug="again", name="Again")

    assert not access.allowed(stan, Permission.VIEW_RELEASE, on=again)


def test_the_api_grants_lists_and_revokes(as_user, production, mona, stan):
    """S105: a missing permission is given, and the way is free."""
    api = as_user(mona)

    made = api.post(URL, {"user": "stan", "role": "deployer", "environment": "prod"})

    assert made.status_code == 201, made.json()
    assert made.json()["permissions"] == ["releases.deploy", "releases.view"]
    assert made.json()["environment"] == "prod"
    items = api.get(URL).json()["items"]
    assert made.json() in items
    assert {item["user"] for item in items} == {"mona", "stan"}
    assert api.delete(f"{URL}/{made.json()['id']}").status_code == 204
    assert not access.allowed(stan, DEPLOY, on=production)
    assert api.delete(f"{URL}/{made.json()['id']}").status_code == 404


def test_the_api_grants_single_permissions_to_groups(as_user, shop, mona):
    Group.objects.create(name="oncall")

    made = as_user(mona).post(
        URL, {"group": "oncall", "permissions": ["freeze.override"]}
    )

    assert made.json() | {"group": "oncall", "user": None, "role": None} == made.json()
    assert made.json()["permissions"] == ["freeze.override"]


@pytest.mark.parametrize(
    "body",
    [
        {"user": "stan"},
        {"role": "viewer"},
        {"user": "nobody", "role": "viewer"},
        {"user": "stan", "group": "x", "role": "viewer"},
        {"user": "stan", "permissions": []},
        {"user": "stan", "permissions": ["world.rule"]},
    ],
)
def test_the_api_refuses_what_is_no_grant(as_user, shop, mona, stan, body):
    assert as_user(mona).post(URL, body).status_code == 422


def test_the_api_hides_and_refuses(as_user, shop, olga, stan):
    body = {"user": "nobody", "role": "viewer"}

    assert as_user(stan).post(URL, body).status_code == 404
    assert as_user(stan).get(URL).status_code == 404
    # No word on whether there is such a person.
    assert as_user(olga).post(URL, body).status_code == 403


def test_who_views_one_environment_sees_the_grants_on_it(as_user, shop, pia, mona):
    items = as_user(pia).get(URL).json()["items"]

    assert [(item["user"], item["environment"]) for item in items] == [("pia", "prod")]


def test_the_command_grants(production, stan):
    call_command("grant", "stan", "approver", "--project=shop", "--environment=prod")

    assert access.allowed(stan, APPROVE, on=production)
    entry = AuditEntry.objects.filter(event="access.granted").latest("pk")
    assert entry.actor is None


@pytest.mark.parametrize(
    "line",
    [
        ["stan", "approver", "--project=none"],
        ["stan", "approver", "--project=shop", "--environment=none"],
        ["nobody", "approver", "--project=shop"],
        ["stan", "king", "--project=shop"],
    ],
)
def test_the_command_says_what_is_wrong(shop, stan, line):
    with pytest.raises(CommandError):
        call_command("grant", *line, stderr=StringIO())
