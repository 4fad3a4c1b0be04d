"""A release is made once, wherever the process dies that was to tell of it."""

import json

import pytest
from django.db.models import F

from delivery import rendering_requests
from environments import actions as environments
from environments.api.images import Images
from environments.models import Edit
from gitopshq.core.api import idempotency
from gitopshq.core.models import IdempotencyRecord
from releases import cutting
from releases.models import Release
from releases.pending import pool_of
from releases.views import targets
from tests import make
from tests.core.test_answer_dead_requests import LONG_AGO
from tests.dying import killed_at
from tests.people import with_token
from tests.releases.asking import RELEASES, body_of

pytestmark = pytest.mark.django_db(transaction=True)
IMAGES = "/api/v1/projects/shop/images"
TARGET = "/projects/shop/acme/dev"
FORM = {"token": "0" * 32, "title": "Mine"}


@pytest.fixture
def send(alice):
    """Ask under one key."""

    def post(url, body):
        return with_token(alice).post(
            url, body, format="json", headers={"Idempotency-Key": "build-77"}
        )

    return post


@pytest.mark.parametrize(
    ("holder", "name"),
    [(rendering_requests, "wait_for"), (idempotency._Claim, "end")],
)
def test_a_release_nobody_was_told_of_is_told_of(dev, edit, send, holder, name):
    """S1: while it waits for the rendering, and right before it answers."""
    edit(dev)
    with killed_at(holder, name):
        send(RELEASES, body_of(dev))
    edit(dev, fast="2")

    again, third = (send(RELEASES, body_of(dev)) for _ in range(2))

    assert (again.status_code, again.json()["number"]) == (201, 1)
    assert again.content == third.content
    assert Release.objects.count() == 1


def test_a_refused_release_is_refused_again(dev, edit, shipped, send):
    """What was refused stays so, though there are changes by now."""
    shipped(dev)
    with killed_at(idempotency._Claim, "end_refused"):
        send(RELEASES, body_of(dev))
    edit(dev, fast="2")

    again = send(RELEASES, body_of(dev))

    assert (again.status_code, again.json()["code"]) == (409, "no_changes")


def test_a_source_that_moves_in_the_midst_is_waited_for(dev, edit, send, monkeypatch):
    """What an edit slipped into is begun again as a whole, and answered once."""
    edit(dev)
    baseline_of, slipped = cutting.baseline_of, []

    def slow(project):
        if not slipped:
            slipped.append(project)
            Edit.objects.filter(project=project).update(source_commit="")
        return baseline_of(project)

    monkeypatch.setattr(cutting, "baseline_of", slow)

    answer = send(RELEASES, body_of(dev))

    assert (answer.status_code, answer.json()["number"]) == (201, 1)
    assert slipped
    assert len(answer.json()["baselineSourceSha"]) == 40


@pytest.mark.parametrize(
    ("holder", "name"), [(Images, "_released"), (idempotency._Claim, "end")]
)
def test_a_bump_and_its_release_are_made_once(
    shop, dev, shipped, do, send, holder, name
):
    """S21: killed between the two, and after both."""
    api = make.workload(shop, "api", on=[dev])
    text = "image:\n  repository: shop/api\n  tag: v1\n"
    do(environments.set_values, api, text=text, actor=None)
    shipped(dev)
    bump = {"service": "api", "tag": "v2", "createRelease": True}
    before = Edit.objects.count()

    with killed_at(holder, name):
        send(IMAGES, bump)
    records = IdempotencyRecord.objects.filter(status=None)
    records.update(created_at=F("created_at") - LONG_AGO)
    again = send(IMAGES, bump)

    assert (again.status_code, again.json()["releases"]) == (200, ["R-2"])
    assert again.content == send(IMAGES, bump).content
    assert Edit.objects.count() == before + 1
    assert Release.objects.count() == 2


def test_the_bump_stays_where_its_release_is_refused(shop, dev, do, send):
    api = make.workload(shop, "api")
    text = "image:\n  repository: shop/api\n  tag: v1\n"
    do(environments.set_values, api, text=text, actor=None)
    bump = {"service": "api", "tag": "v2", "createRelease": True}

    first, again = (send(IMAGES, bump) for _ in range(2))

    assert first.status_code == again.status_code == 403
    assert json.loads(first.content) == json.loads(again.content)
    assert "tag: v2" in api.layers.get().text.body


@pytest.mark.parametrize(
    ("holder", "name", "made"),
    [(targets, "_forget", 1), (targets.messages, "success", 0)],
)
def test_a_form_is_sent_again_after_a_crash(
    dev, edit, client, alice, holder, name, made
):
    """Killed after the commit, and before it."""
    edit(dev)
    client.force_login(alice)
    form = {**FORM, "changes": [row.change.id for row in pool_of(dev).rows]}
    with killed_at(holder, name):
        client.post(f"{TARGET}/release", form)
    assert Release.objects.count() == made

    again = client.post(f"{TARGET}/release", form)

    assert (again.status_code, again.url) == (302, "/projects/shop/releases/1")
    assert Release.objects.count() == 1
