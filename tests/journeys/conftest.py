"""The world of a journey: repositories of its own, and the demo's shop where asked.

Or the whole demo, running, with a browser. Tests that use ``demo`` are marked
``pytest.mark.xdist_group("browse")`` where they look at pages, "walk" where somebody
works: two groups of about one length, for each of which one process starts it once.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import seeded
from tests.journeys.browsing import KEPT_IN, Visitor, chromium, visit
from tests.stack import Stack


@pytest.fixture(autouse=True)
def folder(tmp_path):
    """The data folder of the test: slugs come again, repositories must not."""
    with seeded.own_folder(tmp_path):
        yield tmp_path


@pytest.fixture
def letter(transactional_db, folder):
    """The shop of the demo, as people find it. The letter says how to log in."""
    return seeded.seed(folder)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The whole demo, as a visitor starts it."""
    stack = Stack(tmp_path_factory.mktemp("demo") / "data")
    stack.start("demo")
    yield stack
    code, said = stack.stop()
    assert (code, said) == (0, "stopping\n")


# Not for the session: while it is open, Django sees a running loop in this thread
# and refuses the database to other tests.
@pytest.fixture(scope="module")
def browser(browser_path):
    with chromium(browser_path) as browser:
        yield browser


@pytest.fixture
def welcome(demo, browser, tmp_path):
    """Let people in, each with a window; they leave together."""
    pictures = Path(os.environ.get(KEPT_IN) or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    with ExitStack() as windows:

        def let_in(name: str, **kwargs) -> Visitor:
            return windows.enter_context(
                visit(browser, demo.url, pictures, name, **kwargs)
            )

        yield let_in
