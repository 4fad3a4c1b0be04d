"""A unit's key names its output: it moves with what it depends on, and nothing else."""

import dataclasses

from delivery.rendering.unit_keys import TextAt, UnitKeys, UnitPlan
from delivery.rendering.units import UnitJob
from environments.desired.scoping import VariableIndex
from environments.desired.state import VariableState
from environments.desired.texts import text_digest
from tests.rendering.charts import packed
from tests.rendering.jobs import overlay, secret, variable, workload

CHART = packed("storefront")
ENGINES = {"helm": "v4.2.3", "kubectl": "v1.36.3"}
JOB = workload(
    CHART,
    "# {{hq.var.REMARK}}\nbanner: '{{hq.var.WORD}}'\nreplicas: {{hq.var.env.N}}\n",
    "a: 1\n",
    overlays=(overlay({"kustomization.yaml": "resources: [workload.yaml]\n"}),),
    kubernetes_version="1.30.0",
    api_versions=("a/v1",),
    variables=(
        variable("WORD", "project"),
        variable("WORD", "service", scope="svc", service="shop"),
        variable("N", "3", scope="env"),
        variable("UNUSED", "x"),
        variable("REMARK", "x"),
    ),
)


def unit_key(job, engines):
    held = {}

    def at(file):
        digest = text_digest(file.text)
        held[digest] = file.text
        return TextAt(file.source, file.path, digest)

    plan = UnitPlan(
        job.unit,
        job.kind,
        job.namespace,
        job.service,
        job.chart.digest if job.chart else None,
        [at(file) for file in job.layers],
        [(o.name, [at(file) for file in o.files]) for o in job.overlays],
        [at(file) for file in job.files],
        job.allow_nondeterministic,
    )
    keys = UnitKeys(
        job.kubernetes_version,
        job.api_versions,
        job.secrets_in_git,
        engines,
        VariableIndex(job.variables),
        held.__getitem__,
    )
    return keys.of(plan)


KEY = unit_key(JOB, ENGINES)


def key(engines=ENGINES, **changed):
    return unit_key(dataclasses.replace(JOB, **changed), engines)


def with_value(scope, name, value):
    return tuple(
        dataclasses.replace(row, value=value)
        if (row.scope, row.key) == (scope, name)
        else row
        for row in JOB.variables
    )


def test_a_key_is_hex_and_the_same_again():
    again = UnitJob.from_json(JOB.to_json())

    assert again == JOB
    assert unit_key(again, dict(reversed(ENGINES.items()))) == KEY
    assert len(KEY) == 64
    assert int(KEY, 16)


def test_a_key_is_that_of_yesterday():
    """Else every unit would be rendered anew after an upgrade."""
    chart = dataclasses.replace(JOB.chart, digest="0" * 64)
    expected = "83448aa4284d0af8a46eb358e045291b56a4b64a50914f5b9d35c06758aa620d"

    assert key(chart=chart) == expected


def test_a_key_moves_with_everything_output_depends_on():
    other_chart = dataclasses.replace(JOB.chart, digest="0" * 64)
    changed_layer = dataclasses.replace(JOB.layers[1], text="a: 2\n")
    keys = [
        KEY,
        key(chart=other_chart),
        key(layers=(JOB.layers[0], changed_layer)),
        key(layers=tuple(reversed(JOB.layers))),
        key(overlays=()),
        key(overlays=(dataclasses.replace(JOB.overlays[0], name="else"),)),
        key(unit="else"),
        key(namespace="else"),
        key(service=None),
        key(kubernetes_version="1.31.0"),
        key(api_versions=("a/v1", "b/v1")),
        key(allow_nondeterministic=True),
        key(secrets_in_git="plain"),
        key(variables=with_value("svc", "WORD", "other")),
        key(variables=with_value("env", "N", "4")),
        key(variables=()),
        key({**ENGINES, "helm": "v4.3.0"}),
    ]

    assert len(set(keys)) == len(keys)


def test_a_key_stays_where_output_stays():
    assert key(variables=with_value("repo", "WORD", "beaten")) == KEY
    assert key(variables=with_value("repo", "UNUSED", "y")) == KEY
    assert key(variables=with_value("repo", "REMARK", "y")) == KEY
    assert key(variables=tuple(reversed(JOB.variables))) == KEY
    assert key(sealed=(("f", "sealed"),)) == KEY
    assert key(chart=dataclasses.replace(JOB.chart, name="same bytes")) == KEY


def test_a_secret_counts_by_its_fingerprint():
    row, sealed = secret("WORD", "correct horse")
    other, _ = secret("WORD", "battery staple")
    resealed = secret("WORD", "correct horse")[1]

    def of(row, sealed):
        return key(variables=(row,), sealed=(sealed,))

    assert sealed != resealed
    assert of(row, sealed) == of(row, resealed)
    assert of(row, sealed) != of(other, sealed)


def test_a_secret_is_no_plain_value_of_the_same_characters():
    row, _ = secret("WORD", "correct horse")
    plain = VariableState("repo", "WORD", value=row.fingerprint)

    assert key(variables=(row,)) != key(variables=(plain,))
