"""What was ticked at once: each item is decided alone, and each refusal recorded."""

import pytest
from django.db import transaction

from approvals.models import ApprovalRequest, RequestState
from environments.permissions import Permission as May
from gitopshq.core.models import AuditEntry
from releases.models import Release
from tests.permissions.callers import ALL, VIEWER, Caller
from tests.permissions.counting import count
from tests.permissions.world import World

PLACES = ("prod", "dev")
CREATE, VOTE = VIEWER | {May.CREATE_RELEASE}, VIEWER | {May.APPROVE_RELEASE}
CALLERS = [
    Caller("a stranger"),
    Caller("a viewer", on_shop=VIEWER),
    Caller("only releases.create", on_shop=CREATE),
    Caller("only releases.create on production", on_prod=CREATE),
    Caller("only releases.create on development", on_dev=CREATE),
    Caller("who sees all and creates on production", VIEWER, CREATE),
    Caller("all but releases.create", on_shop=ALL - {May.CREATE_RELEASE}),
    Caller("only releases.approve", on_shop=VOTE),
    Caller("only releases.approve on production", on_prod=VOTE),
    Caller("only releases.approve on development", on_dev=VOTE),
    Caller("all but releases.approve", on_shop=ALL - {May.APPROVE_RELEASE}),
    Caller("a superuser without grants", is_superuser=True),
]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_releases_are_made_of_those_targets_where_one_may(
    world: World, request: pytest.FixtureRequest, caller: Caller
):
    """S88: S93: one form over all targets gives nobody a right in another place."""
    body = {"target": ["acme/prod", "acme/dev"], "title": "Together"}
    held = {place: caller_holds(caller, May.CREATE_RELEASE, place) for place in PLACES}
    seen = {place: caller_holds(caller, May.VIEW_RELEASE, place) for place in PLACES}

    client = world.client(caller)
    with transaction.atomic():
        answer = client.post("/projects/shop/releases/new", body)
        rows = Release.objects.filter(title="Together")
        made = set(rows.values_list("target__environment__slug", flat=True))
        refused = AuditEntry.objects.filter(event="release.create_refused").count()
        transaction.set_rollback(True)

    assert made == {place for place in PLACES if held[place] and seen[place]}
    if not any(seen.values()):
        assert (answer.status_code, refused) == (404, 0)
    elif not any(held.values()):
        assert (answer.status_code, refused) == (403, 1)
    else:
        assert refused == sum(seen[place] and not held[place] for place in PLACES)
    count(request, "page", "create releases of what one ticked", {caller.name: made})


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_votes_are_taken_from_whom_they_count_of(
    world: World, request: pytest.FixtureRequest, caller: Caller
):
    """S89: S93: the bulk of the inbox takes no vote that the release would refuse."""
    asked = ApprovalRequest.objects.get(pk=world.ids["request"])
    body = {"decision": "reject", "comment": "no", "item": f"{asked.pk}@"}
    sees = caller_holds(caller, May.VIEW_RELEASE, "prod")
    may = sees and caller_holds(caller, May.APPROVE_RELEASE, "prod")

    client = world.client(caller)
    with transaction.atomic():
        answer = client.post("/approvals/decide", body)
        state = ApprovalRequest.objects.get(pk=asked.pk).state
        refused = AuditEntry.objects.filter(event="release.reject_refused").count()
        transaction.set_rollback(True)

    assert answer["Location"].startswith("/approvals")
    assert state == (RequestState.REJECTED if may else RequestState.PENDING)
    assert refused == (1 if sees and not may else 0)
    count(request, "page", "vote on what one ticked", {caller.name: state})


def caller_holds(caller: Caller, permission: May, place: str) -> bool:
    here = caller.on_prod if place == "prod" else caller.on_dev
    by_rank = caller.is_superuser and permission != May.APPROVE_RELEASE
    return by_rank or permission in caller.on_shop | here
