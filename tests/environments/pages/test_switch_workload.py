"""Turning a workload on or off in a scope, and the image panel beside it."""

import pytest

from environments import actions, ports
from environments.models import Edit, WorkloadBinding
from tests import make

URL = "/projects/shop/workloads/api"
SWITCH = f"{URL}/switch"


@pytest.fixture(autouse=True)
def tried(monkeypatch):
    """The States that a worker was asked to compare."""
    asked = []

    def answer(target, now, then):
        asked.append((str(target), len(now.workloads), len(then.workloads)))
        file = ports.TriedFile("api/configmap-api.yaml", None, "a: 1\n")
        return ports.Trial("ready", files=(file,))

    monkeypatch.setattr(ports.dry_run, "_answer", answer)
    return asked


@pytest.fixture
def places(shop, dev, prod):
    make.target(shop, tenant="globex", environment="prod")
    return shop


@pytest.fixture
def where():
    def bound():
        rows = WorkloadBinding.objects.select_related(
            "target__tenant", "target__environment"
        )
        return sorted(str(row.target) for row in rows)

    return bound


def test_a_scope_is_switched_as_a_whole(places, api_workload, mona, as_person, where):
    """Each target is an edit of its own; who is on already keeps its overrides."""
    client = as_person(mona)
    before = Edit.objects.count()
    page = client.get(f"{SWITCH}?scope=/prod&to=on").content.decode()
    assert "Turn on in 1 of 2 targets" in page
    assert "acme / dev" not in page

    data = {"scope": "/prod", "to": "on", "message": "for all"}
    assert client.post(SWITCH, data).status_code == 302
    assert where() == ["acme/prod", "globex/prod"]
    assert Edit.objects.count() == before + 1

    assert client.post(SWITCH, {"scope": "/", "to": "off"}).status_code == 302
    assert where() == []
    again = client.get(f"{SWITCH}?scope=/&to=off").content.decode()
    assert "off in all of them already" in again


def test_a_preview_renders_both_ways_and_switches_nothing(
    places, api_workload, mona, as_person, tried, where
):
    client = as_person(mona)

    on = client.post(SWITCH, {"scope": "/", "to": "on", "preview": "acme/dev"})
    off = client.post(SWITCH, {"scope": "/", "to": "off", "preview": "acme/prod"})

    assert tried == [("acme/dev", 0, 1), ("acme/prod", 1, 0)]
    for answer in (on, off):
        assert answer.status_code == 200
        assert "api/configmap-api.yaml" in answer.content.decode()
    assert where() == ["acme/prod"]


def test_rights_are_those_of_each_target(
    places, api_workload, pia, olga, stan, as_person, tried, where
):
    """S93: all of the scope or nothing; a preview takes the same permission."""
    data = {"scope": "/", "to": "off"}
    assert as_person(stan).post(SWITCH, data).status_code == 404
    assert as_person(olga).post(SWITCH, data).status_code == 403
    everywhere = {**data, "scope": ""}
    assert as_person(pia).post(SWITCH, everywhere).status_code == 422, "name it"
    onlooker = as_person(olga).get(f"{SWITCH}?to=off").content.decode()
    assert "Needs the permission workloads.manage" in onlooker
    assert 'name="preview"' not in onlooker
    assert where() == ["acme/prod"]

    prod = {"scope": "/prod", "to": "on"}
    assert as_person(pia).post(SWITCH, prod).status_code == 302
    assert where() == ["acme/prod", "globex/prod"]
    page = as_person(pia).get(f"{SWITCH}?to=on").content.decode()
    assert "acme / dev" not in page


def test_an_attached_overlay_is_told_before_it_stops_the_switch(
    api_workload, prod, mona, as_person, where
):
    files = {"kustomization.yaml": "resources: [workload.yaml]\n"}
    actions.put_overlay(
        prod, name="spread", files=files, workload=api_workload, actor=None
    )
    client = as_person(mona)

    assert "spread is attached" in client.get(f"{SWITCH}?to=off").content.decode()
    answer = client.post(SWITCH, {"scope": "/", "to": "off"})

    assert answer.status_code == 409
    assert where() == ["acme/prod"]


def test_an_image_is_bumped_from_its_row(api_workload, prod, mona, as_person):
    """The row chooses layer and path; the call to copy says the same."""
    text = "proxyImage:\n  repository: r/p\n  tag: '1'\n"
    actions.set_values(api_workload, text=text, actor=None)
    client = as_person(mona)
    page = client.get(URL).content.decode()
    assert "?bump=acme/prod&amp;path=/proxyImage#bump" in page

    found = client.get(f"{URL}?bump=acme/prod&path=/proxyImage")

    form = found.context["forms"]["image"]
    assert (form["layer"].value(), form["path"].value()) == ("acme/prod", "/proxyImage")
    assert '"path": "/proxyImage"' in found.context["snippet"]
    crafted = client.get(f"{URL}?bump=/&path=/a%27;reboot;%27")
    assert "'\"'\"';reboot;'\"'\"'" in crafted.context["snippet"]
