"""The page of a release: its state, its gates, its content, and the acts on it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from environments import actions as environments
from environments.permissions import Role
from releases import actions, finishing
from releases.jobs import claim
from releases.locking import fresh
from releases.models import FailureType, Release, Status
from releases.views import _diffs
from tests import make
from tests.releases.conftest import flag_files
from tests.releases.pages.conftest import hidden, html, ticked, words_of


@pytest.fixture
def waiting(prod, edit, create, alice):
    """A release of prod that waits for one approval."""
    edit(prod, actor=alice)
    words = {"title": "Faster flags", "notes": "Load test **passed**."}
    return create(prod, content=words)


@pytest.fixture
def begun(dev, edit, create, submit, dora, django_capture_on_commit_callbacks):
    """A release of dev that waits for a worker to deploy it."""
    edit(dev)
    release = submit(create(dev))
    with django_capture_on_commit_callbacks():
        return actions.deploy_release(fresh(release.pk), actor=dora)


@pytest.fixture
def two(dev, prod, shipped, edit, create):
    """R-1 is deployed in dev, R-2 waits in prod."""
    shipped(dev)
    edit(prod)
    return create(prod)


def url_of(release, verb=""):
    return release.get_absolute_url() + (f"/{verb}" if verb else "")


def state_of(release):
    return Release.objects.get(pk=release.pk).status


def test_it_is_hidden_from_strangers(reader, waiting, stan):
    """S92: page, votes and acts answer as if it were not there."""
    for method, verb in (
        (reader.get, ""),
        (reader.post, "vote"),
        (reader.post, "deploy"),
    ):
        assert method(stan, url_of(waiting, verb)).status_code == 404


def test_an_approver_finds_everything_in_one_place(reader, waiting, bob):
    """S53, S54, S55, S56, S57, S58, S26, S36: what an approver reads."""
    words = reader.read(bob, url_of(waiting))

    assert "Faster flags R-1" in words
    assert "acme / prod" in words
    assert "A alice" in words
    assert "Load test passed" in words
    assert "Approvals 0 of 1" in words
    assert "Manifest binding flags added (1 file)" in words
    assert all(level in words for level in ("Plain +", "Resolved +", "Manifest +"))
    assert "configmap-flags-fast.yaml" in words


def test_notes_cannot_carry_script(reader, prod, edit, create, bob):
    edit(prod)
    release = create(
        prod, content={"notes": "<script>alert(1)</script> [x](javascript:1)"}
    )

    page = html(reader.get(bob, url_of(release)))

    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_gates_say_what_is_missing_and_deploy_says_why_not(reader, waiting, dora):
    """S111, S115, S116: every gate with its reason, the button with its own."""
    words = reader.read(dora, url_of(waiting))

    assert "Gates" in words
    assert "Approvals 0 of 1" in words
    assert "Deploy It needs 1 more approval" in words


def test_a_vote_by_form_binds_to_what_was_shown(reader, waiting, bob):
    """S49, S89: the digest of the page travels with the vote."""
    page = reader.get(bob, url_of(waiting))

    response = reader.post(
        bob,
        url_of(waiting, "vote"),
        {"vote": "approve", "digest": hidden(page, "digest"), "comment": "Fine."},
    )

    assert response.status_code == 302
    assert state_of(waiting) == Status.APPROVED
    assert "bob approved" in reader.read(bob, url_of(waiting))
    assert "Fine." in reader.read(bob, url_of(waiting))


def test_htmx_gets_the_release_as_it_is_then(reader, waiting, bob):
    page = reader.get(bob, url_of(waiting))

    response = reader.post(
        bob,
        url_of(waiting, "vote"),
        {"vote": "approve", "digest": hidden(page, "digest")},
        HX_Request="true",
    )

    assert response.status_code == 200
    assert html(response).lstrip().startswith('<div class="page__body" id="release">')
    assert "You approved R-1." in words_of(response)
    assert "<html" not in html(response)


def test_another_digest_is_refused(reader, waiting, bob):
    response = reader.post(
        bob, url_of(waiting, "vote"), {"vote": "approve", "digest": "0" * 64}
    )

    assert response.status_code == 409
    assert "what was shown to you has changed" in words_of(response).lower()
    assert state_of(waiting) == Status.PENDING_APPROVAL


def test_the_author_reads_why_they_cannot_vote(reader, shop, waiting, alice):
    """S50: the reason stands beside the closed button, and at the door."""
    environments.grant_role(shop, to=alice, role=Role.APPROVER, actor=None)
    page = reader.get(alice, url_of(waiting))

    response = reader.post(
        alice,
        url_of(waiting, "vote"),
        {"vote": "approve", "digest": waiting.digest},
    )

    assert "You cannot vote on this: you made this release" in words_of(page)
    assert response.status_code == 403
    assert state_of(waiting) == Status.PENDING_APPROVAL


def test_rejecting_needs_a_reason_and_ends_the_release(reader, waiting, bob):
    """S11, S19: cancelled with the reason, which is shown."""
    without = reader.post(bob, url_of(waiting, "vote"), {"vote": "reject"})
    reader.post(
        bob, url_of(waiting, "vote"), {"vote": "reject", "comment": "Too risky."}
    )

    words = reader.read(bob, url_of(waiting))
    assert without.status_code == 400
    assert state_of(waiting) == Status.CANCELLED
    assert "view only" in words
    assert "“Too risky.”" in words
    assert url_of(waiting, "deploy") not in html(reader.get(bob, url_of(waiting)))


def test_a_vote_is_withdrawn(reader, shop, prod, edit, create, approve, bob):
    environments.set_policy(
        prod.environment, terms={"required_approvals": 2}, actor=None
    )
    edit(prod)
    release = approve(create(prod))

    reader.post(bob, url_of(release, "withdraw-vote"))

    assert "Approvals 0 of 2" in reader.read(bob, url_of(release))


def test_a_draft_is_submitted_deployed_and_proven(
    reader, dev, edit, create, alice, dora, do
):
    """S12, S67, S69, S110: the whole way by buttons; the proof stands on the page."""
    edit(dev)
    release = create(dev)

    reader.post(alice, url_of(release, "submit"))
    response = reader.post(dora, url_of(release, "deploy"))

    release = fresh(release.pk)
    words = reader.read(dora, url_of(release))
    assert response.status_code == 302
    assert release.status == Status.DEPLOYED
    sha = release.commit_sha[:10]
    assert f"git rev-parse {sha}:acme/dev" in words
    assert "/git/shop.git" in words
    assert release.rendering.tree[:10] in words
    assert "as they stood at the commit" in words
    assert "main moved" in words


def test_a_refused_deploy_says_why_and_changes_nothing(reader, waiting, dora):
    """S94: the exact text, on a page."""
    response = reader.post(dora, url_of(waiting, "deploy"))

    assert response.status_code == 400
    assert (
        "release cannot be deployed in its current status" in words_of(response).lower()
    )
    assert state_of(waiting) == Status.PENDING_APPROVAL


def test_a_frozen_deploy_is_refused_with_the_exact_words(
    reader, waiting, approve, dora
):
    """S98: 423, environment is frozen."""
    approve(waiting)
    environments.freeze(waiting.target.environment, reason="Holidays", actor=None)

    page = reader.read(dora, url_of(waiting))
    response = reader.post(dora, url_of(waiting, "deploy"))

    said = "Environment prod is frozen by “Holidays” — deploys resume when it is lifted"
    assert page.count(said) >= 2  # the alert, the gate
    assert response.status_code == 423
    assert "environment is frozen" in words_of(response).lower()
    assert said in words_of(response)


def test_a_stale_release_is_announced_and_refreshed(
    reader, waiting, edit, approve, alice
):
    """S62, S63: the code, what moved and by whom; one button mends it."""
    approve(waiting)
    edit(waiting.target, fast="2", actor=alice)

    words = reader.read(alice, url_of(waiting))
    reader.post(alice, url_of(waiting, "refresh"))

    assert "stale_release_source" in words
    assert "fast.yaml modified by alice" in words
    assert "Refresh (voids 1 vote)" in words
    assert "Recreate (voids 1 vote)" in words
    assert "stale_release_source" not in reader.read(alice, url_of(waiting))


def test_its_ways_out_stand_once_with_the_warning(reader, waiting, edit, alice):
    """S62, S64: not in the head and the menu as well."""
    edit(waiting.target, fast="2")

    page = html(reader.get(alice, url_of(waiting)))

    for verb in ("refresh", "recreate"):
        assert page.count(f'action="{url_of(waiting, verb)}"') == 1


def test_an_edit_that_is_no_commit_yet_is_called_that(reader, waiting, alice):
    files = flag_files("flags", fast="2")
    environments.put_manifests(waiting.target, name="flags", files=files, actor=alice)

    words = reader.read(alice, url_of(waiting))

    assert "an edit that is being committed" in words


def test_a_stale_release_is_made_anew(reader, waiting, edit, alice):
    """S64: the old one stays, and points to the new one."""
    edit(waiting.target, fast="2")

    response = reader.post(alice, url_of(waiting, "recreate"))

    assert response.url.endswith("/releases/2")
    words = reader.read(alice, url_of(waiting))
    assert "Made anew as R-2" in words


def test_a_failure_is_shown_with_its_way_out(reader, begun, dora):
    """S17, S73, S76: type, detail, and the button that fits."""
    release = begun
    held = claim(release.attempts.get().pk)
    finishing.fail(held, FailureType.GIT_CONFLICT, "main moved 10 times")

    words = reader.read(dora, url_of(release))
    reader.post(dora, url_of(release, "retry"))

    assert "Git conflict git_conflict main moved 10 times" in words
    assert "Retry" in words
    assert "Recreate" in words
    assert state_of(release) == Status.DEPLOYED


def test_a_deploying_release_looks_again_by_itself(reader, begun, dora):
    """S15: no act is offered, progress is seen, with and without script."""
    page = reader.get(dora, url_of(begun))
    part = reader.get(dora, url_of(begun, "progress"), HX_Request="true")

    assert "waiting for a worker" in words_of(page)
    assert "Cancel" not in words_of(page)
    assert 'hx-trigger="every 2s, look"' in html(part)
    assert 'id="progress"' in html(part)
    assert "No worker has picked this up" not in words_of(part)
    again = {"HX_Request": "true", "If_None_Match": part["ETag"]}
    assert reader.get(dora, url_of(begun, "progress"), **again).status_code == 304

    long_ago = timezone.now() - timedelta(seconds=42)
    begun.attempts.update(requested_at=long_ago)
    late = words_of(reader.get(dora, url_of(begun, "progress"), **again))
    assert "No worker has picked this up for 42 s: 0 deploys before it" in late


def test_a_part_that_came_to_rest_loads_the_page_again(reader, dev, shipped, dora):
    release = shipped(dev)

    part = reader.get(dora, url_of(release, "progress"), HX_Request="true")
    whole = reader.get(dora, url_of(release, "progress"))

    assert part.headers["HX-Refresh"] == "true"
    words = words_of(whole)
    assert "Deployed" in words
    for logged in ("asked for by", "taken up, run 1", "gate Freeze: pass"):
        assert logged in words
    assert f"main moved to {release.commit_sha[:10]}" in words


def test_cancelling_says_what_becomes_of_it(reader, waiting, alice):
    """S83, S85: the consequences before, the reason after."""
    before = reader.read(alice, url_of(waiting, "cancel"))
    reader.post(alice, url_of(waiting, "cancel"), {"reason": "Wrong week"})

    after = reader.read(alice, url_of(waiting))
    assert "Votes given so far are void" in before
    assert "“Wrong week”" in after
    assert state_of(waiting) == Status.CANCELLED


def test_others_need_the_right_to_cancel(reader, waiting, dora):
    """S91: the page says so, and the door refuses."""
    page = reader.read(dora, url_of(waiting, "cancel"))
    response = reader.post(dora, url_of(waiting, "cancel"), {"reason": "Mine"})

    assert "This needs the permission releases.cancel" in page
    assert response.status_code == 403
    assert state_of(waiting) == Status.PENDING_APPROVAL


def test_a_draft_is_edited_in_words_and_selection(
    reader, dev, shipped, edit, create, alice
):
    """S12: title, notes, plan and selection."""
    shipped(dev)
    edit(dev, "one")
    edit(dev, "two")
    release = create(dev)
    page = reader.get(alice, url_of(release, "edit"))
    first, _ = ticked(page)

    reader.post(
        alice,
        url_of(release, "edit"),
        {"title": "Only one", "rollback_plan": "Back to R-1", "changes": [first]},
    )

    release = fresh(release.pk)
    assert release.title == "Only one"
    assert [row.change_id for row in release.changes.all()] == [first[:32]]
    assert "Back to R-1" in reader.read(alice, url_of(release))


def test_nothing_but_a_draft_is_edited(reader, waiting, alice):
    assert reader.get(alice, url_of(waiting, "edit")).status_code == 400


def test_a_large_diff_comes_file_by_file(reader, dev, edit, create, bob, monkeypatch):
    monkeypatch.setattr(_diffs, "ROWS_AT_ONCE", 1)
    edit(dev, fast="1", slow="2")
    url = url_of(create(dev))

    plain = html(reader.get(bob, f"{url}?diff=plain"))
    part = reader.get(bob, f"{url}?diff=manifest&file=flags/configmap-flags-fast.yaml")

    assert "&amp;file=" in plain
    assert "flags/configmap-flags-fast.yaml" in words_of(part)
    assert "Back to all files" in words_of(part)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"R-1", "R-2"}),
        ("?state=deployed", {"R-1"}),
        ("?environment=prod", {"R-2"}),
        ("?tenant=acme&author=ali", {"R-1", "R-2"}),
        ("?author=nobody", set()),
        ("?stale=on", set()),
        ("?limit=1", {"R-2"}),
    ],
)
def test_the_list_is_filtered_by_its_address(reader, two, alice, query, found):
    """S87, S101: every release stays listed, with its state."""
    words = reader.read(alice, f"/projects/shop/releases{query}")

    assert {name for name in ("R-1", "R-2") if name in words} == found


def test_the_list_shows_what_one_may_view(reader, two, dev, stan):
    olga = make.user("olga", role=Role.VIEWER, on=dev.environment)

    words = reader.read(olga, "/projects/shop/releases")

    assert "R-1" in words
    assert "R-2" not in words
    assert reader.get(stan, "/projects/shop/releases").status_code == 404


def test_a_release_takes_few_queries(
    reader, waiting, bob, django_assert_max_num_queries
):
    reader.get(bob, url_of(waiting))

    with django_assert_max_num_queries(55):
        reader.client.get(url_of(waiting))
