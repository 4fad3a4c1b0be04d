"""Only what must come out the same is rendered in process; the rest by the program."""

import pytest

from delivery.rendering.charts import read_chart_archive
from delivery.rendering.rootscan import shows_context
from delivery.rendering.suiting import Suited, suited_request
from tests.rendering.charts import chart, packed

PLAIN = {"templates/a.yaml": "a: {{ .Values.a }}\n", "README.md": "kubeVersion, hook"}


def suited(files=None, **more):
    return read_chart_archive(chart({**PLAIN, **(files or {})}, **more)).suited


def request(*values, kubernetes_version="1.33.0", api_versions=("apps/v1",), **files):
    read = read_chart_archive(chart({**PLAIN, **files}))
    return suited_request(
        read.suited,
        read.scan,
        values,
        kubernetes_version=kubernetes_version,
        api_versions=api_versions,
    )


def test_a_plain_chart_suits():
    assert suited() == Suited(may_hook=False, has_crds=False)
    assert suited({"crds/a.yaml": "kind: X\n"}) == Suited(False, True)
    assert suited({"templates/b.yaml": "helm.sh/hook: test\n"}) == Suited(True, False)


@pytest.mark.parametrize(
    "files",
    [
        {"templates/b.yaml": "{{ .Capabilities.KubeVersion }}"},
        {"templates/b.yaml": "{{ index . `Capabilities` }}"},
        {
            "templates/b.yaml": "{{ index . .Values.w }}",
            "values.yaml": "w: Capabilities",
        },
        {"templates/b.yaml": "{{ .Files.Get `x` }}", "x": "kubeVersion"},
        {"templates/b.yaml": "{{ randAlpha 3 }}"},
        {"templates/b.yaml": "{{ toJson . }}"},
        {
            "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.0.0\n"
            "kubeVersion: '>=1.20.0'\n"
        },
        {
            "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.0.0\n",
            "charts/s/templates/x.yaml": "{{ $.Capabilities }}",
        },
    ],
)
def test_what_can_see_the_cluster_or_chance_does_not(files):
    assert suited(files) is None


def test_a_library_is_left_to_the_program_which_refuses_it():
    assert suited(about="type: library\n") is None
    assert read_chart_archive(packed("operator")).suited is None


def test_plain_values_suit_and_may_bring_hooks():
    assert request("---\na: -1\nb: -0.5\nc: [- 0, a-0]\n", "x: 1\n") == Suited(
        False, False
    )
    assert request("a: {helm.sh/hook: test}\n") == Suited(True, False)


@pytest.mark.parametrize(
    "values",
    [
        "a: -0.0\n",
        "a: [-0, 1]\n",
        "a: -.0e3\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "%YAML 1.1\n---\na: 1\n",
        "kubeVersion: 1.30\n",
        "a: '{{ .Capabilities }}'\n",
    ],
)
def test_values_that_json_or_the_cluster_may_bend_do_not(values):
    assert request(values) is None


def test_values_are_templates_where_one_calls_tpl():
    shows = "a: '{{ toYaml $ }}'\n"

    assert request(shows)
    assert request(shows, **{"templates/t.yaml": "{{ tpl .Values.a . }}"}) is None


@pytest.mark.parametrize(
    "more",
    [{"kubernetes_version": "young"}, {"api_versions": ('a"b',)}],
)
def test_options_that_the_program_may_refuse_are_left_to_it(more):
    assert request("a: 1\n", **more) is None


@pytest.mark.parametrize(
    "text",
    [
        "{{ . }}",
        "{{ $ | toYaml }}",
        "{{- ($) | toPrettyJson -}}",
        "{{ $all := . }}{{ toYaml $all }}",
        "{{ $a := $ }}{{ $b := $a }}{{ print $b }}",
        "{{ range $name, $part := . }}{{ end }}",
        "{{ with $ }}{{ end }}",
        "{{ define `x` }}{{ toYaml . }}{{ end }}",
        "{{ with .Values.x }}a{{ else }}{{ toYaml . }}{{ end }}",
        "{{ range .Values.x }}{{ end }}{{ quote . }}",
        '{{ "}}" | printf "%v" $ }}',
        "{{ default . 1 }}",
        "{{ merge (dict) . }}",
        "{{ if true }}{{ else if . }}{{ print . }}{{ end }}",
    ],
)
def test_templates_that_may_print_all_they_are_given_are_found(text):
    assert shows_context([text])


@pytest.mark.parametrize(
    "text",
    [
        "{{ toYaml .Values.x | nindent 2 }}",
        "{{- with .Values.x }}{{ toYaml . }}{{ end }}",
        "{{ include `a` . | quote }}",
        "{{ $root := . }}{{ range .Values.l }}{{ . }}{{ $root.Values.y }}{{ end }}",
        "{{ include (print $.Template.BasePath `/a`) . | sha256sum }}",
        "{{ tpl (toYaml .Values.x) $ }}",
        "{{- /* toYaml . */ -}}",
        "{{ $_ := set $ `x` 1 }}",
        "{{ include `a` (dict `c` $ `v` .Values.z) | nindent 2 }}",
        "{{ if . }}{{ else if .Values.x }}{{ else }}{{ end }}",
        "{{ template `x` . }}{{ block `y` . }}{{ end }}",
        "{{ range $i, $e := .Values.x }}{{ $e }}{{ . | quote }}{{ end }}",
        "{{ with .a }}{{ else with .b }}{{ . }}{{ end }}",
        "no action at all: .",
    ],
)
def test_templates_that_print_parts_are_left_alone(text):
    assert not shows_context([text])
