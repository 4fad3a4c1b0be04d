"""One shop for all the tests of a module; every try is undone by itself."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.permissions.world import World, made


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    with django_db_blocker.unblock(), made(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(autouse=True)
def db(world: World) -> None:
    """Stand in for the fixture that gives each test a transaction of its own.

    Its name has the database made; the world's own transaction outlives the test.
    """
