from itertools import islice

from delivery.git import history
from delivery.git.repository import Repository
from delivery.git.trees import TreeEdit
from tests.git import make


def test_the_log_of_a_folder_names_the_commits_that_changed_it(
    main: Repository,
) -> None:
    edits: list[dict[str, TreeEdit]] = [
        {"acme/production/api/a.yaml": b"a: 1\n"},
        {"acme/staging/api/a.yaml": b"a: 1\n"},
        {"acme/production/api/a.yaml": b"a: 2\n"},
        {"acme/production/api/a.yaml": None},
        {"acme/production/web/a.yaml": b"a: 1\n"},
    ]
    made = [make.advance(main, edit) for edit in edits]

    for path in ("acme/production", "acme/staging", "acme/production/api/a.yaml", ""):
        entries = list(history.log(main, made[-1], path))
        limited = ["--", path] if path else []
        named = make.git("log", "--format=%H", "main", *limited, cwd=main.path)
        assert [entry.id for entry in entries] == named.split()

    assert list(history.log(main, made[-1], "acme/none")) == []


def test_an_entry_tells_who_and_when(main: Repository) -> None:
    tip = make.advance(main, {"a.yaml": b"a: 1\n"})

    (entry,) = islice(history.log(main, tip), 1)

    assert (entry.id, entry.tree) == (tip, main.tree_of(tip))
    assert (entry.author, entry.at) == ("Dora <dora@example.com>", make.NOON)
    assert entry.subject == "change"
