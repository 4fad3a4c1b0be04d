"""Asking for a rendering: what is the same, what is another, and who hears of it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from delivery import rendering_requests
from delivery.models import Rendering, RenderingState
from environments import actions, capture
from gitopshq.core import leases
from tests import make
from tests.delivery.conftest import CONFIG

pytestmark = pytest.mark.django_db


def test_the_same_state_has_the_same_rendering(put, rendered):
    put(CONFIG.format(name="flags", value="1"))
    first = rendered()
    put(CONFIG.format(name="flags", value="2"))
    second = rendered()
    put(CONFIG.format(name="flags", value="1"))

    assert rendered().pk == first.pk
    assert second.pk != first.pk
    assert second.tree != first.tree


def test_the_policy_does_not_count(prod, put, asked):
    put(CONFIG.format(name="flags", value="1"))
    first = asked()
    terms = {"required_approvals": 2, "auto_approve": False}

    actions.set_policy(prod.environment, terms=terms, actor=None)

    assert asked().pk == first.pk


def test_whether_secrets_may_stand_in_git_counts(shop, put, asked):
    put(CONFIG.format(name="flags", value="1"))
    first = asked()

    actions.update_project(shop, secrets_in_git="plain", actor=None)

    assert asked().pk != first.pk
    assert asked().engines == first.engines


def test_an_error_about_another_target_goes_with_that_target(
    shop, prod, put, rendered, asked
):
    """A namespace that is foreign no more is another condition of the same State."""
    text = CONFIG.format(name="flags", value="1")
    put(text.replace("name: flags", "name: flags\n  namespace: shop-dev"))
    before = rendered()
    dev = make.target(shop, environment="dev", namespace="shop-dev")
    with_neighbour = rendered()

    actions.update_target(
        dev,
        facts={"namespace": "elsewhere"},
        actor=None,
    )

    assert before.state == RenderingState.READY
    assert [error["reason"] for error in with_neighbour.errors] == ["namespace_escape"]
    assert rendered().state == RenderingState.READY


def test_the_same_namespace_on_another_cluster_is_not_foreign(
    shop, prod, put, rendered
):
    make.target(shop, environment="dev", namespace="shop-dev", cluster="east")
    text = CONFIG.format(name="flags", value="1")
    put(text.replace("name: flags", "name: flags\n  namespace: shop-dev"))

    assert rendered().state == RenderingState.READY


def test_a_worker_hears_of_it_on_commit_and_once_it_is_ready_no_more(
    put, asked, django_capture_on_commit_callbacks
):
    put(CONFIG.format(name="flags", value="1"))

    with django_capture_on_commit_callbacks(execute=True) as heard:
        asked()
    with django_capture_on_commit_callbacks() as heard_again:
        asked()

    assert len(heard) == 1
    assert heard_again == []


@pytest.mark.parametrize(
    ("reason", "is_made_again"),
    [("internal", True), ("timeout", True), ("memory", True), ("duplicate", False)],
)
def test_what_failed_for_a_reason_that_may_pass_is_made_again(
    put, asked, reason, is_made_again
):
    put(CONFIG.format(name="flags", value="1"))
    failed, long_ago = asked(), timezone.now() - timedelta(days=1)
    Rendering.objects.filter(pk=failed.pk).update(
        created_at=long_ago,
        state=RenderingState.FAILED,
        errors=[{"code": "template_error", "message": "no", "reason": reason}],
        attempts=3,
        finished_at=timezone.now(),
    )

    again = asked()

    assert again.pk == failed.pk
    assert (again.state == RenderingState.PENDING) is is_made_again
    assert (again.attempts == 0) is is_made_again
    # From then on it waits, and a page tells for how long.
    assert (again.created_at > long_ago) is is_made_again


def test_waiting_ends_with_the_rendering_or_with_the_time(
    put, asked, rendered, monkeypatch
):
    put(CONFIG.format(name="flags", value="1"))
    pending = asked()

    # In the transaction of this test nobody would ever see an end.
    assert rendering_requests.wait_for(pending, seconds=60).state == "pending"
    monkeypatch.setattr(leases, "connection", SimpleNamespace(in_atomic_block=False))
    assert rendering_requests.wait_for(pending, seconds=0).state == "pending"
    assert rendering_requests.wait_for(pending, seconds=0.01).state == "pending"
    rendered()
    assert rendering_requests.wait_for(pending, seconds=60).state == "ready"


def test_who_waits_long_asks_less_and_less_often(put, asked, monkeypatch):
    """A hundred who wait for a slow renderer are no load for it."""
    put(CONFIG.format(name="flags", value="1"))
    pending, clock, naps = asked(), [0.0], []

    def sleep(seconds):
        naps.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(leases, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(
        leases, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep)
    )

    rendering_requests.wait_for(pending, seconds=20)

    assert naps[0] == leases.POLL_SECONDS
    assert clock[0] == pytest.approx(20)
    assert len(naps) < 60


def test_the_cluster_does_not_count(prod):
    """It is where the target runs, not what runs there."""
    state = capture.state_of(prod)

    actions.update_target(
        prod,
        facts={"cluster": "east"},
        actor=None,
    )

    assert capture.state_of(prod).rendering_digest == state.rendering_digest
