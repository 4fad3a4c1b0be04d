"""Publishing: only what lacks is copied, nothing is left when it does not happen."""

import multiprocessing
from pathlib import Path

import pytest
from dulwich.objects import Blob, Tree

from delivery.git import commits, objects, packs, publishing, refs, trees
from delivery.git.ids import to_git
from delivery.git.locks import LockNotHeld, lock
from delivery.git.maintenance import fsck, pack_count
from delivery.git.objects import CorruptObject, Holdings
from delivery.git.packs import copy_missing, write_pack
from delivery.git.project import ProjectRepositories
from delivery.git.repository import Repository
from tests.git import make, writers

MOMENTS = {
    "before the note": False,
    "before the objects": False,
    "before the ref": False,
    "after the ref": True,
    "before the note goes": True,
}


def built(renderings: Repository, main: Repository, path: str = "t/e/a.yaml") -> str:
    tip = refs.tip(main, "main")
    with lock(renderings.path):
        return make.commit_edits(renderings, tip, {path: b"a: 1\n"})


def test_publishing_copies_only_what_lacks(
    main: Repository, renderings: Repository
) -> None:
    make.advance(main, {"t/e/a.yaml": b"a: 1\n", "other/e/b.yaml": b"b: 1\n"})
    tip = refs.tip(main, "main")
    with lock(renderings.path):
        new = make.commit_edits(renderings, tip, {"t/e/c.yaml": b"c: 1\n"})

    lacking = objects.missing_objects(renderings, main, [new])
    with lock(main.path):
        moved = publishing.publish(renderings, main, "main", old=tip, new=new)

    assert sorted(found.type_name for found in lacking) == [
        *(b"blob", b"commit", b"tree", b"tree", b"tree")
    ]
    assert moved
    assert refs.tip(main, "main") == new
    assert trees.list_files(main, main.tree_of(new)).keys() == {
        *("other/e/b.yaml", "t/e/a.yaml", "t/e/c.yaml")
    }
    assert fsck(main.path) == []


def test_a_lost_race_copies_nothing(main: Repository, renderings: Repository) -> None:
    """S76: another writer was faster; building again on the new tip succeeds."""
    old = refs.tip(main, "main")
    new = built(renderings, main)
    make.advance(main, {"other/e/b.yaml": b"b: 1\n"})

    with lock(main.path):
        moved = publishing.publish(renderings, main, "main", old=old, new=new)
    again = writers.publish_file(main, renderings, "t/e/a.yaml")

    assert not moved
    assert not main.holds(new)
    assert again
    assert fsck(main.path) == []


def test_a_swap_that_fails_takes_its_objects_back(
    main: Repository, renderings: Repository
) -> None:
    old = refs.tip(main, "main")
    new = built(renderings, main)
    packs_before = pack_count(main.path)

    with lock(main.path):
        # Someone outside our rules, such as a git run by hand, holds the ref.
        (main.path / "refs/heads/main.lock").touch()
        moved = publishing.publish(renderings, main, "main", old=old, new=new)

    assert not moved
    assert not main.holds(new)
    assert pack_count(main.path) == packs_before
    with lock(main.path):
        assert publishing.publish(renderings, main, "main", old=old, new=new)


def test_only_a_commit_on_the_tip_is_published(
    main: Repository, renderings: Repository
) -> None:
    orphan_root = refs.tip(renderings, "renderings")
    make.advance(main, {"t/e/a.yaml": b"a: 1\n"})
    tip = refs.tip(main, "main")
    root = next(reversed(list(refs.first_parents(main, tip)))).id.decode()
    with lock(renderings.path):
        aside = make.commit_edits(renderings, root, {"x.yaml": b"x: 1\n"})

    with lock(main.path):
        for new in (orphan_root, aside, root):
            with pytest.raises(refs.NotLinear):
                publishing.publish(renderings, main, "main", old=tip, new=new)
            with pytest.raises((refs.NotLinear, LookupError)):
                refs.compare_and_swap(main, "main", old=tip, new=new)

    assert refs.tip(main, "main") == tip
    assert not main.holds(aside)


def test_writing_without_the_lock_is_refused(
    main: Repository, renderings: Repository
) -> None:
    tip = refs.tip(main, "main")

    with pytest.raises(LockNotHeld):
        packs.add_pack(main, [Blob.from_string(b"x")])
    with pytest.raises(LockNotHeld):
        copy_missing(renderings, main, [tip])
    with pytest.raises(LockNotHeld):
        refs.compare_and_swap(main, "main", old=tip, new=tip)
    with pytest.raises(LockNotHeld), lock(renderings.path):
        publishing.publish(renderings, main, "main", old=tip, new=tip)


@pytest.mark.parametrize("old", ["", "0" * 40])
def test_a_branch_is_never_set_unconditionally(old: str, main: Repository) -> None:
    tip = refs.tip(main, "main")
    new = make.advance(main, {"a.yaml": b"a: 1\n"})

    with lock(main.path), pytest.raises(ValueError, match=r"object id|does not follow"):
        refs.compare_and_swap(main, "main", old=old, new=new)
    with lock(main.path):
        assert not refs.compare_and_swap(main, "main", old=tip, new=new)


def test_an_object_of_another_id_is_not_copied(
    main: Repository, renderings: Repository
) -> None:
    class Disguised(Blob):
        """A blob that claims the id of another."""

        @property
        def id(self):
            return Blob.from_string(b"harmless\n").id

        def sha(self, object_format=None):
            return Blob.from_string(b"harmless\n").sha()

    false = Disguised()
    false.data = b"harmful\n"
    wanted = Blob.from_string(b"harmless\n").id.decode()
    with lock(renderings.path):
        write_pack(renderings.path, [false])

    with lock(main.path), pytest.raises(CorruptObject):
        copy_missing(renderings, main, [wanted])

    assert not main.holds(wanted)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (b".git", 0o040000),
        (b".GIT", 0o100644),
        (b"git~1", 0o100644),
        (b".gitmodules", 0o100644),
        (b"a\\b", 0o100644),
        (b"link", 0o120000),
        (b"module", 0o160000),
        (b"run.sh", 0o100755),
        (b"group", 0o100664),
        (b"folder", 0o040000),
        (b"a/b", 0o100644),
        (b"NUL.txt", 0o100644),
        (b"a.", 0o100644),
        (b"\xff", 0o100644),
        ("\u202e".encode(), 0o100644),
    ],
)
def test_a_forbidden_entry_is_not_published_whoever_wrote_it(
    name: bytes, mode: int, main: Repository, renderings: Repository
) -> None:
    content = Blob.from_string(b"x: 1\n")
    tree = Tree()
    tree[name] = (mode, content.id)
    tip = refs.tip(main, "main")
    commit = commits.build_commit(
        parent=tip,
        tree=tree.id.decode(),
        message="odd\n",
        author=make.DORA,
        committer=make.SERVICE,
        at=make.NOON,
    )
    with lock(renderings.path):
        packs.add_pack(renderings, [content, tree, commit])

    new = commit.id.decode()
    with pytest.raises(CorruptObject):
        publishing.prepare(renderings, main.path, new)
    with lock(main.path), pytest.raises(CorruptObject):
        publishing.publish(renderings, main, "main", old=tip, new=new)

    assert refs.tip(main, "main") == tip
    assert not main.holds(new)


@pytest.mark.parametrize(
    "entries",
    [
        [(b"100644", b"a"), (b"100644", b"a")],
        [(b"100644", b"b"), (b"100644", b"a")],
        [(b"0100644", b"a")],
    ],
)
def test_a_tree_that_git_would_not_write_is_not_published(
    entries: list[tuple[bytes, bytes]], main: Repository, renderings: Repository
) -> None:
    """Of an entry given twice, readers would see different ones."""
    content = Blob.from_string(b"x: 1\n")
    tree = Tree.from_raw_string(
        Tree.type_num,
        b"".join(
            mode + b" " + name + b"\0" + bytes.fromhex(content.id.decode())
            for mode, name in entries
        ),
    )
    with lock(renderings.path):
        packs.add_pack(renderings, [content, tree])

    with lock(main.path), pytest.raises(CorruptObject):
        copy_missing(renderings, main, [tree.id.decode()])

    assert not main.holds(tree.id.decode())


def test_copying_takes_nothing_that_is_only_borrowed(
    main: Repository, renderings: Repository
) -> None:
    """What a repository borrows is visible there without being held there."""
    tip = make.advance(main, {"t/e/a.yaml": b"a: 1\n"})

    assert renderings.holds(tip)
    assert main.read(tip).id not in Holdings(renderings)
    assert main.read(tip).id in Holdings(main)


def test_what_is_held_is_told_of_many_at_once(
    main: Repository, renderings: Repository
) -> None:
    """Each commit is a pack of its own; what is borrowed or nowhere is left out."""
    tips = {main.read(make.advance(main, {f"t/e/{n}": b"a"})).id for n in range(3)}

    assert Holdings(main).among([*tips, to_git("0" * 40)]) == tips
    assert Holdings(renderings).among(tips) == set()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_publisher_killed_on_the_way_leaves_all_or_nothing(
    moment: str, project: ProjectRepositories, main: Repository, renderings: Repository
) -> None:
    """S76: after a crash the next writer finds the branch as it was, or moved."""
    before = refs.tip(main, "main")
    process = multiprocessing.get_context("spawn").Process(
        target=writers.publish_and_die, args=(project.folder, moment)
    )
    process.start()
    process.join()

    with lock(main.path):
        """The next writer clears up."""

    assert process.exitcode == -9
    assert (refs.tip(main, "main") != before) is MOMENTS[moment]
    assert fsck(main.path) == []
    assert leftovers(main.path) == []
    assert writers.publish_file(main, renderings, "t/e/b.yaml")
    assert fsck(main.path) == []


def test_what_a_killed_writer_leaves_is_cleared(
    project: ProjectRepositories, main: Repository
) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=writers.lock_and_die, args=(project.main,)
    )
    process.start()
    process.join()
    left = [name for name in writers.LEFTOVERS if (project.main / name).exists()]

    make.advance(main, {"t/e/a.yaml": b"a: 1\n"})

    assert process.exitcode == -9
    assert left == writers.LEFTOVERS
    assert leftovers(project.main) == []


def leftovers(path: Path) -> list[Path]:
    return [
        found
        for pattern in ("**/*.lock", "**/tmp*", "**/.tmp*", "*publishing*")
        for found in path.glob(pattern)
    ]
