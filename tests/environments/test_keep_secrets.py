"""Secrets stay sealed: a canary is looked for in everything that is kept or shown."""

from pathlib import Path

import pytest
from django.apps import apps

from environments import actions, secrets
from environments.actions import VariablePlace
from environments.desired import sealing
from environments.models import InstallationKey, SecretValue, VariableScope

CANARY = "canary-4cf1b1e2-sings"


@pytest.fixture
def place(shop):
    return VariablePlace(shop, VariableScope.REPO)


@pytest.fixture
def sealed(place):
    actions.set_variable(
        place, key="TOKEN", value=CANARY, secret=True, actor=None, message="Set it"
    )
    return SecretValue.objects.get()


def opened(row):
    return sealing.open_sealed(
        row.sealed,
        key_ring=secrets.key_ring(),
        purpose=secrets.PURPOSE,
        bound_to=row.fingerprint,
    )


def test_no_row_of_the_database_holds_a_secret(sealed, place):
    row = actions.set_variable(place, key="TOKEN", value=CANARY + "!", actor=None)
    actions.delete_variable(row, actor=None)

    held = [
        f"{model._meta.label} {row}"
        for model in apps.get_models()
        for row in model._base_manager.values()
        if CANARY in repr(row)
    ]

    assert held == []


def test_no_door_shows_a_secret(as_user, sealed, prod, mona):
    client = as_user(mona)
    doors = [
        "/api/v1/projects/shop/variables",
        "/api/v1/projects/shop/targets/acme/prod/variables",
        "/api/v1/projects/shop/targets/acme/prod/variables/TOKEN",
        "/api/v1/audit",
    ]

    for door in doors:
        answer = client.get(door)
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode()


def test_a_refusal_does_not_repeat_the_secret(as_user, shop, mona):
    body = {
        "scope": "repo",
        "key": "TOKEN",
        "value": CANARY + "\u2028",
        "secret": True,
    }

    answer = as_user(mona).put("/api/v1/projects/shop/variables", body)

    assert answer.status_code == 422
    assert CANARY not in answer.content.decode()


def test_a_sealed_value_opens_for_its_fingerprint_alone(sealed):
    assert opened(sealed) == CANARY
    assert sealed.fingerprint == secrets.fingerprint_of(CANARY)
    assert secrets.sealed_values([sealed.fingerprint, "0" * 64]) == {
        sealed.fingerprint: sealed.sealed
    }

    moved = SecretValue(fingerprint="0" * 64, sealed=sealed.sealed)
    with pytest.raises(sealing.CannotOpen):
        opened(moved)


def test_the_fingerprint_key_is_made_once_and_sealed(sealed):
    first = secrets.fingerprint_of("same")

    assert secrets.fingerprint_of("same") == first
    assert InstallationKey.objects.count() == 1


def test_the_web_process_opens_no_secret():
    """The one module that opens secrets of variables for use is the child's."""
    root = Path(secrets.__file__).parent
    users = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "open_sealed(" in path.read_text()
    }

    assert users == {"secrets.py", "desired/sealing.py"}
