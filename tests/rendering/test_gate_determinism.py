"""A unit that comes out different each time is refused, unless that is allowed."""

import dataclasses

import pytest

from delivery.rendering.determinism import differences
from tests.rendering.charts import chart, packed
from tests.rendering.jobs import overlay, workload

RESTLESS = packed("restless")


def test_a_difference_names_template_and_resource(render):
    result = render(workload(RESTLESS, "day: fixed\n"), RESTLESS)

    (error,) = result.errors
    assert error.code == "template_error"
    assert error.reason == "nondeterministic"
    assert error.file == "restless/templates/password.yaml"
    assert error.message.startswith("ConfigMap shop-password comes out different")


def test_every_difference_is_named_and_a_day_is_one(render):
    """Two renderings in one second show the same day: the second sees another clock."""
    result = render(workload(RESTLESS), RESTLESS)

    assert sorted(error.file for error in result.errors) == [
        "restless/templates/day.yaml",
        "restless/templates/password.yaml",
    ]


def test_what_happens_to_be_still_passes(render):
    result = render(workload(RESTLESS, "day: fixed\npassword: set\n"), RESTLESS)

    assert not result.errors


def test_a_workload_may_be_allowed_to_differ(render):
    job = dataclasses.replace(workload(RESTLESS), allow_nondeterministic=True)

    result = render(job, RESTLESS)

    assert len(result.documents) == 3


@pytest.mark.parametrize(
    "files",
    [
        {
            "charts/kit/Chart.yaml": "apiVersion: v2\nname: kit\nversion: 1.0.0\n",
            "charts/kit/templates/_k.tpl": '{{ define "k" }}{{ uuidv4 }}{{ end }}',
            "templates/a.yaml": 'name: {{ include "k" . }}',
        },
        {
            "values.yaml": 'a: "{{ uuidv4 }}"',
            "templates/a.yaml": "n: {{ tpl .Values.a . }}",
        },
        {"templates/a.yaml": "n: {{ genCA `a` 1 | toString | sha256sum }}"},
        {"templates/a.yaml": "n: {{ tpl `{{ now | unixEpoch }}` . | quote }}"},
        {"templates/a.yaml": 'n: {{ print "}}" (randAlphaNum 5) | quote }}'},
        {"templates/a.yaml": 'n: {{ printf "%p" .Values | quote }}'},
        {"templates/a.yaml": 'n: {{ tpl (print "{{ ra" "ndAlphaNum 5 }}") . }}'},
        {
            "values.yaml": 'a: "{{ \\x72andAlphaNum 5 }}"',
            "templates/a.yaml": "n: {{ tpl .Values.a . }}",
        },
        {"templates/a.yaml": "n: {{ list .Capabilities | print | quote }}"},
        {
            "templates/a.yaml": "{{ range $k, $_ := .Values.m }}{{ end }}"
            "n: {{ keys .Values.m | join `-` }}",
            "values.yaml": f"m: {{{', '.join(f'k{n}: {n}' for n in range(30))}}}\n",
        },
    ],
    ids=[
        "subchart",
        "values",
        "key",
        "tpl",
        "braces",
        "pointer",
        "parts",
        "escape",
        "address",
        "map",
    ],
)
def test_functions_count_wherever_they_are(render, files):
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    text = head + files["templates/a.yaml"]
    data = chart({**files, "templates/a.yaml": text})

    result = render(workload(data), data)

    assert [error.reason for error in result.errors] == ["nondeterministic"]


def test_functions_in_values_count_where_the_chart_calls_tpl(render):
    data = packed("letters")
    job = workload(data, 'greeting: "{{ now | date \\"2006\\" }}"\n')

    result = render(job, data)

    assert [error.reason for error in result.errors] == ["nondeterministic"]


@pytest.mark.parametrize(
    "value",
    ['"{{ \\x72andAlphaNum 5 }}"', "'{{ tpl (print `{{ ra` `ndAlphaNum 9 }}`) . }}'"],
)
def test_names_hidden_in_values_count_where_the_chart_calls_tpl(render, value):
    data = packed("letters")

    result = render(workload(data, f"greeting: {value}\n"), data)

    assert [error.reason for error in result.errors] == ["nondeterministic"]


def test_a_different_number_of_resources_is_a_difference():
    pod = "# Source: c/t.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"

    (error,) = differences(pod, f"{pod}---\n{pod}", unit="shop", file="w.yaml")

    assert (error.unit, error.file, error.reason) == (
        "shop",
        "w.yaml",
        "nondeterministic",
    )
    assert "number of resources" in error.message


def test_the_gate_holds_for_a_workload_with_an_overlay(render):
    attached = overlay({"kustomization.yaml": "resources: [workload.yaml]\n"})

    result = render(workload(RESTLESS, overlays=(attached,)), RESTLESS)

    assert {error.reason for error in result.errors} == {"nondeterministic"}
