"""Templates that attack: each ends in a typed error, and the next chart renders.

Those of the faulty chart of the corpus are in ``test_limit_child``.
"""

import json
import tarfile

import pytest

from delivery.rendering.limits import MIB, Limits
from delivery.rendering.warmchild import RenderChild
from tests.rendering.charts import chart, member_named, tgz
from tests.rendering.jobs import overlay, standalone, workload

TIGHT = Limits(cpu_seconds=1, memory=192 * MIB, output=1 * MIB, documents=50)
"""CPU time and not the clock: a machine with much to do stops no good chart."""
GOOD = chart({"templates/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"})
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)

STOPPED = {
    "recursion": (
        '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
        {"template", "helm", "memory"},
    ),
    "fan-out by tpl": (
        "{{ tpl .Values.t . }}",
        {"template", "helm", "timeout", "memory", "output"},
    ),
    "keys of 16384 bits": (
        "{{ range until 999 }}{{ genSelfSignedCertWithKey `a` nil nil 9"
        " (genPrivateKey `rsa`) }}{{ end }}",
        {"timeout"},
    ),
    "keys without end": (
        "{{ range until 9999 }}{{ genPrivateKey `rsa` }}{{ end }}",
        {"timeout"},
    ),
    "doubling": (
        "{{ $s := `0123456789abcdef` }}{{ range until 40 }}"
        "{{ $s = print $s $s }}{{ end }}{{ $s }}",
        {"memory"},
    ),
    "repeat": ("{{ repeat 1099511627776 `x` }}", {"template", "helm", "memory"}),
    "a list of all numbers": (
        "{{ until 2147483647 | len }}",
        {"memory", "template", "timeout"},
    ),
    "nesting": ("a: " + "[" * 200_000, {"bad_output", "document", "helm", "memory"}),
    "aliases": (HEAD + BOMB, {"bad_output", "document"}),
    "flood": (
        f"{HEAD}data: {{a: {{{{ repeat 3000000 `x` }}}}}}",
        # Whichever is met first, on a busy machine.
        {"output", "memory"},
    ),
}


ABOUT = b"apiVersion: v2\nname: tiny\nversion: 0.1.0\n"
ARCHIVES = {
    "link": [(member_named("tiny/x", tarfile.SYMTYPE, "/etc/passwd"), b"")],
    "parent_path": [(member_named("tiny/../../x"), b"x")],
    "absolute_path": [(member_named("/etc/cron.d/x"), b"x")],
    "compression_bomb": [(member_named("tiny/x"), b"\0" * 5_000_000)],
    "too_many_files": [(member_named(f"tiny/{n}"), b"") for n in range(10_001)],
}
SCHEMAS = {
    "itself": {"$ref": "#"},
    "a pattern": {"properties": {"a": {"pattern": "^(((a+)+)+)+$"}}},
    "all of all of": {
        "$ref": "#/definitions/d0",
        "definitions": {
            f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}] * 2}
            for n in range(40)
        }
        | {"d40": {"type": "string"}},
    },
}
PRINTED = {
    "a kind twice": f"kind: Secret\n{HEAD}",
    "NUL": f'{HEAD}data: {{a: "{{{{ printf `%c` 0 }}}}"}}\n',
    "BOM": f'{HEAD}data: {{a: "\ufeff"}}\n\ufeff---\n{HEAD}',
    "tag": f"{HEAD}data: !!python/object/apply:os.system ['id']\n",
    "levels": f"{HEAD}data: {'{a: ' * 200_000}",
}


@pytest.fixture(scope="module")
def child(data_dir):
    made = RenderChild(data_dir, TIGHT, search="")
    yield made
    made.stop()


@pytest.fixture
def stopped(child):
    """Render an attack and a good chart after it; give the only error."""

    def run(job, data):
        result = child.render(job, load_chart=lambda _: data)
        after = child.render(workload(GOOD), load_chart=lambda _: GOOD)
        assert [document.name for document in after.documents] == ["a"]
        assert not result.documents
        return result.errors[0]

    return run


@pytest.mark.parametrize("name", STOPPED)
def test_a_template_that_attacks_is_stopped(stopped, name):
    """Security 12: loops, recursion, doubling, keys, fan-out; 14: bombs it prints."""
    template, reasons = STOPPED[name]
    data = chart(
        {
            "templates/a.yaml": template,
            "values.yaml": "t: '{{ tpl .Values.t . }}{{ tpl .Values.t . }}'\n",
        }
    )

    error = stopped(workload(data), data)

    assert (error.code, error.unit) == ("template_error", "shop")
    assert error.reason in reasons
    assert len(error.message) <= 2000


@pytest.mark.parametrize(
    "values", [BOMB, "a: " + "[" * 200_000, "a: &a [*a]\n", "a: x\0\n"]
)
def test_hostile_values_of_a_chart_are_named(stopped, values):
    """Security 14: the chart's own values are read by Helm, within the same limits."""
    data = chart({"values.yaml": values, "templates/a.yaml": HEAD})

    error = stopped(workload(data, "b: 1\n"), data)

    assert (error.code, error.reason) == ("template_error", "helm")
    assert error.message.startswith("cannot load values.yaml")


def test_a_bomb_that_a_chart_prints_does_not_hang_kustomize(stopped):
    """Security 13: what a chart prints is checked before an overlay is built on it."""
    data = chart({"templates/a.yaml": HEAD + BOMB})
    job = workload(
        data,
        overlays=(overlay({"kustomization.yaml": "resources: [workload.yaml]\n"}),),
    )

    error = stopped(job, data)

    assert error.reason in {"bad_output", "document"}


def test_words_without_end_on_stderr_are_cut(stopped):
    data = chart({"templates/a.yaml": "{{ fail (repeat 200000 `no `) }}"})

    error = stopped(workload(data), data)

    assert error.reason == "template"
    assert len(error.message) <= 2000


def test_a_template_sees_nothing_of_the_host(child):
    """Security 11 and 12: no file, name, variable or cluster outside the chart."""
    files = "README /etc/passwd ../../../etc/passwd ../Chart.yaml"
    reads = "".join(f"{{{{ .Files.Get `{path}` }}}}" for path in files.split())
    asked = {
        "files": reads,
        "glob": "{{ range $p, $_ := .Files.Glob `../**` }}{{ $p }}{{ end }}",
        "name": "{{ getHostByName `localhost` }}",
        "cluster": "{{ lookup `v1` `Secret` `default` `` | len | eq 0 | not }}",
    }
    lines = "".join(f"  {key}: '{text}'\n" for key, text in asked.items())
    data = chart({"templates/a.yaml": f"{HEAD}data:\n{lines}"})

    result = child.render(workload(data), load_chart=lambda _: data)

    assert not result.errors
    (document,) = result.documents
    for key in ("files", "glob", "name"):
        assert f"  {key}: ''\n" in document.text
    assert "  cluster: 'false'\n" in document.text


@pytest.mark.parametrize("call", ["env `HOME`", "expandenv `$HOME`"])
def test_a_template_cannot_ask_for_the_environment(stopped, call):
    data = chart({"templates/a.yaml": f"{{{{ {call} }}}}"})

    error = stopped(workload(data), data)

    assert error.reason == "template"
    assert "not defined" in error.message


@pytest.mark.parametrize("reason", ARCHIVES)
def test_an_archive_that_attacks_is_refused_by_its_renderer_too(stopped, reason):
    """Security 11: though it was checked when it was uploaded."""
    data = tgz([("tiny/Chart.yaml", ABOUT), *ARCHIVES[reason]])

    error = stopped(workload(data), data)

    assert (error.code, error.reason) == ("template_error", "chart")
    assert reason in error.message


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_goes_round_is_stopped(stopped, name):
    """Security 12: what refers to itself, or to the same thing twice as often."""
    schema = json.dumps(SCHEMAS[name])
    data = chart({"values.schema.json": schema, "templates/a.yaml": HEAD})

    error = stopped(workload(data, f"a: {'a' * 50_000}b\n"), data)
    assert error.code == "template_error"
    assert error.reason in {"schema", "timeout", "memory"}
    assert len(error.message) <= 2000


@pytest.mark.parametrize("name", PRINTED)
def test_hostile_yaml_that_a_chart_prints_is_named(stopped, name):
    """Security 14: keys twice, NUL, BOM, tags, depth."""
    data = chart({"templates/a.yaml": PRINTED[name]})

    error = stopped(workload(data), data)
    assert error.code == "template_error"
    assert error.reason in {"bad_output", "document", "schema_invalid"}


def test_a_patch_that_doubles_a_resource_is_stopped(stopped):
    """Security 13: copies of copies, which a file of 4 KB may ask for."""
    copies = [{"op": "copy", "from": "/data", "path": f"/data/a{n}"} for n in range(60)]
    patch = {"target": {"kind": "ConfigMap"}, "patch": json.dumps(copies)}
    files = {
        "kustomization.yaml": json.dumps({"resources": ["a.yaml"], "patches": [patch]}),
        "a.yaml": f"{HEAD}data: {{a: {'x' * 1000}}}\n",
    }

    error = stopped(standalone(files), GOOD)

    assert error.code == "template_error"
    assert error.reason in {"timeout", "memory", "output"}
