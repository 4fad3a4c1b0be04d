"""Comparing any two releases, or what any two targets run: page and API."""

import pytest

from environments import actions as environments
from environments.models import VariableScope
from environments.permissions import Role
from tests import make
from tests.people import signed_in
from tests.releases.asking import RELEASES

API = RELEASES.replace("/releases", "/compare")
PAGE = "/projects/shop/releases/compare"


@pytest.fixture
def apart(do, shop, dev, edit, shipped):
    """Two targets with the same binding, other flags and another variable."""
    staging = make.target(shop, environment="staging")
    for target, speed in ((dev, "1"), (staging, "2")):
        place = environments.VariablePlace(
            shop, VariableScope.ENV, environment=target.environment
        )
        do(environments.set_variable, place, key="SPEED", value=speed, actor=None)
    found = [
        shipped(target, fast="{{hq.var.SPEED}}", **more)
        for target, more in ((dev, {"old": "x"}), (staging, {"new": "x"}))
    ]
    return dev, staging, *found


def files(document, level):
    (found,) = [one for one in document["diffs"] if one["level"] == level]
    return {file["path"]: file["status"] for file in found["files"]}


def test_two_targets_are_laid_side_by_side(apart, alice):
    """S36: what plays the same part in both is one file, whatever it is called."""
    dev, staging, old, new = apart

    answer = signed_in(alice).get(f"{API}?from={dev}&to={staging}")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["before"]["release"], told["after"]["release"]) == (old.name, new.name)
    folder = "targets/{tenant}/{environment}/manifests/flags"
    assert files(told, "resolved")[f"{folder}/fast.yaml"] == "modified"
    assert f"{folder}/fast.yaml" not in files(told, "plain")
    assert files(told, "plain")["variables/env/{environment}.yaml"] == "modified"
    assert files(told, "plain")[f"{folder}/old.yaml"] == "removed"
    assert files(told, "manifest") == {
        "flags/configmap-flags-fast.yaml": "modified",
        "flags/configmap-flags-new.yaml": "added",
        "flags/configmap-flags-old.yaml": "removed",
    }


def test_two_releases_of_one_target_keep_their_paths(apart, edit, create, alice):
    dev, _, old, _ = apart
    edit(dev, fast="{{hq.var.SPEED}}", old="y")
    draft = create(dev)
    url = f"{API}?from={old.name}&to={draft.name}"

    told = signed_in(alice).get(f"{url}&level=plain").json()
    text = signed_in(alice).get(url, headers={"accept": "text/x-diff"})

    path = "targets/acme/dev/manifests/flags/old.yaml"
    assert [one["level"] for one in told["diffs"]] == ["plain"]
    assert files(told, "plain") == {path: "modified"}
    assert '-  old: "x"\n+  old: "y"' in text.content.decode()


def test_the_page_shows_the_same_and_leads_there(apart, alice):
    dev, _, old, new = apart
    reader = signed_in(alice)

    asked = reader.get(PAGE, {"from": str(dev), "to": new.name})
    assert asked.status_code == 302
    page = reader.get(asked["Location"])

    assert asked["Location"] == f"{PAGE}/{dev}...{new.name}"
    shown = page.content.decode()
    for said in (old.title, new.title, "configmap-flags-new.yaml"):
        assert said in shown
    alone = reader.get(
        f"{asked['Location']}?diff=manifest&file=flags/configmap-flags-new.yaml"
    )
    assert alone.status_code == 200


def test_what_names_nothing_is_refused_at_its_field(apart, alice):
    dev, *_ = apart
    reader = signed_in(alice)

    for spec in ("R-99", "acme/none", "acme", "R-0", "../x"):
        answer = reader.get(API, {"from": str(dev), "to": spec})
        page = reader.get(PAGE, {"from": str(dev), "to": spec})

        assert answer.status_code == 404
        assert answer.json()["errors"][0]["pointer"] == "/to"
        assert page.status_code == 404
        assert b"This cannot be compared." in page.content


def test_what_one_may_not_view_is_as_if_absent(apart):
    dev, staging, old, new = apart
    guest = signed_in(make.user("gina", role=Role.VIEWER, on=dev.environment))

    for spec in (str(staging), new.name):
        answer = guest.get(API, {"from": old.name, "to": spec})
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == "not_found"
    assert guest.get(API, {"from": old.name, "to": str(dev)}).status_code == 200
