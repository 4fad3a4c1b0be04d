"""What operators and their machines see: log lines, readiness, figures."""

import json
import logging
import logging.config
import re

import pytest
from django.test import Client

from gitopshq.core.logs import logging_config
from tests import make

REMOTE = "192.0.2.7"


@pytest.fixture
def log_line(capsys):
    """Write a line through the product's formatter, and read it back."""
    config = logging_config("INFO")["formatters"]["json"]
    factory = config.pop("()")
    formatter = factory(**config)

    def written(record):
        return json.loads(formatter.format(record))

    return written


def test_a_line_is_json_with_its_extras(log_line):
    record = logging.LogRecord("app", logging.INFO, "", 1, "did %s", ("it",), None)
    record.release = "R-1"
    record.request = "cookies"

    line = log_line(record)

    assert line["event"] == "did it"
    assert (line["level"], line["logger"], line["release"]) == ("info", "app", "R-1")
    assert re.match(r"\d{4}-\d\d-\d\dT.*Z$", line["timestamp"])
    assert "cookies" not in str(line)


def test_a_request_is_a_line_with_the_id_of_its_answer(db, caplog, log_line):
    with caplog.at_level(logging.INFO, "gitopshq.requests"):
        response = Client().get(
            "/version?token=canary", headers={"X-Request-Id": "A" * 8}
        )

    [record] = [row for row in caplog.records if row.name == "gitopshq.requests"]
    assert response["X-Request-Id"] == "A" * 8
    assert (record.path, record.status) == ("/version", 200)
    assert "canary" not in str(vars(record))


@pytest.mark.parametrize("given", ["short", "x" * 65, "line\nbreak", "sp ace 12345"])
def test_an_id_that_is_not_legal_is_replaced(db, given):
    response = Client().get("/healthz", HTTP_X_REQUEST_ID=given)

    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-Id"])


def test_probes_are_not_logged(db, caplog):
    with caplog.at_level(logging.INFO, "gitopshq.requests"):
        assert Client().get("/healthz").status_code == 200

    assert not caplog.records


def test_ready_means_that_both_services_answer(db, settings, broker_url):
    settings.REDIS_URL = broker_url

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "trail": "ok"}


def test_without_a_broker_it_is_not_ready(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    response = Client().get("/readyz")

    assert response.status_code == 503
    said = {"database": "ok", "broker": "unreachable", "trail": "ok"}
    assert response.json() == said


def test_this_machine_reads_the_figures(dora):
    make.token(dora)

    text = Client().get("/metrics").content.decode()

    assert 'gitopshq_audit_entries{project=""} 1.0' in text
    assert "gitopshq_oldest_pending_rendering_seconds 0.0" in text
    assert "# TYPE gitopshq_releases gauge" in text


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": REMOTE},
        {"REMOTE_ADDR": "", "HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_X_FORWARDED_FOR": REMOTE},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_others_do_not(db, headers):
    assert Client().get("/metrics", **headers).status_code == 404


@pytest.mark.parametrize(
    ("facts", "scopes", "project", "status"),
    [
        ({"is_superuser": True}, ["read"], "", 200),
        ({"is_superuser": True}, ["git:read"], "", 404),
        ({"is_superuser": True}, ["read"], "shop", 404),
        ({}, ["admin"], "", 404),
    ],
)
def test_an_operators_token_reads_them_from_afar(shop, facts, scopes, project, status):
    _, secret = make.token(make.user(**facts), scopes=scopes, project=project)

    response = Client().get(
        "/metrics", REMOTE_ADDR=REMOTE, HTTP_AUTHORIZATION=f"Bearer {secret}"
    )

    assert response.status_code == status
