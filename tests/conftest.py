"""The place every test happens in, and the people who work there."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

pytest_plugins = [
    "tests.garbage",
    "tests.people",
    "tests.permissions.counting",
    "tests.requirements",
    "tests.services",
]


@pytest.fixture(autouse=True)
def _own_cache() -> Iterator[None]:
    """Leave nothing in the cache: limits and bells are kept there."""
    yield
    cache.clear()
