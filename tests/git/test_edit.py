"""Editing trees: only what changes is built, and what comes out is what git sees."""

from pathlib import Path

import pytest
from dulwich.objects import Tree
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.git import packs, refs, trees
from delivery.git.ids import EMPTY_TREE, to_git
from delivery.git.locks import lock
from delivery.git.names import BadPath
from delivery.git.objects import FILE_MODE, FOLDER_MODE
from delivery.git.project import ProjectRepositories
from delivery.git.repository import NoSuchObject, Repository
from delivery.git.trees import GraftFile, GraftFolder, TreeEdit
from tests.git import make

FILES = {
    "acme/production/api/a.yaml": b"a: 1\n",
    "acme/production/api/b.yaml": b"b: 1\n",
    "acme/staging/api/a.yaml": b"a: 1\n",
    ".gitopshq/acme/production.json": b"{}\n",
}


def store(repository: Repository, files: dict[str, bytes]) -> str:
    tree, objects = trees.write_tree(files)
    with lock(repository.path):
        packs.add_pack(repository, objects)
    return tree


def edited(repository: Repository, tree: str, edits: dict[str, TreeEdit]) -> str:
    made, objects = trees.edit_tree(repository, tree, edits)
    with lock(repository.path):
        packs.add_pack(repository, objects)
    return made


def test_a_tree_is_what_git_makes_of_the_same_files(
    main: Repository, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    make.git("init", "-q", work)
    for path, content in FILES.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(content)
    make.git("add", ".", cwd=work)

    assert store(main, FILES) == make.git("write-tree", cwd=work)


def test_a_graft_puts_a_folder_in_place_id_for_id(main: Repository) -> None:
    """S4: the folder of a deploy commit is the tree that was reviewed."""
    tree = store(main, FILES)
    rendering = store(main, {"api/new.yaml": b"new: 1\n", "web/w.yaml": b"w: 1\n"})

    made = edited(main, tree, {"acme/production": GraftFolder(rendering)})
    commit = make.advance(main, {"acme/production": GraftFolder(rendering)})

    assert trees.find_folder(main, made, "acme/production") == rendering
    assert trees.list_files(main, made).keys() == {
        ".gitopshq/acme/production.json",
        "acme/production/api/new.yaml",
        "acme/production/web/w.yaml",
        "acme/staging/api/a.yaml",
    }
    shown = make.git("rev-parse", f"{commit}:acme/production", cwd=main.path)
    assert shown == rendering


def test_folders_off_the_way_are_neither_built_nor_read(main: Repository) -> None:
    elsewhere = Tree()
    elsewhere[b"a.yaml"] = (FILE_MODE, to_git("1" * 40))
    root = Tree()
    root[b"absent"] = (FOLDER_MODE, elsewhere.id)
    with lock(main.path):
        packs.add_pack(main, [root])

    _, objects = trees.edit_tree(main, root.id.decode(), {"acme/x/a.yaml": b"a: 2\n"})

    assert sorted(found.type_name for found in objects) == [
        b"blob",
        b"tree",
        b"tree",
        b"tree",
    ]


def test_a_folder_goes_with_its_last_file(main: Repository) -> None:
    tree = store(main, {"acme/production/api/a.yaml": b"a: 1\n", "b.yaml": b"b: 1\n"})

    made = edited(main, tree, {"acme/production/api/a.yaml": None})
    emptied = edited(main, made, {"b.yaml": None, "absent/too.yaml": None})

    assert trees.list_files(main, made).keys() == {"b.yaml"}
    assert emptied == EMPTY_TREE
    assert trees.list_files(main, emptied) == {}


def test_a_file_and_a_folder_replace_each_other(main: Repository) -> None:
    tree = store(main, {"a": b"file\n", "b/c": b"file\n"})
    kept = trees.list_files(main, tree)["a"]

    made = edited(main, tree, {"a/x": GraftFile(kept), "b": b"file\n"})

    assert trees.list_files(main, made) == {"a/x": kept, "b": kept}


@pytest.mark.parametrize(
    "edits",
    [
        {"a": b"", "a/b": b""},
        {"a/b": b"", "a": None},
        {"a/b/c": b"", "a": GraftFolder(EMPTY_TREE)},
        {"a/.git/config": b""},
        {"git~1": GraftFolder(EMPTY_TREE)},
    ],
)
def test_edits_that_contradict_or_name_badly_are_refused(
    edits: dict[str, TreeEdit], main: Repository
) -> None:
    with pytest.raises(BadPath):
        trees.edit_tree(main, EMPTY_TREE, edits)


def test_changed_files_are_those_git_names(main: Repository) -> None:
    before = store(main, FILES)
    after = edited(
        main,
        before,
        {
            "acme/production/api/a.yaml": b"a: 2\n",
            "acme/production/api/b.yaml": None,
            "acme/staging/api": b"now a file\n",
            "new/c.yaml": b"c: 1\n",
        },
    )

    found = trees.changed_files(main, before, after)

    named = make.git(
        *("diff-tree", "-r", "--no-renames", "--name-status", before, after),
        cwd=main.path,
    )
    letters = {"added": "A", "modified": "M", "removed": "D"}
    assert [f"{letters[change.action]}\t{change.path}" for change in found] == sorted(
        named.splitlines(), key=lambda line: line.split("\t")[1]
    )
    assert trees.changed_files(main, after, after) == []


def test_a_file_is_read_at_its_path(main: Repository) -> None:
    tree = store(main, FILES)

    assert trees.read_file(main, tree, "acme/staging/api/a.yaml") == b"a: 1\n"
    for absent in ("acme/none", "acme/staging", "acme/staging/api/a.yaml/x", ""):
        with pytest.raises(NoSuchObject):
            trees.read_file(main, tree, absent)
    assert trees.find_folder(main, tree, "acme/staging/api/a.yaml") is None


def test_a_folder_lists_its_folders_first(main: Repository) -> None:
    tree = store(main, {"b.yaml": b"", "z/x.yaml": b"", "a.yaml": b"", "c/x.yaml": b""})

    entries = trees.list_folder(main, tree)

    assert [(entry.name, entry.is_folder) for entry in entries] == [
        *(("c", True), ("z", True), ("a.yaml", False), ("b.yaml", False))
    ]
    assert main.read_blob(entries[-1].id) == b""


PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from([b"", b"1\n", b"2\n"])


def without_clashes(paths: list[str]) -> list[str]:
    kept: list[str] = []
    for path in paths:
        if not any(
            path == other
            or path.startswith(f"{other}/")
            or other.startswith(f"{path}/")
            for other in kept
        ):
            kept.append(path)
    return kept


@settings(max_examples=30 * make.SCALE, deadline=None)
@given(data=st.data())
def test_editing_gives_the_tree_of_the_edited_files(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("edit")
    repositories = ProjectRepositories(folder)
    repositories.create(identity=make.SERVICE, at=make.NOON)
    names = st.lists(PATHS, max_size=6).map(without_clashes)
    files = {path: data.draw(CONTENTS) for path in data.draw(names)}
    edits: dict[str, TreeEdit] = {
        path: data.draw(st.none() | CONTENTS) for path in data.draw(names)
    }
    expected = dict(files)
    for path, content in edits.items():
        if content is None:
            gone = [path, *(p for p in expected if p.startswith(f"{path}/"))]
        else:
            steps = path.split("/")
            above = ["/".join(steps[:n]) for n in range(1, len(steps))]
            gone = [*above, *(p for p in expected if p.startswith(f"{path}/"))]
        for name in gone:
            expected.pop(name, None)
        if isinstance(content, bytes):
            expected[path] = content

    with Repository(repositories.main) as main:
        tree = store(main, files)
        made = edited(main, tree, edits)

        assert made == trees.write_tree(expected)[0]
        assert {
            path: main.read_blob(found)
            for path, found in trees.list_files(main, made).items()
        } == expected
        assert refs.tip(main, "main")
