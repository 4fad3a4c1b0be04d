"""Evidence over HTTP: three forms to read, four fields to write, two steps to take."""

import json

import pytest

from environments.permissions import Role
from gitopshq.core.models import AuditEntry, TokenScope
from releases.proof.checking import TEN_FIELDS, check
from tests import make
from tests.releases.conftest import signed_in, with_token

EVIDENCE = "/api/v1/projects/shop/releases/1/evidence"
VERIFY = "/api/v1/projects/shop/releases/1/verify"
CLOSE = "/api/v1/projects/shop/releases/1/close"
WRITTEN = {
    "riskSummary": "Low: a flag.",
    "runtimeVerificationSummary": "p95 is flat.",
    "fallbackPlan": "Roll back to R-0.",
    "postReleaseFollowUpTasks": "- drop the flag",
}


@pytest.fixture
def done(prod, released):
    return released(prod)


@pytest.fixture
def maya(shop):
    """Maintains the shop."""
    return make.user("maya", role=Role.MAINTAINER, on=shop)


def code_of(response):
    return response.status_code, response.json()["code"]


def may(answer):
    return {one["action"] for one in answer.json()["allowedActions"] if one["allowed"]}


def of_release(client):
    """Return why the release, and the list of them, offer each step of its record."""
    url = EVIDENCE.removesuffix("/evidence")
    listed = client.get(url.rpartition("/")[0]).json()["items"][0]
    found = [client.get(url).json()["allowedActions"], listed["allowedActions"]]
    said = [{one["action"]: one["reason"] for one in actions} for actions in found]
    assert said[0] == said[1]
    return {name: said[0][name] for name in ("verify", "close")}


def test_a_cycle_of_evidence_from_draft_to_closed(done, alice, bob, maya):
    """S117, S118, S127, S131: ten fields; written, verified, closed, then for good."""
    author, approver = signed_in(alice), signed_in(bob)

    shown = author.get(EVIDENCE)
    assert set(TEN_FIELDS) <= set(shown.json())
    assert (
        shown.json()["diffSummary"].startswith("2 changes")
        or shown.json()["diffSummary"]
    )
    assert may(shown) == {"edit"}
    assert of_release(author) == {
        "verify": "this needs the permission releases.deploy or releases.approve",
        "close": "nobody has verified how the release runs",
    }
    assert of_release(approver)["verify"] == ""
    written = author.patch(EVIDENCE, WRITTEN, format="json")
    assert written.status_code == 200, written.json()
    assert {name: written.json()[name] for name in WRITTEN} == WRITTEN
    verified = approver.post(VERIFY, {"note": "Looked at it"}, format="json")
    assert verified.json()["verifier"] == "bob"
    assert verified.json()["verifiedIndependently"] is True
    assert of_release(author)["close"] == ""
    closed = author.post(CLOSE, {}, format="json")
    assert (closed.json()["closed"], closed.json()["closedBy"]) == (True, "alice")
    assert len(closed.json()["digest"]) == 64
    assert may(closed) == set()

    for again in (
        author.patch(EVIDENCE, {"riskSummary": "None"}, format="json"),
        approver.post(VERIFY, {}, format="json"),
        author.post(CLOSE, {}, format="json"),
    ):
        assert code_of(again) == (400, "invalid_transition")
    assert author.get(EVIDENCE).json()["riskSummary"] == WRITTEN["riskSummary"]
    answer = signed_in(maya).get(f"{EVIDENCE}?format=bundle")
    assert answer.headers["Content-Type"] == "application/vnd.gitopshq.evidence+json"
    assert check(answer.content)
    assert code_of(author.get(f"{EVIDENCE}?format=bundle")) == (
        403,
        "permission_denied",
    )


def test_it_is_the_template_as_markdown(done, alice, dora):
    """S131: exactly the headings of the template, in their order."""
    client = signed_in(alice)
    client.patch(EVIDENCE, WRITTEN, format="json")
    signed_in(dora).post(VERIFY, {}, format="json")

    answer = client.get(EVIDENCE, headers={"Accept": "text/markdown"})
    text = answer.content.decode()

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    headings = [
        *("**Release title:** Change flags", "**Project/environment:** shop/acme/prod"),
        *("**Requester:** alice", "**Approver(s):** bob", "**Executor:** dora"),
        *("## Risk summary\n\nLow: a flag.", "## Diff summary\n\n4 changes"),
        "## Runtime verification summary\n\np95 is flat.",
        "## Fallback plan\n\nRoll back to R-0.",
        "## Post-release follow-up tasks\n\n- drop the flag",
    ]
    places = [text.find(heading) for heading in headings]
    assert -1 not in places, text
    assert places == sorted(places)
    assert "**Verifier:** dora at " in text
    assert "also requester or executor" in text
    assert client.get(f"{EVIDENCE}?format=markdown").content.decode() == text


def test_titles_are_text_in_markdown(prod, approved, alice):
    approved(prod, content={"title": "# [x](javascript:1) <b>"})

    text = signed_in(alice).get(f"{EVIDENCE}?format=markdown").content.decode()

    assert r"\# \[x\](javascript:1) \<b\>" in text


def test_what_the_system_fills_is_not_written(done, alice):
    """S127: mass assignment changes nothing."""
    for body in (
        {"approvers": ["carol"]},
        {"verifier": "carol"},
        {"closed": True},
        {"diffSummary": "Nothing"},
        {"facts": {}},
        {"mood": "good"},
        {"riskSummary": 7},
    ):
        sent = {"fallbackPlan": "x", **body}
        answer = signed_in(alice).patch(EVIDENCE, sent, format="json")
        assert code_of(answer) == (422, "validation_error")
    assert not AuditEntry.objects.filter(event="evidence.edited").exists()


def test_another_version_is_not_overwritten(done, alice):
    client = signed_in(alice)
    seen = client.get(EVIDENCE).headers["ETag"]
    first = client.patch(
        EVIDENCE, {"riskSummary": "Low"}, format="json", headers={"If-Match": seen}
    )
    second = client.patch(
        EVIDENCE, {"riskSummary": "High"}, format="json", headers={"If-Match": seen}
    )

    assert first.status_code == 200
    assert code_of(second) == (412, "version_mismatch")
    assert client.get(EVIDENCE, headers={"If-None-Match": seen}).status_code == 200


def test_strangers_find_nothing(done, stan):
    """S92."""
    client = signed_in(stan)

    for answer in (
        client.get(EVIDENCE),
        client.get(f"{EVIDENCE}?format=bundle"),
        client.patch(EVIDENCE, {"riskSummary": "x"}, format="json"),
        client.post(VERIFY, {}, format="json"),
        client.post(CLOSE, {}, format="json"),
    ):
        assert code_of(answer) == (404, "not_found")


def test_refusals_to_verify_are_on_record(done, alice, dora):
    """S127: a token is no named person, and asking for a release is no office."""
    token = with_token(dora, scopes=[TokenScope.RELEASES_WRITE, TokenScope.READ])
    unverified = signed_in(alice).post(CLOSE, {}, format="json")

    assert code_of(token.post(VERIFY, {}, format="json")) == (403, "person_required")
    assert may(token.get(EVIDENCE)) == {"edit"}
    assert "signed in" in of_release(token)["verify"]
    refused = signed_in(alice).post(VERIFY, {}, format="json")
    assert code_of(refused) == (403, "permission_denied")
    assert code_of(unverified) == (409, "not_verified")
    events = AuditEntry.objects.filter(event__startswith="evidence.")
    assert list(events.order_by("pk").values_list("event", "actor__username")) == [
        ("evidence.close_refused", "alice"),
        ("evidence.verify_refused", "dora"),
        ("evidence.verify_refused", "alice"),
    ]


def test_a_form_that_is_not_there_is_not_found(done, alice):
    assert signed_in(alice).get(f"{EVIDENCE}?format=pdf").status_code == 404
    accept = signed_in(alice).get(EVIDENCE, headers={"Accept": "application/pdf"})
    assert accept.status_code == 406


def test_before_the_end_evidence_is_read_and_written_but_not_closed(
    prod, approved, alice, dora
):
    """S125: risk and fallback are written down before anything is executed."""
    approved(prod)
    client = signed_in(alice)

    answer = client.patch(EVIDENCE, {"fallbackPlan": "Revert"}, format="json")

    assert json.loads(answer.content)["fallbackPlan"] == "Revert"
    assert answer.json()["executor"] is None
    assert code_of(client.post(CLOSE, {}, format="json")) == (400, "invalid_transition")
    assert code_of(signed_in(dora).post(VERIFY, {}, format="json")) == (
        400,
        "invalid_transition",
    )
