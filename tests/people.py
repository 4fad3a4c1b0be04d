"""The shop that most tests play in: its places, its people, and how they act.

Fixtures of every test; a folder that needs another shop names its own the same way.
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from environments.models import Project, TenantEnvironment
from environments.permissions import Role
from gitopshq.core.models import User
from tests import make

Do = Callable[..., Any]


@pytest.fixture
def shop(db: None) -> Project:
    return make.project("shop")


@pytest.fixture
def dev(shop: Project) -> TenantEnvironment:
    """Needs no approval."""
    return make.target(shop, environment="dev")


@pytest.fixture
def mona(shop: Project) -> User:
    """Maintains the shop."""
    return make.user("mona", role=Role.MAINTAINER, on=shop)


@pytest.fixture
def dana(shop: Project) -> User:
    """Develops the whole shop."""
    return make.user("dana", role=Role.DEVELOPER, on=shop)


@pytest.fixture
def alice(shop: Project) -> User:
    """Makes releases."""
    return make.user("alice", role=Role.DEVELOPER, on=shop)


@pytest.fixture
def bob(shop: Project) -> User:
    """Approves them."""
    return make.user("bob", role=Role.APPROVER, on=shop)


@pytest.fixture
def cleo(shop: Project) -> User:
    """Approves as well."""
    return make.user("cleo", role=Role.APPROVER, on=shop)


@pytest.fixture
def dora(shop: Project) -> User:
    """Deploys them."""
    return make.user("dora", role=Role.DEPLOYER, on=shop)


@pytest.fixture
def olga(shop: Project) -> User:
    """Looks on."""
    return make.user("olga", role=Role.VIEWER, on=shop)


@pytest.fixture
def stan(db: None) -> User:
    """A stranger."""
    return make.user("stan")


@pytest.fixture
def do(django_capture_on_commit_callbacks) -> Do:
    """Act, and let everything that waits for the commit happen."""

    def act(action: Do, *args: Any, **kwargs: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return action(*args, **kwargs)

    return act


@pytest.fixture
def own_repositories(settings, tmp_path) -> None:
    """Give a test repositories of its own: project slugs come again."""
    tools = settings.DATA_DIR / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "tools").symlink_to(tools)


def signed_in(person: User) -> APIClient:
    """A client of a person who is signed in."""
    client = APIClient(raise_request_exception=False)
    client.force_login(person)
    return client


def with_token(owner: User, **token: Any) -> APIClient:
    """A client that sends a token of *owner*."""
    _, secret = make.token(owner, **token)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
