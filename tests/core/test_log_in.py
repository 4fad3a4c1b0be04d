"""Logging in, throttled, also while the broker is away."""

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gitopshq.core.models import ServiceAccount, User
from tests import make

NOWHERE = {
    "default": {
        "BACKEND": "gitopshq.core.caching.DegradingCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}
PASSWORD = "correct horse battery staple"


@pytest.fixture
def without_broker(settings, db):
    settings.CACHES = NOWHERE
    # Other tests count in the same process.
    cache.clear()
    make.user("lena", password=PASSWORD)


def log_in(password):
    return Client().post(
        "/accounts/login/", {"login": "lena", "password": password}, REMOTE_ADDR="::7"
    )


def test_one_logs_in_while_the_broker_is_away(without_broker):
    """S106: the way in is the same whatever else is down."""
    assert log_in(PASSWORD).status_code == 302


def test_guessing_is_throttled_while_the_broker_is_away(without_broker):
    answers = [log_in("guess").status_code for _ in range(7)]

    assert answers[0] == 200
    assert "Too many failed login attempts" in log_in(PASSWORD).content.decode()


def test_who_left_does_not_log_in(without_broker):
    User.objects.update(is_active=False)

    assert log_in(PASSWORD)["Location"] == "/accounts/inactive/"


def test_a_session_brings_the_account_that_one_is(without_broker, rf):
    """Every right depends on it: it would be the next thing asked."""
    lena = User.objects.get()
    ServiceAccount.objects.create(user=lena, owner=make.user("omar"))
    client = Client()
    client.post("/accounts/login/", {"login": "lena", "password": PASSWORD})
    request = rf.get("/")
    request.session = client.session
    user = get_user(request)

    with CaptureQueriesContext(connection) as asked:
        assert user.service_account.owner.username == "omar"

    assert len(asked) == 0
