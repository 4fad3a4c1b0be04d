"""Releases over HTTP: who sees which, lists, and editing a draft."""

from environments import actions as environments
from environments.permissions import Role
from releases.pending import pool_of
from tests.people import signed_in, with_token
from tests.releases.asking import RELEASES, body_of, problem


def test_a_stranger_finds_nothing(dev, edit, create, post, stan):
    """S92: the same as if it were not there."""
    edit(dev)
    create(dev)
    client = with_token(stan)

    assert problem(client.get(RELEASES)) == (404, "not_found")
    assert problem(client.get(f"{RELEASES}/1")) == (404, "not_found")
    assert problem(post(body_of(dev), client=client)) == (404, "not_found")


def test_whoever_sees_one_environment_sees_its_releases(dev, prod, edit, create, stan):
    """S92: domain 11."""
    edit(dev)
    edit(prod)
    create(dev)
    create(prod)
    environments.grant_role(dev.environment, to=stan, role=Role.VIEWER, actor=None)
    client = with_token(stan)

    assert [row["number"] for row in client.get(RELEASES).json()["items"]] == [1]
    assert client.get(f"{RELEASES}/2").status_code == 404


def test_lists_are_filtered_and_paged(dev, prod, edit, create, alice):
    """S92, S101: newest first; an opaque cursor; stale ones by flag."""
    for number in ("1", "2"):
        edit(dev, f"one-{number}")
        create(
            dev,
            change_ids=[
                r.change.id
                for r in pool_of(dev).rows
                if r.change.object == f"one-{number}"
            ],
        )
    edit(prod)
    create(prod)
    client = signed_in(alice)

    def numbers(query=""):
        answer = client.get(f"{RELEASES}?{query}").json()
        return [row["number"] for row in answer["items"]]

    assert numbers() == [3, 2, 1]
    assert numbers("state=pending_approval") == [3]
    assert numbers("environment=dev&tenant=acme") == [2, 1]
    assert numbers("author=bob") == []
    assert numbers("stale=true") == [1]
    first = client.get(f"{RELEASES}?limit=2").json()
    assert [row["number"] for row in first["items"]] == [3, 2]
    assert numbers(f"limit=2&cursor={first['next']}") == [1]
    assert problem(client.get(f"{RELEASES}?colour=red")) == (422, "validation_error")
    assert problem(client.get(f"{RELEASES}?state=rejected"))[0] == 422


def test_showing_a_release_takes_few_queries(
    prod, approved, alice, django_assert_max_num_queries
):
    approved(prod)
    client = with_token(alice)

    with django_assert_max_num_queries(25):
        assert client.get(f"{RELEASES}/1").status_code == 200


def test_a_draft_is_edited_by_whoever_has_its_version(dev, edit, create, alice, do):
    """S12: ETag and If-Match."""
    edit(dev)
    create(dev)
    client = signed_in(alice)
    tag = client.get(f"{RELEASES}/1").headers["ETag"]

    def patch(body, **headers):
        return do(client.patch, f"{RELEASES}/1", body, format="json", headers=headers)

    done = patch({"title": "Better"}, **{"If-Match": tag})
    late = patch({"title": "Worse"}, **{"If-Match": tag})

    assert (done.status_code, done.json()["title"]) == (200, "Better")
    assert problem(late) == (412, "version_mismatch")
    assert patch({"notes": "n"}).status_code == 200
    unchanged = client.get(
        f"{RELEASES}/1",
        headers={"If-None-Match": client.get(f"{RELEASES}/1").headers["ETag"]},
    )
    assert unchanged.status_code == 304


def test_a_patch_takes_a_selection_and_no_policy(dev, edit, create, alice, do):
    edit(dev, "one")
    edit(dev, "two")
    create(dev)
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "one"]
    client = signed_in(alice)

    done = do(client.patch, f"{RELEASES}/1", {"changeIds": ids}, format="json").json()
    refused = client.patch(f"{RELEASES}/1", {"policySnapshotJson": {}}, format="json")

    changed = client.get(f"{RELEASES}/1/changes").json()["items"]
    assert "two" not in {change["object"] for change in changed}
    assert done["changeCount"] == len(changed)
    assert problem(refused) == (422, "validation_error")


def test_only_a_draft_is_patched(prod, edit, create, alice):
    """S13."""
    edit(prod)
    create(prod)

    answer = signed_in(alice).patch(f"{RELEASES}/1", {"title": "x"}, format="json")

    assert problem(answer) == (400, "invalid_transition")


def test_nothing_is_deleted(dev, edit, create, alice):
    """S87: there is no such method."""
    edit(dev)
    create(dev)

    assert signed_in(alice).delete(f"{RELEASES}/1").status_code == 405
