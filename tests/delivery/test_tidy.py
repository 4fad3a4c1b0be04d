"""Packs are joined when they are many, every object stays, and leftovers go."""

import os

import pytest

from delivery import mirroring, source_mirror, tasks, upkeep
from delivery.git import maintenance
from delivery.repositories import repositories_of
from tests import make
from tests.delivery.conftest import CONFIG, git

pytestmark = pytest.mark.django_db


def test_many_packs_become_few_and_nothing_is_lost(shop, put, monkeypatch):
    monkeypatch.setattr(maintenance, "MAX_PACKS", 3)
    monkeypatch.setattr(
        maintenance.repack, "__kwdefaults__", {"beyond": 3, "timeout_seconds": 600}
    )
    source = repositories_of(shop).source
    for number in range(6):
        put(CONFIG.format(name="flags", value=number))
        source_mirror.catch_up(shop)
    assert maintenance.pack_count(source) > 3
    put(CONFIG.format(name="flags", value="last"))

    mirroring.mirror(project_id=shop.pk)

    assert not upkeep.needs_tidying(shop)
    assert maintenance.pack_count(source) <= 3
    assert git(source, "fsck", "--no-dangling") == ""
    assert len(git(source, "log", "--format=%H", "source").splitlines()) > 6


def test_the_sweep_finds_what_no_bell_rang_for(shop, put, monkeypatch):
    """Each hour: packs whose bell was lost, and what killed writers left."""
    make.project("empty")
    for number in range(4):
        put(CONFIG.format(name="flags", value=number))
        mirroring.mirror_all()
    places = repositories_of(shop)
    left = places.main / "HEAD.lock"
    left.write_bytes(b"")
    os.utime(left, (1, 1))
    assert maintenance.pack_count(places.source) > 3
    monkeypatch.setattr(maintenance, "MAX_PACKS", 3)
    monkeypatch.setattr(
        maintenance.repack, "__kwdefaults__", {"beyond": 3, "timeout_seconds": 600}
    )

    tasks.tidy_all()

    assert not left.exists()
    assert maintenance.pack_count(places.source) <= 3
    assert not (places.folder.parent / "empty").exists(), "nothing is made in passing"
