"""Hostile YAML at every door that takes YAML, and what each answers."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from environments.models import ChartVersion, Edit
from tests import make

ANSWERS = {(400, "parse_error"), (413, "too_large"), (422, "validation_error")}
PROJECT = "/api/v1/projects/shop"
TARGET = f"{PROJECT}/targets/acme/prod"
DEEP = 200_000
MIB = 2**20
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
ATTACKS = {
    "aliases": BOMB,
    "depth": "a: " + "[" * DEEP,
    "depth of maps": "a: " + "{a: " * DEEP,
    "an endless anchor": "a: &a [*a]\n",
    "a key twice": "a: 1\na: 2\n",
    "NUL": "a: x\0y\n",
    "BOM": "\ufeffa: 1\n",
    "no characters": "a: \ud800\n",
    "10 MB": f"a: {'x' * 10 * MIB}\n",
}


def put(client, url, body):
    return client.put(url, json.dumps(body), content_type="application/json")


def values(client, text):
    return client.put(
        f"{PROJECT}/workloads/api/values",
        text.encode("utf-8", "surrogatepass"),
        content_type="text/yaml",
    )


def overlay(client, text):
    files = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": text}
    return put(client, f"{TARGET}/kustomize/edge", {"files": files})


def kustomization(client, text):
    body = {"files": {"kustomization.yaml": f"resources: []\n{text}"}}
    return put(client, f"{TARGET}/kustomize/edge", body)


def manifests(client, text):
    return put(client, f"{TARGET}/manifests/plain", {"files": {"a.yaml": text}})


def chart(client, text):
    head = f"apiVersion: v2\nname: web\nversion: 9.9.9\n{text}"
    head = head.encode("utf-8", "replace").decode()
    data = make.chart_archive("web", "9.9.9", {"Chart.yaml": head})
    file = SimpleUploadedFile("chart.tgz", data)
    return client.post("/api/v1/charts", {"file": file}, format="multipart")


DOORS = (values, overlay, kustomization, manifests, chart)


@pytest.fixture
def client(as_user, api_workload):
    return as_user(make.user("root", is_superuser=True))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_hostile_yaml_is_refused_at_each_door(client, door):
    """Security 14: bombs, depth, keys twice, NUL, BOM, size; nothing is kept."""
    edits, versions = Edit.objects.count(), ChartVersion.objects.count()
    for name, text in ATTACKS.items():
        answer = door(client, text)

        problem = answer.json()
        assert (answer.status_code, problem["code"]) in ANSWERS, name
        assert len(answer.content) < 4096, name
    assert (Edit.objects.count(), ChartVersion.objects.count()) == (edits, versions)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_tag_makes_nothing(client, door, tmp_path):
    """Security 14: a tag of some language is text to us; no object comes of it."""
    made = tmp_path / "made"
    tag = f"t: !!python/object/apply:os.system ['touch {made}']\n"

    answer = door(client, tag)

    assert (answer.status_code, door) in {
        *((200, values), (201, manifests)),
        *((201, overlay), (201, chart), (422, kustomization)),
    }
    assert not made.exists()


@pytest.mark.parametrize(
    "value",
    ["x" * 10 * MIB, "a\0b", "{{hq.var.HOST}}", "\ufeffx", "\u2028", "\ud800"],
    ids=["size", "NUL", "itself", "BOM", "line", "half"],
)
def test_a_hostile_variable_is_refused(client, value):
    """Security 15: what could do more than stand there is not saved."""
    body = {"scope": "repo", "key": "HOST", "value": value}

    answer = put(client, f"{PROJECT}/variables", body)

    assert (answer.status_code, answer.json()["code"]) in ANSWERS
