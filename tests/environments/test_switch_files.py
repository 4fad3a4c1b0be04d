"""Overlays and manifests that are off: kept, and no part of what is desired."""

import pytest
from django.test import Client

from environments import actions, capture, ports
from environments.models import Edit
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry

TARGET = "/api/v1/projects/shop/targets/acme/prod"
PAGE = "/projects/shop/acme/prod"
FLAGS = {"a.yaml": "kind: ConfigMap\n"}
SPREAD = {"kustomization.yaml": "resources: [workload.yaml]\n"}


@pytest.fixture
def flags(prod):
    return actions.put_manifests(prod, name="flags", files=FLAGS, actor=None)


@pytest.fixture
def spread(prod, api_workload):
    return actions.put_overlay(
        prod, name="spread", files=SPREAD, workload=api_workload, actor=None
    )


def test_off_takes_a_set_out_of_the_state_and_on_puts_it_back(
    prod, flags, spread, dana
):
    """S22, S23: each is an edit of the files in the source, by its author."""
    before = capture.state_of(prod)

    actions.switch_manifests(prod, name="flags", on=False, actor=dana)
    edit = Edit.objects.latest("sequence")
    actions.switch_overlay(prod, name="spread", on=False, actor=dana)

    gone = capture.state_of(prod)
    assert (gone.manifests, gone.overlays) == ((), ())
    assert edit.actor == dana
    assert edit.files["targets/acme/prod/manifests/flags/a.yaml"] is None
    assert "flags" in edit.message

    count = Edit.objects.count()
    actions.switch_manifests(prod, name="flags", on=False, actor=dana)
    assert Edit.objects.count() == count, "it was off already"
    actions.switch_manifests(prod, name="flags", on=True, actor=dana)
    actions.switch_overlay(prod, name="spread", on=True, actor=dana)
    assert capture.state_of(prod) == before


def test_saving_a_set_turns_it_on(prod, flags, dana):
    """So a discarded removal is written back whole."""
    before = capture.state_of(prod)
    actions.switch_manifests(prod, name="flags", on=False, actor=None)

    actions.put_manifests(prod, name="flags", files=FLAGS, actor=dana)

    assert capture.state_of(prod) == before
    entry = AuditEntry.objects.latest("pk")
    assert (entry.before["on"], entry.after["on"]) == (False, True)
    assert entry.before["files"] == entry.after["files"]


def test_an_overlay_that_is_off_holds_no_workload_and_waits_for_it(
    prod, spread, api_workload
):
    actions.switch_overlay(prod, name="spread", on=False, actor=None)
    actions.unbind_workload(api_workload, from_=prod, actor=None)

    with pytest.raises(ValidationError, match="not bound"):
        actions.switch_overlay(prod, name="spread", on=True, actor=None)


def test_only_who_manages_workloads_there_switches(prod, flags, olga, pia):
    with pytest.raises(NotPermitted):
        actions.switch_manifests(prod, name="flags", on=False, actor=olga)

    actions.switch_manifests(prod, name="flags", on=False, actor=pia)


@pytest.mark.parametrize("path", ["kustomize/spread", "manifests/flags"])
def test_the_api_switches(prod, flags, spread, as_user, dana, olga, path):
    url = f"{TARGET}/{path}"
    api = as_user(dana)

    off = api.patch(url, {"on": False}, format="json")

    assert (off.status_code, off.json()["on"]) == (200, False)
    assert api.get(url).json()["files"]
    assert as_user(olga).patch(url, {"on": True}, format="json").status_code == 403
    assert api.patch(url, {"on": "no"}, format="json").status_code == 422
    assert api.patch(url, {"on": True}, format="json").json()["on"] is True
    missing = api.patch(f"{TARGET}/manifests/none", {"on": True}, format="json")
    assert missing.status_code == 404


@pytest.mark.parametrize("path", ["kustomize/spread", "manifests/flags"])
def test_the_page_switches_after_a_preview(
    prod, flags, spread, mona, olga, monkeypatch, path
):
    asked = []

    def answer(target, now, then):
        asked.append(len(then.overlays + then.manifests))
        return ports.Trial("ready")

    monkeypatch.setattr(ports.dry_run, "_answer", answer)
    url, client, onlooker = f"{PAGE}/{path}", Client(), Client()
    client.force_login(mona)
    onlooker.force_login(olga)
    opened = client.get(url).context["form"]["version"].value()
    data = {"file-TOTAL_FORMS": 0, "file-INITIAL_FORMS": 0, "version": opened}

    tried = client.post(url, {**data, "do": "try_off"})
    assert tried.status_code == 200
    assert "Without" in tried.content.decode()
    off = {**data, "do": "off", "message": "not needed"}
    assert onlooker.post(url, off).status_code == 403
    for _ in range(2):  # whoever presses it second turns nothing on again
        assert client.post(url, off).status_code == 302
    assert Edit.objects.latest("sequence").message == "not needed"
    page = client.get(url).content.decode()
    assert "Turn on" in page
    assert ">off<" in client.get("/projects/shop/workloads").content.decode()
    client.post(url, {**data, "do": "try_on"})
    assert asked == [0, 1]
    # Saving would turn it on: who opened it before it was off is told first.
    late = client.post(url, {**data, "do": "save"})
    assert (late.status_code, late.context["form"].is_moved) == (412, True)
