"""The inbox over the API: the same rows as the page, and votes by people alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import actions
from approvals.models import ApprovalRequest, RequestState
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from tests import make
from tests.approvals.conftest import SHOWN
from tests.people import signed_in, with_token

URL = "/api/v1/approvals"


def rows(person, query=""):
    answer = signed_in(person).get(f"{URL}{query}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["items"]


def act(person, request, verb, **body):
    url = f"{URL}/{request.pk}/{verb}"
    return signed_in(person).post(url, body, format="json")


def test_a_row_says_what_where_by_whom_and_how_far(subject, bob, cleo):
    """S53, S56, S57, S58, S80, S109: as the wire contract has it."""
    actions.approve(subject.request, actor=cleo, digest=SHOWN)

    [row] = rows(bob)

    assert row["id"] == subject.request.pk
    assert row["createdAt"].endswith("Z")
    expected = {
        "kind": "release",
        "project": "shop",
        "target": "acme/prod",
        "title": "R-7 More replicas",
        "requester": "ana",
        "current": 1,
        "required": 2,
        "able": 2,
        "eligibleApprovers": ["bob", "cleo"],
        "shortage": "",
        "summary": {"workload": 2, "hq_variable": 1},
        "digest": SHOWN,
        "stale": False,
        "violations": [],
        "eligible": True,
        "reasonNotEligible": "",
        "url": "/projects/shop/releases/7",
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("kind", ["release", "promotion", "cluster_command"])
def test_three_kinds_stand_in_one_list(subject, bob, kind):
    """S78: releases, promotions and cluster commands."""
    ApprovalRequest.objects.update(kind=kind)

    [row] = rows(bob, f"?kind={kind}")

    assert row["kind"] == kind
    others = {"release", "promotion", "cluster_command"} - {kind}
    assert [rows(bob, f"?kind={other}") for other in sorted(others)] == [[], []]


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("project=shop", True),
        ("project=other", False),
        ("environment=prod", True),
        ("environment=dev", False),
        ("requester=ana", True),
        ("requester=bob", False),
        ("stale=false", True),
        ("stale=true", False),
        ("eligible=true", True),
        ("eligible=false", False),
    ],
)
def test_filters_narrow_it(subject, bob, query, is_there):
    """S79: filterable across projects."""
    assert bool(rows(bob, f"?{query}")) == is_there


def test_stale_ones_can_be_told_apart(subject, bob):
    """S79: approving them is allowed, and warned of."""
    subject.now(shown={**subject.facts.shown, "stale": True})

    [row] = rows(bob, "?stale=true")

    assert (row["stale"], row["eligible"]) == (True, True)
    assert rows(bob, "?stale=false") == []


def test_an_unknown_filter_is_refused(subject, bob):
    assert signed_in(bob).get(f"{URL}?kind=wish").status_code == 422
    assert signed_in(bob).get(f"{URL}?colour=red").status_code == 422


def test_whoever_cannot_decide_reads_why_in_the_order_of_refusals(
    subject, production, shop, ana, bob, olga, stan
):
    """S79, S50: state, permission, self-approval, vote, rendering."""

    def reason(person):
        [row] = rows(person)
        assert row["eligible"] == (not row["reasonNotEligible"])
        assert rows(person, f"?eligible={str(row['eligible']).lower()}") == [row]
        return row["reasonNotEligible"]

    assert rows(stan) == []
    needs = "this needs the permission releases.approve"
    assert reason(olga) == reason(ana) == needs
    environments.grant_role(production, to=ana, role=Role.APPROVER, actor=None)
    assert reason(ana) == "you cannot vote on this: you made this release"
    assert reason(bob) == ""
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    assert reason(bob) == "you have voted on this already"
    subject.now(digest="")
    assert "it is not rendered" in reason(bob)


def test_one_who_is_barred_is_refused_by_name_and_reason(subject, bob):
    """S50: who is barred and why."""
    subject.now(barred={bob.pk: "edited a change in it"})

    refused = act(bob, subject.request, "approve", digest=SHOWN)

    assert (refused.status_code, refused.json()["code"]) == (
        403,
        "self_approval_blocked",
    )
    assert refused.json()["detail"] == (
        "you cannot vote on this: you edited a change in it"
    )
    assert refused.json()["details"] == {
        "person": "bob",
        "reason": "edited a change in it",
    }
    entry = AuditEntry.objects.get(event="release.approve_refused")
    assert (entry.actor, entry.data["code"]) == (bob, "self_approval_blocked")


def test_people_approve_and_the_row_answers(subject, bob, cleo):
    """S81: quick approve, bound to what was shown."""
    assert act(bob, subject.request, "approve", digest="b" * 64).status_code == 409

    done = act(bob, subject.request, "approve", digest=SHOWN, comment="Fine.").json()
    assert (done["current"], done["eligible"]) == (1, False)
    done = act(cleo, subject.request, "approve", digest=SHOWN).json()

    assert (done["current"], done["state"]) == (2, "approved")
    assert "cannot be approved in its current status" in done["reasonNotEligible"]
    assert rows(bob) == []
    assert act(bob, subject.request, "approve", digest=SHOWN).status_code == 400


def test_people_reject_with_a_reason(subject, bob):
    """S81: reject → cancelled."""
    refused = act(bob, subject.request, "reject")
    assert (refused.status_code, refused.json()["code"]) == (400, "reason_required")

    assert act(bob, subject.request, "reject", reason="Too dear.").status_code == 200
    assert subject.request.state == RequestState.REJECTED
    assert subject.outcomes == [("refused", "Too dear.")]


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_token_reads_but_never_votes(subject, shop, bob, verb):
    """S64: a vote is a person's."""
    client = with_token(bob, scopes=["admin"])

    assert len(client.get(URL).json()["items"]) == 1
    refused = client.post(f"{URL}/{subject.request.pk}/{verb}", {}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (403, "not_eligible")


def test_a_token_of_another_project_sees_nothing(subject, bob):
    other = make.project("other")
    client = with_token(bob, scopes=["admin"], project=other.slug)

    assert client.get(URL).json()["items"] == []
    assert client.post(f"{URL}/{subject.request.pk}/approve").status_code == 404


def test_a_stranger_cannot_even_find_it(subject, stan):
    assert act(stan, subject.request, "approve", digest=SHOWN).status_code == 404


def test_many_rows_take_as_many_queries_as_one(subject, bob, ana):
    def queries():
        client = signed_in(bob)
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{URL}?limit=200").status_code == 200
        return len(found)

    queries()
    few = queries()
    copies(subject.request, 29)

    assert len(rows(bob, "?limit=200")) == 30
    assert queries() == few <= 9


def copies(request, count):
    """Ask the same again in as many environments, with a vote on each."""
    for number in range(count):
        copy = ApprovalRequest.objects.get(pk=request.pk)
        copy.pk, copy.subject_id = None, 1000 + number
        copy.environment = make.environment(
            request.environment.project, f"prod-{number}"
        )
        copy.save()
        copy.decisions.create(
            approver=request.requester,
            verdict="approve",
            digest=copy.digest,
            decided_at=copy.created_at,
        )
