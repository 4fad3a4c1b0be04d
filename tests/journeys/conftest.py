"""The world of a journey: repositories of its own, and the demo's shop where asked."""

import pytest

from tests import seeded


@pytest.fixture(autouse=True)
def folder(tmp_path):
    """The data folder of the test: slugs come again, repositories must not."""
    with seeded.own_folder(tmp_path):
        yield tmp_path


@pytest.fixture
def letter(transactional_db, folder):
    """The shop of the demo, as people find it. The letter says how to log in."""
    return seeded.seed(folder)
