"""The policy page: saying it in words, saving, warnings, freezes and windows."""

import pytest
import time_machine

from environments import actions
from environments.models import EnvironmentPolicy, FreezeWindow
from environments.permissions import Role
from environments.policies import PolicyTerms
from environments.policy_words import Hands, shortages_of, summary_of
from tests import make
from tests.environments.pages.conftest import MOST_QUERIES

URL = "/projects/shop/environments/prod/policy"
GIVEN = {
    "required_approvals": "2",
    "block_self_approval": "on",
    "approval_expiry_hours": "24",
    "deploy_mode": "manual",
    "message": "why",
}


@pytest.fixture
def post(production, as_person, mona):
    def send(path="", *, user=mona, **data):
        return as_person(user).post(f"{URL}{path}", data)

    return send


@pytest.fixture
def version(production, as_person, mona):
    form = as_person(mona).get(URL).context["forms"]["policy"]
    return form["version"].value()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (PolicyTerms(), "Nobody has to approve."),
        (
            PolicyTerms(required_approvals=2, approval_expiry_hours=24),
            "Two people other than the author and editors must approve; approvals "
            "expire after 24 h.",
        ),
        (
            PolicyTerms(required_approvals=1, block_self_approval=False),
            "One person must approve; approvals do not expire.",
        ),
        (PolicyTerms(auto_approve=True), "Releases are approved by themselves"),
        (PolicyTerms(deploy_mode="auto"), "What is approved is deployed at once."),
        (PolicyTerms(block_self_deploy=True), "Somebody other than the author"),
    ],
)
def test_a_policy_is_said_in_plain_words(terms, said):
    """S114: what a release needs is visible beforehand."""
    assert said in summary_of(terms)


@pytest.mark.parametrize(
    ("hands", "said"),
    [
        (Hands(["Bob"]), "only Bob may approve here."),
        (Hands(), "2 approvals are required, but nobody may approve here."),
        (Hands(["Bob", "Cleo"]), ""),
        (
            Hands(["Bob", "Cleo"], makers=frozenset({"Cleo"})),
            "(Bob and Cleo): what Cleo authors or edits cannot be approved.",
        ),
        (Hands(["Bob", "Cleo", "Dan"], makers=frozenset({"Cleo", "Dan"})), ""),
    ],
)
def test_too_few_approvers_are_named(hands, said):
    """S102: the pool is visible, and a bottleneck is warned of, authors considered."""
    terms = PolicyTerms(required_approvals=2)

    assert "".join(shortages_of(terms, hands)).endswith(said)
    assert bool(said) == bool(shortages_of(terms, hands))
    assert not shortages_of(PolicyTerms(required_approvals=2, auto_approve=True), hands)


def test_too_few_deployers_are_named():
    """S102: whoever deploys alone can deploy nothing of their own."""
    terms = PolicyTerms(block_self_deploy=True)
    alone = Hands(deployers=["Dora"], makers=frozenset({"Dora"}))

    assert shortages_of(terms, alone) == [
        "Only Dora may deploy here: what they author cannot be deployed."
    ]
    assert "nobody may deploy" in shortages_of(terms, Hands())[0]
    assert not shortages_of(terms, Hands(deployers=["Dora"]))
    assert not shortages_of(PolicyTerms(), alone)


def test_what_is_typed_is_said_in_words_before_it_is_saved(
    version, post, production, as_person, mona, olga
):
    """S102, S114: by the server's own words; the page is told as one edits."""
    given = {**GIVEN, "do": "preview", "version": version}

    page = post(**given, user=olga).content.decode()
    part = as_person(mona).post(URL, given, headers={"HX-Request": "true"})

    for said in (page, part.content.decode()):
        assert "not saved yet" in said
        assert "Two people other than the author and editors must approve" in said
        assert "2 approvals are required, but only mona may approve here." in said
    assert "<html" not in part.content.decode()
    assert EnvironmentPolicy.objects.get(environment=production).required_approvals == 0

    wrong = {**given, "deploy_mode": "auto", "block_self_deploy": "on"}
    part = as_person(mona).post(URL, wrong, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "cannot be saved" in part.content.decode()
    assert "excludes blockSelfDeploy" in part.content.decode()


def test_a_policy_is_saved_and_read_back(version, post, production, read, mona):
    """S25, S48: approval requirements are set per environment."""
    assert post(**GIVEN, version=version).status_code == 302

    row = EnvironmentPolicy.objects.get(environment=production)
    assert (row.required_approvals, row.approval_expiry_hours) == (2, 24)
    page = read(mona, URL)
    assert "Two people other than the author" in page
    assert "2 approvals are required, but only mona may approve here." in page


def test_a_strict_policy_costs_no_more_queries(
    production, prod, as_person, mona, django_assert_max_num_queries
):
    """Who is too few is asked for with who is shown."""
    terms = {"required_approvals": 9, "block_self_deploy": True}
    actions.set_policy(production, terms=terms, actor=None)
    client = as_person(mona)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(URL).content.decode()

    assert page.count("This cannot be met.") == 2


def test_an_impossible_policy_is_refused_at_its_field(version, post):
    given = {**GIVEN, "deploy_mode": "auto", "block_self_deploy": "on"}

    answer = post(**given, version=version)

    assert answer.status_code == 422
    form = answer.context["forms"]["policy"]
    assert "excludes blockSelfDeploy" in str(form.errors["block_self_deploy"])
    assert form["message"].value() == "why"


def test_two_people_at_once_lose_nothing(version, post):
    assert post(**GIVEN, version=version).status_code == 302

    answer = post(**{**GIVEN, "required_approvals": "5"}, version=version)

    page = answer.content.decode()
    assert answer.status_code == 412
    assert "Saved by somebody else meanwhile: <b>Two people" in page
    assert answer.context["forms"]["policy"]["required_approvals"].value() == "5"


def test_it_takes_the_permission(version, post, olga, stan, production):
    answer = post(**GIVEN, version=version, user=olga)
    assert answer.status_code == 403
    assert "environments.manage" in answer.content.decode()

    assert post(**GIVEN, version=version, user=stan).status_code == 404
    assert EnvironmentPolicy.objects.get(environment=production).required_approvals == 0


def test_a_policy_that_targets_have_outgrown_is_shown(prod, read, mona):
    prod.released_policy = PolicyTerms(required_approvals=3).to_json()
    prod.save()

    assert "<b>acme/prod</b> still: Three people" in read(mona, URL)


def test_freezing_needs_a_reason_and_shows_everywhere(post, read, mona, production):
    """S108, S122: the freeze is visible beforehand."""
    refused = post("/freeze", reason=" ", until="2030-01-01T10:00")
    assert refused.status_code == 400
    assert "a reason is required" in refused.content.decode()
    form = refused.context["forms"]["freeze"]
    assert form["until"].value() == "2030-01-01T10:00"

    assert post("/freeze", reason="Year end").status_code == 302
    said = "Environment prod is frozen by “Year end” — deploys resume when it is lifted"
    assert said in read(mona, URL)

    assert post("/unfreeze").status_code == 302
    assert "is frozen" not in read(mona, URL)


@time_machine.travel("2026-06-01 08:00Z", tick=False)
def test_until_is_on_the_clock_of_who_asks(post, mona, production):
    mona.time_zone = "Europe/Berlin"
    mona.save()

    post("/freeze", reason="Sale", until="2026-06-02T10:00")

    production = type(production).objects.get(pk=production.pk)
    assert production.frozen_until.isoformat() == "2026-06-02T08:00:00+00:00"


@time_machine.travel("2026-03-20 08:00Z", tick=False)
def test_a_window_repeats_on_its_own_clock_across_dst(post, read, mona):
    """S122: windows, and the openings they leave."""
    answer = post(
        "/windows",
        reason="Weekend",
        starts_at="2026-03-20T17:00",
        ends_at="2026-03-23T08:00",
        time_zone="Europe/Berlin",
        rrule="FREQ=WEEKLY",
    )

    assert answer.status_code == 302
    page = read(mona, URL)
    # 08:00 in Berlin is 07:00 UTC in winter, and 06:00 from 29 March on.
    assert "23 Mar 2026, 07:00 UTC" in page
    assert "30 Mar 2026, 06:00 UTC" in page


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"rrule": "FREQ=HOURLY"}, "rrule", "FREQ must be one of"),
        ({"time_zone": "Mars/Base"}, "time_zone", "no time zone"),
        ({"ends_at": "2026-01-01T10:00"}, "ends_at", "must be after"),
        ({"starts_at": "soon"}, "starts_at", "write it as"),
    ],
)
def test_an_impossible_window_is_refused_at_its_field(post, given, field, said):
    data = {
        "reason": "Weekend",
        "starts_at": "2026-05-01T10:00",
        "ends_at": "2026-05-02T10:00",
        "time_zone": "UTC",
        **given,
    }

    answer = post("/windows", **data)

    assert answer.status_code == 422
    form = answer.context["forms"]["window"]
    assert said in str(form.errors[field])
    assert form["reason"].value() == "Weekend"
    assert form[field].value() == data[field]
    assert not FreezeWindow.objects.exists()


def test_a_window_is_ended(post, read, mona):
    post(
        "/windows",
        reason="Weekend",
        starts_at="2020-05-01T10:00",
        ends_at="2090-05-02T10:00",
        time_zone="UTC",
    )
    assert "is frozen by “Weekend”" in read(mona, URL)

    window = FreezeWindow.objects.get()
    assert post(f"/windows/{window.pk}/end").status_code == 302

    assert "is frozen" not in read(mona, URL)


def test_the_approvers_are_shown(shop, production, read, olga):
    """S109: who can approve is visible before the request starts."""
    make.user("quentin", role=Role.APPROVER, on=production)

    assert "quentin" in read(olga, URL)
