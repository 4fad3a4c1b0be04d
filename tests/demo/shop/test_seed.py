"""Seeding: what the visitor finds, and that it happens once."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.utils import timezone

from approvals.models import ApprovalDecision
from approvals.subjects import request_for
from environments.models import (
    Edit,
    FreezeWindow,
    KustomizeBinding,
    Project,
    SecretValue,
    Text,
    Variable,
    VariableScope,
)
from environments.policies import live_policy
from environments.selectors import freeze_of
from gitopshq.core import audit_verify, tokens
from gitopshq.core.models import AuditEntry, User
from gitopshq.demo import governance, seeding, shop, story
from gitopshq.demo.desired import Desired
from gitopshq.demo.people import EVERYBODY
from releases import actions
from releases.evidence.bundle import bundle_of, to_bytes
from releases.glass import current_of, glasses_of, open_glasses
from releases.locking import fresh
from releases.models import Release, Status
from releases.pending import pool_of
from releases.proof.checking import TEN_FIELDS, check
from releases.staleness import staleness_of
from tests import seeded

# One world for the whole file, so one worker takes all of it.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture
def desired(letter):
    return Desired(Project.objects.get(slug="shop"))


def everything():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
    }


def release(title):
    return fresh(Release.objects.filter(title=title.title).values_list("pk")[0][0])


def test_three_tenants_in_three_environments_run_seven_services(desired):
    terms = {slug: live_policy(stage) for slug, stage in desired.stages.items()}

    assert set(desired.tenants) == {"acme", "globex", "initech"}
    assert [*desired.stages] == ["dev", "staging", "prod"]
    assert len(desired.targets) == 9
    assert len(desired.services) == 7
    charts = {row.chart_version.chart.name for row in desired.services.values()}
    assert charts == set(shop.CHARTS)
    assert terms["dev"].auto_approve
    assert terms["staging"].required_approvals == 1
    assert terms["prod"].required_approvals == 2
    assert terms["prod"].block_self_deploy


def test_variables_stand_at_all_four_scopes_and_one_shadows_another(desired):
    rows = Variable.objects.filter(project=desired.project)
    secret = rows.filter(secret__isnull=False).values_list("key", flat=True)
    levels = rows.filter(key="LOG_LEVEL").values_list("scope", flat=True)

    assert {row.scope for row in rows} == {*VariableScope.values}
    assert {*secret} == {"SESSION_KEY"}
    assert {*levels} == {"repo", "env", "svc"}


def test_overlays_stand_alone_and_on_a_service(desired):
    overlays = KustomizeBinding.objects.filter(target=desired.target("acme", "prod"))

    assert {str(row): row.workload and row.workload.name for row in overlays} == {
        "storefront-spread": "storefront",
        "network": None,
    }


def test_releases_are_in_every_state_worth_seeing(letter):
    states = Counter(Release.objects.values_list("status", flat=True))

    assert states == {
        Status.DEPLOYED: 8,
        Status.APPROVED: 3,
        Status.PENDING_APPROVAL: 3,
        Status.DRAFT: 1,
        Status.CANCELLED: 1,
        Status.ROLLED_BACK: 1,
    }
    assert [*Release.objects.order_by("number").values_list("number", flat=True)] == [
        *range(1, 18)
    ]
    assert all(row.commit_sha for row in Release.objects.filter(status=Status.DEPLOYED))


def test_one_release_waits_for_two_votes_in_production(letter):
    waiting = release(story.SALE)

    assert waiting.status == Status.PENDING_APPROVAL
    assert str(waiting.target) == "acme/prod"
    assert len(waiting.digest) == 64
    assert staleness_of(waiting) is None
    assert waiting.changes.count() == 2


def test_one_release_was_overtaken_and_one_refused(letter):
    overtaken, refused = release(story.NEWSLETTER), release(story.EXPRESS)

    assert overtaken.status == Status.APPROVED
    assert staleness_of(overtaken) is not None
    assert refused.cancel_kind == "rejected"
    assert refused.cancelled_by.username == "carol"
    assert "stock is counted" in refused.cancel_reason


def test_five_changes_wait_for_the_visitor(desired):
    pool = pool_of(desired.target("acme", "staging"))
    kinds = Counter((row.change.type, row.change.facet) for row in pool.rows)
    needing = [row.change for row in pool.rows if row.change.depends_on]

    assert pool.count == 5
    assert kinds == {
        ("hq_variable", "repo"): 1,
        ("hq_variable", "svc"): 1,
        ("kustomize_binding", "file"): 1,
        ("workload", "image"): 1,
        ("workload", "values"): 1,
    }
    assert [change.object for change in needing] == ["checkout"]
    assert pool.by_id[needing[0].depends_on[0]].change.object == "PAYMENT_TIMEOUT"


def test_one_target_is_frozen_and_says_why(desired):
    frozen = {
        place
        for place, target in desired.targets.items()
        if freeze_of(target).is_frozen
    }

    assert frozen - {("initech", "prod")} == {("globex", "prod")}, "but for weekends"
    assert freeze_of(desired.target("globex", "prod")).reason == story.STOCK_TAKING


def test_one_release_was_taken_back_and_holds_what_it_shipped(desired):
    """S133: a full rollback was deployed; what it undid is told apart."""
    undone, back = release(governance.SEARCH_CACHE), release(governance.UNDO)
    pool = pool_of(desired.target("globex", "dev"))

    assert (undone.name, back.name) == ("R-11", "R-14"), "as the letter says"
    assert (undone.status, undone.rolled_back_by) == (Status.ROLLED_BACK, back)
    assert (back.status, back.rollback_to.name) == (Status.DEPLOYED, "R-2")
    held = [(row.change.object, row.held_by) for row in pool.rows if row.held_by]
    assert held == [("catalog", back)]
    assert "CDN_HOST" in {row.change.object for row in pool.default_rows}


def test_one_service_is_to_go_back(letter):
    """S124, S133: of what R-12 shipped, and two people talk about it."""
    back = release(governance.UNDO_REPORTS)

    assert (back.status, back.rollback_parts) == (Status.PENDING_APPROVAL, ["reports"])
    assert [*back.changes.values_list("document__object", flat=True)] == ["reports"]
    assert back.comments.count() == 2


def test_votes_are_seen_to_count_and_not_to_count(letter):
    mails, grown = release(governance.MAILS), release(governance.GROWTH)
    dave = User.objects.get(username="dave")
    votes = request_for(grown).decisions

    assert mails.status == Status.APPROVED
    assert "edited" in mails.barred[str(dave.pk)]
    assert request_for(mails).decisions.count() == 2
    assert grown.status == Status.PENDING_APPROVAL
    assert votes.exclude(voided_at=None).count() == 2
    assert votes.filter(voided_at=None).count() == 1
    assert staleness_of(mails) is None
    assert staleness_of(grown) is None


def test_a_break_glass_waits_for_its_second_person(letter):
    late, carol = release(governance.BANK), User.objects.get(username="carol")
    assert (late.name, late.status) == ("R-17", Status.APPROVED)
    assert current_of(glasses_of(late), timezone.now()).asked_by.username == "root"

    actions.confirm_break_glass(late, actor=carol)

    assert open_glasses([late], timezone.now())[late.pk].confirmed_by == carol


def test_freezes_of_both_kinds_and_a_planned_window_are_there(letter):
    windows = {*FreezeWindow.objects.values_list("rrule", "time_zone")}

    assert windows == {("", "UTC"), ("FREQ=WEEKLY;BYDAY=FR", "America/Chicago")}
    assert release(story.SEARCH).planned_start > timezone.now()


def test_those_who_vote_are_bob_and_carol(letter):
    voters = {*ApprovalDecision.objects.values_list("approver__username", flat=True)}

    assert voters == {"bob", "carol"}
    assert {*Release.objects.values_list("author__username", flat=True)} == {"alice"}


def test_the_secret_stands_nowhere_but_sealed(letter):
    assert SecretValue.objects.count() == 2
    said = [
        *Text.objects.values_list("body", flat=True),
        *map(str, AuditEntry.objects.values_list("after", flat=True)),
    ]
    assert not [text for text in said if re.search(r"SESSION_KEY: [A-Za-z0-9]", text)]


def test_the_trail_is_whole_and_every_edit_has_an_author(letter):
    assert audit_verify.verify().first_bad is None
    assert not Edit.objects.filter(actor=None).exists()


def test_a_second_run_changes_nothing(letter, tmp_path):
    before = everything()

    again = seeding.seed(seeded.BASE_URL, tmp_path)

    assert everything() == before
    assert "create_token alice" in again, "the token of the first run is not here"


def test_the_letter_holds_logins_that_work_and_a_token_for_git(letter):
    for person in EVERYBODY:
        assert f"{person.name} " in letter
        assert person.password in letter
        assert authenticate(None, username=person.name, password=person.password)
    secret = re.findall(r"gohq_[\w-]+", letter)[0]
    token = tokens.authenticate_token(secret)
    assert token
    assert token.user.username == "alice"
    assert token.scopes == ["git:read", "read"]


def test_only_the_operator_is_a_superuser(letter):
    rows = User.objects.filter(is_superuser=True).values_list("username", flat=True)

    assert [*rows] == ["root"]


def test_the_roll_out_of_acme_is_closed_with_evidence(desired):
    """S117, S118, S125, S127, S131: discussed, verified by somebody else, provable."""
    target = desired.target("acme", "prod")
    closed = fresh(target.releases.get(title=story.FIRST.title).pk)
    root = User.objects.get(username="root")

    bundle = bundle_of(closed, actor=root)

    evidence = bundle["evidence"]
    assert (evidence["requester"], evidence["executor"]) == ("alice", "root")
    assert (evidence["verifier"], evidence["verifiedIndependently"]) == ("carol", True)
    assert all(evidence[name] for name in TEN_FIELDS)
    assert closed.comments.count() == 2
    assert check(to_bytes(bundle))
