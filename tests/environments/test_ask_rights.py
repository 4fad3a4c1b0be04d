"""Asking who may do what where."""

import pytest
from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from environments import access
from environments.permissions import Permission, Role
from environments.selectors.around import people_around
from gitopshq.core.errors import NotPermitted
from tests import make

DEPLOY, APPROVE = Permission.DEPLOY_RELEASE, Permission.APPROVE_RELEASE


def test_a_grant_on_a_project_covers_its_environments(shop, prod, production):
    dora = make.user(may=[DEPLOY], on=shop)

    assert access.allowed(dora, DEPLOY, on=shop)
    assert access.allowed(dora, DEPLOY, on=production)
    assert access.allowed(dora, DEPLOY, on=prod)
    assert not access.allowed(dora, APPROVE, on=prod)


def test_a_grant_on_an_environment_covers_that_one_alone(shop, dev, production):
    dora = make.user(may=[DEPLOY], on=production)

    assert access.allowed(dora, DEPLOY, on=production)
    assert not access.allowed(dora, DEPLOY, on=dev.environment)
    assert not access.allowed(dora, DEPLOY, on=shop)


@pytest.mark.parametrize("permission", list(Permission))
def test_each_permission_stands_alone(production, permission):
    """S88: S89: S90: S91: S92: S93: holding one right gives no other."""
    person = make.user(may=[permission], on=production)

    held = [p for p in Permission if access.allowed(person, p, on=production)]

    assert held == [permission]


@pytest.mark.parametrize("of", ["project", "environment"])
def test_a_group_hands_its_rights_to_its_members(shop, production, of):
    team = Group.objects.create(name="deployers")
    dora = make.user()
    dora.groups.add(team)
    assign_perm(DEPLOY.codename, team, shop if of == "project" else production)

    assert access.allowed(dora, DEPLOY, on=production)
    assert dora in access.holders_of(DEPLOY, production)


def test_a_superuser_holds_all_but_the_vote(production):
    root = make.user(is_superuser=True)

    held = {p for p in Permission if access.allowed(root, p, on=production)}

    assert held == set(Permission) - {APPROVE}
    assert root in access.holders_of(DEPLOY, production)
    assert root not in access.holders_of(APPROVE, production)

    assign_perm(APPROVE.codename, root, production)
    assert access.allowed(root, APPROVE, on=production)
    assert root in access.holders_of(APPROVE, production)


def test_who_left_holds_nothing(production):
    gone = make.user(role=Role.MAINTAINER, on=production, is_active=False)
    root = make.user(is_superuser=True, is_active=False)

    for person in (gone, root):
        assert not access.allowed(person, DEPLOY, on=production)
        assert person not in access.holders_of(DEPLOY, production)


def test_a_service_account_ends_with_its_owner_and_never_counts_as_a_person(production):
    owner = make.user()
    robot = make.service_account(of=owner, may=[APPROVE], on=production)

    assert access.allowed(robot, APPROVE, on=production)
    assert robot not in access.holders_of(APPROVE, production)

    owner.is_active = False
    owner.save()
    robot = type(robot).objects.get(pk=robot.pk)
    assert not access.allowed(robot, APPROVE, on=production)


def test_a_refusal_names_the_permission(olga, production):
    with pytest.raises(NotPermitted, match=r"releases\.deploy"):
        access.require(olga, DEPLOY, on=production)


def test_the_system_itself_may(production):
    access.require(None, DEPLOY, on=production)


def test_one_environment_shows_its_project_and_nothing_beside(pia, shop, dev, stan):
    other = make.project()

    assert list(access.projects_visible_to(pia)) == [shop]
    assert other not in access.projects_visible_to(pia)
    seen = access.environments_open_to(pia, Permission.VIEW_RELEASE)
    assert [environment.slug for environment in seen] == ["prod"]
    assert not access.projects_visible_to(stan)
    assert not access.targets_open_to(stan, Permission.VIEW_RELEASE)


def test_the_trail_is_for_those_who_may_read_it_all(shop, mona, dana, pia):
    assert access.projects_of_trail(mona) == {"shop"}
    assert access.projects_of_trail(dana) == set()
    assert access.projects_of_trail(pia) == set()


def test_all_around_are_told_at_once_as_each_right_is_by_itself(
    shop, production, prod, django_assert_num_queries
):
    """S106: one query says of everybody what many would."""
    team = Group.objects.create(name="deployers")
    assign_perm(DEPLOY.codename, team, shop)
    dora = make.user(may=[APPROVE], on=production)
    dora.groups.add(team)
    owner = make.user(role=Role.VIEWER, on=shop)
    readers = [
        dora,
        owner,
        make.user(role=Role.MAINTAINER, on=shop),
        make.user(role=Role.MAINTAINER, on=production, is_active=False),
        make.user(is_superuser=True),
        make.user(is_superuser=True, is_active=False),
        make.service_account(of=owner, may=[APPROVE, DEPLOY], on=production),
        make.user(),
    ]
    away = make.user(is_active=False)
    for reader in readers:
        with django_assert_num_queries(1):
            found = people_around(
                production,
                reader=reader,
                holding=[APPROVE, DEPLOY],
                rights=list(Permission),
                whole_rights=list(Permission),
                named=[away.username],
            )

        for one, holders in found.holders.items():
            alone = access.holders_of(one, production).order_by("username")
            assert list(holders) == list(alone)
        for one in Permission:
            here = access.allowed(reader, one, on=production)
            assert (one in found.rights) == here, (reader, one)
            whole = access.allowed(reader, one, on=shop)
            assert (one in found.whole_rights) == whole, (reader, one)
        assert found.named[away.username] == away
