"""The demo's shop, seeded once for all tests of this folder.

They are marked ``pytest.mark.xdist_group("demo")``, so that one worker takes them all.
"""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from environments.models import Project
from gitopshq.core.models import AuditEntry
from gitopshq.demo import story
from tests import seeded, tenfold
from tests.journeys.pages import PAGES


class BrokenOff(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.fixture(scope="package")
def letter(django_db_setup, django_db_blocker, tmp_path_factory):
    """The shop, seeded in two goes: the first one is broken off in the middle."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), seeded.own_folder(folder):
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(story, "_prepare_sale", broken_off)
                with pytest.raises(BrokenOff):
                    seeded.seed(folder)
            yield seeded.seed(folder)
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def pages(letter, db):
    """Who opens which pages; the first entry of the trail at the number it has here."""
    # Numbers go on where an earlier test stopped.
    entry = AuditEntry.objects.earliest("pk").pk
    return {
        who: [f"/audit/{entry}" if path == "/audit/1" else path for path in paths]
        for who, paths in PAGES.items()
    }


@pytest.fixture
def ten_shops(letter, db, tmp_path, monkeypatch):
    """The shop with ten times the tenants, for one test; repositories are its own."""
    shutil.copytree(Path(settings.DATA_DIR) / "repositories", tmp_path / "repositories")
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with seeded.own_folder(tmp_path):
        tenfold.multiply(Project.objects.get(slug="shop"))
        yield


def broken_off(*_):
    raise BrokenOff
