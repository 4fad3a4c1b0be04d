"""The inbox: what stands in it for whom, and quick votes from it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from approvals import actions, inbox, selectors
from approvals.models import ApprovalRequest, RequestState
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from tests import make
from tests.approvals.conftest import SHOWN

URL = "/approvals"


@pytest.fixture(autouse=True)
def _untracked(settings):
    # Where people are logged in is noted with every request; no page asks for it.
    settings.USERSESSIONS_TRACK_ACTIVITY = False


@pytest.fixture
def as_person():
    def client(user):
        made = Client()
        made.force_login(user)
        return made

    return client


def waiting(user):
    return list(selectors.waiting_for(user))


def row_for(user, request):
    return inbox.inbox_rows([request], user)[0]


def test_it_waits_for_those_who_can_decide(subject, ana, bob, cleo, olga, stan):
    """S79: pending approvals, for whom they wait."""
    assert waiting(bob) == waiting(cleo) == [subject.request]
    assert waiting(ana) == waiting(olga) == waiting(stan) == []


def test_what_i_voted_on_waits_no_more_until_my_vote_lapses(subject, bob, time_machine):
    """S51: a lapsed vote is asked for again."""
    time_machine.move_to("2026-03-01 10:00Z", tick=False)
    subject.now(expiry_hours=24)
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    assert waiting(bob) == []
    assert row_for(bob, subject.request).reason == "you have voted on this already"

    time_machine.move_to("2026-03-02 10:00Z", tick=False)

    assert waiting(bob) == [subject.request]
    assert row_for(bob, subject.request).is_eligible


def test_what_cannot_be_voted_on_yet_waits_for_nobody(subject, bob):
    subject.now(digest="")

    assert waiting(bob) == []
    assert "it is not rendered" in row_for(bob, subject.request).reason


def test_a_barred_person_sees_why(subject, production, bob):
    subject.now(barred={bob.pk: "edited a change in it"})

    assert waiting(bob) == []
    assert row_for(bob, subject.request).reason == (
        "you cannot vote on this: you edited a change in it"
    )

    subject.now(blocks_self_approval=False)
    assert waiting(bob) == [subject.request]


def test_a_service_account_is_waited_for_by_nothing(subject, bob, shop):
    robot = make.service_account(of=bob, role=Role.APPROVER, on=shop)

    assert waiting(robot) == []
    assert "service accounts do not vote" in row_for(robot, subject.request).reason


def test_the_count_is_the_live_one(subject, bob, cleo):
    """S58: approvals so far against the quorum."""
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    assert row_for(cleo, subject.request).tally.current == 1

    bob.is_active = False
    bob.save()
    assert row_for(cleo, subject.request).tally.current == 0


def test_groups_vote_too(subject, shop, stan):
    team = Group.objects.create(name="leads")
    stan.groups.add(team)
    environments.grant_role(shop, to=team, role=Role.APPROVER, actor=None)

    assert waiting(stan) == [subject.request]
    assert row_for(stan, subject.request).is_eligible


def test_a_row_says_what_where_by_whom_and_how_far(subject, as_person, bob):
    """S53, S56, S57, S58, S80: summary by type, author, target, votes."""
    page = as_person(bob).get(URL).content.decode()

    for words in ("R-7 More replicas", "acme/prod", "2 workloads, 1 HQ variable"):
        assert words in page
    assert "ana" in page
    assert "0/2" in page
    assert f'value="{SHOWN}"' in page
    assert 'data-url="/projects/shop/releases/7"' in page


def test_the_badge_counts_what_the_list_shows(subject, as_person, bob, ana):
    assert "waiting for you: </span>1" in as_person(bob).get("/me").content.decode()
    assert "waiting for you" not in as_person(ana).get("/me").content.decode()


def test_what_i_cannot_decide_is_shown_with_the_reason(subject, as_person, olga):
    """S79: visible, with the reason."""
    assert "R-7" not in as_person(olga).get(URL).content.decode()

    page = as_person(olga).get(f"{URL}?show=all").content.decode()

    assert "R-7 More replicas" in page
    assert "This needs the permission releases.approve" in page
    assert "/approve" not in page


def test_a_stranger_sees_nothing(subject, as_person, stan):
    assert "R-7" not in as_person(stan).get(f"{URL}?show=all").content.decode()


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("project=shop", True),
        ("project=other", False),
        ("environment=prod", True),
        ("environment=dev", False),
        ("requester=ana", True),
        ("requester=bob", False),
        ("show=mine", False),
        ("kind=promotion", False),
    ],
)
def test_filters_stand_in_the_address(subject, as_person, bob, query, is_there):
    """S79: filterable across projects."""
    page = as_person(bob).get(f"{URL}?{query}").content.decode()

    assert ("R-7" in page) == is_there
    assert ("1 set</span>" in page) == (not query.startswith("show"))


def test_it_pages(subject, as_person, bob):
    first = as_person(bob).get(f"{URL}?limit=1").content.decode()

    assert "R-7" in first
    assert "Older" not in first


def test_quick_approve_binds_to_what_was_shown(subject, as_person, bob, cleo):
    """S81: quick approve."""
    url = reverse("approvals:approve", args=[subject.request.pk])

    answer = as_person(bob).post(url, {"digest": SHOWN, "back": "show=all"})

    after = subject.request.pk
    assert (answer.status_code, answer.url) == (302, f"{URL}?show=all&after={after}")
    assert subject.request.decisions.get().approver == bob


def test_an_outdated_page_is_told_so_and_audited(subject, as_person, bob):
    """S81: what was shown has changed since."""
    url = reverse("approvals:approve", args=[subject.request.pk])

    answer = as_person(bob).post(url, {"digest": "b" * 64, "back": "show=all"})

    assert answer.status_code == 409
    assert "has changed since" in answer.content.decode()
    assert not subject.request.decisions.exists()
    entry = AuditEntry.objects.get(event="release.approve_refused")
    assert (entry.actor, entry.data["code"]) == (bob, "digest_mismatch")


def test_quick_reject_needs_a_reason(subject, as_person, bob):
    """S81: reject → cancelled, with the reason."""
    url = reverse("approvals:reject", args=[subject.request.pk])

    refused = as_person(bob).post(url, {"comment": " "})
    assert refused.status_code == 400
    assert "A reason is required" in refused.content.decode()

    assert as_person(bob).post(url, {"comment": "Too dear."}).status_code == 302
    assert subject.outcomes == [("refused", "Too dear.")]


def test_a_refused_rejection_keeps_the_reason(subject, as_person, olga):
    url = reverse("approvals:reject", args=[subject.request.pk])

    answer = as_person(olga).post(url, {"comment": "Too dear.", "back": "show=all"})

    assert answer.status_code == 403
    assert "releases.approve" in answer.content.decode()
    assert subject.request.state == RequestState.PENDING


def test_a_vote_can_be_withdrawn_from_the_inbox(subject, as_person, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    page = as_person(bob).get(f"{URL}?show=all").content.decode()
    assert "Withdraw my vote" in page

    as_person(bob).post(reverse("approvals:withdraw", args=[subject.request.pk]))

    assert subject.request.decisions.get().withdrawn_at is not None


@pytest.mark.parametrize("verb", ["approve", "reject", "withdraw"])
def test_a_stranger_cannot_even_find_it(subject, as_person, stan, verb):
    url = reverse(f"approvals:{verb}", args=[subject.request.pk])

    answer = as_person(stan).post(url, {"digest": SHOWN, "comment": "no"})

    assert answer.status_code == 404
    assert not subject.request.decisions.exists()


def test_many_rows_take_few_queries(
    subject, as_person, bob, django_assert_max_num_queries
):
    template = subject.request
    for number in range(20):
        place = make.environment(make.project(), "prod")
        ApprovalRequest.objects.create(
            kind="release",
            subject_type=template.subject_type,
            subject_id=1000 + number,
            project=place.project.slug,
            environment=place,
            requester=template.requester,
            digest=SHOWN,
            required=2,
            facts=template.facts,
        )
    bob.is_superuser = True
    bob.save()

    client = as_person(bob)
    with django_assert_max_num_queries(8):
        page = client.get(f"{URL}?show=all").content.decode()

    assert page.count('class="inbox__row"') == 21


def test_the_badges_of_every_page_are_asked_for_again(subject, as_person, bob):
    """G6, S115: what waits and what is unread, without a reload; 304 for the same."""
    client, part = as_person(bob), {"HX-Request": "true"}
    page = client.get("/me").content.decode()
    assert f'hx-get="{URL}/waiting"' in page
    make.notification(bob)

    told = client.get(f"{URL}/waiting", headers=part)

    assert ", waiting for you: </span>1<" in told.content.decode()
    assert '>1<span class="visually-hidden"> unread' in told.content.decode()
    same = client.get(f"{URL}/waiting", headers={**part, "If-None-Match": told["ETag"]})
    assert same.status_code == 304
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    moved = client.get(
        f"{URL}/waiting", headers={**part, "If-None-Match": told["ETag"]}
    )
    assert moved.status_code == 200
    assert ", waiting for you" not in moved.content.decode()
    assert client.get(f"{URL}/waiting").headers["Location"] == URL


def test_the_list_looks_again_under_its_filters(subject, as_person, bob):
    """G6: the address of the list alone, whatever is open beside it."""
    client, pk = as_person(bob), subject.request.pk
    page = client.get(f"{URL}?show=all&item={pk}&cursor=").content.decode()

    assert 'hx-get="?show=all&amp;cursor=" hx-trigger="every 15s, look"' in page
    listed = client.get(f"{URL}?show=all", headers={"HX-Request": "true"})
    assert 'id="inbox-list"' in listed.content.decode()
    assert listed["ETag"]
