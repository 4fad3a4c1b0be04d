"""Setting and deleting variables."""

import pytest

from environments import actions, capture, secrets
from environments.actions import VariablePlace
from environments.models import Edit, SecretValue, Variable, VariableScope
from environments.permissions import Permission
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/projects/shop/variables"
CANARY = "correct-horse-battery-staple"


@pytest.fixture
def places(shop, prod, api_workload):
    return {
        "repo": VariablePlace(shop, VariableScope.REPO),
        "env": VariablePlace(shop, VariableScope.ENV, environment=prod.environment),
        "tenant": VariablePlace(shop, VariableScope.TENANT, tenant=prod.tenant),
        "svc": VariablePlace(
            shop, VariableScope.SVC, target=prod, workload=api_workload
        ),
    }


BODIES = {
    "repo": {"scope": "repo"},
    "env": {"scope": "env", "environment": "prod"},
    "tenant": {"scope": "tenant", "tenant": "acme"},
    "svc": {
        "scope": "svc",
        "tenant": "acme",
        "environment": "prod",
        "service": "api",
    },
}
SCOPES = list(BODIES)


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("repo", "variables/repo.yaml"),
        ("env", "variables/env/prod.yaml"),
        ("tenant", "variables/tenant/acme.yaml"),
        ("svc", "targets/acme/prod/variables/api.yaml"),
    ],
)
def test_a_variable_is_created_updated_and_deleted(places, dana, scope, path):
    """S24: created, updated, deleted, at any scope, old → new and scope kept."""
    made = actions.set_variable(places[scope], key="KEY", value="1", actor=dana)
    actions.set_variable(places[scope], key="KEY", value="2", actor=dana)
    assert list(Edit.objects.latest("sequence").files) == [path]
    actions.delete_variable(made, actor=dana)

    assert Edit.objects.latest("sequence").files == {path: None}
    entries = AuditEntry.objects.filter(event__startswith="variable.").order_by("pk")
    assert [
        (
            e.event,
            e.data["scope"],
            (e.before or {}).get("value"),
            e.after and e.after["value"],
        )
        for e in entries
    ] == [
        ("variable.created", scope, None, "1"),
        ("variable.changed", scope, "1", "2"),
        ("variable.deleted", scope, "2", None),
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_permission_is_asked_where_the_scope_reaches(places, production, scope):
    person = make.user(may=[Permission.MANAGE_VARIABLES], on=production)

    if scope in {"env", "svc"}:
        actions.set_variable(places[scope], key="KEY", value="1", actor=person)
    else:
        with pytest.raises(NotPermitted, match=r"variables\.manage"):
            actions.set_variable(places[scope], key="KEY", value="1", actor=person)


@pytest.mark.parametrize("key", ["", "1A", "A-B", "A" * 129, "Ä", "A B", "A\n"])
def test_keys_are_checked(places, dana, key):
    with pytest.raises(ValidationError):
        actions.set_variable(places["repo"], key=key, value="1", actor=dana)


@pytest.mark.parametrize(
    "value",
    [
        "a\rb",
        "\x07",
        "\u2028",
        "\ufeff",
        "\ue000",
        "{{hq.var.OTHER}}",
        "{{ hq.var.X }}",
    ],
)
def test_values_are_checked(places, dana, value):
    with pytest.raises(ValidationError) as refused:
        actions.set_variable(places["repo"], key="KEY", value=value, actor=dana)

    assert refused.value.errors[0].pointer == "/value"


def test_a_new_variable_needs_a_value_an_old_one_keeps_it(places, dana):
    with pytest.raises(ValidationError, match="needed"):
        actions.set_variable(places["repo"], key="KEY", value=None, actor=dana)

    actions.set_variable(places["repo"], key="KEY", value="1", actor=dana)
    edits = Edit.objects.count()
    kept = actions.set_variable(
        places["repo"], key="KEY", value=None, description="Why", actor=dana
    )

    assert (kept.value, kept.description) == ("1", "Why")
    # The description is no part of the desired state.
    assert Edit.objects.count() == edits


def test_a_secret_is_sealed_and_stays_one(places, prod, dana):
    made = actions.set_variable(
        places["env"], key="TOKEN", value=CANARY, secret=True, actor=dana
    )
    assert (made.is_secret, made.value) == (True, "")
    (row,) = capture.state_of(prod).variables
    assert (row.value, row.fingerprint) == (None, secrets.fingerprint_of(CANARY))

    changed = actions.set_variable(
        places["env"], key="TOKEN", value=CANARY + "2", actor=dana
    )
    assert changed.is_secret
    assert SecretValue.objects.count() == 2


def test_a_short_secret_is_refused(places, dana):
    with pytest.raises(ValidationError, match="8 characters"):
        actions.set_variable(
            places["repo"], key="TOKEN", value="1234567", secret=True, actor=dana
        )


def test_a_secret_becomes_plain_only_with_a_new_value(places, dana):
    place = places["repo"]
    actions.set_variable(place, key="TOKEN", value=CANARY, secret=True, actor=dana)

    with pytest.raises(ValidationError, match="new value"):
        actions.set_variable(place, key="TOKEN", value=None, secret=False, actor=dana)

    plain = actions.set_variable(
        place, key="TOKEN", value="public", secret=False, actor=dana
    )
    assert (plain.is_secret, plain.value) == (False, "public")


def test_the_same_secret_is_kept_once(places, dana):
    for scope in SCOPES:
        actions.set_variable(
            places[scope], key="TOKEN", value=CANARY, secret=True, actor=dana
        )

    assert SecretValue.objects.count() == 1


def test_a_deleted_secret_is_set_back_by_its_fingerprint(places, prod, dana):
    place = places["env"]
    made = actions.set_variable(
        place, key="TOKEN", value=CANARY, secret=True, actor=dana
    )
    before = capture.state_of(prod)
    actions.delete_variable(made, actor=dana)

    actions.restore_variable(
        place,
        key="TOKEN",
        value=None,
        fingerprint=before.variables[0].fingerprint,
        actor=dana,
    )

    assert capture.state_of(prod).digest == before.digest


def test_places_of_another_project_are_not_there(shop, prod, dana):
    strange = make.tenant(make.project())

    with pytest.raises(NotFound):
        actions.set_variable(
            VariablePlace(shop, VariableScope.TENANT, tenant=strange),
            key="KEY",
            value="1",
            actor=dana,
        )


@pytest.mark.parametrize("scope", SCOPES)
def test_the_api_sets_shows_and_deletes(as_user, places, dana, scope):
    api, body = as_user(dana), {**BODIES[scope], "key": "KEY", "value": " 1\n"}

    made = api.put(URL, body)

    assert made.status_code == 201, made.json()
    named = {"environment": None, "tenant": None, "service": None, **body}
    assert made.json() | named == made.json()
    assert api.put(URL, {**body, "value": "2"}).status_code == 200
    (listed,) = api.get(f"{URL}?scope={scope}&key=KEY").json()["items"]
    assert listed["value"] == "2"
    assert api.get(f"{URL}/{listed['id']}").json() == listed
    assert api.delete(f"{URL}/{listed['id']}").status_code == 204
    assert api.get(URL).json()["items"] == []


def test_the_api_shows_no_secret(as_user, places, dana):
    body = {"scope": "repo", "key": "TOKEN", "value": CANARY, "secret": True}

    made = as_user(dana).put(URL, body)

    assert (made.json()["value"], made.json()["secret"]) == (None, True)
    assert made.json()["masked"].startswith("<secret ")
    assert CANARY not in as_user(dana).get(URL).content.decode()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scope": "env"}, "/environment"),
        ({"scope": "repo", "environment": "prod"}, "/environment"),
        ({"scope": "tenant", "tenant": "acme", "service": "api"}, "/service"),
        ({"scope": "svc", "service": "api", "tenant": "acme"}, "/environment"),
        ({"scope": "galaxy"}, "/scope"),
    ],
)
def test_the_api_wants_what_the_scope_needs(as_user, places, dana, body, pointer):
    answer = as_user(dana).put(URL, {**body, "key": "KEY", "value": "1"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_api_hides_and_refuses(as_user, shop, dev, places, olga, stan, pia):
    for scope in SCOPES:
        body = {**BODIES[scope], "key": "KEY", "value": "1"}
        assert as_user(stan).put(URL, body).status_code == 404
        assert as_user(olga).put(URL, body).status_code == 403
    hidden = actions.set_variable(
        VariablePlace(shop, VariableScope.ENV, environment=dev.environment),
        key="HIDDEN",
        value="1",
        actor=None,
    )
    actions.set_variable(places["env"], key="SEEN", value="1", actor=None)

    items = as_user(pia).get(URL).json()["items"]

    assert [item["key"] for item in items] == ["SEEN"]
    assert as_user(pia).get(f"{URL}/{hidden.pk}").status_code == 404
    assert as_user(pia).delete(f"{URL}/{hidden.pk}").status_code == 404
    assert Variable.objects.filter(pk=hidden.pk).exists()
