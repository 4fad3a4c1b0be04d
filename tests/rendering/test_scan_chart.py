"""A scan says which charts may come out different, and which depend on a version."""

from itertools import count

import pytest

from delivery.rendering.assembling import assembles
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


@pytest.mark.parametrize(
    "action",
    [
        '{{ tpl (print "{{ ra" "ndAlphaNum 5 }}") . }}',
        '{{ tpl ( .Values.a | replace "S" "r" ) $ }}',
        "{{ tpl (b64dec .Values.a) . }}",
        "{{ tpl (include `parts` .) . }}",
        '{{ . | tpl (printf "%s%s" .Values.a .Values.b) }}',
        '{{ tpl "{{ \\x72andAlphaNum 5 }}" . }}',
        '{{ $x := "{{ \\u0072andAlphaNum 5 }}" }}{{ tpl $x . }}',
        '{{ tpl (default "" (join "" .Values.parts)) . }}',
    ],
)
def test_a_template_made_on_the_spot_is_found(action):
    assert read_chart_archive(chart({"templates/a.yaml": action})).scan.assembles


@pytest.mark.parametrize(
    "template",
    [
        "{{ tpl .Values.a . }}{{ tpl $value $ }}",
        "{{ tpl (toYaml .Values.a | indent 4) $ }}",
        "{{ tpl (.Values.a | toYaml) . }}{{ tpl (toString .a) .context }}",
        "{{ tpl (default .Values.global.a .Values.a) . }}",
        "{{ tpl (.Files.Get `conf/a.conf`) . | quote }}",
        '{{ $v := typeIs "string" .value | ternary .value (.value | toYaml) }}'
        '{{ tpl (cat "{{- with $.RelativeScope -}}" $v "{{- end }}")'
        ' (merge (dict "RelativeScope" .scope) .context) }}',
        "{{ tpl (ternary .a .b (not (eq .c nil))) . }}{{ print (include `x` .) }}",
        '{{ regexReplaceAll "\\\\x" .a "" }}{{ tpl .Values.a . }}',
    ],
    ids=count(),
)
def test_values_handed_to_tpl_as_usual_cost_no_second_rendering(template):
    """The third from the end is what most published charts do."""
    files = {"files/a.json": '{"a": "\\u003c"}', "templates/a.yaml": template}
    read = read_chart_archive(chart(files))

    assert read.scan.uses_tpl
    assert not read.scan.assembles
    assert not read.scan.may_differ


def test_values_that_write_characters_by_their_numbers_count_for_tpl():
    files = {
        "values.yaml": 'a: "{{ \\x72andAlphaNum 5 }}"\n',
        "templates/a.yaml": "{{ .Values.a }}",
    }
    alive = {**files, "templates/b.yaml": "{{ tpl .Values.a . }}"}

    assert not read_chart_archive(chart(files)).scan.assembles
    assert read_chart_archive(chart(alive)).scan.assembles


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
    assert not assembles("{{" + "tpl (" * 100_000)
    assert not assembles("{{ tpl " + "\\" * 100_000)


def test_a_shifted_clock_changes_calls_only():
    text = '{{ now | date "now" }} now {{ .Values.now }} {{ (now).Unix }}{{ $now }}'

    assert shift_clock(text) == (
        '{{ (now | dateModify `+9555h37m11s`) | date "now" }} now {{ .Values.now }} '
        "{{ ((now | dateModify `+9555h37m11s`)).Unix }}{{ $now }}"
    )
