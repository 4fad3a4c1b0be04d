"""The demo's shop in the database of the tests, for those who need a whole world."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from gitopshq.demo import seeding

BASE_URL = "http://127.0.0.1:8000"


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """Keep repositories in *folder*; the unpacked tools stay where they are."""
    tools = Path(settings.DATA_DIR) / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    (folder / "tools").symlink_to(tools)
    with override_settings(DATA_DIR=folder):
        yield folder


def seed(folder: Path) -> str:
    """Seed the demo and return its letter; a task runs where it is called."""
    return seeding.seed(BASE_URL, folder)
