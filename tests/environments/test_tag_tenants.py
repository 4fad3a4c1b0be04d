"""Tags of tenants: what is one, who sets them, and where they are served and edited."""

import pytest
from django.urls import reverse

from environments import actions
from environments.models import Tenant
from environments.permissions import Role
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

API = "/api/v1/projects/shop/tenants"
PAGE = "/projects/shop/settings/tenants"


@pytest.fixture
def acme(shop):
    return make.tenant(shop, "acme")


def test_tags_are_normalised_and_audited(acme, mona):
    """Who changed which, from what to what; what differs by case is one."""
    actions.update_tenant(acme, tags=["pilot", " EU ", "eu"], actor=mona)

    tagged = actions.update_tenant(acme, tags=["eu", "gold"], actor=mona)

    assert (tagged.name, tagged.tags) == ("acme", ["eu", "gold"])
    assert Tenant.objects.get().tags == ["eu", "gold"]
    entry = AuditEntry.objects.filter(event="tenant.changed").latest("pk")
    assert (entry.actor, entry.before, entry.after) == (
        mona,
        {"tags": ["eu", "pilot"]},
        {"tags": ["eu", "gold"]},
    )


@pytest.mark.parametrize(
    ("tags", "pointer"),
    [
        (["eu", "not_one"], "/tags/1"),
        (["-eu"], "/tags/0"),
        ([""], "/tags/0"),
        (["a" * 41], "/tags/0"),
        ([f"t{number}" for number in range(11)], "/tags"),
    ],
)
def test_what_is_no_tag_is_refused(acme, mona, tags, pointer):
    with pytest.raises(ValidationError) as refused:
        actions.update_tenant(acme, tags=tags, actor=mona)

    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_only_who_edits_tenants_sets_tags(shop, acme, dana):
    with pytest.raises(NotPermitted):
        actions.update_tenant(acme, tags=["eu"], actor=dana)
    with pytest.raises(NotPermitted):
        actions.create_tenant(shop, slug="b", name="B", tags=["eu"], actor=dana)


def test_the_api_serves_and_takes_tags(as_user, shop, mona):
    client = as_user(mona)

    made = client.post(API, {"slug": "acme", "name": "Acme", "tags": ["pilot", "eu"]})
    plain = client.post(API, {"slug": "globex", "name": "Globex"})
    old = client.get(f"{API}/acme")
    renamed = client.patch(f"{API}/acme", {"name": "ACME"})
    emptied = client.patch(f"{API}/acme", {"tags": []})
    late = client.patch(
        f"{API}/acme", {"tags": ["x"]}, headers={"If-Match": old["ETag"]}
    )
    refused = client.patch(f"{API}/acme", {"tags": ["eu", "a b"]})

    assert (made.status_code, made.json()["tags"]) == (201, ["eu", "pilot"])
    assert plain.json()["tags"] == []
    assert (renamed.json()["name"], renamed.json()["tags"]) == ("ACME", ["eu", "pilot"])
    assert (emptied.json()["name"], emptied.json()["tags"]) == ("ACME", [])
    assert late.status_code == 412
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/tags/1"
    assert "'a b' is no tag" in error["detail"]


def test_a_form_sets_tags_and_says_at_the_field_what_is_none(client, shop, acme):
    maud = make.user("maud", role=Role.MAINTAINER, on=shop)
    client.force_login(maud)
    url = f"{PAGE}?edit=acme"
    version = client.get(url).context["form"]["version"].value()
    data = {"name": "acme", "tags": "Pilot, eu  eu", "version": version}

    wrong = client.post(url, {**data, "tags": "eu no_tag"})
    saved = client.post(url, data)
    late = client.post(url, {**data, "tags": "lost"})
    new = {"slug": "globex", "name": "G", "tags": "us", "version": "none"}
    client.post(PAGE, new)

    assert wrong.status_code == 422
    (said,) = wrong.context["form"].errors["tags"]
    assert said.startswith("'no_tag' is no tag")
    assert saved.status_code == 302
    assert late.status_code == 412
    assert b"<dd>eu, pilot</dd>" in late.content
    page = client.get(url)
    assert page.context["form"]["tags"].value() == "eu, pilot"
    assert b'<td data-label="Tags">us</td>' in page.content


def test_operators_see_and_find_tags(client, shop):
    actions.create_tenant(shop, slug="a", name="A", tags=["pilot", "eu"], actor=None)
    client.force_login(make.user("root", is_superuser=True, is_staff=True))
    rows = reverse("admin:environments_tenant_changelist")

    assert b"eu, pilot" in client.get(rows, {"q": "pilot"}).content
    assert b"eu, pilot" not in client.get(rows, {"q": "absent"}).content
