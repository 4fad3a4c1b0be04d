"""Break-glass over the API: what is answered, refused and recorded."""

import pytest

from gitopshq.core.models import AuditEntry
from tests.releases.conftest import signed_in, with_token

URL = "/api/v1/projects/shop/releases/{}/break-glass"


@pytest.fixture
def url(frozen):
    return URL.format(frozen.number)


def actions_of(answer):
    return {row["action"]: row for row in answer.json()["allowedActions"]}


def test_two_people_break_it_and_the_release_tells(url, frozen, carla, dave):
    """S98: 423 with the exact text before, 202 after."""
    deploy = url.replace("break-glass", "deploy")
    refused = signed_in(carla).post(deploy)
    assert refused.status_code == 423
    assert refused.json()["detail"] == "environment is frozen"

    asked = signed_in(carla).post(url, {"reason": "leak"}, format="json")

    assert asked.status_code == 200, asked.json()
    (row,) = asked.json()["breakGlass"]
    assert (row["state"], row["reason"], row["askedBy"]) == ("waiting", "leak", "carla")
    assert (row["confirmedBy"], row["expiresAt"]) == (None, None)
    offered = actions_of(asked)
    assert not offered["break-glass"]["allowed"]
    assert "you asked for it" in offered["break-glass/confirm"]["reason"]

    confirmed = signed_in(dave).post(f"{url}/confirm")

    assert confirmed.status_code == 200, confirmed.json()
    (row,) = confirmed.json()["breakGlass"]
    assert (row["state"], row["confirmedBy"]) == ("open", "dave")
    assert row["expiresAt"].endswith("Z")
    gates = signed_in(dave).get(url.replace("break-glass", "gates")).json()["items"]
    (gate,) = (gate for gate in gates if gate["name"] == "freeze")
    assert gate["verdict"] == "pass"
    assert gate["details"]["breakGlass"]["confirmedBy"] == "dave"
    assert gate["nextChange"] == row["expiresAt"]
    assert signed_in(carla).post(deploy).status_code == 202
    shown = signed_in(carla).get(URL.format(frozen.number).removesuffix("/break-glass"))
    assert [row["reason"] for row in shown.json()["breakGlass"]] == ["leak"]


def test_it_is_offered_where_a_freeze_is_met(url, frozen, dave, dora, do):
    shown = url.removesuffix("/break-glass")

    mine = actions_of(signed_in(dave).get(shown))
    theirs = actions_of(signed_in(dora).get(shown))

    assert mine["break-glass"]["allowed"]
    assert not mine["break-glass/confirm"]["allowed"]
    assert "freeze.override" in theirs["break-glass"]["reason"]


def test_refusals_are_typed_and_recorded(url, carla, dora, stan):
    api = signed_in(carla)
    assert api.post(url, {}, format="json").json()["code"] == "reason_required"
    assert api.post(f"{url}/confirm").json()["code"] == "no_break_glass"
    assert signed_in(dora).post(url, {"reason": "x"}).status_code == 403
    assert signed_in(stan).post(url, {"reason": "x"}).status_code == 404
    assert api.post(url, {"reason": "leak"}).status_code == 200
    again = api.post(url, {"reason": "leak"})
    assert (again.status_code, again.json()["code"]) == (409, "break_glass_exists")
    confirm = api.post(f"{url}/confirm")
    assert confirm.status_code == 403
    assert confirm.json()["code"] == "second_person_required"

    entries = AuditEntry.objects.filter(event__endswith="break_glass_refused")
    assert [(e.event, e.data["code"]) for e in entries.order_by("pk")] == [
        ("release.confirm_break_glass_refused", "no_break_glass"),
        ("release.break_glass_refused", "permission_denied"),
        ("release.break_glass_refused", "break_glass_exists"),
        ("release.confirm_break_glass_refused", "second_person_required"),
    ]


def test_a_token_may_ask_and_never_confirms(url, carla, dave):
    asked = with_token(carla, scopes=["releases:deploy", "read"]).post(
        url, {"reason": "leak"}
    )
    assert asked.status_code == 200, asked.json()

    confirm = with_token(dave, scopes=["admin"]).post(f"{url}/confirm")

    assert (confirm.status_code, confirm.json()["code"]) == (403, "not_eligible")
    narrow = with_token(dave, scopes=["read"]).post(url, {"reason": "leak"})
    assert narrow.status_code == 403


def test_unknown_fields_are_refused(url, carla):
    assert signed_in(carla).post(url, {"reason": "x", "hours": 9}).status_code == 422


def test_a_superuser_is_no_second_person_for_own_work(url, frozen, alice, carla):
    """Rules of domain 11: they hold for superusers unchanged."""
    signed_in(carla).post(url, {"reason": "leak"})
    frozen.author.is_superuser = True
    frozen.author.save()

    answer = signed_in(frozen.author).post(f"{url}/confirm")

    assert answer.json()["code"] == "second_person_required"
