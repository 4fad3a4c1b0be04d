"""The admin: people and groups with a trail, everything else to look at."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from gitopshq.core.models import ApiToken, AuditEntry, User
from gitopshq.core.tasks import note_beat
from tests import make


@pytest.fixture
def root(db):
    return make.user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def client(root):
    client = Client()
    client.force_login(root)
    return client


def test_one_logs_in_through_the_product(db):
    response = Client().get("/admin/login/?next=/admin/")

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_whoever_is_no_operator_is_refused(dora):
    client = Client()
    client.force_login(dora)

    assert client.get("/admin/login/").status_code == 403


@pytest.mark.parametrize(
    "name",
    ["user", "serviceaccount", "apitoken", "auditentry", "notification", "delivery"],
)
def test_every_list_is_shown(client, root, name):
    make.token(root)
    make.notification(root)

    assert client.get(f"/admin/core/{name}/").status_code == 200


@pytest.mark.parametrize("name", ["apitoken", "auditentry", "notification"])
def test_records_are_not_made_changed_or_deleted(client, root, name):
    make.token(root)
    make.notification(root)
    row = apps.get_model("core", name)._default_manager.get()

    assert client.get(f"/admin/core/{name}/add/").status_code == 403
    assert client.post(f"/admin/core/{name}/{row.pk}/delete/").status_code == 403
    change = f"/admin/core/{name}/{row.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, {}).status_code == 403


def test_a_person_is_not_deleted(client, dora):
    assert client.post(f"/admin/core/user/{dora.pk}/delete/").status_code == 403


def form_of(person, **changed):
    fields = {
        "username": person.username,
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        "theme": person.theme,
        "time_zone": person.time_zone,
        "is_active": "on",
        **changed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_what_is_changed_is_an_entry(client, dora, root):
    form = form_of(dora, is_staff="on")

    response = client.post(f"/admin/core/user/{dora.pk}/change/", form)

    assert response.status_code == 302
    assert User.objects.get(pk=dora.pk).is_staff
    [entry] = AuditEntry.objects.all()
    assert (entry.event, entry.actor) == ("user.changed", root)
    assert "Staff status" in str(entry.data)


def test_a_new_password_is_an_entry_without_its_words(client, dora):
    words = "entirely new words"
    form = {"password1": words, "password2": words, "usable_password": "true"}

    response = client.post(f"/admin/core/user/{dora.pk}/password/", form)

    assert response.status_code == 302
    assert User.objects.get(pk=dora.pk).check_password(words)
    [entry] = AuditEntry.objects.all()
    assert words not in str(vars(entry))


def test_nobody_changes_their_own_powers(client, root):
    group = Group.objects.create(name="team")
    form = form_of(root, groups=[group.pk], is_superuser=None)

    response = client.post(f"/admin/core/user/{root.pk}/change/", form)

    assert response.status_code == 302
    after = User.objects.get(pk=root.pk)
    assert after.is_superuser
    assert not after.groups.exists()


def test_nobody_changes_what_their_own_group_may(client, root):
    group = Group.objects.create(name="team")
    root.groups.add(group)

    page = client.get(f"/admin/auth/group/{group.pk}/change/").content.decode()

    assert 'name="permissions"' not in page


def test_tokens_are_revoked_from_the_list(client, root, dora):
    token, _ = make.token(dora)
    chosen = {"action": "revoke", "_selected_action": [token.pk]}

    client.post("/admin/core/apitoken/", chosen)

    assert ApiToken.objects.get().revoked_at is not None
    assert AuditEntry.objects.get(event="token.revoked").actor == root


def test_the_digest_of_a_token_is_not_shown(client, dora):
    token, _ = make.token(dora)

    page = client.get(f"/admin/core/apitoken/{token.pk}/change/").content.decode()

    assert token.digest not in page


def test_operators_see_how_the_installation_is(client, settings, dora):
    """X2: versions, jobs, disk, keys; nothing secret, and for nobody else."""
    settings.REDIS_URL = "redis://hq:hunter2@nowhere.invalid:6379/0"
    assert "<td>unknown</td>" in client.get("/admin/system").content.decode()
    note_beat()
    page = client.get("/admin/system").content.decode()

    assert "<td>unknown</td>" not in page
    for said in ("Django", "all applied", "Deploys", "unreachable", "Sealed values"):
        assert said in page
    assert "redis://•••@nowhere.invalid:6379/0" in page
    assert "hunter2" not in page
    assert f">{settings.SECRET_KEY}<" not in page
    assert str(settings.ENCRYPTION_KEYS) not in page
    assert Client().get("/admin/system").status_code == 302
    other = Client()
    other.force_login(dora)
    assert other.get("/admin/system").status_code == 404


def test_the_admin_has_a_word_for_many_of_everything():
    plurals = [str(model._meta.verbose_name_plural) for model in admin.site._registry]

    assert "deliveries" in plurals
    assert [word for word in plurals if re.search(r"[^aeiou]ys$|sss$", word)] == []
