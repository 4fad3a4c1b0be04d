"""Nothing that a chart or an overlay names is opened: a listener hears no knock."""

import json
import select
import socket

import pytest

from delivery.rendering import chart_child
from delivery.rendering.charts import ChartRefused
from tests.rendering.charts import chart
from tests.rendering.jobs import overlay, standalone, variable, workload

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
CANARY = "words of a file of the host"


class Listener:
    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def has_heard(self):
        return bool(select.select([self.socket], [], [], 0.1)[0])


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.socket.close()


@pytest.fixture
def host_file(tmp_path):
    path = tmp_path / "host.json"
    path.write_text(json.dumps({"title": CANARY}))
    return path


def test_a_listener_hears_who_knocks(listener):
    """The tests below would fail if somebody dialled."""
    host, port = listener.socket.getsockname()

    with socket.create_connection((host, port)):
        assert listener.has_heard()


@pytest.mark.parametrize("key", ["$ref", "$schema", "$dynamicRef", "$recursiveRef"])
def test_a_schema_dials_nobody_at_import_and_at_rendering(
    render, listener, host_file, key
):
    """Security 12: a schema may refer to itself only, on both ways to an engine."""
    for address in (f"{listener.url}/schema.json", host_file.as_uri()):
        schema = json.dumps({"properties": {"a": {key: address}}})
        data = chart({"values.schema.json": schema, "templates/a.yaml": CONFIG})

        with pytest.raises(ChartRefused) as refused:
            chart_child.facts_of(data)
        result = render(workload(data, "a: {b: 1}\n"), data)

        assert refused.value.reason == "schema_reference"
        (error,) = result.errors
        assert (error.code, error.reason) == ("template_error", "chart")
        assert CANARY not in error.message
    assert not listener.has_heard()


def test_a_schema_of_a_subchart_is_looked_at_as_well(render, listener):
    schema = json.dumps({"$ref": f"{listener.url}/schema.json"})
    inner = chart({"values.schema.json": schema}, name="kit")
    data = chart({"charts/kit.tgz": inner, "templates/a.yaml": CONFIG})

    result = render(workload(data, "a: 1\n"), data)

    assert [error.reason for error in result.errors] == ["chart"]
    assert not listener.has_heard()


def test_addresses_in_the_words_of_a_chart_are_words(render, listener):
    """Icon, home, sources and repositories are for people; nobody fetches them."""
    about = (
        f"icon: {listener.url}/i.png\nhome: {listener.url}\nsources: [{listener.url}]\n"
        f"dependencies: [{{name: kit, version: 0.1.0, repository: '{listener.url}'}}]\n"
    )
    data = chart(
        {"charts/kit.tgz": chart({}, name="kit"), "templates/a.yaml": CONFIG},
        about=about,
    )

    assert chart_child.facts_of(data)["name"] == "tiny"
    assert not render(workload(data), data).errors
    assert not listener.has_heard()


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("resources: ['{url}/a.yaml']", {"remote_base"}),
        ("resources: ['{url}/org/repo.git//base?ref=v1']", {"remote_base"}),
        ("components: ['{url}/a']", {"remote_base"}),
        ("crds: ['{url}/a.yaml']", {"remote_base"}),
        ("openapi: {{path: '{url}/openapi.json'}}", {"remote_base"}),
        ("patches: [{{path: '{url}/p.yaml'}}]", {"remote_base"}),
        ("configMapGenerator: [{{name: a, files: ['{url}/f']}}]", {"remote_base"}),
        ("configMapGenerator: [{{name: a, Files: ['{url}/f']}}]", {"remote_base"}),
        ("helmCharts: [{{name: a, repo: '{url}'}}]", {"field_not_allowed"}),
        ("resources: ['{file}']", {"remote_base", "outside_root"}),
        ("configMapGenerator: [{{name: a, files: ['{file}']}}]", {"remote_base"}),
        ("generators: [plugin.yaml]", {"field_not_allowed"}),
        ("transformers: [plugin.yaml]", {"field_not_allowed"}),
        ("validators: [plugin.yaml]", {"field_not_allowed"}),
    ],
)
def test_an_overlay_dials_nobody_and_reads_no_file_of_the_host(
    render, listener, host_file, text, reasons
):
    """Security 13: remote bases, plugins, inflation and files outside the root."""
    plugin = (
        "apiVersion: v1\nkind: Run\nmetadata:\n  name: a\n  annotations:\n"
        f"    config.kubernetes.io/function: 'exec: {{path: {host_file}}}'\n"
    )
    files = {
        "kustomization.yaml": text.format(url=listener.url, file=host_file) + "\n",
        "plugin.yaml": plugin,
    }

    for job in (
        standalone(files),
        workload(chart({"templates/a.yaml": CONFIG}), overlays=(overlay(files),)),
    ):
        result = render(job, chart({"templates/a.yaml": CONFIG}))

        assert {error.reason for error in result.errors} <= reasons
        assert {error.code for error in result.errors} == {"template_error"}
        assert CANARY not in " ".join(error.message for error in result.errors)
    assert not listener.has_heard()


def test_a_variable_cannot_put_an_address_where_a_path_was(render, listener):
    """What is checked are the files with variables put in, as Kustomize sees them."""
    files = {"kustomization.yaml": "resources: ['{{hq.var.BASE}}']\n"}
    row = variable("BASE", f"{listener.url}/a.yaml")

    result = render(standalone(files, variables=(row,)))

    assert [error.reason for error in result.errors] == ["remote_base"]
    assert not listener.has_heard()
