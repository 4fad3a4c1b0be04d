"""Who calls the API, and how far a token reaches."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from gitopshq.core.models import ApiToken, ServiceAccount, TokenScope
from tests import make
from tests.core.conftest import client_of

pytestmark = pytest.mark.usefixtures("small_api")


def test_a_token_speaks_for_its_owner(api):
    response = api.get("/api/v1/whoami")

    assert response.json() == {"actor": "dora", "isToken": True}


def test_a_session_speaks_for_whoever_signed_in(dora):
    client = Client()
    client.force_login(dora)

    assert client.get("/api/v1/whoami").json() == {"actor": "dora", "isToken": False}


def test_a_session_needs_the_csrf_token_to_write(dora):
    """A form of another site moves nothing."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(dora)
    body = {"title": "hello"}
    kind = "application/json"

    without = client.post("/api/v1/notes", body, content_type=kind)
    client.get("/accounts/logout/")
    csrf = client.cookies["csrftoken"].value
    headers = {"X-CSRFToken": csrf}
    with_it = client.post("/api/v1/notes", body, content_type=kind, headers=headers)

    assert (without.status_code, without.json()["code"]) == (403, "permission_denied")
    assert with_it.status_code == 201


@pytest.mark.parametrize(
    "header",
    ["Bearer ", "Bearer gohq_no", "Bearer gohq_" + "a" * 43, "bearer x y", "Bearer é"],
)
def test_what_is_no_token_is_refused(db, header):
    response = APIClient().get("/api/v1/whoami", HTTP_AUTHORIZATION=header)

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


def test_a_bad_token_beside_a_session_is_refused(dora):
    client = Client()
    client.force_login(dora)

    response = client.get("/api/v1/whoami", headers={"Authorization": "Bearer gohq_x"})

    assert response.status_code == 401


def test_a_token_ends_with_its_time_its_revocation_and_its_owner(dora):
    soon = timezone.now() + timedelta(minutes=1)
    client = client_of(dora, expires_at=soon)
    token = ApiToken.objects.get()
    assert client.get("/api/v1/whoami").status_code == 200

    for change in (
        {"expires_at": timezone.now()},
        {"expires_at": None, "revoked_at": timezone.now()},
    ):
        ApiToken.objects.filter(pk=token.pk).update(**change)
        assert client.get("/api/v1/whoami").status_code == 401
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=None)
    assert client.get("/api/v1/whoami").status_code == 200
    dora.is_active = False
    dora.save()

    assert client.get("/api/v1/whoami").status_code == 401


def test_the_token_of_a_robot_ends_with_the_robots_owner(dora):
    robot = make.user("robot")
    ServiceAccount.objects.create(user=robot, owner=dora)
    client = client_of(robot)
    assert client.get("/api/v1/whoami").status_code == 200

    dora.is_active = False
    dora.save()

    assert client.get("/api/v1/whoami").status_code == 401


def test_the_use_of_a_token_is_noted_once_a_minute(dora, time_machine):
    client = client_of(dora)
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    seen = []

    for seconds in (0, 30, 59, 61):
        time_machine.move_to(start + timedelta(seconds=seconds), tick=False)
        client.get("/api/v1/whoami")
        used_at = ApiToken.objects.get().last_used_at
        assert used_at is not None
        seen.append((used_at - start).total_seconds())

    assert seen == [0, 0, 0, 61]


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["read"], {"get"}),
        (["config:write"], {"post"}),
        (["read", "config:write"], {"get", "post"}),
        (["releases:write"], {"delete"}),
        (["git:read"], set()),
        (["images:write", "releases:deploy"], set()),
        (["admin"], {"get", "post", "delete"}),
    ],
)
def test_a_token_does_what_its_scopes_say(dora, scopes, allowed):
    client = client_of(dora, scopes=scopes)
    note = make.notification(dora)

    answers = {
        "get": client.get("/api/v1/notes"),
        "post": client.post("/api/v1/notes", {"title": "hello"}, format="json"),
        "delete": client.delete(f"/api/v1/notes/{note.pk}"),
    }

    assert {name for name, got in answers.items() if got.status_code < 400} == allowed
    for got in answers.values():
        if got.status_code >= 400:
            assert got.json()["code"] == "permission_denied"


def test_a_view_without_a_scope_is_for_admin_tokens_alone(dora):
    every_other = [scope for scope in TokenScope.values if scope != "admin"]

    assert client_of(dora, scopes=every_other).post("/api/v1/secret").status_code == 403
    assert client_of(dora, scopes=["admin"]).post("/api/v1/secret").status_code == 201


@pytest.mark.usefixtures("any_project")
def test_a_token_of_one_project_sees_no_other(dora):
    client = client_of(dora, project="shop")

    assert client.get("/api/v1/projects/shop").json()["only"] == "shop"
    for elsewhere in ("/api/v1/projects/bank", "/api/v1/notes", "/api/v1/whoami"):
        assert client.get(elsewhere).status_code == 404
    assert client.get("/api/v1/everywhere").json() == {"only": "shop"}
    assert client.post("/api/v1/everywhere").status_code == 404


def test_a_token_of_no_project_sees_all(dora):
    client = client_of(dora, scopes=["read"])

    assert client.get("/api/v1/projects/bank").json() == {"project": "bank", "only": ""}
