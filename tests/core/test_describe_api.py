"""The API's description is made from the code, committed, and readable."""

import re
from pathlib import Path

import yaml
from django.core.management import call_command
from django.test import Client

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def test_the_committed_description_is_that_of_the_code(tmp_path):
    """Remake it with: manage.py spectacular --file docs/openapi.yaml."""
    made = tmp_path / "openapi.yaml"

    call_command("spectacular", file=str(made), fail_on_warn=True, validate=True)

    assert made.read_text() == DOCUMENT.read_text()


def test_the_schema_is_open_api_for_everybody(db):
    response = Client().get("/api/v1/schema")

    described = response.json()
    assert described["openapi"].startswith("3.1")
    assert described == yaml.safe_load(response.content)
    schemes = described["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"


def test_both_pages_are_read_only(db):
    for path in ("/api/v1/schema", "/api/v1/docs"):
        response = Client(enforce_csrf_checks=True).post(path)
        assert (response.status_code, response.json()["status"]) == (405, 405)


def test_a_browser_gets_the_page(db):
    response = Client().get("/api/v1/docs", headers={"Accept": "text/html"})

    assert response["Content-Type"].startswith("text/html")


def test_every_operation_says_how_it_refuses_and_what_it_does(db):
    described = Client().get("/api/v1/schema").json()

    names = []
    for path, methods in described["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            default = operation["responses"]["default"]
            assert default == {"$ref": "#/components/responses/Problem"}
            assert operation["description"], f"{method} {path}"
            names.append(operation["operationId"])
    assert len(names) == len(set(names))
    problem = described["components"]["responses"]["Problem"]["content"]
    assert list(problem) == ["application/problem+json"]


def test_the_page_names_every_operation_and_code_and_loads_nothing_foreign(db):
    described = Client().get("/api/v1/schema").json()

    page = Client().get("/api/v1/docs").content.decode()

    for methods in described["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    for code in ("stale_release_source", "environment_frozen", "version_mismatch"):
        assert f'id="{code}"' in page
    assert "<script" not in page
    assert "style=" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
