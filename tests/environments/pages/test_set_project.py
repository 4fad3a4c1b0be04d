"""Settings: the project, its members, tenants, environments and targets."""

import pytest
from django.contrib.auth.models import Group

from environments import actions
from environments.access import allowed
from environments.models import Environment, Project, Tenant, TenantEnvironment
from environments.permissions import Permission, Role
from environments.policies import live_policy
from environments.selectors.rights import rights_in
from tests import make

URL = "/projects/shop/settings"


@pytest.fixture
def client(shop, as_person, mona):
    return as_person(mona)


def version_on(client, url):
    return client.get(url).context["form"]["version"].value()


def test_a_project_is_changed(client, shop):
    data = {
        "name": "The shop",
        "description": "What we sell.",
        "secrets_in_git": "plain",
        "version": version_on(client, URL),
    }

    assert client.post(URL, data).status_code == 302
    saved = Project.objects.get(pk=shop.pk)
    assert (saved.name, saved.secrets_in_git) == ("The shop", "plain")

    late = client.post(URL, {**data, "description": "kept"})
    assert late.status_code == 412
    assert late.context["form"]["description"].value() == "kept"
    assert "Saved by somebody else meanwhile: <b>The shop" in late.content.decode()


def test_a_role_is_granted_and_revoked(client, shop, stan):
    """S89: rights come from the members page."""
    data = {"name": "stan", "role": "approver"}

    assert client.post(f"{URL}/members", data).status_code == 302
    assert allowed(stan, Permission.APPROVE_RELEASE, on=shop)
    page = client.get(f"{URL}/members").content.decode()
    assert "Approver" in page

    assert client.post(f"{URL}/members/u{stan.pk}/revoke").status_code == 302
    assert not allowed(stan, Permission.APPROVE_RELEASE, on=shop)


def test_a_bent_role_is_named_with_what_differs(client, shop, stan):
    """S89: who looks reads a role, not a list of permissions."""
    approve, deploy = Permission.APPROVE_RELEASE, Permission.DEPLOY_RELEASE
    for held, *told in (
        (Role.DEVELOPER.permissions | {deploy}, "Developer", [deploy], []),
        (Role.MAINTAINER.permissions - {approve}, "Maintainer", [], [approve]),
        ({Permission.OVERRIDE_FREEZE}, "", [Permission.OVERRIDE_FREEZE], []),
    ):
        actions.grant_permissions(shop, to=stan, permissions=held, actor=None)
        members = client.get(f"{URL}/members").context["members"]
        (shown,) = [one for one in members if one["login"] == "stan"]
        assert [shown["role"], shown["more"], shown["less"]] == told
        actions.revoke_access(shop, of=stan, actor=None)


def test_single_permissions_are_granted_to_a_group_on_one_environment(
    client, shop, production, stan
):
    stan.groups.add(Group.objects.create(name="ops"))
    data = {
        "name": "ops",
        "is_group": "on",
        "place": "prod",
        "role": "",
        "permissions": ["releases.view", "releases.deploy"],
    }

    assert client.post(f"{URL}/members", data).status_code == 302

    assert allowed(stan, Permission.DEPLOY_RELEASE, on=production)
    assert not allowed(stan, Permission.DEPLOY_RELEASE, on=shop)
    assert not allowed(stan, Permission.APPROVE_RELEASE, on=production)


def test_nobody_grants_to_themselves(client, shop, mona):
    answer = client.post(f"{URL}/members", {"name": "mona", "role": "viewer"})

    assert answer.status_code == 403
    assert "nobody grants rights to themselves" in answer.content.decode()
    assert answer.context["form"]["name"].value() == "mona"


def test_an_unknown_name_is_refused_at_its_field(client):
    answer = client.post(f"{URL}/members", {"name": "nemo", "role": "viewer"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["there is no user nemo"]


def test_a_developer_grants_nothing(shop, as_person, dana, stan):
    data = {"name": "stan", "role": "maintainer"}

    assert as_person(dana).post(f"{URL}/members", data).status_code == 403
    assert not allowed(stan, Permission.VIEW_RELEASE, on=shop)


def test_a_stranger_finds_no_member_to_revoke(shop, as_person, mona, stan):
    url = f"{URL}/members/u{mona.pk}/revoke"

    assert as_person(stan).post(url).status_code == 404
    assert allowed(mona, Permission.MANAGE_PROJECT, on=shop)


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("tenants", {"slug": "globex", "name": "Globex"}),
        (
            "environments",
            {"slug": "staging", "name": "Staging", "rank": 2, "colour": "#00ff00"},
        ),
        (
            "targets",
            {
                "tenant": "acme",
                "environment": "later",
                "namespace": "acme-later",
                "kubernetes_version": "1.33",
                "api_versions": "monitoring.coreos.com/v1",
            },
        ),
    ],
)
def test_places_are_made(client, shop, prod, page, data):
    make.environment(shop, "later")

    answer = client.post(f"{URL}/{page}", {**data, "version": "none"})

    assert answer.status_code == 302, answer.context["form"].errors
    assert Tenant.objects.filter(slug="globex").exists() == (page == "tenants")
    is_there = Environment.objects.filter(slug="staging", rank=2).exists()
    assert is_there == (page == "environments")
    found = TenantEnvironment.objects.filter(namespace="acme-later").first()
    assert (found is not None) == (page == "targets")
    if found:
        assert found.api_versions == ["monitoring.coreos.com/v1"]


def test_a_new_environment_says_how_many_must_approve(client, shop):
    data = {"slug": "live", "name": "Live", "rank": 3, "version": "none"}

    client.post(f"{URL}/environments", {**data, "required_approvals": 2})

    live = Environment.objects.get(slug="live")
    assert live_policy(live).required_approvals == 2
    edited = client.get(f"{URL}/environments?edit=live").content.decode()
    assert "Required approvals" not in edited


def test_places_are_changed_and_their_slugs_stay(client, prod):
    for url, data in (
        (f"{URL}/tenants?edit=acme", {"slug": "x", "name": "Acme Ltd"}),
        (f"{URL}/environments?edit=prod", {"slug": "x", "name": "Live", "rank": 9}),
        (
            f"{URL}/targets?edit=acme/prod",
            {"namespace": "elsewhere", "kubernetes_version": "1.34"},
        ),
    ):
        data["version"] = version_on(client, url)
        assert client.post(url, data).status_code == 302

    assert (Tenant.objects.get().slug, Tenant.objects.get().name) == (
        "acme",
        "Acme Ltd",
    )
    assert Environment.objects.get().slug == "prod"
    assert TenantEnvironment.objects.get().namespace == "elsewhere"


@pytest.mark.parametrize(
    ("page", "data", "field"),
    [
        ("tenants", {"slug": "acme", "name": "kept"}, "slug"),
        ("tenants", {"slug": "No!", "name": "kept"}, "slug"),
        ("environments", {"slug": "prod", "name": "kept", "rank": 1}, "slug"),
        (
            "environments",
            {"slug": "e", "name": "kept", "rank": 1, "colour": "#1"},
            "colour",
        ),
        (
            "targets",
            {
                "tenant": "globex",
                "environment": "prod",
                "namespace": "shop-acme-prod",
                "kubernetes_version": "1.33",
                "cluster": "",
            },
            "namespace",
        ),
        (
            "targets",
            {
                "tenant": "globex",
                "environment": "prod",
                "namespace": "x",
                "kubernetes_version": "2",
                "cluster": "eu",
            },
            "kubernetes_version",
        ),
    ],
)
def test_refusals_stand_at_their_field(client, shop, prod, page, data, field):
    make.tenant(shop, "globex")

    answer = client.post(f"{URL}/{page}", {**data, "version": "none"})

    form = answer.context["form"]
    assert answer.status_code == 422
    assert field in form.errors
    for name, value in data.items():
        assert str(form[name].value()) == str(value)


def test_two_people_at_once_lose_nothing(client, prod):
    url = f"{URL}/tenants?edit=acme"
    opened = version_on(client, url)
    assert client.post(url, {"name": "First", "version": opened}).status_code == 302

    late = client.post(url, {"name": "Second", "version": opened})

    assert late.status_code == 412
    assert "<dd>First</dd>" in late.content.decode()
    assert late.context["form"]["name"].value() == "Second"


def test_places_are_archived_and_restored(client, shop, prod):
    for page, name, model in (
        ("tenants", "acme", Tenant),
        ("environments", "prod", Environment),
    ):
        assert client.post(f"{URL}/{page}/{name}/archive").status_code == 302
        assert model.objects.get().archived_at is not None
        assert client.post(f"{URL}/{page}/{name}/restore").status_code == 302
        assert model.objects.get().archived_at is None

    assert client.post(f"{URL}/archive").status_code == 302
    assert Project.objects.get().archived_at is not None
    refused = client.post(
        f"{URL}/tenants", {"slug": "a", "name": "A", "version": "none"}
    )
    assert refused.status_code == 400
    assert "is archived" in refused.content.decode()
    assert client.post(f"{URL}/restore").status_code == 302


def test_who_manages_one_environment_manages_that_one(prod, dev, as_person, pia):
    client = as_person(pia)
    url = f"{URL}/targets?edit=acme/prod"
    data = {"namespace": "mine", "kubernetes_version": "1.33"}

    data["version"] = version_on(client, url)
    assert client.post(url, data).status_code == 302
    assert client.get(f"{URL}/targets?edit=acme/dev").status_code == 404
    given = {"slug": "b", "name": "B", "version": "none"}
    assert client.post(f"{URL}/tenants", given).status_code == 403


def test_rights_of_pages_and_of_actions_agree(shop, prod, dev, stan):
    """What a page offers is what the action allows: the two questions agree."""
    team = Group.objects.create(name="team")
    stan.groups.add(team)
    actions.grant_role(shop, to=stan, role=Role.DEVELOPER, actor=None)
    actions.grant_role(prod.environment, to=team, role=Role.APPROVER, actor=None)
    root = make.user("root", is_superuser=True)
    actions.grant_role(dev.environment, to=root, role=Role.APPROVER, actor=None)

    for person in (stan, root):
        rights = rights_in(person, shop)
        for permission in Permission:
            assert rights.allow(permission) == allowed(person, permission, on=shop)
            for place in (prod.environment, dev.environment):
                expected = allowed(person, permission, on=place)
                assert rights.allow(permission, place) == expected
