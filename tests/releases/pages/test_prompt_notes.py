"""Notes of a release: asked for by a short template, read by approvers and later."""

import re

import pytest

from approvals.subjects import request_for
from releases.locking import fresh
from releases.models import Release
from tests.releases.pages.conftest import hidden, html, ticked
from tests.releases.reading import git

PROD = "/projects/shop/acme/prod"
ASKED = ("Why:", "Risk:", "How to check afterwards:")
WRITTEN = "Why: two flags are unused.\n\nRisk: none.\n\nHow to check afterwards: p95.\n"
READ = ("two flags are unused", "Risk: none", "How to check afterwards: p95")


def notes_of(response):
    """Return the notes as a browser would send them from the form as it stands."""
    [found] = re.findall(
        r'<textarea name="notes"[^>]*>\n?(.*?)</textarea>', html(response), re.DOTALL
    )
    return found.replace("\n", "\r\n")


def send(reader, alice, page, **fields):
    data = {"token": hidden(page, "token"), "changes": ticked(page), **fields}
    data = {"title": "Fewer flags", "notes": notes_of(page), **data}
    reader.post(alice, f"{PROD}/release", data)
    return Release.objects.get()


def test_notes_are_prompted_for_and_kept_for_who_asks_later(
    reader, prod, edit, approve, deploy, alice, bob, dora
):
    """S99: why, risk, checks; shown to approvers, after the deploy, and in Git."""
    edit(prod)
    page = reader.get(alice, PROD)
    assert [words for words in ASKED if words not in notes_of(page)] == []

    release = send(reader, alice, page, notes=WRITTEN)

    url, peek = (row.get_absolute_url() for row in (release, request_for(release)))
    shown = [reader.read(bob, url), reader.read(bob, peek)]
    deploy(approve(fresh(release.pk)))
    shown += [reader.read(dora, url), git(release, "log", "-1", "--format=%b", "main")]
    for words in READ:
        assert [place for place in shown if words not in place] == []


@pytest.mark.parametrize("spaces", ["", "\r\n \r\n"])
def test_a_template_nobody_touched_is_no_note(reader, prod, edit, alice, spaces):
    """S99: as the browser sends it, or with some more empty lines."""
    edit(prod)
    page = reader.get(alice, PROD)

    release = send(reader, alice, page, notes=notes_of(page) + spaces)

    assert release.notes == ""


def test_several_targets_are_prompted_for_the_note_they_share(
    reader, prod, edit, alice
):
    """S99: the form of many releases asks the same, and keeps no empty template."""
    edit(prod)
    new = "/projects/shop/releases/new"
    notes = notes_of(reader.get(alice, f"{new}?target=acme/prod"))
    assert [words for words in ASKED if words not in notes] == []

    reader.post(
        alice, new, {"title": "Fewer flags", "notes": notes, "target": "acme/prod"}
    )

    assert Release.objects.get().notes == ""


def test_going_back_is_explained_too(reader, dev, shipped, alice):
    """S99: the form of a rollback asks the same, and keeps no empty template."""
    first, _ = shipped(dev, fast="1"), shipped(dev, fast="2")
    url = f"{first.get_absolute_url()}/rollback"
    page = reader.get(alice, url)
    assert [words for words in ASKED if words not in notes_of(page)] == []

    data = {"token": hidden(page, "token"), "scope": "full", "title": "Back"}
    reader.post(alice, url, {**data, "notes": notes_of(page)})

    assert Release.objects.get(number=3).notes == ""
