"""Rendered manifests that are gone from the store: said, and nothing else is lost."""

import shutil

import pytest

from delivery.repositories import repositories_of
from tests.people import signed_in
from tests.releases.pages.conftest import words_of

WHY = "the rendered manifests are no longer in the store"


@pytest.fixture(params=["objects", "."])
def lost(request, prod, edit, create):
    """A release whose rendering is known but gone: its objects, or everything."""
    edit(prod)
    release = create(prod)
    shutil.rmtree(repositories_of(release.project).renderings / request.param)
    return release


def test_the_page_shows_all_else(reader, lost, alice):
    manifest = reader.read(alice, lost.get_absolute_url())
    plain = reader.read(alice, f"{lost.get_absolute_url()}?diff=plain")

    assert WHY in manifest.lower()
    assert "Gates" in manifest
    assert "targets/acme/prod/manifests/flags" in plain
    assert WHY not in plain.lower()


def test_one_file_of_them_is_refused(reader, lost, alice):
    page = f"{lost.get_absolute_url()}?diff=manifest&file=flags/configmap-flags.yaml"

    response = reader.get(alice, page)

    assert response.status_code == 409
    assert WHY in words_of(response).lower()


def test_a_machine_is_told_by_a_code(lost, alice):
    diffs = f"/api/v1{lost.get_absolute_url()}/diffs"

    refused = signed_in(alice).get(f"{diffs}/manifest")

    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "rendering_lost"
    assert signed_in(alice).get(f"{diffs}/plain").status_code == 200
