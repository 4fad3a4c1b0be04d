from pathlib import Path

import pytest
from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import RawObjectID
from dulwich.pack import write_pack_index_v2

from delivery.git import maintenance, publishing, refs, repository, trees
from delivery.git.locks import LockNotHeld, lock
from delivery.git.objects import Holdings
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make


def test_packs_are_joined_beyond_a_number(
    project: ProjectRepositories, main: Repository
) -> None:
    for turn in range(8):
        make.advance(main, {f"t/e/{turn}.yaml": b"a: 1\n"})
    before = maintenance.pack_count(project.main)

    with lock(project.main):
        done = [maintenance.repack(project.main, beyond=n) for n in (9, 8)]

    assert before == 9
    assert done == [False, True]
    assert maintenance.pack_count(project.main) < before
    assert maintenance.fsck(project.main) == []
    tip = make.advance(main, {"t/e/last.yaml": b"a: 1\n"})
    assert len(trees.list_files(main, main.tree_of(tip))) == 9


def test_a_commit_on_its_way_survives(
    project: ProjectRepositories, main: Repository, renderings: Repository
) -> None:
    tip = make.advance(main, {"t/e/a.yaml": b"a: 1\n"})
    with lock(project.renderings):
        new = make.commit_edits(renderings, tip, {"t/e/b.yaml": b"b: 1\n"})
        for turn in range(5):
            make.commit_edits(renderings, tip, {"t/e/b.yaml": f"b: {turn}\n".encode()})

    make.repacked(project.renderings)

    with Repository(project.renderings) as opened_later:
        for reader in (renderings, opened_later):
            found = trees.list_files(reader, reader.tree_of(new))
            assert found.keys() == {"t/e/a.yaml", "t/e/b.yaml"}
    assert refs.tip(renderings, "main") == tip


def test_a_repository_that_holds_little_of_its_own_is_repacked(
    project: ProjectRepositories,
) -> None:
    make.repacked(project.source)

    assert make.git("fsck", "--strict", cwd=project.source) == ""


def test_repacking_needs_the_lock(project: ProjectRepositories) -> None:
    with pytest.raises(LockNotHeld):
        maintenance.repack(project.main, beyond=0)


def test_damage_is_named(project: ProjectRepositories, main: Repository) -> None:
    make.advance(main, {"t/e/a.yaml": b"a: 1\n"})
    for pack in (project.main / "objects/pack").glob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:-30] + bytes(30))

    assert maintenance.fsck(project.main) != []


def test_joining_drops_nothing_that_a_lender_holds_too(
    project: ProjectRepositories, main: Repository, renderings: Repository
) -> None:
    """What was published stays in the renderings, should the served copy be lost."""
    for turn in range(4):
        tip = refs.tip(main, "main")
        with lock(project.renderings):
            new = make.commit_edits(renderings, tip, {f"t/e/{turn}.yaml": b"a: 1\n"})
        with lock(project.main):
            assert publishing.publish(renderings, main, "main", old=tip, new=new)
    make.repacked(project.renderings)

    with Repository(project.renderings) as later:
        held = Holdings(later)
        for commit in refs.first_parents(main, refs.tip(main, "main")):
            assert not commit.parents or commit.id in held
    assert maintenance.pack_count(project.renderings) == 1
    assert not (project.renderings / "gitopshq-repack").exists()


def test_what_no_branch_reaches_can_be_taken_out(
    project: ProjectRepositories, main: Repository
) -> None:
    tip = make.advance(main, {"t/e/a.yaml": b"a: 1\n"})
    with lock(project.main):
        stray = make.commit_edits(main, tip, {"t/e/b.yaml": b"b: 1\n"})
    assert any(stray in line for line in maintenance.fsck(project.main))

    with lock(project.main):
        maintenance.drop_unreachable(project.main)

    assert maintenance.fsck(project.main) == []
    with Repository(project.main) as later:
        assert not later.holds(stray)
        assert trees.list_files(later, later.tree_of(tip)).keys() == {"t/e/a.yaml"}


def test_an_id_across_two_others_is_no_object(tmp_path: Path) -> None:
    """Ids lie one behind another in an index; only a whole one counts."""
    ids = [bytes([7]) * 10 + bytes([8]) * 10, bytes([7]) * 11 + bytes([9]) * 9]
    path = tmp_path / "pack.idx"
    with path.open("wb") as file:
        rows = [(RawObjectID(one), at, 0) for at, one in enumerate(ids)]
        write_pack_index_v2(file, rows, bytes(20))
    index = repository._Index(path, DEFAULT_OBJECT_FORMAT)

    assert [index.object_offset(RawObjectID(one)) for one in ids] == [0, 1]
    for absent in (ids[0][13:] + ids[1][:13], bytes(20), bytes([255]) * 20):
        with pytest.raises(KeyError):
            index.object_offset(RawObjectID(absent))
    index.close()
