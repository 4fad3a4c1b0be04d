"""Units with overlays share calls of Kustomize, and each comes out as it does alone."""

import hashlib

import pytest

from delivery import rendering_children
from delivery.rendering.limits import MIB, Limits
from delivery.rendering.pool import ChildPool
from environments.models import ChartArchive
from tests.rendering.charts import chart
from tests.rendering.jobs import (
    KEYS,
    manifests,
    overlay,
    secret,
    standalone,
    variable,
    workload,
)
from tests.rendering.overlays import BROKEN, SORTS, overlay_files

CHART = chart(
    {
        "templates/a.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
            "data: {size: {{ .Values.size | quote }}}\n"
        )
    }
)
CANARY = "correct horse battery"
HOLDS_SECRET = {
    "kustomization.yaml": "resources: [a.yaml]\n",
    "a.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: vault}\n"
        "stringData: {token: '{{hq.var.TOKEN}}'}\n"
    ),
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def render_all(settings, warm_pool, monkeypatch):
    """Render jobs as the product does; gives the results and who went together."""
    settings.ENCRYPTION_KEYS = KEYS

    def run(jobs, pool=warm_pool):
        companies = []

        def together(asked, **more):
            companies.append([job.unit for job in asked])
            return ChildPool.render_together(pool, asked, **more)

        monkeypatch.setattr(rendering_children, "_pool", lambda: pool)
        monkeypatch.setattr(pool, "render_together", together, raising=False)
        results = rendering_children.render_units(jobs, beat=lambda: None)
        return results, companies

    return run


def _patched(unit, *values, chart=CHART, **more):
    files = {
        "kustomization.yaml": (
            f"resources: [workload.yaml]\ncommonAnnotations: {{of: {unit}}}\n"
        )
    }
    second = {"kustomization.yaml": "resources: [workload.yaml]\nnameSuffix: -x\n"}
    overlays = (overlay(files, name=f"{unit}-a"), overlay(second, name=f"{unit}-b"))
    return workload(chart, *values, unit=unit, overlays=overlays, **more)


def test_results_and_errors_are_those_of_each_alone(render, render_all):
    """S68, S74: the culprits say what is wrong as they do alone, at the same place."""
    ChartArchive.objects.create(digest=hashlib.sha256(CHART).hexdigest(), data=CHART)
    jobs = [
        *(
            standalone(overlay_files(sort, f"o{sort}"), name=f"o{sort}")
            for sort in range(len(SORTS))
        ),
        standalone({"kustomization.yaml": "helmCharts: []\n"}, name="inflates"),
        standalone({"kustomization.yaml": "namePrefix: '{{hq.var.NO}}'\n"}, name="no"),
        _patched("web", "size: 1\n"),
        _patched("shop", "size: '{{hq.var.N}}'\n", variables=(variable("N", "2"),)),
        _patched("faulty", "size: [\n"),
        manifests({"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"}),
    ]

    results, companies = render_all(jobs)

    assert results == [render(job, CHART) for job in jobs]
    assert {result.unit for result in results if result.errors} == {
        *(f"o{BROKEN}", "inflates", "no", "faulty")
    }
    assert {unit for company in companies for unit in company} == {
        job.unit for job in jobs[:-1]
    }


def test_a_tenant_shares_no_call_with_another(render, render_all):
    """Security 8: what one tenant keeps secret reaches no output of the other."""
    row, sealed = secret("TOKEN", CANARY)
    reader = {
        "kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\n",
        "a.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
            "spec: {containers: [{envFrom: [{secretRef: {name: vault}}]}]}\n"
        ),
    }
    kept = {"variables": (row,), "sealed": (sealed,), "secrets_in_git": "plain"}
    jobs = [
        standalone(HOLDS_SECRET, name="acme-one", **kept),
        standalone(reader, name="globex-one", of="globex"),
        standalone(HOLDS_SECRET, name="acme-two", **kept),
        standalone(reader, name="globex-two", of="globex"),
    ]

    results, companies = render_all(jobs)

    assert sorted(companies) == [["acme-one", "acme-two"], ["globex-one", "globex-two"]]
    assert results == [render(job) for job in jobs]
    assert [CANARY in str(result) for result in results] == [True, False] * 2


def test_a_hostile_neighbour_harms_nobody(data_dir, render, render_all):
    """Security 12: who prints more than it may is stopped, alone; the rest comes."""
    large = "\n".join(f"    line {number}" for number in range(60_000))
    hostile = {
        "kustomization.yaml": "resources: [a.yaml]\n",
        "a.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
            f"data:\n  a: |\n{large}\n"
        )[:250_000],
    }
    good = [standalone(overlay_files(0, f"w{n}"), name=f"w{n}") for n in range(3)]
    limits = Limits(output=MIB // 8)
    with ChildPool(data_dir, limits=limits, search="") as pool:
        results, companies = render_all([standalone(hostile), *good], pool)

    assert [error.reason for error in results[0].errors] == ["output"]
    assert results[1:] == [render(job) for job in good]
    assert companies == [["edge", "w0", "w1", "w2"]]


def test_a_child_that_dies_leaves_each_to_be_rendered_alone(data_dir, render_all):
    """Security 12: no answer for all is no answer for none."""
    good = [standalone(overlay_files(4, f"w{n}"), name=f"w{n}") for n in range(3)]
    limits = Limits(together_seconds=-10)
    with ChildPool(data_dir, limits=limits, search="") as pool:
        results, companies = render_all(good, pool)

    assert [(result.documents, result.errors) for result in results] == [((), ())] * 3
    assert companies == [["w0", "w1", "w2"]]
