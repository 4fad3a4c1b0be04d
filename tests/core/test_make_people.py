"""The commands by which operators make people and tokens."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from gitopshq.core import tokens
from gitopshq.core.models import AuditEntry, User

PASSWORD = "correct horse battery"


@pytest.fixture
def stdin(monkeypatch):
    def give(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return give


def log_in(name, password=PASSWORD):
    client = Client()
    form = {"login": name, "password": password}
    return client.post("/accounts/login/", form), client


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_whoever_was_made_can_log_in_at_once(stdin, ending, capsys):
    stdin(PASSWORD + ending)

    call_command("create_user", "amir", "--email", "a@example.org", "--password-stdin")
    response, client = log_in("amir")

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert capsys.readouterr().out == ""
    assert not User.objects.get().is_superuser
    assert AuditEntry.objects.get().event == "user.created"
    assert PASSWORD not in str(vars(AuditEntry.objects.get()))


@pytest.mark.django_db
def test_a_wrong_password_does_not_log_in(stdin):
    stdin(PASSWORD)
    call_command("create_user", "amir", "--password-stdin")

    response, client = log_in("amir", "wrong")

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_superuser_may_use_the_admin(stdin):
    stdin(PASSWORD)

    call_command("create_user", "root", "--superuser", "--password-stdin")

    root = User.objects.get()
    assert (root.is_superuser, root.is_staff) == (True, True)


@pytest.mark.django_db
def test_a_weak_password_is_remarked_upon(stdin, capsys):
    stdin("password")

    call_command("create_user", "amir", "--password-stdin")

    assert "too common" in capsys.readouterr().err
    assert log_in("amir", "password")[0].status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["amir", "--password-stdin"], ""),
        (["dora", "--password-stdin"], PASSWORD),
        (["a b", "--password-stdin"], PASSWORD),
        (["amir", "--email", "nonsense", "--password-stdin"], PASSWORD),
        (["amir"], PASSWORD),
    ],
)
def test_who_cannot_be_made_is_not(dora, stdin, arguments, given):
    stdin(given)

    with pytest.raises(CommandError):
        call_command("create_user", *arguments)

    assert User.objects.count() == 1


def test_a_token_stands_alone_on_stdout(dora, shop, capsys):
    call_command(
        *("create_token", "dora", "--name", "ci", "--scope", "read", "git:read"),
        *("--scope", "images:write", "--project", "shop"),
    )

    [secret] = capsys.readouterr().out.splitlines()
    token = tokens.authenticate_token(secret)
    assert token is not None
    assert (token.user, token.project, token.name) == (dora, "shop", "ci")
    assert token.scopes == ["git:read", "images:write", "read"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody", "--name", "ci", "--scope", "read"],
        ["dora", "--name", "", "--scope", "read"],
        ["dora", "--name", "ci", "--scope", "all"],
        ["dora", "--name", "ci"],
        ["dora", "--name", "ci", "--scope", "read", "--project", "nowhere"],
    ],
)
def test_a_token_that_cannot_be_made_prints_nothing(dora, capsys, arguments):
    with pytest.raises(CommandError):
        call_command("create_token", *arguments)

    assert capsys.readouterr().out == ""
