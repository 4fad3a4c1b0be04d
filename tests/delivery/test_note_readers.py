"""Who reads a repository by Git, and whether a connection to it works."""

import pytest

from delivery import connecting, reading
from delivery.git import probing
from gitopshq.core.models import ApiToken
from tests import make
from tests.delivery.test_serve_git import basic, olga, published, token

pytestmark = pytest.mark.django_db

__all__ = ["olga", "published"]


def test_who_reads_is_noted_once_a_minute(
    client, published, shop, olga, time_machine, django_assert_num_queries
):
    """O3: which program, with which token, when, and what stood there then."""
    time_machine.move_to("2026-03-01 10:00Z", tick=False)
    reading._noted.clear()
    first, _ = published
    secret = token(olga)
    argo = {**basic(secret), "user-agent": "argo-cd/v3.1"}
    url = "/git/shop.git/info/refs?service=git-upload-pack"

    assert client.get(url, headers=argo).status_code == 200
    [row] = reading.readers_of(shop)
    assert (row.agent, row.token.user, row.commit) == ("argo-cd/v3.1", olga, first)
    with django_assert_num_queries(0):
        reading.note_reading(shop, token=row.token, agent="argo-cd/v3.1")

    reading._noted.clear()  # another process of the server
    time_machine.move_to("2026-03-01 10:00:59Z", tick=False)
    client.get(url, headers=argo)
    assert reading.readers_of(shop).get().last_at == row.last_at
    reading._noted.clear()
    time_machine.move_to("2026-03-01 10:01Z", tick=False)
    client.get(url, headers=argo)
    assert reading.readers_of(shop).get().last_at > row.last_at

    push = f"{url.partition('?')[0]}?service=git-receive-pack"
    client.get(push, headers={**argo, "user-agent": "pusher"})
    assert reading.readers_of(shop).count() == 1


def test_ever_new_names_push_out_the_oldest(client, published, shop, olga):
    row = ApiToken.objects.get(pk=make.token(olga, scopes=["git:read"])[0].pk)
    for number in range(reading.MOST_READERS + 3):
        reading.note_reading(shop, token=row, agent=f"mallory {number}")

    kept = list(reading.readers_of(shop).values_list("agent", flat=True))
    assert len(kept) == reading.MOST_READERS
    assert kept[0] == f"mallory {reading.MOST_READERS + 2}"


def test_a_connection_is_tried_over_http(live_server, settings, published, shop, olga):
    """O3: as a client would, with a token of its own or one that is lent."""
    settings.BASE_URL = live_server.url
    first, _ = published

    lent = connecting.try_connection(shop, secret="", actor=olga)
    given = connecting.try_connection(shop, secret=token(olga), actor=olga)
    wrong = connecting.try_connection(
        shop, secret=token(olga, scopes=["read"]), actor=olga
    )
    settings.BASE_URL = "http://127.0.0.1:9"
    nobody = connecting.try_connection(shop, secret="", actor=olga)

    for found in (lent, given):
        assert (found.status, found.problem) == (200, "")
        assert ("main", first) in found.branches
        assert "version 2" in found.capabilities
    assert wrong.status == 401
    assert "needs git:read" in wrong.problem
    assert nobody.status is None
    assert nobody.problem.startswith("no answer: ")
    names = ApiToken.objects.filter(name="Test of a connection")
    assert names.count() == names.exclude(revoked_at=None).count() == 2


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([b"<!DOCTYPE html>"], "what answers there is no Git server"),
        ([b"000eversion 2\n0000", b"<!DOCTYPE html>"], "what answers there names no"),
        ([b"000eversion 2\n0000", b"0000"], "what answers there names no branch"),
    ],
)
def test_what_is_no_git_server_is_told_apart(shop, olga, monkeypatch, answers, problem):
    """O3: a proxy or a page to log in may answer in its place, with 200."""
    said = iter(answers)
    monkeypatch.setattr(probing, "_ask", lambda *_: (200, next(said)))

    found = connecting.try_connection(shop, secret="", actor=olga)

    assert found.problem.startswith(problem)
    assert not found.branches
