"""Warm children serve one process and one folder of engines."""

from pathlib import Path

from delivery import rendering_children


def test_another_data_folder_has_children_of_its_own(settings, tmp_path):
    here = rendering_children._pool()
    own = settings.DATA_DIR

    settings.DATA_DIR = tmp_path / "elsewhere"
    there = rendering_children._pool()
    settings.DATA_DIR = Path(own)

    assert there is not here
    assert rendering_children._pool() is here


def test_a_copy_from_before_a_fork_is_left_alone(monkeypatch):
    here = rendering_children._pool()
    pid = rendering_children.os.getpid()
    monkeypatch.setattr(rendering_children.os, "getpid", lambda: pid + 1)

    forked = rendering_children._pool()

    assert forked is not here
    assert {owner for owner, _ in rendering_children._pools} == {pid + 1}
