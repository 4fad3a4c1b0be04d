"""What is wrong with a unit is said with file and line, as much of it as can be."""

import pytest

from delivery.rendering.units import RenderError, UnitResult
from tests.rendering.charts import chart, packed
from tests.rendering.jobs import manifests, overlay, secret, variable, workload

FAULTY = packed("faulty")
BASE = "workloads/shop/values.yaml"


def errors(result):
    assert not result.documents
    return [(error.reason, error.file, error.line) for error in result.errors]


def ways(*names, more=""):
    return workload(FAULTY, f"ways: [{', '.join(names)}]\n{more}")


def test_an_unresolved_variable_is_named_with_file_line_and_scopes(render):
    """S75: a missing variable is recognised and named."""
    job = workload(FAULTY, "# {{hq.var.REMARK}}\na: 1\nword: {{ hq.var.WORD }}\n")

    result = render(job, FAULTY)

    assert result.errors == (
        RenderError(
            "variable_unresolved",
            "shop",
            "{{hq.var.WORD}} has no value (looked at: svc, tenant, env, repo)",
            BASE,
            3,
            "unresolved",
            "WORD",
        ),
    )


def test_all_unresolved_variables_of_all_files_come_at_once(render):
    """S75: nobody mends them one by one."""
    job = workload(
        FAULTY,
        "word: '{{hq.var.A}}-{{hq.var.env.B}}'\n",
        "word: {{hq.var.svc.C}}\n",
        overlays=(overlay({"kustomization.yaml": "namePrefix: '{{hq.var.D}}'\n"}),),
    )

    result = render(job, FAULTY)

    assert [(error.code, error.file) for error in result.errors] == [
        ("variable_unresolved", BASE),
        ("variable_unresolved", BASE),
        ("variable_unresolved", "workloads/shop/values.env.dev.yaml"),
        (
            "variable_unresolved",
            "targets/acme/dev/kustomize/edge/kustomization.yaml",
        ),
    ]
    assert "(looked at: env)" in result.errors[1].message


def test_a_value_that_does_not_fit_is_named_and_not_told(render):
    row, sealed = secret("TOKEN", "two\nlines: here")
    job = workload(
        FAULTY, "a: 1\nword: {{hq.var.TOKEN}}\n", variables=(row,), sealed=(sealed,)
    )

    result = render(job, FAULTY)

    assert errors(result) == [("value_does_not_fit", BASE, 2)]
    assert "TOKEN" in result.errors[0].message
    assert "lines" not in result.errors[0].message.replace("several lines", "")


def test_a_nil_in_a_helper_names_the_template(render):
    """S74: a template error is recognised, with its place."""
    result = render(ways("nil"), FAULTY)

    assert errors(result) == [("template", "faulty/templates/_help.tpl", 2)]
    assert "nil pointer" in result.errors[0].message


def test_errors_of_several_templates_come_at_once(render):
    """S74: the second mistake shows without mending the first."""
    result = render(ways("nil", "fail", "broken", "required"), FAULTY)

    assert {(reason, file) for reason, file, _ in errors(result)} == {
        ("template", "faulty/templates/_help.tpl"),
        ("template", "faulty/templates/fail.yaml"),
        ("bad_output", "faulty/templates/broken.yaml"),
        ("template", "faulty/templates/required.yaml"),
    }
    assert any("set owner to a team" in error.message for error in result.errors)


def test_a_helper_that_fails_many_templates_is_told_once(render):
    template = "a: {{ include `x` . }}\n"
    helper = "{{ define `x` }}\n{{ .Values.a.b.c }}{{ end }}"
    data = chart(
        {
            "templates/_x.tpl": helper,
            **{f"templates/{name}.yaml": template for name in "abc"},
        }
    )

    result = render(workload(data), data)

    assert errors(result) == [("template", "tiny/templates/_x.tpl", 2)]


def test_each_breach_of_a_schema_names_the_layer_and_line_that_sets_it(render):
    data = packed("storefront")
    job = workload(
        data,
        "port: 1\nreplicas: 2\n",
        "replicas: none\nport: 80\n",
        "image:\n  # the tag\n  tag: ''\nport: 70000\n",
    )

    result = render(job, data)

    assert sorted(errors(result)) == [
        ("schema", "workloads/shop/values.env.dev.yaml", 1),
        ("schema", "workloads/shop/values.tenant.acme.yaml", 3),
        ("schema", "workloads/shop/values.tenant.acme.yaml", 4),
    ]
    assert any(error.message.startswith("image.tag: ") for error in result.errors)


def test_a_schema_breach_by_a_value_nobody_set_names_the_workload(render):
    data = packed("storefront")

    result = render(workload(data, "image: {repository: null}\n"), data)

    assert errors(result) == [("schema", BASE, 1)]


def test_a_template_that_cannot_be_parsed_is_named(render):
    data = chart({"templates/a.yaml": "a: 1\nb: {{ nosuch }}\n"})

    result = render(workload(data), data)

    assert errors(result) == [("template", "tiny/templates/a.yaml", 2)]
    assert 'function "nosuch" not defined' in result.errors[0].message


def test_an_error_in_a_subchart_names_its_file(render):
    data = chart(
        {
            "charts/kit/Chart.yaml": "apiVersion: v2\nname: kit\nversion: 1.0.0\n",
            "charts/kit/templates/k.yaml": "{{ fail `kit` }}\n",
            "templates/a.yaml": "{{ fail `own` }}\n",
        }
    )

    result = render(workload(data), data)

    assert sorted(errors(result)) == [
        ("template", "tiny/charts/kit/templates/k.yaml", 1),
        ("template", "tiny/templates/a.yaml", 1),
    ]


@pytest.mark.parametrize(
    ("data", "more", "message"),
    [
        (chart(about="kubeVersion: '>=1.99.0'\n"), {}, "kubeVersion"),
        (chart(about="type: library\n"), {}, "library charts are not installable"),
        (chart(), {"kubernetes_version": "young"}, "kube version"),
        (chart(), {"unit": "no_release_name"}, "release name"),
    ],
    ids=["kubeVersion", "library", "version", "name"],
)
def test_a_refusal_without_a_place_names_the_workload(render, data, more, message):
    job = workload(data, **more)

    result = render(job, data)

    assert errors(result) == [("helm", f"workloads/{job.unit}/workload.yaml", None)]
    assert message in result.errors[0].message


def test_a_refused_chart_is_an_error_of_the_unit(render):
    result = render(workload(b"no chart"), b"no chart")

    assert errors(result) == [("chart", "workloads/shop/workload.yaml", None)]
    assert "not_an_archive" in result.errors[0].message


def test_a_resource_without_a_name_names_the_template(render):
    result = render(ways("nameless"), FAULTY)

    assert errors(result) == [("document", "faulty/templates/nameless.yaml", None)]


def test_broken_manifests_name_file_and_line(render):
    good = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    job = manifests(
        {
            "a.yaml": f"{good}---\n{good}x: {{{{hq.var.X}}}}\n",
            "b.yaml": f"{good}---\n- a list\n",
            "c.json": '{"kind": "Pod"}\n',
            "notes.txt": "words\n",
        },
        variables=(variable("X", "x"),),
    )

    result = render(job)

    at = "targets/acme/dev/manifests/plain"
    assert errors(result) == [
        ("document", f"{at}/b.yaml", 5),
        ("document", f"{at}/c.json", 1),
        ("file", f"{at}/notes.txt", None),
    ]


def test_text_that_is_no_yaml_names_file_and_line(render):
    job = workload(FAULTY, "a: 1\nb: [\n", "- a\n", "a: 1\na: 2\n")

    result = render(job, FAULTY)

    assert [error.reason for error in result.errors] == ["bad_text"] * 3
    assert result.errors[1].line == 1
    assert result.errors[2].line == 2


def test_errors_tell_no_secret(render):
    row, sealed = secret("TOKEN", "correct horse battery")
    job = workload(
        FAULTY,
        "ways: [fail]\nword: '{{hq.var.TOKEN}}'\n",
        variables=(row,),
        sealed=(sealed,),
    )

    result = render(job, FAULTY)

    assert errors(result) == [("template", "faulty/templates/fail.yaml", 2)]
    assert "horse" not in result.errors[0].message
    assert f"no way with <secret {sealed[0][:8]}>" in result.errors[0].message


def test_errors_tell_no_path_of_this_machine(render, warm_pool, data_dir):
    """Security 16: whatever Helm and Kustomize say, it is about the author's files."""
    data = chart({"templates/a.yaml": "{{ .Files.Get `../../etc/passwd` | fail }}\n"})
    bad = overlay({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": "a: b\n"})
    child = warm_pool._children[0]

    results = [
        render(workload(data), data),
        render(workload(chart(), overlays=(bad,)), chart()),
    ]

    words = " ".join(error.message for result in results for error in result.errors)
    assert len(words) > 20
    for path in (str(data_dir), str(child._folder.path), "/tmp"):
        assert path not in words


def test_results_and_errors_survive_json():
    result = UnitResult(
        "shop", errors=(RenderError("template_error", "shop", "no", "f", 3, "r"),)
    )

    assert UnitResult.from_json(result.to_json()) == result
    assert result.errors[0].to_json() == {
        "code": "template_error",
        "unit": "shop",
        "message": "no",
        "file": "f",
        "line": 3,
        "reason": "r",
        "variable": "",
    }
