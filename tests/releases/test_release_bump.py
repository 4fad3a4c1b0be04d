"""Releasing an image that a build pipeline has just bumped."""

import pytest

from environments import actions as environments
from gitopshq.core.errors import NotPermitted
from releases import errors
from releases.actions.bumping import release_bump
from releases.models import Release
from releases.pending import pool_of
from tests import make


@pytest.fixture
def api(shop, dev, do):
    api = make.workload(shop, "api", on=[dev])
    text = "image:\n  repository: shop/api\n  tag: v1\nreplicas: 1\n"
    do(environments.set_values, api, text=text, actor=None)
    return api


@pytest.fixture
def bump(do, api, alice):
    def press(tag="v2", *, actor=alice, **layer):
        image = environments.ImageReference(tag=tag)
        done = do(environments.bump_image, api, image=image, actor=None, **layer)
        return do(release_bump, api, done, actor=actor)

    return press


def test_only_the_image_is_released(dev, api, shipped, do, bump):
    """S21, S32: what else is pending stays."""
    shipped(dev)
    text = "image:\n  repository: shop/api\n  tag: v1\nreplicas: 5\n"
    do(environments.set_values, api, text=text, actor=None)

    assert bump() == ["R-2"]

    release = Release.objects.get(number=2)
    (row,) = release.changes.all()
    assert row.document["action"] == "image_tag_changed"
    assert (row.document["before"], row.document["after"]) == ("v1", "v2")
    assert release.title == "Bump api to shop/api:v2"
    (left,) = [r for r in pool_of(dev).rows if r.claimed_by is None]
    assert left.change.path == "/replicas"


def test_a_target_that_never_ran_it_gets_the_workload_whole(dev, edit, bump):
    edit(dev)

    assert bump() == ["R-1"]

    release = Release.objects.get()
    objects = set(release.changes.values_list("document__object", flat=True))
    assert "api" in objects
    assert "flags" not in objects
    assert release.rendering.state in ("pending", "ready")


def test_a_layer_is_released_where_it_reaches(dev, prod, api, bump, do):
    do(environments.bind_workload, api, to=prod, actor=None)

    assert bump(tenant=dev.tenant, environment=dev.environment) == ["R-1"]

    assert Release.objects.get().target == dev


def test_what_runs_already_is_no_release(dev, shipped, bump):
    shipped(dev)

    with pytest.raises(errors.NoChanges):
        bump("v1")


def test_releasing_needs_its_own_right(dev, bump, bob):
    with pytest.raises(NotPermitted, match=r"releases\.create"):
        bump(actor=bob)
