"""The dashboard: what needs me, my projects, what happened lately."""

from django.utils import timezone

from environments import actions as environments
from environments.models import Tenant
from environments.permissions import Permission, Role
from gitopshq.core import audit
from releases import actions, counters
from releases.events import ReleaseEvent
from releases.models import DeployedState, SyncState
from releases.selectors import activity
from tests import make
from tests.releases.pages.conftest import words_of

OVERRIDE = [Permission.VIEW_RELEASE, Permission.OVERRIDE_FREEZE]


def test_somebody_new_is_led_to_the_first_release(reader, stan):
    words = reader.read(stan, "/")

    assert "Set up" in words
    assert "Nothing waiting" in words
    assert "How a change ships" in words


def test_nobody_sees_it_without_logging_in(client, db):
    response = client.get("/")

    assert response.status_code == 302
    assert "login" in response.url


def test_an_approver_is_told_what_waits(reader, prod, edit, create, bob):
    edit(prod)
    release = create(prod)

    page = reader.get(bob, "/")
    again = {"HX-Request": "true", "HX-Target": "needs"}
    part = reader.get(bob, "/", **again)

    assert release.get_absolute_url() in page.content.decode()
    assert "Approval wanted by alice" in words_of(page)
    # The part that asks again has nothing else worked out for it.
    assert 'id="needs"' in part.content.decode()
    assert "Approval wanted by alice" in words_of(part)
    assert "Last 24 hours" not in words_of(part)


def test_a_deployer_is_told_what_is_ready(reader, prod, edit, create, approve, dora):
    edit(prod)
    approve(create(prod))

    assert "Approved, ready to deploy" in reader.read(dora, "/")


def test_a_deployer_is_told_what_a_freeze_holds_back(
    reader, shop, prod, edit, create, approve, dora, do, django_assert_max_num_queries
):
    """S108, S116: by what, until when; one question for any number of targets."""
    there = [prod, *(make.target(shop, tenant=t, environment="prod") for t in "xyz")]
    for target in there:
        edit(target)
        approve(create(target))
    environments.freeze(prod.environment, reason="Fair", actor=None)
    reader.get(dora, "/")

    with django_assert_max_num_queries(15):
        words = words_of(reader.client.get("/"))

    assert words.count("Approved. Frozen by “Fair” until it is lifted") == len(there)
    assert "ready to deploy" not in words
    two = [make.user(name, may=OVERRIDE, on=shop) for name in ("carla", "dave")]
    first = prod.releases.get()
    do(actions.ask_break_glass, first, actor=two[0], reason="leak")
    do(actions.confirm_break_glass, first, actor=two[1])
    words = reader.read(dora, "/")
    assert words.count("Approved. Frozen by “Fair”") == len(there) - 1
    assert "ready to deploy: the freeze is set aside until" in words


def test_an_author_is_told_of_a_stale_release(reader, prod, edit, create, alice):
    """S101: staleness is seen without opening the release."""
    edit(prod)
    create(prod)
    edit(prod, fast="2")
    counters.refresh_target(prod.pk)

    assert "Stale: refresh or recreate it" in reader.read(alice, "/")


def test_a_card_shows_what_runs_what_waits_and_freezes(
    reader, shop, dev, shipped, edit, alice
):
    """S28, S108: pending changes and freezes are seen from the first page."""
    release = shipped(dev)
    edit(dev, fast="2")
    counters.refresh_target(dev.pk)
    environments.freeze(dev.environment, reason="Holidays", actor=None)

    words = reader.read(alice, "/")

    assert f"dev {release.name}" in words
    assert "1 pending" in words
    assert "Frozen" in words


def test_a_tenant_that_was_archived_counts_no_more(reader, shop, dev, shipped, alice):
    """What it ran is gone: its release, and what a cluster said of it."""
    gone = make.target(shop, tenant="gone", environment="dev")
    release, last = shipped(dev), shipped(gone)
    DeployedState.objects.filter(target=gone).update(sync_state=SyncState.DEGRADED)
    assert "Degraded" in reader.read(alice, "/")

    Tenant.objects.filter(slug="gone").update(archived_at=timezone.now())

    words = reader.read(alice, "/")
    assert "Degraded" not in words
    assert f"dev {release.name}" in words
    assert f"dev {last.name}" not in words


def test_a_stranger_reads_nothing_of_it(reader, dev, shipped, stan):
    """S92: activity is that of visible projects only."""
    release = shipped(dev)

    words = reader.read(stan, "/")

    assert release.title not in words
    assert "Shop" not in words


def test_a_grant_on_one_environment_shows_that_one_alone(
    reader, dev, prod, shipped, edit, create
):
    shipped(dev)
    edit(prod)
    hidden = create(prod, content={"title": "Behind the curtain"})
    for _ in range(activity.MOST):
        audit.record(ReleaseEvent.REFRESHED, hidden, actor=None, project="shop")
    olga = make.user("olga", may=[Permission.VIEW_RELEASE], on=dev.environment)

    words = reader.read(olga, "/")

    assert "Change flags" in words
    assert hidden.title not in words
    assert "prod" not in words


def test_more_projects_take_no_more_queries(
    reader, shop, dev, shipped, alice, django_assert_max_num_queries
):
    shipped(dev)
    for number in range(4):
        other = make.project(f"other-{number}")
        make.target(other, environment="dev")
        environments.grant_role(other, to=alice, role=Role.VIEWER, actor=None)
    reader.get(alice, "/")

    with django_assert_max_num_queries(15):
        reader.client.get("/")
