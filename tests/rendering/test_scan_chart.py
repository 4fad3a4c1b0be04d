"""A scan says which charts may come out different, and which depend on a version."""

import pytest

from delivery.rendering.charts import read_chart_archive
from delivery.rendering.scanning import scan_texts, shift_clock
from tests.rendering.charts import chart, packed


@pytest.mark.parametrize(
    "action",
    [
        "{{ randAlphaNum 5 }}",
        "{{- now | date `2006` -}}",
        "{{ $x := genCA `a` 1 }}",
        '{{ index (keys .Values | sortAlpha) 0 | printf "%s" }}',
        "{{ (uuidv4) }}",
        "{{ if true }}{{ htpasswd `a` `b` }}{{ end }}",
        "{{ tpl `{{ now }}` . }}",
        "{{\n  ago\n  .x }}",
        '{{ printf "}}%s" (randAlphaNum 5) }}',
        "{{ print `}}` (randAlphaNum 5) }}",
        "{{ eq '}' '}' }}{{ uuidv4 }}",
        '{{ "{{/*" }}{{ uuidv4 }}{{ "*/}}" }}',
        '{{ "a\\"}}" }} {{ now }}',
        '{{ printf "%p" .Values }}',
        '{{ printf "%-12p" .Values }}',
    ],
)
def test_functions_that_differ_are_found(action):
    assert scan_texts([f"a: {action}\n"])


@pytest.mark.parametrize(
    "text",
    [
        "now: randAlpha\n",
        "a: {{ .Values.now }} {{ $.keys }} {{ $now }} {{ .Values.values }}\n",
        "{{/* now is the time to shuffle keys */}}\n",
        "{{- /* now */ -}}\n",
        "{{/* it's `now` */}}{{ .Values.a }} }} now\n",
        '{{ printf "%d%% per day" 5 }}\n',
        "{{ .Values.a | quote }} now {{ .Values.b }}",
        "{{ nowhere }}{{ keysOf }}{{ dateModify }}",
    ],
)
def test_words_that_are_no_functions_are_left_alone(text):
    assert not scan_texts([text])


def test_values_and_files_count_where_a_template_calls_tpl():
    inert = {"values.yaml": 'a: "{{ now }}"\n', "templates/a.yaml": "{{ .Values.a }}"}
    alive = {**inert, "templates/b.yaml": "{{ tpl .Values.a . }}"}

    assert not read_chart_archive(chart(inert)).uses_random
    assert read_chart_archive(chart(alive)).uses_random


def test_charts_that_ask_for_versions_are_told_from_others():
    assert read_chart_archive(packed("operator")).uses_capabilities
    assert not read_chart_archive(packed("storefront")).uses_capabilities
    assert read_chart_archive(chart(about="kubeVersion: '>=1.0.0'\n")).uses_capabilities


def test_a_shifted_clock_stays_inside_a_raw_string():
    raw = '{{ tpl `{{ now | date "2006" }}` . }}{{/* now */}}'

    assert shift_clock(raw) == (
        '{{ tpl `{{ (now | dateModify "+9555h37m11s") | date "2006" }}` . }}'
        "{{/* now */}}"
    )


def test_an_action_that_never_ends_is_given_up_at_once():
    hostile = "{{" + "\"'`" * 30_000

    assert not scan_texts([hostile])
    assert shift_clock(hostile) == hostile


def test_a_shifted_clock_changes_calls_only():
    text = '{{ now | date "now" }} now {{ .Values.now }} {{ (now).Unix }}{{ $now }}'

    assert shift_clock(text) == (
        '{{ (now | dateModify `+9555h37m11s`) | date "now" }} now {{ .Values.now }} '
        "{{ ((now | dateModify `+9555h37m11s`)).Unix }}{{ $now }}"
    )
