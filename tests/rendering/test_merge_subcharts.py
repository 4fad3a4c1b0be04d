"""Defaults of charts inside a chart lie below its own and ours, as Helm lays them."""

import subprocess

import yaml

from delivery.rendering.chart_child import facts_of
from delivery.rendering.charts import read_chart_archive
from delivery.rendering.subcharts import MOST_BYTES, listed_subcharts
from delivery.rendering.tools import tool_path
from environments.desired.scoping import VariableIndex
from environments.desired.subcharts import read_subcharts
from environments.selectors.layers import CHART, Layer
from environments.selectors.merged import merged
from tests.rendering.charts import chart

LOW = """\
port: 1
size: 1
box: {a: 1, b: 1}
global: {zone: low, depth: low, image: {tag: low, pull: low}}
"""
MIDDLE = """\
size: 2
tls: {secure: no, days: 90}
store: {size: 2}
other: {box: null}
global: {depth: middle}
"""
TOP = """\
replicas: 1
cache: {tls: {days: 30}}
middle: {enabled: false, note: kept}
global: {zone: top, image: {tag: top}}
tags: {back: false}
"""
BASE = """\
cache:
  store: {port: 5, box: null}
  tls: {secure: on}
global: {zone: eu}
plain: {size: null}
"""
TARGET = "cache: {store: {size: 9}}\nspare: {x: 1}\n"
ABOUT_TOP = """\
dependencies:
  - {name: middle, version: 0.1.0, condition: "none.such,middle.enabled"}
  - {name: middle, version: 0.1.0, alias: cache, tags: [front]}
  - {name: spare, version: 0.1.0, tags: [back], import-values: [data]}
"""
ABOUT_MIDDLE = """\
dependencies:
  - {name: low, version: 0.1.0, alias: store}
  - {name: low, version: 0.1.0, alias: queue, condition: tls.secure}
  - {name: low, version: 0.1.0, alias: other, condition: global.other}
"""


def nested():
    """A chart with folders and archives in it, two levels down."""
    low = chart({"values.yaml": LOW}, name="low")
    middle = chart(
        {"values.yaml": MIDDLE, "charts/low-0.1.0.tgz": low},
        about=ABOUT_MIDDLE,
        name="middle",
    )
    about = "apiVersion: v2\nname: {}\nversion: 0.1.0\n"
    return chart(
        {
            "values.yaml": TOP,
            "charts/middle-0.1.0.tgz": middle,
            "charts/spare/Chart.yaml": about.format("spare"),
            "charts/spare/values.yaml": "y: 1\n",
            "charts/plain/Chart.yaml": about.format("plain"),
            "charts/plain/values.yaml": LOW,
            "templates/all.yaml": "{{ .Values | toYaml }}\n",
        },
        about=ABOUT_TOP,
    )


def together(data, *ours):
    read = read_chart_archive(data)
    own = read.files["values.yaml"].decode()
    layers = [Layer(CHART, "Chart 0.1.0", "values.yaml", own, None, None)]
    layers += [Layer(f"{n}", f"{n}", "", text, None, None) for n, text in ours]
    subcharts = read_subcharts(listed_subcharts(read))
    return merged(layers, subcharts, service="api", variables=VariableIndex([]))


def leaves(tree, path=()):
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def test_what_counts_is_what_helm_says(data_dir, tmp_path):
    """W1: two levels, an alias, a global, a condition, tags and a null."""
    data = nested()
    (tmp_path / "top.tgz").write_bytes(data)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "target.yaml").write_text(TARGET)
    helm = tool_path("helm", data_dir, search="")
    values = ["--values", "base.yaml", "--values", "target.yaml"]
    done = subprocess.run(
        [helm, "template", *values, "r", "top.tgz"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={"HOME": str(tmp_path)},
    )
    printed = dict(leaves(yaml.safe_load(done.stdout)))

    shown = together(data, ("base", BASE), ("target", TARGET))

    rows = {row.path: row for row in shown.values}
    said = {
        path: yaml.safe_load(row.value)
        for path, row in rows.items()
        if not row.is_removed
    }
    # A chart inside says nothing of them: they are shown once, at the top.
    handed = {
        path
        for path, value in printed.items()
        if path not in said
        and "global" in path[1:]
        and any(printed.get(path[n:]) == value for n in range(1, len(path)))
    }
    assert {path: printed[path] for path in printed.keys() - handed} == said
    assert handed
    assert shown.off == (
        "Chart 0.1.0 / middle 0.1.0",
        "Chart 0.1.0 / spare 0.1.0",
    )
    by = {
        path: (row.layer.label, [b.label for b in row.beaten])
        for path, row in rows.items()
    }
    low = "Chart 0.1.0 / middle 0.1.0 / low 0.1.0"
    middle = "Chart 0.1.0 / middle 0.1.0"
    assert by["cache", "store", "size"] == ("target", [low, middle])
    assert by["cache", "queue", "size"] == (low, [])
    assert by["cache", "tls", "days"] == ("Chart 0.1.0", [middle])
    assert by["cache", "store", "global", "zone"][0] == "base"
    assert by["plain", "global", "image", "pull"] == ("Chart 0.1.0 / plain 0.1.0", [])
    assert rows["cache", "store", "box"].is_removed
    assert rows["cache", "other", "box"].is_removed
    assert rows["cache", "queue", "box", "a"].is_default


def test_too_many_or_too_large_ones_are_not_looked_at():
    """A chart that names itself wide and deep costs nobody a page."""
    wide = "".join(
        f"  - {{name: low, version: 0.1.0, alias: a{n}}}\n" for n in range(20)
    )
    about = f"dependencies:\n{wide}"
    low = chart({"values.yaml": LOW}, name="low")
    inner = chart({"charts/low.tgz": low}, about=about, name="low")
    large = chart({"values.yaml": f"a: {'x' * MOST_BYTES}\n"}, name="low")

    for inside in (inner, large):
        data = chart({"charts/low.tgz": inside, "values.yaml": TOP}, about=about)

        assert listed_subcharts(read_chart_archive(data)) == ""
        shown = together(data)
        assert not shown.is_whole
        assert shown.said_by_us == 0


def test_values_that_are_too_large_are_said_to_be():
    """Security 14: a chart of 300,000 keys takes no page its seconds."""
    keys = "".join(f"k{n}: 1\n" for n in range(60_000))
    data = chart({"values.yaml": keys})

    kept = facts_of(data)["values"]
    shown = together(data, ("base", "b: 1\n"))

    assert kept.startswith("# Too large")
    assert "too large" in shown.problem
    assert not shown.rows


def test_globals_for_too_many_charts_are_not_handed_down():
    """Security 12: a few kilobytes of globals make no page of seconds."""
    named = "".join(
        f"  - {{name: low, version: 0.1.0, alias: a{n}}}\n" for n in range(60)
    )
    globals_ = "global:\n" + "".join(f"  k{n}: {n}\n" for n in range(5000))
    data = chart(
        {"charts/low.tgz": chart({}, name="low"), "values.yaml": globals_},
        about=f"dependencies:\n{named}",
    )

    shown = together(data, ("base", "b: 1\n"))

    assert len(read_subcharts(listed_subcharts(read_chart_archive(data)))) == 60
    assert shown.is_too_much
    assert not shown.is_whole
    assert (shown.said_by_us, len(shown.values)) == (1, 5001)
