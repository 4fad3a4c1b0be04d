"""A canary: the value of a secret variable is nowhere but in its sealed row.

It goes through a whole rendering and deploy, is asked for by every API that shows
what it stands in, and is then searched for in every table, object, file and log.
"""

import pytest

from delivery.models import Rendering, RenderingState
from delivery.repositories import repositories_of
from environments import actions
from environments.permissions import Role
from releases import actions as releases
from releases.locking import fresh
from releases.models import Status
from tests import canary, make
from tests.canary import branch, database, leaking, leaks, objects
from tests.delivery.conftest import CONFIG, SECRET

pytestmark = pytest.mark.django_db

CANARY = canary.CORE


@pytest.fixture
def alice(shop):
    return make.user("alice", role=Role.MAINTAINER, on=shop)


def answers(client, user, release):
    """Return what the API says about everything that the secret stands in."""
    client.force_login(user)
    project = "/api/v1/projects/shop"
    one = f"{project}/releases/{release.number}"
    target = f"{project}/targets/acme/dev"
    return "\n".join(
        str(client.get(path).content, "utf-8")
        for path in (
            *(one, f"{one}/changes", f"{one}/gates", f"{one}/timeline"),
            *(f"{one}/diffs/{level}" for level in ("plain", "resolved", "manifest")),
            *(f"{project}/variables", f"{target}/variables", f"{target}/variables/KEY"),
            *(f"{target}/pending-changes", "/api/v1/audit", "/api/v1/notifications"),
        )
    )


@pytest.fixture
def dev(shop):
    return make.target(shop, environment="dev")


@pytest.fixture
def ship(shop, dev, do, alice):
    """Release everything pending by alice, as far as it goes."""

    def ship_it():
        release = do(
            releases.create_release,
            dev,
            actor=alice,
            content=releases.Content(title="Ship"),
        )
        if fresh(release.pk).rendering.state == RenderingState.READY:
            do(releases.submit_release, fresh(release.pk), actor=alice)
            do(releases.deploy_release, fresh(release.pk), actor=alice)
        return fresh(release.pk)

    return ship_it


def manifests(target, text, actor):
    actions.put_manifests(target, name="keys", files={"a.yaml": text}, actor=actor)


def test_in_plain_mode_it_stands_in_the_deployed_secret_alone(
    shop, dev, variable, ship, alice, client, caplog, capfd
):
    actions.update_project(shop, secrets_in_git="plain", actor=alice)
    variable("KEY", CANARY, secret=True, actor=alice)
    manifests(dev, SECRET.format(name="s", value="{{hq.var.KEY}}"), alice)

    release = ship()

    places = repositories_of(shop)
    assert release.status == Status.DEPLOYED, release.failure_detail
    assert CANARY in objects(places.main), "or the test looks at nothing"
    assert leaks(branch(places.source, "source")) == []
    assert leaking(database()) == []
    shown = answers(client, alice, release)
    assert "keys/secret-s.yaml" in shown
    assert leaks(shown) == []
    assert leaks(caplog.text) == []
    assert leaks("".join(capfd.readouterr())) == []


@pytest.mark.parametrize(
    "text",
    [
        SECRET.format(name="s", value="{{hq.var.KEY}}"),
        CONFIG.format(name="c", value="{{hq.var.KEY}}"),
        CONFIG.format(name="{{hq.var.KEY}}", value="1"),
        CONFIG.format(name="c", value='a {{hq.var.KEY}}" # "x'),
        "{{hq.var.KEY}}\n",
    ],
)
def test_in_refuse_mode_it_is_nowhere(
    shop, dev, variable, ship, alice, client, caplog, capfd, text
):
    """Whatever goes wrong with it on the way, the error does not tell it."""
    variable("KEY", CANARY, secret=True, actor=alice)
    manifests(dev, text, alice)

    release = ship()

    places = repositories_of(shop)
    assert release.rendering.state == RenderingState.FAILED
    assert Rendering.objects.get().errors
    assert leaks(objects(places.main, places.source, places.renderings)) == []
    assert leaking(database()) == []
    shown = answers(client, alice, release)
    assert "template_error" in shown
    assert leaks(shown) == []
    assert leaks(caplog.text) == []
    assert leaks("".join(capfd.readouterr())) == []


def test_the_value_of_a_chart_is_kept_as_well(shop, dev, variable, ship, alice, caplog):
    variable("KEY", CANARY, secret=True, actor=alice)
    api = make.workload(shop, "api", on=[dev])
    actions.set_values(api, text="replicas: '{{hq.var.KEY}}'\n", actor=alice)

    release = ship()

    (error,) = release.rendering.errors
    places = repositories_of(shop)
    assert error["reason"] == "secret_leak"
    assert leaks(objects(places.main, places.source, places.renderings)) == []
    assert leaking(database()) == []
    assert leaks(caplog.text) == []
