"""An uploaded chart is read, or refused with a word and a path."""

import hashlib
import io
import itertools
import json
import subprocess
import tarfile

import pytest

from delivery.rendering.archives import ArchiveLimits
from delivery.rendering.charts import ChartRefused, pack, read_chart_archive
from delivery.rendering.tools import tool_path
from tests.rendering.charts import chart, gzipped, member_named, packed, tgz

HEAD = b"apiVersion: v2\nname: tiny\nversion: 0.1.0\n"
GOOD = ("tiny/Chart.yaml", HEAD)


def test_a_chart_tells_what_it_is():
    data = packed("operator")

    read = read_chart_archive(data)

    assert (read.name, read.version, read.kind) == (
        "operator",
        "3.0.0-rc.1+build.5",
        "application",
    )
    assert read.digest == hashlib.sha256(data).hexdigest()
    assert read.description.startswith("Custom resources")
    assert read.kube_version == ">=1.27.0-0"
    assert read.uses_capabilities
    assert not read.uses_random
    assert "crds/gateways.yaml" in read.files


def test_subcharts_are_read_from_folders_and_archives():
    inner = chart(
        {"templates/_x.tpl": '{{ define "x" }}{{ now }}{{ end }}'}, name="kit"
    )
    about = "dependencies: [{name: kit, version: 0.1.0}, {name: near, version: 1.0.0}]"
    near = "apiVersion: v1\nname: near\nversion: 1.0.0\n"

    read = read_chart_archive(
        chart(
            {"charts/kit-0.1.0.tgz": inner, "charts/near/Chart.yaml": near},
            about=about,
        )
    )

    assert {subchart.name for subchart in read.subcharts} == {"kit", "near"}
    assert read.uses_random


def test_a_packed_chart_renders_as_the_uploaded_one(data_dir, tmp_path):
    inner = chart({"templates/a.yaml": "kind: {{ .Chart.Name }}\n"}, name="kit")
    about = "dependencies: [{name: kit, version: 0.1.0, alias: tools}]\n"
    data = chart(
        {"charts/kit-0.1.0.tgz": inner, "templates/b.yaml": "kind: Own\n"}, about=about
    )
    (tmp_path / "theirs.tgz").write_bytes(data)
    (tmp_path / "ours.tgz").write_bytes(pack(read_chart_archive(data)))

    printed = [
        subprocess.run(
            [tool_path("helm", data_dir, search=""), "template", "r", name],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            env={"HOME": str(tmp_path)},
        ).stdout
        for name in ("theirs.tgz", "ours.tgz")
    ]

    assert printed[0] == printed[1]
    assert b"kind: tools" in printed[0]


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (member_named("tiny/x", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (member_named("tiny/x", tarfile.SYMTYPE, "Chart.yaml"), "link"),
        (member_named("tiny/templates", tarfile.SYMTYPE, ".."), "link"),
        (member_named("tiny/x", tarfile.LNKTYPE, "tiny/Chart.yaml"), "link"),
        (member_named("tiny/x", tarfile.CHRTYPE), "special_file"),
        (member_named("tiny/x", tarfile.BLKTYPE), "special_file"),
        (member_named("tiny/x", tarfile.FIFOTYPE), "special_file"),
        (member_named("tiny/x", tarfile.CONTTYPE), "special_file"),
        (member_named("tiny/../../x"), "parent_path"),
        (member_named("../tiny/x"), "parent_path"),
        (member_named("/tiny/x"), "absolute_path"),
        (member_named("C:/tiny/x"), "absolute_path"),
        (member_named("tiny/a\\..\\b"), "bad_path"),
        (member_named("tiny/a\nb"), "bad_path"),
        (member_named("tiny/./x"), "bad_path"),
        (member_named("tiny//x"), "bad_path"),
        (member_named("tiny/" + "d/" * 300 + "x"), "path_too_long"),
        (member_named("other/x"), "several_roots"),
        (member_named("tiny/Chart.yaml"), "duplicate_path"),
        (member_named("tiny/Chart.yaml/x"), "bad_path"),
        (member_named("tiny"), "file_outside_root"),
    ],
    ids=itertools.count(),
)
def test_a_member_that_is_no_plain_file_is_refused(member, reason):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(tgz([GOOD, (member, b"")]))

    assert refused.value.reason == reason


def test_a_sparse_file_is_refused():
    member = member_named("tiny/x")
    member.pax_headers = {"GNU.sparse.size": "999999999999", "GNU.sparse.map": "0,1"}

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(tgz([GOOD, (member, b"x")]))

    assert refused.value.reason == "special_file"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive at all",
        gzipped(b"no tar"),
        gzipped(b"\0" * 10240),
        packed("storefront")[:-30],
        packed("storefront")[:400],
    ],
    ids=["empty", "text", "gzip", "zeros", "cut", "short"],
)
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(data)

    assert refused.value.reason in {"not_an_archive", "no_chart_yaml"}


def test_a_damaged_header_in_the_middle_is_refused():
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in ("tiny/Chart.yaml", "tiny/a", "tiny/b"):
            member = member_named(name)
            member.size = len(HEAD)
            archive.addfile(member, io.BytesIO(HEAD))
    raw = bytearray(stream.getvalue())
    raw[1024 + 5] ^= 0xFF

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(gzipped(bytes(raw)))

    assert refused.value.reason == "not_an_archive"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ArchiveLimits(packed=100), "too_large"),
        (ArchiveLimits(unpacked=2000), "too_large"),
        (ArchiveLimits(file=10), "file_too_large"),
        (ArchiveLimits(files=3), "too_many_files"),
    ],
    ids=["packed", "unpacked", "file", "files"],
)
def test_an_archive_over_a_limit_is_refused(limits, reason):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(packed("storefront"), limits)

    assert refused.value.reason == reason


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = tgz([GOOD, *((f"tiny/{n}", b"\0" * 4_000_000) for n in range(12))])

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(bomb)

    assert len(bomb) < 400_000
    assert refused.value.reason in {"compression_bomb", "too_large"}


def test_limits_count_archives_inside_the_archive():
    inner = chart({f"files/{n}": b"x" * 4000 for n in range(40)}, name="kit")

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(
            chart({"charts/kit.tgz": inner}), ArchiveLimits(unpacked=100_000)
        )

    assert refused.value.reason == "too_large"
    assert refused.value.path.startswith("charts/kit.tgz")


def test_a_link_in_an_archive_inside_the_archive_is_refused():
    link = member_named("kit/x", tarfile.SYMTYPE, "/etc/passwd")
    inner = tgz([("kit/Chart.yaml", HEAD), (link, b"")])

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({"charts/kit.tgz": inner}))

    assert refused.value.reason == "link"
    assert refused.value.path == "charts/kit.tgz/kit/x"


def test_charts_nested_without_end_are_refused():
    folders = {"charts/tiny/" * depth + "Chart.yaml": HEAD for depth in range(1, 12)}

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart(folders))

    assert refused.value.reason == "nested_too_deep"


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (None, "no_chart_yaml"),
        ("- a list\n", "bad_chart_yaml"),
        ("apiVersion: v2\nname: [\n", "bad_chart_yaml"),
        ("a: " * 2000, "bad_chart_yaml"),
        ("[" * 200_000, "bad_chart_yaml"),
        (b"apiVersion: v2\nname: \xff\nversion: 1.0.0\n", "bad_chart_yaml"),
        ("apiVersion: v2\nname: x\nname: y\nversion: 1.0.0\n", "bad_chart_yaml"),
        ("apiVersion: v3\nname: tiny\nversion: 1.0.0\n", "bad_api_version"),
        ("name: tiny\nversion: 1.0.0\n", "bad_api_version"),
        ("apiVersion: v2\nname: ..\nversion: 1.0.0\n", "bad_name"),
        ("apiVersion: v2\nname: a/b\nversion: 1.0.0\n", "bad_name"),
        ("apiVersion: v2\nversion: 1.0.0\n", "bad_name"),
        ("apiVersion: v2\nname: tiny\nversion: latest\n", "bad_version"),
        ("apiVersion: v2\nname: tiny\nversion: 1.0.0-\n", "bad_version"),
        ("apiVersion: v2\nname: tiny\nversion: 01.0.0\n", "bad_version"),
        ("apiVersion: v2\nname: tiny\n", "bad_version"),
        ("apiVersion: v2\nname: t\nversion: 1.0.0\ntype: x\n", "bad_type"),
        ("apiVersion: v2\nname: t\nversion: 1.0.0\nappVersion: []\n", "bad_chart_yaml"),
    ],
    ids=itertools.count(),
)
def test_a_chart_yaml_that_says_nonsense_is_refused(about, reason):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({"Chart.yaml": about, "values.yaml": "a: 1\n"}))

    assert refused.value.reason == reason
    assert refused.value.path == "Chart.yaml"


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3-rc.1+x.y", "1.2", "10.0.0-alpha"])
def test_versions_that_helm_knows_are_read(version):
    about = f"apiVersion: v2\nname: tiny\nversion: '{version}'\n"

    assert read_chart_archive(chart({"Chart.yaml": about})).version == version


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.yaml": "dependencies:\n  - {name: gone, version: 1.0.0}\n"},
        {"charts/other/Chart.yaml": HEAD.decode().replace("tiny", "other")},
    ],
    ids=["requirements", "dependencies"],
)
def test_a_subchart_that_is_not_there_is_refused(files):
    about = {
        "Chart.yaml": "apiVersion: v1\nname: tiny\nversion: 0.1.0\n"
        if "requirements.yaml" in files
        else HEAD.decode() + "dependencies:\n  - {name: gone, version: 1.0.0}\n"
    }

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({**files, **about}))

    assert refused.value.reason == "missing_subchart"
    assert refused.value.detail == "gone"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://schemas.example.com/x.json"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"items": [{"$ref": "other.json"}]}}},
        {"$dynamicRef": "http://127.0.0.1/x"},
        {"$schema": "http://127.0.0.1/meta.json"},
    ],
    ids=["url", "file", "relative", "dynamic", "meta"],
)
def test_a_schema_that_leaves_itself_is_refused(schema):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({"values.schema.json": json.dumps(schema)}))

    assert refused.value.reason == "schema_reference"
    assert refused.value.path == "values.schema.json"


def test_a_reference_hidden_behind_a_second_one_is_refused():
    schema = '{"$ref": "file:///etc/passwd", "$ref": "#/definitions/x"}'

    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({"values.schema.json": schema}))

    assert refused.value.reason == "schema_reference"


@pytest.mark.parametrize("schema", ["{", "[" * 200_000, b"\xff"])
def test_a_schema_that_is_no_json_is_refused(schema):
    with pytest.raises(ChartRefused) as refused:
        read_chart_archive(chart({"values.schema.json": schema}))

    assert refused.value.reason == "bad_schema"
