"""The matrix ticks tenants; one form makes a release for each of their targets."""

import pytest
from guardian.shortcuts import assign_perm

from environments.permissions import Permission, Role
from gitopshq.core.models import AuditEntry
from releases.models import Release
from tests import make
from tests.releases.pages.conftest import html, words_of

NEW = "/projects/shop/releases/new"
NOTE = {"title": "Faster flags", "notes": "Measured twice."}


@pytest.fixture
def globex(shop, dev):
    return make.target(shop, tenant="globex", environment="dev")


def made():
    return {(str(r.target), r.title, r.notes) for r in Release.objects.all()}


def test_the_matrix_leads_to_the_form_with_the_ticked_tenants(
    reader, dev, globex, edit, alice
):
    edit(dev)

    matrix = html(reader.get(alice, "/projects/shop"))
    form = html(reader.get(alice, f"{NEW}?tenant=acme&environment=dev"))

    assert f'id="bulk" action="{NEW}"' in matrix
    assert 'form="bulk" name="tenant" value="globex"' in matrix
    assert 'value="acme/dev" aria-label="Include acme/dev" checked' in form
    assert "globex/dev" not in form


def test_each_target_gets_a_release_with_the_shared_note(
    reader, dev, globex, edit, alice
):
    """S119: small releases of one tenant each, made in one go."""
    edit(dev)
    edit(globex)

    answer = reader.post(alice, NEW, {**NOTE, "target": ["acme/dev", "globex/dev"]})

    assert answer.status_code == 302
    assert made() == {
        ("acme/dev", *NOTE.values()),
        ("globex/dev", *NOTE.values()),
    }
    assert "2 created: R-1 acme/dev, R-2 globex/dev." in reader.read(
        alice, answer["Location"]
    )


def test_each_target_is_decided_alone_and_reported(reader, shop, dev, edit, alice):
    """One cannot be released; the other is."""
    globex = make.target(shop, tenant="globex", environment="prod")
    author = make.user("adam", role=Role.DEVELOPER, on=dev.environment)
    assign_perm(Permission.VIEW_RELEASE.codename, author, globex.environment)
    edit(dev)
    edit(globex)
    body = {**NOTE, "target": ["acme/dev", "globex/prod"]}

    answer = reader.post(author, NEW, body)

    assert made() == {("acme/dev", *NOTE.values())}
    said = reader.read(author, answer["Location"])
    assert "1 refused: globex/prod: this needs the permission releases.create" in said
    refused = AuditEntry.objects.get(event="release.create_refused")
    assert refused.object_label == "globex/prod"


def test_where_none_can_be_made_the_form_says_why(reader, dev, edit, create, alice):
    """Sent twice it makes nothing twice: nothing is left to release."""
    edit(dev)
    create(dev)

    answer = reader.post(alice, NEW, {**NOTE, "target": "acme/dev"})

    assert answer.status_code == 422
    assert "acme/dev: " in words_of(answer)
    assert "No release was created." in words_of(answer)
    assert Release.objects.count() == 1


def test_nothing_ticked_is_said(reader, dev, edit, alice):
    edit(dev)

    answer = reader.post(alice, NEW, NOTE)

    assert answer.status_code == 422
    assert "Tick at least one target." in words_of(answer)
    assert reader.post(alice, NEW, {"target": "acme/dev"}).status_code == 422


def test_strangers_and_lookers_on_make_nothing(reader, dev, edit, stan, olga):
    edit(dev)

    assert reader.get(stan, NEW).status_code == 404
    assert "needs releases.create" in reader.read(olga, f"{NEW}?target=acme/dev")
    body = {**NOTE, "target": "acme/dev"}
    assert reader.post(olga, NEW, body).status_code == 403
    assert not Release.objects.exists()
