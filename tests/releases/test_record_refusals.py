"""Whoever is refused at a release or a gate leaves an entry, by whatever door."""

import pytest
from django.test import Client

from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases.models import Status
from tests import make
from tests.core.conftest import client_of

POLICY = "/projects/shop/environments/prod/policy"
RELEASE = "/projects/shop/releases/1"


@pytest.fixture
def signed():
    def client(user):
        made = Client()
        made.force_login(user)
        return made

    return client


def refusal(event):
    entry = AuditEntry.objects.get(event=event)
    return entry.actor, entry.project, entry.data["code"]


def test_the_page_and_the_api_leave_the_same_entry(signed, prod, approved, olga):
    """S43: a deploy without the permission."""
    release = approved(prod)

    page = signed(olga).post(f"{RELEASE}/deploy")
    api = client_of(olga).post(f"/api/v1{RELEASE}/deploy", {}, format="json")

    assert (page.status_code, api.status_code) == (403, 403)
    entries = AuditEntry.objects.filter(event="release.deploy_refused")
    assert len(entries) == 2
    for entry in entries:
        assert (entry.actor, entry.project) == (olga, "shop")
        assert (entry.object_type, entry.object_id) == (
            "releases.release",
            str(release.pk),
        )
        assert entry.data["code"] == "permission_denied"
        assert entry.data["caller"]["address"] == "127.0.0.1"


def test_a_frozen_environment_is_on_record(do, signed, prod, approved, mona, dora):
    """S54: 423 at the page, and an entry after the rollback."""
    approved(prod)
    do(environments.freeze, prod.environment, reason="fair", actor=mona)

    assert signed(dora).post(f"{RELEASE}/deploy").status_code == 423

    assert refusal("release.deploy_refused") == (dora, "shop", "environment_frozen")


def test_a_freeze_between_click_and_commit_is_on_record(
    do, prod, approved, pressed, work, mona
):
    """S75: the worker is a door, too."""
    release = pressed(approved(prod))
    do(environments.freeze, prod.environment, reason="fair", actor=mona)

    assert work(release).status == Status.FAILED

    entry = AuditEntry.objects.get(event="release.deploy_failed")
    assert (entry.actor, entry.project) == (None, "shop")
    assert entry.data["type"] == "environment_frozen"


@pytest.mark.parametrize("scopes", [["read"], ["config:write", "releases:write"]])
def test_a_token_of_too_small_a_scope_is_on_record(approved, prod, dora, scopes):
    release = approved(prod)
    _, secret = make.token(dora, scopes=scopes, project="shop")

    answer = Client().post(
        f"/api/v1{RELEASE}/deploy",
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "X-Request-Id": "request-42"},
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    entry = AuditEntry.objects.get(event="token.scope_refused")
    assert (entry.actor, entry.project) == (dora, "shop")
    assert entry.request_id == "request-42"
    assert entry.data["needed"] == "releases:deploy"
    assert (entry.data["method"], entry.data["path"]) == (
        "POST",
        f"/api/v1{RELEASE}/deploy",
    )
    assert entry.data["caller"]["token"] == secret[:12]
    assert secret not in str(entry.data)
    assert release.name


def test_a_project_that_is_not_there_begins_no_trail(db, stan):
    client = client_of(stan, scopes=["read"])

    answer = client.post("/api/v1/projects/ghost/releases", {}, format="json")

    assert answer.status_code == 404
    assert not AuditEntry.objects.filter(event="token.scope_refused").exists()


def test_reading_without_the_scope_is_no_entry(db, stan):
    client = client_of(stan, scopes=["git:read"])

    assert client.get("/api/v1/projects").status_code == 403
    assert not AuditEntry.objects.filter(event="token.scope_refused").exists()


@pytest.mark.parametrize(
    ("path", "body", "event"),
    [
        (f"{POLICY}/freeze", {"reason": "fair"}, "environment.freeze_refused"),
        (
            "/projects/shop/settings/members",
            {"name": "stan", "role": "viewer", "place": "prod"},
            "access.grant_refused",
        ),
    ],
)
def test_a_gate_that_is_refused_on_its_page_is_on_record(
    signed, prod, olga, stan, path, body, event
):
    answer = signed(olga).post(path, body)

    assert answer.status_code == 403
    assert refusal(event) == (olga, "shop", "permission_denied")


def test_a_policy_that_is_refused_on_its_page_is_on_record(signed, prod, olga):
    shown = signed(olga).get(POLICY)
    form = shown.context["forms"]["policy"]
    body = {name: form[name].value() or "" for name in form.fields}

    answer = signed(olga).post(POLICY, body)

    assert answer.status_code == 403
    assert refusal("policy.change_refused") == (olga, "shop", "permission_denied")


def test_gates_are_on_record_before_and_after(do, prod, mona, stan):
    """S134: policy, freeze, window and grants, each with both sides."""
    place = prod.environment
    do(environments.set_policy, place, terms={"required_approvals": 2}, actor=mona)
    do(environments.freeze, place, reason="fair", actor=mona)
    do(environments.unfreeze, place, actor=mona)
    do(
        environments.grant_role,
        place,
        to=stan,
        role=Role.VIEWER,
        actor=mona,
    )

    def sides(event):
        entry = AuditEntry.objects.filter(event=event, actor=mona).latest("pk")
        return entry.before, entry.after

    assert sides("policy.changed") == (
        {"required_approvals": 1},
        {"required_approvals": 2},
    )
    before, after = sides("environment.frozen")
    assert (before, after["reason"]) == (None, "fair")
    before, after = sides("environment.unfrozen")
    assert (before["reason"], after) == ("fair", None)
    assert sides("access.granted") == ([], ["releases.view"])
