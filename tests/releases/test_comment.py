"""Comments: said by whoever may look, kept for good, told to those concerned."""

import hashlib

import pytest

from environments.permissions import Role
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry, Notification, TokenScope
from releases import actions
from releases.models import ReleaseComment
from releases.models.keeping import NeverDeleted
from tests import make
from tests.releases.conftest import signed_in, with_token

COMMENTS = "/api/v1/projects/shop/releases/1/comments"


@pytest.fixture
def voted(prod, approved):
    """A release of alice that bob approved."""
    return approved(prod)


@pytest.fixture
def olga(shop):
    """Looks on."""
    return make.user("olga", role=Role.VIEWER, on=shop)


def told():
    rows = Notification.objects.filter(event="release.commented")
    return set(rows.values_list("recipient__username", flat=True))


def test_author_and_voters_are_told_but_not_the_one_who_spoke(voted, olga, bob):
    """S134."""
    actions.comment_on(voted, actor=olga, body="Is the cache warm?")
    assert told() == {"alice", "bob"}

    Notification.objects.all().delete()
    actions.comment_on(voted, actor=bob, body="It is.")
    assert told() == {"alice"}
    found = Notification.objects.get()
    comment = ReleaseComment.objects.last()
    assert found.body == "It is."
    assert found.url == f"{voted.get_absolute_url()}#comment-{comment.pk}"


def test_who_may_no_longer_look_is_told_nothing(voted, olga, bob):
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    actions.comment_on(voted, actor=olga, body="Psst")

    assert told() == {"alice"}


def test_the_trail_holds_the_digest_and_not_the_words(voted, olga):
    body = "the password is swordfish"

    comment = actions.comment_on(voted, actor=olga, body=body)

    entry = AuditEntry.objects.get(event="release.commented")
    assert entry.data["comment"] == comment.pk
    assert entry.data["sha256"] == hashlib.sha256(body.encode()).hexdigest()
    assert "swordfish" not in str(entry.data)


def test_strangers_and_silence_are_refused(voted, stan, olga):
    with pytest.raises(NotPermitted):
        actions.comment_on(voted, actor=stan, body="Hello")
    with pytest.raises(ValidationError):
        actions.comment_on(voted, actor=olga, body=" \n ")
    assert not ReleaseComment.objects.exists()


def test_nothing_that_was_said_is_deleted(voted, olga):
    """S87."""
    comment = actions.comment_on(voted, actor=olga, body="Kept")

    with pytest.raises(NeverDeleted):
        comment.delete()
    with pytest.raises(NeverDeleted):
        voted.comments.all().delete()


def test_they_are_listed_newest_first_page_by_page(voted, olga):
    client = signed_in(olga)
    for number in range(3):
        answer = client.post(COMMENTS, {"body": f"No. {number}"}, format="json")
        assert answer.status_code == 201

    assert set(answer.json()) == {"id", "author", "body", "createdAt"}
    assert answer.json()["author"] == "olga"
    first = client.get(f"{COMMENTS}?limit=2").json()
    rest = client.get(f"{COMMENTS}?limit=2&cursor={first['next']}").json()
    bodies = [row["body"] for row in [*first["items"], *rest["items"]]]
    assert bodies == ["No. 2", "No. 1", "No. 0"]
    assert rest["next"] is None


def test_a_comment_is_one_text_and_is_never_changed(voted, olga):
    client = signed_in(olga)

    for body in ({}, {"body": ""}, {"body": "x", "author": "bob"}, {"body": 1}):
        assert client.post(COMMENTS, body, format="json").status_code == 422
    long = client.post(COMMENTS, {"body": "x" * 20_001}, format="json")
    assert long.status_code == 422
    for method in (client.put, client.patch, client.delete):
        assert method(COMMENTS, {}, format="json").status_code == 405


def test_a_token_needs_a_scope_that_writes(voted, olga):
    reader = with_token(olga, scopes=[TokenScope.READ])
    writer = with_token(olga, scopes=[TokenScope.RELEASES_WRITE])

    assert reader.get(COMMENTS).status_code == 200
    assert reader.post(COMMENTS, {"body": "x"}, format="json").status_code == 403
    assert writer.post(COMMENTS, {"body": "x"}, format="json").status_code == 201


def test_strangers_find_no_comments(voted, stan):
    """S92."""
    client = signed_in(stan)

    assert client.get(COMMENTS).status_code == 404
    assert client.post(COMMENTS, {"body": "x"}, format="json").status_code == 404
