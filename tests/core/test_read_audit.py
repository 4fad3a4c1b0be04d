"""Who reads which trail, how it is narrowed, and how it leaves as a file."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from gitopshq.core import audit, ports
from tests import make
from tests.core.conftest import client_of

PATH = "/api/v1/audit"
pytestmark = pytest.mark.usefixtures("trail", "scope")


@pytest.fixture
def trail(dora, stan):
    """Three entries in two projects, and one of the installation."""
    with transaction.atomic():
        for project, event, actor in [
            ("shop", "release.created", dora),
            ("bank", "release.created", stan),
            ("shop", "release.deployed", None),
            ("", "user.created", None),
        ]:
            audit.record(event, stan, actor=actor, project=project, after={"n": 1})


@pytest.fixture
def scope(monkeypatch):
    """Dora may read the trail of the shop."""
    answer = {"dora": ["shop"]}
    monkeypatch.setattr(
        ports, "_audit_scope", lambda user: answer.get(user.username, [])
    )


@pytest.fixture
def client(dora):
    client = Client()
    client.force_login(dora)
    return client


def seen(response):
    return [(item["project"], item["event"]) for item in response.json()["items"]]


def test_one_reads_the_projects_one_may(client):
    assert seen(client.get(PATH)) == [
        ("shop", "release.deployed"),
        ("shop", "release.created"),
    ]


def test_a_stranger_reads_nothing(stan):
    assert seen(client_of(stan).get(PATH)) == []
    assert client_of(stan).get(f"{PATH}/verify").status_code == 403


def test_a_superuser_reads_everything():
    root = make.user("root", is_superuser=True)

    projects = {project for project, _ in seen(client_of(root).get(PATH))}

    assert projects == {"shop", "bank", ""}


@pytest.mark.usefixtures("any_project")
def test_a_token_of_a_project_reads_that_alone():
    root = make.user("root", is_superuser=True)

    found = seen(client_of(root, project="bank").get(PATH))

    assert found == [("bank", "token.issued"), ("bank", "release.created")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("project=shop", 2),
        ("project=bank", 0),
        ("actor=dora", 1),
        ("actor=system", 1),
        ("event=release.created", 1),
        ("event=release.*", 2),
        ("event=release", 0),
        ("object=stan", 2),
        ("object=nobody", 0),
    ],
)
def test_filters_narrow(client, query, count):
    assert len(seen(client.get(f"{PATH}?{query}"))) == count


def test_time_is_half_open(client):
    at = client.get(PATH).json()["items"][0]["at"]
    later = (timezone.now() + timedelta(minutes=1)).isoformat()

    assert len(seen(client.get(PATH, {"since": at, "until": later}))) == 1
    assert len(seen(client.get(PATH, {"until": at}))) == 1
    assert client.get(PATH, {"since": "yesterday"}).status_code == 422


def test_an_object_is_found_by_type_and_id(client, stan):
    assert len(seen(client.get(PATH, {"object": f"core.user:{stan.pk}"}))) == 2


def test_an_entry_says_everything(client, stan):
    entry = client.get(PATH).json()["items"][0]

    assert entry["actor"] == "system"
    assert entry["object"] == {
        "type": "core.user",
        "id": str(stan.pk),
        "label": "stan",
    }
    assert (entry["after"], entry["sequence"]) == ({"n": 1}, 2)
    assert entry["at"].endswith("Z")


def test_json_lines_hold_every_entry(client):
    response = client.get(PATH, headers={"Accept": "application/x-ndjson"})
    lines = response.getvalue().decode().splitlines()

    assert response["Content-Type"].startswith("application/x-ndjson")
    assert [json.loads(line)["event"] for line in lines] == [
        "release.deployed",
        "release.created",
    ]


def test_csv_holds_every_entry_and_no_formula(client, dora):
    with transaction.atomic():
        dora.username = "=cmd|' /C calc'!A0"
        audit.record("release.created", dora, actor=dora, project="shop")

    response = client.get(f"{PATH}?format=csv&event=release.created")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))

    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    assert [row["actor"] for row in rows] == ["'=cmd|' /C calc'!A0", "dora"]
    assert json.loads(rows[1]["after"]) == {"n": 1}


def test_an_empty_export_is_its_heading(client):
    response = client.get(f"{PATH}?format=csv&actor=nobody")

    assert response.getvalue().decode().startswith("id,project,sequence")


def test_verifying_reads_what_one_may(client):
    whole = {"ok": True, "checked": 2, "firstBad": None}

    assert client.get(f"{PATH}/verify").json() == whole
    assert client.get(f"{PATH}/verify?project=shop").json() == whole
    assert client.get(f"{PATH}/verify?project=bank").status_code == 403


def test_the_trail_cannot_be_written(client):
    assert client.post(PATH).status_code == 405
    assert client.delete(PATH).status_code == 405
