"""Tokens: a secret shown once, scopes that never widen, an end for good."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from guardian.shortcuts import assign_perm

from environments.permissions import Permission
from gitopshq.core import errors, tokens
from gitopshq.core.models import ApiToken, AuditEntry
from tests import make
from tests.core.conftest import client_of

PATH = "/api/v1/tokens"


@pytest.fixture
def session(dora):
    client = Client()
    client.force_login(dora)
    return client


def post(client, **body):
    body = {"name": "ci", "scopes": ["read"], **body}
    return client.post(PATH, body, content_type="application/json")


def test_the_secret_is_in_the_first_answer_alone(session, dora):
    made = post(session, expiresAt="2199-01-01T00:00:00Z").json()

    [listed] = session.get(PATH).json()["items"]
    shown = session.get(f"{PATH}/{made['id']}").json()

    assert made["token"].startswith("gohq_")
    token = tokens.authenticate_token(made["token"])
    assert token is not None
    assert token.user == dora
    assert made == {**listed, "token": made["token"], "lastUsedAt": None}
    assert {**listed, "lastUsedAt": shown["lastUsedAt"]} == shown
    assert set(listed) == {
        *("id", "name", "prefix", "scopes", "project"),
        *("createdAt", "expiresAt", "lastUsedAt"),
    }


def test_the_secret_is_nowhere_in_the_database(session):
    secret = post(session).json()["token"]

    token = ApiToken.objects.get()
    assert secret not in str(vars(token))
    assert token.digest != secret
    assert len(token.prefix) < len(secret) / 3
    [entry] = AuditEntry.objects.filter(event="token.issued")
    assert secret not in str(vars(entry))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["all"]}, "/scopes/0"),
        ({"scopes": "read"}, "/scopes"),
        ({"name": ""}, "/name"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "/expiresAt"),
        ({"user": "stan"}, "/user"),
        ({"prefix": "gohq_"}, "/prefix"),
    ],
)
def test_a_wrong_token_is_refused(session, body, pointer):
    response = post(session, **body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone_at_once(session):
    made = post(session).json()

    answer = session.delete(f"{PATH}/{made['id']}")

    assert answer.status_code == 204
    assert tokens.authenticate_token(made["token"]) is None
    assert session.get(PATH).json()["items"] == []
    assert session.delete(f"{PATH}/{made['id']}").status_code == 404
    assert AuditEntry.objects.filter(event="token.revoked").count() == 1


def test_the_tokens_of_others_are_not_there(session, stan):
    token, _ = make.token(stan)

    assert session.get(PATH).json()["items"] == []
    assert session.get(f"{PATH}/{token.pk}").status_code == 404
    assert session.delete(f"{PATH}/{token.pk}").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_only_an_admin_token_makes_tokens(dora):
    body = {"name": "child", "scopes": ["read"]}

    for scopes, status in ((["read", "config:write"], 403), (["admin"], 201)):
        client = client_of(dora, scopes=scopes)
        assert client.post(PATH, body, format="json").status_code == status


def test_a_token_ends_no_later_than_the_one_that_asked_for_it(dora):
    soon = timezone.now() + timedelta(hours=1)
    client = client_of(dora, expires_at=soon)
    body = {"name": "child", "scopes": ["read"], "expiresAt": "2199-01-01T00:00:00Z"}

    made = client.post(PATH, body, format="json").json()

    assert ApiToken.objects.get(pk=made["id"]).expires_at == soon
    tokens.revoke_token(ApiToken.objects.get(parent=None), actor=dora)
    assert tokens.authenticate_token(made["token"]) is None


def test_a_token_of_a_project_makes_none_elsewhere(dora, shop):
    client = client_of(dora, project="shop")
    body = {"name": "child", "scopes": ["read"]}

    assert client.post(PATH, body, format="json").status_code == 404
    assert [token["project"] for token in client.get(PATH).json()["items"]] == ["shop"]


def test_a_child_is_never_broader(dora, shop):
    parent, _ = make.token(dora, scopes=["read"], project="shop")
    for scopes, project in ((["read", "admin"], "shop"), (["read"], "")):
        with pytest.raises(tokens.TokenTooBroad):
            tokens.issue_token(
                dora,
                name="child",
                scopes=scopes,
                project=project,
                actor=dora,
                parent=parent,
            )


def test_a_token_is_revoked_once(dora):
    token, _ = make.token(dora)
    tokens.revoke_token(token, actor=dora)

    with pytest.raises(errors.InvalidState, match="token cannot be revoked"):
        tokens.revoke_token(token, actor=dora)


def test_a_token_is_for_a_project_that_its_owner_sees(dora, shop):
    client = client_of(dora)
    for project in ("shop", "nowhere"):
        body = {"name": "ci", "scopes": ["read"], "project": project}
        answer = client.post(PATH, body, format="json")

        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/project"
        assert error["detail"] == f"there is no project {project}"

    assign_perm(Permission.VIEW_RELEASE.codename, dora, shop)
    body = {"name": "ci", "scopes": ["read"], "project": "shop"}
    assert client.post(PATH, body, format="json").status_code == 201


@pytest.mark.parametrize("year", ["9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"])
def test_an_end_that_some_clock_cannot_show_is_refused(session, year):
    refused = post(session, expiresAt=year)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/expiresAt"
