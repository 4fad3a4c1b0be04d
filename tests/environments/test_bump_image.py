"""Bumping images."""

import pytest

from environments import actions, ports, selectors
from environments.actions import ImageReference
from gitopshq.core.errors import NotPermitted, ValidationError

URL = "/api/v1/projects/shop/images"
DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def values(api_workload):
    def save(text, **layer):
        actions.set_values(api_workload, text=text, actor=None, **layer)

    return save


def bumped(workload, image, **more):
    return actions.bump_image(workload, image=image, actor=None, **more)


def test_a_tag_is_written_and_all_else_kept(api_workload, values):
    """S21: old → new of an image."""
    values("# the shop\nimage:\n  repository: shop/api # ours\n  tag: v1 # pinned\n")

    bump = bumped(api_workload, ImageReference(tag="v2"))

    assert (bump.before, bump.after) == ("shop/api:v1", "shop/api:v2")
    assert bump.layer.text.body == (
        "# the shop\nimage:\n  repository: shop/api # ours\n  tag: v2 # pinned\n"
    )


def test_a_tag_that_reads_as_a_number_stays_text(api_workload, values):
    values("image:\n  tag: v1\n")

    bump = bumped(api_workload, ImageReference(tag="1.30"))

    assert bump.layer.text.body == 'image:\n  tag: "1.30"\n'


def test_an_old_digest_does_not_go_on_deciding(api_workload, values):
    values(f'image:\n  tag: v1\n  digest: "{DIGEST}"\n')

    bump = bumped(api_workload, ImageReference(tag="v2"))

    assert bump.after == ":v2"


def test_a_digest_and_a_repository_are_written(api_workload, values):
    values("image:\n  repository: old/api\n  tag: v1\n")

    bump = bumped(api_workload, ImageReference(digest=DIGEST, repository="new/api"))

    assert bump.after == f"new/api:v1@{DIGEST}"


def test_a_scalar_image_is_written_whole(api_workload, values):
    values("sidecarImage: reg:5000/side/car:1\n")

    bump = bumped(api_workload, ImageReference(tag="2"), path="/sidecarImage")

    assert bump.layer.text.body == 'sidecarImage: "reg:5000/side/car:2"\n'


def test_a_layer_without_an_image_gets_one(api_workload, prod):
    layer = {"tenant": prod.tenant, "environment": prod.environment}

    bump = bumped(api_workload, ImageReference(tag="v2"), **layer)

    assert bump.layer.layer == "target"
    assert selectors.values_text(api_workload, **layer) == "image:\n  tag: v2\n"
    assert selectors.values_text(api_workload, None, None) == ""


@pytest.mark.parametrize(
    ("image", "path"),
    [
        (ImageReference(), "/image"),
        (ImageReference(tag="a b"), "/image"),
        (ImageReference(tag="-x"), "/image"),
        (ImageReference(digest="sha256:12"), "/image"),
        (ImageReference(tag="v1", repository="a b"), "/image"),
        (ImageReference(tag="v1"), "image"),
        (ImageReference(tag="v1"), ""),
        (ImageReference(tag="v1"), "/list/image"),
    ],
)
def test_what_is_no_image_or_no_place_is_refused(api_workload, values, image, path):
    values("list: [1, 2]\n")

    with pytest.raises(ValidationError):
        bumped(api_workload, image, path=path)


def test_the_layer_decides_the_right(api_workload, production, pia):
    image = ImageReference(tag="v2")
    actions.bump_image(api_workload, image=image, environment=production, actor=pia)

    with pytest.raises(NotPermitted):
        actions.bump_image(api_workload, image=image, actor=pia)


def test_the_api_bumps(as_user, api_workload, values, dana):
    values("image:\n  repository: shop/api\n  tag: v1\n")

    answer = as_user(dana).post(URL, {"service": "api", "tag": "v2"})

    assert answer.status_code == 200, answer.json()
    assert answer.json() == {
        "service": "api",
        "path": "/image",
        "file": "workloads/api/values.yaml",
        "before": "shop/api:v1",
        "after": "shop/api:v2",
        "releases": [],
    }


def test_the_api_releases_what_it_bumped(as_user, api_workload, dana, monkeypatch):
    asked = []

    def release(workload, bump, *, actor):
        asked.append((workload, bump.after, actor))
        return ["R-1"]

    monkeypatch.setattr(ports.releaser, "_answer", release)
    body = {"service": "api", "tag": "v2", "createRelease": True}

    answer = as_user(dana).post(URL, body)

    assert answer.json()["releases"] == ["R-1"]
    assert asked == [(api_workload, ":v2", dana)]


def test_a_token_for_images_bumps_and_does_no_more(shop, api_workload, dana):
    from tests.core.conftest import client_of  # noqa: PLC0415

    client = client_of(dana, scopes=["images:write"])

    assert client.post(URL, {"service": "api", "tag": "v2"}).status_code == 200
    body = {"scope": "repo", "key": "A", "value": "1"}
    assert client.put("/api/v1/projects/shop/variables", body).status_code == 403


def test_the_api_hides_and_refuses(as_user, api_workload, mona, olga, stan):
    body = {"service": "api", "tag": "v2"}

    assert as_user(stan).post(URL, body).status_code == 404
    assert as_user(olga).post(URL, body).status_code == 403
    assert as_user(olga).post(URL, {**body, "service": "none"}).status_code == 403
    assert as_user(mona).post(URL, {**body, "service": "none"}).status_code == 404
    unknown = {**body, "state": "deployed"}
    assert as_user(mona).post(URL, unknown).status_code == 422
    assert as_user(olga).post(URL, unknown).status_code == 403


def test_the_message_of_an_edit_says_what_was_bumped(shop, api_workload):
    bumped(api_workload, ImageReference(tag="v2"))

    assert shop.edits.latest("sequence").message == "Bump api to v2"
