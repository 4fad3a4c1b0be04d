"""Targets of tenants that are called like a page of the project have pages as well."""

import pytest
from django.urls import resolve, reverse

from environments import actions
from environments.models import Tenant
from tests import make

NAMES = ["releases", "settings", "targets", "history"]


@pytest.fixture
def old(shop):
    """Targets of tenants from before such names were refused."""
    stage = make.environment(shop, "new")
    tenants = [
        Tenant.objects.create(project=shop, slug=name, name=name) for name in NAMES
    ]
    return [
        actions.create_target(
            tenant,
            stage,
            facts=actions.TargetFacts(namespace=f"shop-{tenant}"),
            actor=None,
        )
        for tenant in tenants
    ]


def test_they_have_an_address_of_their_own(reader, old, alice):
    for target in old:
        url = target.get_absolute_url()
        where = ["shop", target.tenant.slug, "new"]

        assert url == f"/projects/shop/targets/{target.tenant.slug}/new"
        assert reverse("releases:target", args=where) == url
        assert f"{target.tenant.slug} / new" in reader.read(alice, url)
        assert reader.get(alice, f"{url}/history").status_code == 200
        assert reverse("environments:overlay", args=[*where, "x"]).startswith(url)
    assert url in reader.get(alice, "/projects/shop").content.decode()


def test_other_targets_stay_where_they_were(reader, dev, alice):
    assert dev.get_absolute_url() == "/projects/shop/acme/dev"
    assert reverse("releases:target", args=["shop", "acme", "dev"]) == str(
        dev.get_absolute_url()
    )
    assert reader.get(alice, "/projects/shop/targets/acme/dev").status_code == 404
    assert resolve("/projects/shop/releases/new").view_name == "releases:bulk"
