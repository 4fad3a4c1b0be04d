"""Packs are joined when they are many, and every object stays."""

import pytest

from delivery import mirroring, upkeep
from delivery.git import maintenance
from delivery.repositories import repositories_of
from tests.delivery.conftest import CONFIG, git

pytestmark = pytest.mark.django_db


def test_many_packs_become_few_and_nothing_is_lost(shop, put, monkeypatch):
    monkeypatch.setattr(maintenance, "MAX_PACKS", 3)
    monkeypatch.setattr(
        maintenance.repack, "__kwdefaults__", {"beyond": 3, "timeout_seconds": 600}
    )
    for number in range(6):
        put(CONFIG.format(name="flags", value=number))
    source = repositories_of(shop).source

    mirroring.mirror(project_id=shop.pk)

    assert not upkeep.needs_tidying(shop)
    assert maintenance.pack_count(source) <= 3
    assert git(source, "fsck", "--no-dangling") == ""
    assert len(git(source, "log", "--format=%H", "source").splitlines()) > 6
