"""How a diff is laid out for a page: what is folded, cut, summed up, and said."""

import re

import pytest

from delivery.diffs import diff_files
from releases.selectors.content import Level
from releases.views import _diffs, _windows
from releases.views._looking import Look
from releases.views._sheet import Source

PARENT = "metadata:\n  labels:\n    helm.sh/chart: web-{}\n"


def laid_out(before, after, look=None, **more):
    files = diff_files(before, after)

    def of(level):
        return files if level == Level.MANIFEST else []

    return _diffs.review(Source(of, "/r", **more), look or Look())


def numbered(count, **changes):
    lines = [f"line{at}: {changes.get(f'at{at}', at)}" for at in range(count)]
    return "".join(f"{line}\n" for line in lines)


def files_of(shown):
    return [file for kind in shown["files_by_kind"] for file in kind["files"]]


def links(file):
    return [more for part in file["hunks"] for more in part.get("more", ())]


def rows(file):
    return [line for part in file["hunks"] for line in part.get("lines", ())]


def look_at(url, **more):
    """Return the look of an address, as ``Look.of`` reads it."""

    class Asked:
        GET = dict(re.findall(r"[?&](\w+)=([^&#]*)", url))
        COOKIES: dict[str, str] = {}

    return Look.of(Asked)


def test_deletions_that_take_data_along_come_first_and_all_is_counted():
    """R11: deleted, changed, added; volumes on top; what stays is counted."""
    gone = ["a/deployment-a", "b/persistentvolumeclaim-b", "c/namespace-c"]
    before = {f"{name}.yaml": "x: 1\n" for name in [*gone, "a/service-a"]}
    after = {"a/service-a.yaml": "x: 2\n", "a/secret-a.yaml": "x: 1\n"}

    shown = laid_out(before, after, resources=9)

    assert [(k["title"], len(k["files"])) for k in shown["files_by_kind"]] == [
        ("Deleted", 3),
        ("Changed", 1),
        ("Added", 1),
    ]
    assert [file["name"] for file in files_of(shown)[:3]] == [
        "persistentvolumeclaim-b.yaml",
        "namespace-c.yaml",
        "deployment-a.yaml",
    ]
    assert [file["name"] for file in shown["gone"]] == [
        "persistentvolumeclaim-b.yaml",
        "namespace-c.yaml",
    ]
    assert not any(file["folded"] for file in files_of(shown))
    assert shown["unchanged"] == 7
    tab = shown["tabs"][2]
    assert (tab["added"], tab["removed"], tab["note"]) == (2, 4, "5 resources")


def test_noise_is_folded_by_class_counted_and_shown_when_asked_for():
    before = {"a.yaml": PARENT.format(1) + numbered(30), "b.yaml": PARENT.format(1)}
    after = {
        "a.yaml": PARENT.format(2) + numbered(30, at20="x"),
        "b.yaml": PARENT.format(2),
    }
    shown = laid_out(before, after)
    first, second = files_of(shown)

    assert shown["noise"] == ["2 hunks of labels only"]
    assert (first["added"], second["added"]) == (2, 1), "counted, never hidden"
    assert [line.text for line in rows(first) if line.kind != "same"] == [
        "line20: 20",
        "line20: x",
    ]
    assert rows(second) == []
    (only,) = links(second)
    assert (only["words"], only["said"]) == ("Show 1 hunk of labels only", "2 lines")

    opened = laid_out(before, after, look_at(only["url"]))
    assert len(rows(files_of(opened)[1])) == 4
    assert len(rows(files_of(opened)[0])) == len(rows(first))
    everything = laid_out(before, after, look_at(shown["noise_url"]))
    assert len(rows(files_of(everything)[0])) > len(rows(first))
    assert everything["noise"] == []
    linked = Look(line=f"{second['anchor']}-R3")
    assert rows(files_of(laid_out(before, after, linked))[1])


@pytest.mark.parametrize("is_split", [True, False])
def test_a_file_without_end_comes_in_stretches(monkeypatch, is_split):
    """R12: at most so many rows at first, the rest on demand, no row twice or never."""
    for module in (_diffs, _windows):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 300)
    before, after = numbered(2000), re.sub(r"(\d+)\n", r"\1!\n", numbered(2000))
    files = ({"a.yaml": before, "b.yaml": "x\n"}, {"a.yaml": after, "b.yaml": "y\n"})
    (file, other) = files_of(laid_out(*files, Look(is_split=is_split)))

    assert other["load_url"] == "/r?diff=manifest&file=b.yaml"
    assert other["hunks"] == []
    found = rows(file)
    assert len(found) <= (600 if is_split else 300)
    source = Source(lambda level: diff_files(*files), "/r")
    while more := links(file):
        (following,) = more
        assert following["target"] == "closest tr"
        look = look_at(following["part_url"])
        (file,) = _diffs.one_file(source, Look(**{**vars(look), "is_split": is_split}))[
            "more"
        ]
        assert len(rows(file)) <= (600 if is_split else 300)
        found += rows(file)
    assert sorted(found, key=lambda line: (line.kind, line.text)) == sorted(
        diff_files(*files)[0].hunks[0].lines, key=lambda line: (line.kind, line.text)
    )

    linked = Look(line=f"{file['anchor']}-R1500", is_split=is_split)
    (file, _) = files_of(laid_out(*files, linked))
    assert 1500 in {line.new_number for line in rows(file)}
    assert [more["words"] for more in links(file)] == [
        "Show the 300 before",
        "Show the next 300",
    ]


def test_too_many_lines_are_summed_up_with_a_download(monkeypatch):
    """R12: more than 50,000 lines; each file is still there by itself."""
    monkeypatch.setattr(_diffs, "MOST_LINES", 3)
    shown = laid_out({}, {"a.yaml": "1\n2\n", "b.yaml": "3\n4\n"})

    assert shown["summary"] == "4"
    assert shown["raw_url"] == "/r?diff=manifest&raw=1"
    assert {file["load_url"] for file in files_of(shown)} == {
        "/r?diff=manifest&file=a.yaml",
        "/r?diff=manifest&file=b.yaml",
    }
    assert not any(file["is_eager"] for file in files_of(shown))


def test_spaces_are_overlooked_where_one_asks_for_it_and_files_filtered():
    """R6: the count says what is overlooked; a filter says what is left out."""
    before = {"a.yaml": "x: 1\ny: 1\n", "b.yaml": "z: 1\n"}
    after = {"a.yaml": "x:  1\ny: 2\n", "b.yaml": "z:  1\n"}
    seen = laid_out(before, after)
    overlooked = laid_out(before, after, look_at(seen["spaces_url"]))
    first, second = files_of(overlooked)

    assert overlooked["overlooked"] == 4
    assert [line.kind for line in rows(first)] == ["same", "removed", "added"]
    assert second["note"] == "2 lines of white space only overlooked."
    assert look_at(overlooked["spaces_url"]).marks_spaces
    filtered = laid_out(before, after, Look(filter="B.y"))
    assert [file["path"] for file in files_of(filtered)] == ["b.yaml"]
    assert (filtered["filtered_out"], filtered["file_count"]) == (1, 2)
    folded = laid_out(before, after, look_at(seen["fold_url"]))
    assert all(file["folded"] for file in files_of(folded))


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ('  token: "<secret {}>"\n', '  token: "<secret {}>"\n', "token"),
        ("url: db://u:<secret {}>@h\n", "url: db://u:<secret {}>@h\n", "url"),
        (
            "TOKEN:\n  secret: {}" + "0" * 56 + "\n",
            "TOKEN:\n  secret: {}" + "0" * 56 + "\n",
            "TOKEN",
        ),
    ],
)
def test_a_secret_that_changes_is_told_by_its_fingerprints(before, after, name):
    """R9, S24: what it is nowhere, that it is another one in words."""
    texts = {"f.yaml": before.format("a1b2c3d4")}, {"f.yaml": after.format("d4e5f6a7")}
    (file,) = files_of(laid_out(*texts))

    assert file["note"] == (f"Secret {name} changed (fingerprint a1b2c3d4 → d4e5f6a7).")
