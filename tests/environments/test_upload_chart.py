"""Uploading charts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from environments import actions, errors, ports
from environments.models import ChartVersion, Text
from environments.packages import read_package
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/charts"
README = {"README.md": "Other bytes.\n"}


def upload(client, data):
    file = SimpleUploadedFile("chart.tgz", data)
    return client.post(URL, {"file": file}, format="multipart")


def test_a_chart_is_stored_once_by_its_bytes(dana):
    data = make.chart_archive("web", "1.2.3")

    first = actions.upload_chart(read_package(data), actor=dana)
    again = actions.upload_chart(read_package(data), actor=dana)

    assert (first.is_new, again.is_new) == (True, False)
    assert again.version == first.version
    assert AuditEntry.objects.filter(event="chart.uploaded").count() == 1


def test_other_bytes_under_a_known_version_are_refused(dana):
    actions.upload_chart(read_package(make.chart_archive()), actor=dana)

    with pytest.raises(errors.ChartVersionExists):
        actions.upload_chart(read_package(make.chart_archive(files=README)), actor=dana)

    assert ChartVersion.objects.count() == 1


def test_what_is_no_chart_is_refused_by_the_checked_reader(dana):
    with pytest.raises(ValidationError):
        read_package(b"no archive")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_the_reader(as_user, monkeypatch):
    held = []
    read = ports.chart_reader.answer

    def note(data):
        held.append(connection.in_atomic_block)
        return read(data)

    monkeypatch.setattr(ports.chart_reader, "_answer", note)

    root = make.user("root", is_superuser=True)
    make.project()
    assert upload(as_user(root), make.chart_archive()).status_code == 201

    assert held == [False]


def test_its_values_and_its_schema_are_kept_for_pages(dana):
    """Also of a version that was uploaded before they were kept."""
    schema = '{"type": "object"}'
    data = make.chart_archive(
        files={"values.yaml": "a: 1\r\n", "values.schema.json": schema}
    )
    version = actions.upload_chart(read_package(data), actor=dana).version
    kept = version.facts

    bodies = Text.objects.in_bulk(kept.values())
    assert bodies[kept["values"]].body == "a: 1\n"
    assert bodies[kept["schema"]].body == f"{schema}\n"
    assert bodies[kept["subcharts"]].body == "[]\n"
    ChartVersion.objects.update(facts={})
    assert actions.upload_chart(read_package(data), actor=dana).version.facts == kept


def test_who_manages_no_workloads_uploads_nothing(olga, stan, pia):
    for person in (olga, stan):
        with pytest.raises(NotPermitted):
            actions.upload_chart(read_package(make.chart_archive()), actor=person)

    assert actions.upload_chart(read_package(make.chart_archive()), actor=pia).is_new


def test_the_api_takes_a_file(as_user, dana, olga, stan):
    data = make.chart_archive("web", "2.0.0")
    api = as_user(dana)

    made = upload(api, data)

    assert made.status_code == 201, made.json()
    assert made.json() | {"name": "web", "version": "2.0.0"} == made.json()
    assert len(made.json()["digest"]) == 64
    assert upload(api, data).status_code == 200
    exists = upload(api, make.chart_archive("web", "2.0.0", README))
    assert (exists.status_code, exists.json()["code"]) == (409, "chart_version_exists")
    assert upload(as_user(olga), data).status_code == 403
    assert len(as_user(olga).get(f"{URL}?name=web").json()["items"]) == 1
    assert as_user(stan).get(URL).json()["items"] == []


def test_the_api_needs_a_file(as_user, dana):
    assert as_user(dana).post(URL, {}, format="multipart").status_code == 422
    assert upload(as_user(dana), b"not a chart").status_code == 422
