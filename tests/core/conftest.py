"""Callers of the tiny API."""

import pytest
from rest_framework.test import APIClient

from gitopshq.core import ports
from gitopshq.core.models import User
from tests import make
from tests.core import views


@pytest.fixture
def small_api(settings: object) -> None:
    """The URLconf of ``tests.core.views`` instead of the product's."""
    settings.ROOT_URLCONF = "tests.core.views"
    views.tried["times"] = 0
    views.NoteList.calls = 0


@pytest.fixture
def dora(db: None) -> User:
    """Deploys."""
    return make.user("dora")


@pytest.fixture
def stan(db: None) -> User:
    """A stranger."""
    return make.user("stan")


@pytest.fixture
def any_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every project is there: what is asked about is the token."""
    monkeypatch.setattr(ports, "_project_exists", bool)


@pytest.fixture
def api(small_api: None, dora: User) -> APIClient:
    """Dora, with a token that may everything she may."""
    return client_of(dora)


def client_of(owner: User, **token: object) -> APIClient:
    """A client that sends a token of *owner*."""
    _, secret = make.token(owner, **token)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
