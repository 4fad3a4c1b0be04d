"""Templates that attack: each ends in a typed error, and the next chart renders.

Those of the faulty chart of the corpus are in ``test_limit_child``.
"""

import pytest

from delivery.rendering.limits import MIB, Limits
from delivery.rendering.warmchild import RenderChild
from tests.rendering.charts import chart
from tests.rendering.jobs import overlay, workload

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
