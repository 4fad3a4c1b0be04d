"""The page of evidence, and comments on the page of a release, without JavaScript."""

import json

import pytest

from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases import actions
from releases.locking import fresh
from releases.models import Evidence, ReleaseComment
from releases.proof.checking import check
from tests import make
from tests.releases.pages.conftest import hidden, html, words_of

TEXTS = {
    "risk_summary": "Low: **one** flag.",
    "runtime_verification": "p95 is flat.\r\nNo errors.",
    "fallback_plan": "Roll back.",
    "follow_up_tasks": "- drop the flag",
}


@pytest.fixture
def done(prod, released):
    return released(prod)


@pytest.fixture
def maya(shop):
    """Maintains the shop."""
    return make.user("maya", role=Role.MAINTAINER, on=shop)


def page_of(release, step=""):
    return f"{release.get_absolute_url()}/evidence{step}"


def test_evidence_is_written_verified_closed_and_taken_along(
    reader, done, alice, dora, maya
):
    """S103, S117, S118, S127, S131: the whole way, by forms alone."""
    page = reader.get(alice, page_of(done))
    written = reader.post(
        alice, page_of(done), {**TEXTS, "version": hidden(page, "version")}
    )
    reader.post(dora, page_of(done, "/verify"), {"note": "Looked at the graphs"})
    reader.post(alice, page_of(done, "/close"))

    assert (written.status_code, written.url) == (302, page_of(done))
    found = reader.get(maya, page_of(done))
    words = words_of(found)
    for said in (
        *("Requester alice", "Approver(s) bob", "Executor dora"),
        *("Risk summary Low: one flag.", "Runtime verification summary p95 is flat."),
        *("Verifier dora", "Looked at the graphs", "no, requester or executor as well"),
        *("Closed by alice", "Gates as they stood at the last deploy"),
        *("## Risk summary Low: **one** flag.", "closed"),
    ):
        assert said in words, said
    assert Evidence.objects.get().runtime_verification == "p95 is flat.\nNo errors."
    assert "<textarea" not in html(found)
    life = reader.read(maya, done.get_absolute_url())
    assert "Verified dora" in life
    assert "“Looked at the graphs”" in life
    assert "Closed alice" in life
    assert "“p95 is flat. No errors.”" in life
    link = next(part for part in html(found).split('"') if "format=bundle" in part)
    assert check(reader.get(maya, link).content)


def test_it_says_what_one_cannot_do_and_why(reader, done, alice, shop):
    """S127: verifying takes an office, closing a verification, the bundle a right."""
    olga = make.user("olga", role=Role.VIEWER, on=shop)

    author, viewer = reader.get(alice, page_of(done)), reader.get(olga, page_of(done))

    assert "This needs the permission releases.deploy or releases.approve" in words_of(
        author
    )
    assert "Nobody has verified how the release runs" in words_of(author)
    assert "The bundle needs audit.view on the project" in words_of(author)
    assert "<textarea" in html(author)
    assert "<textarea" not in html(viewer)
    refused = reader.post(alice, page_of(done, "/verify"), {"note": ""})
    assert refused.status_code == 403
    assert reader.post(olga, page_of(done), TEXTS).status_code == 403
    assert reader.post(alice, page_of(done, "/close")).status_code == 409
    assert AuditEntry.objects.filter(event__endswith="_refused").count() == 3


def test_what_was_saved_meanwhile_is_not_overwritten(reader, done, alice, bob):
    page = reader.get(alice, page_of(done))
    actions.edit_evidence(done, actor=bob, changed={"risk_summary": "High"})
    sent = {**TEXTS, "version": hidden(page, "version")}

    refused = reader.post(alice, page_of(done), sent)

    assert refused.status_code == 422
    assert "somebody else saved this" in words_of(refused)
    assert "Low: **one** flag." in html(refused)
    assert Evidence.objects.get().risk_summary == "High"
    again = {**TEXTS, "version": hidden(refused, "version")}
    assert reader.post(alice, page_of(done), again).status_code == 302


def test_strangers_find_neither_page_nor_forms(reader, done, stan):
    """S92."""
    assert reader.get(stan, page_of(done)).status_code == 404
    for step in ("", "/verify", "/close"):
        assert reader.post(stan, page_of(done, step)).status_code == 404
    said = reader.post(stan, f"{done.get_absolute_url()}/comments", {"body": "x"})
    assert said.status_code == 404


def test_a_comment_stands_on_the_page_of_the_release(reader, done, bob, alice):
    """S103: said, linked, harmless, and never edited."""
    body = "Watch the **cache** <script>alert(1)</script>"

    answer = reader.post(bob, f"{done.get_absolute_url()}/comments", {"body": body})

    comment = ReleaseComment.objects.get()
    assert answer.url == f"{done.get_absolute_url()}#comment-{comment.pk}"
    page = reader.get(alice, done.get_absolute_url())
    assert f'id="comment-{comment.pk}"' in html(page)
    assert "<strong>cache</strong>" in html(page)
    assert "<script>alert" not in html(page)
    assert f'href="{page_of(done)}"' in html(page)


def test_silence_is_no_comment(reader, done, bob):
    answer = reader.post(bob, f"{done.get_absolute_url()}/comments", {"body": " "})

    assert answer.status_code == 422
    assert "This field is required" in words_of(answer)
    assert not ReleaseComment.objects.exists()


def test_the_admin_shows_evidence_and_comments_to_look_at(reader, done, alice, db):
    """S87: history is not edited, by nobody."""
    root = make.user("root", is_superuser=True, is_staff=True)
    actions.edit_evidence(done, actor=alice, changed={"risk_summary": "Low"})
    actions.comment_on(done, actor=alice, body="Hello")

    for model, row in (
        ("evidence", Evidence.objects.get()),
        ("releasecomment", ReleaseComment.objects.get()),
    ):
        place = f"/admin/releases/{model}/"
        assert reader.get(root, place).status_code == 200
        page = reader.get(root, f"{place}{row.pk}/change/")
        assert page.status_code == 200
        assert 'name="_save"' not in html(page)
        assert reader.post(root, f"{place}{row.pk}/change/").status_code == 403
        assert reader.post(root, f"{place}{row.pk}/delete/").status_code == 403


def test_the_page_takes_few_queries(reader, done, alice, django_assert_max_num_queries):
    reader.get(alice, page_of(done))

    with django_assert_max_num_queries(40):
        reader.client.get(page_of(done))
    assert json.loads(reader.client.get(f"/api/v1{page_of(fresh(done.pk))}").content)
