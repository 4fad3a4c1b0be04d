"""People who leave: tokens, sessions and what they could still do end at once."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from gitopshq.core import departing, tokens
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry, User
from tests import make


@pytest.fixture
def root(db):
    return make.user("root", is_superuser=True, is_staff=True)


def entry():
    return AuditEntry.objects.get(event="user.deactivated")


def test_tokens_and_sessions_end(root, dora, stan):
    """S93: what was derived from a person does not outlive them."""
    robot = make.service_account(of=dora)
    parent, secret = make.token(dora)
    _, child = make.token(dora, parent=parent)
    _, robots = make.token(robot)
    _, strangers = make.token(stan)
    browser, other = Client(), Client()
    browser.force_login(dora)
    other.force_login(stan)

    departing.deactivate_user(dora, actor=root)

    ended = [tokens.authenticate_token(one) for one in (secret, child, robots)]
    assert ended == [None, None, None]
    assert tokens.authenticate_token(strangers) is not None
    assert browser.get("/me").status_code == 302
    assert other.get("/me").status_code == 200
    assert entry().actor == root
    assert entry().data["ended"] == {"votes": 0, "tokens": 3, "sessions": 1}


def test_who_comes_back_starts_anew(root, dora):
    _, secret = make.token(dora)
    browser = Client()
    browser.force_login(dora)
    departing.deactivate_user(dora, actor=root)

    departing.reactivate_user(dora, actor=root)

    assert User.objects.get(pk=dora.pk).is_active
    assert tokens.authenticate_token(secret) is None
    assert browser.get("/me").status_code == 302


def test_superusers_alone_do_it_and_not_to_themselves(root, dora, stan):
    with pytest.raises(NotPermitted, match="superuser"):
        departing.deactivate_user(stan, actor=dora)
    with pytest.raises(departing.OneselfAway):
        departing.deactivate_user(root, actor=root)
    departing.deactivate_user(stan, actor=root)
    with pytest.raises(InvalidState):
        departing.deactivate_user(stan, actor=root)


def test_an_operator_does_it_in_the_admin(root, dora):
    _, secret = make.token(dora)
    client = Client()
    client.force_login(root)
    chosen = {"action": "deactivate", "_selected_action": [dora.pk, root.pk]}

    page = client.post("/admin/core/user/", chosen, follow=True).content.decode()

    assert tokens.authenticate_token(secret) is None
    assert "nobody takes away their own access" in page
    assert User.objects.get(pk=root.pk).is_active

    client.post("/admin/core/user/", {**chosen, "action": "reactivate"})
    assert User.objects.get(pk=dora.pk).is_active


def test_a_staff_member_without_powers_takes_nobody_over(root, dora):
    clerk = make.user("clerk", is_staff=True)
    call = Client()
    call.force_login(clerk)
    for verb in ("change", "password"):
        url = f"/admin/core/user/{root.pk}/{verb}/"
        assert call.post(url, {"is_superuser": "on"}).status_code == 403


def test_the_command_does_it(dora):
    call_command("deactivate_user", "dora")

    assert not User.objects.get(pk=dora.pk).is_active
    for name in ("dora", "nobody"):
        with pytest.raises(CommandError):
            call_command("deactivate_user", name)
