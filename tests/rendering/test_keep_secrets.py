"""Secrets reach Secrets only, and Git only where the project chose so."""

import base64

import pytest

from delivery.rendering.secrecy import Secrets
from tests.rendering.charts import packed
from tests.rendering.jobs import manifests, overlay, secret, variable, workload

PLAIN = "correct horse: battery"
FINGERPRINT = "f" * 64
FAULTY = packed("faulty")


def job_with(text, plaintext=PLAIN, **more):
    row, sealed = secret("TOKEN", plaintext)
    return manifests({"a.yaml": text}, variables=(row,), sealed=(sealed,), **more)


def config(body):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n{body}"


def in_secret(body):
    return config(body).replace("ConfigMap", "Secret")


def reasons(result):
    return [error.reason for error in result.errors]


@pytest.mark.parametrize(
    "text",
    [
        config("data: {a: '{{hq.var.TOKEN}}'}\n"),
        config('data:\n  a: "user:{{hq.var.TOKEN}}@host"\n'),
        config("data:\n  a: |\n    {{hq.var.TOKEN}}\n"),
        config("").replace("name: a", "name: a\n  labels: {x: '{{hq.var.TOKEN}}'}"),
        in_secret("data: {a: '{{hq.var.TOKEN}}'}\n").replace("v1", "example.com/v1"),
    ],
    ids=["value", "inside", "block", "label", "other-group"],
)
def test_a_secret_outside_a_secret_is_refused(render, text):
    result = render(job_with(text, secrets_in_git="plain"))

    assert reasons(result) == ["secret_leak"]
    assert "ConfigMap a" in result.errors[0].message or "Secret a" in str(result)
    assert "horse" not in str(result)


def test_a_secret_as_base64_is_found_through_helm(render):
    """The chart encodes it, as charts do."""
    row, sealed = secret("TOKEN", PLAIN)
    overlaid = overlay(
        {
            "kustomization.yaml": (
                "resources: [workload.yaml]\n"
                "configMapGenerator:\n  - {name: c, literals: ['t={{hq.var.TOKEN}}']}\n"
            )
        }
    )
    job = workload(
        FAULTY, "word: x\n", overlays=(overlaid,), variables=(row,), sealed=(sealed,)
    )

    assert reasons(render(job, FAULTY)) == ["secret_leak"]


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("after", ["", "!", "@host"])
def test_base64_of_something_longer_is_found(before, after):
    secrets = Secrets({PLAIN: FINGERPRINT})
    encoded = base64.b64encode(f"{before}{PLAIN}{after}".encode()).decode()

    assert secrets.found_in(f"a: {encoded}\n") == FINGERPRINT
    assert (
        secrets.found_in(f"a: |\n  {encoded[:10]}\n  {encoded[10:]}\n") == FINGERPRINT
    )


@pytest.mark.parametrize(
    "document",
    [
        'a: "correct\\u0020horse: battery"\n',
        'a: "correct\n  horse: battery"\n',
        "a: 'correct horse: battery'\n",
        "# correct horse: battery\na: b\n",
        "{'correct horse: battery': 1}\n",
    ],
    ids=["escaped", "folded", "quoted", "comment", "key"],
)
def test_a_secret_is_found_however_it_is_written(document):
    assert Secrets({PLAIN: FINGERPRINT}).found_in(document) == FINGERPRINT


def test_other_texts_are_no_leak():
    secrets = Secrets({PLAIN: FINGERPRINT, "-----BEGIN KEY-----\nabc\n": "e" * 64})

    assert secrets.found_in("a: correct\nb: horse battery\n") is None
    assert secrets.found_in("a: -----BEGIN KEY-----\n") is None


@pytest.mark.parametrize("field", ["stringData", "data"])
def test_a_secret_in_a_secret_follows_the_policy_of_the_project(render, field):
    text = in_secret(f"{field}:\n  a: '{{{{hq.var.TOKEN}}}}'\n")

    refused = render(job_with(text))
    chosen = render(job_with(text, secrets_in_git="plain"))

    assert reasons(refused) == ["secret_in_git"]
    for way_out in ("External Secrets", "Sealed Secrets", "secretsInGit"):
        assert way_out in refused.errors[0].message
    assert PLAIN in chosen.documents[0].text


def test_plain_variables_may_stand_anywhere(render):
    job = manifests(
        {"a.yaml": config("data: {a: '{{hq.var.WORD}}'}\n")},
        variables=(variable("WORD", "in the open"),),
    )

    assert "in the open" in render(job).documents[0].text


def test_a_leftover_placeholder_is_refused(render):
    """A template that writes one: nothing puts a value there."""
    job = workload(FAULTY, "word: 'x'\nkind: ConfigMap\n")
    job_left = workload(
        FAULTY, "word: '{{hq.var.A}}'\n", variables=(variable("A", "{{ hq"),)
    )

    assert not render(job, FAULTY).errors
    assert reasons(render(job_left, FAULTY)) == ["leftover_placeholder"]
