"""The arithmetic of agreement, by properties."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.rules import Terms, Vote, counting, falls_below_at

SCALE = float(os.environ.get("HQ_TEST_SCALE", "1"))
MANY = settings(max_examples=int(100 * SCALE), deadline=None)
START = datetime(2026, 3, 1, tzinfo=UTC)
DIGESTS = ("shown", "other", "")

people = st.integers(1, 5)
moments = st.integers(0, 100).map(lambda hours: START + timedelta(hours=hours))
votes = st.lists(st.builds(Vote, people, st.sampled_from(DIGESTS), moments), max_size=9)
terms = st.builds(
    Terms,
    required=st.integers(0, 4),
    expiry_hours=st.none() | st.integers(1, 72),
    barred=st.frozensets(people),
)
eligible = st.frozensets(people)


def counted(cast, asked, may, now):
    return counting(cast, asked, digest="shown", eligible=may, now=now)


@MANY
@given(votes, terms, eligible, moments)
def test_whoever_counts_counts_once_and_may(cast, asked, may, now):
    """S49: at most one vote a person, and only of people who may."""
    found = counted(cast, asked, may, now)

    voters = [vote.approver for vote in found]
    assert len(voters) == len(set(voters))
    assert set(voters) <= may - asked.barred
    assert all(vote.digest == "shown" for vote in found)
    assert all(vote in cast for vote in found)


@MANY
@given(votes, terms, eligible, moments)
def test_nobody_is_left_out(cast, asked, may, now):
    voters = {vote.approver for vote in counted(cast, asked, may, now)}

    for vote in cast:
        ends = asked.lapses_at(vote)
        stands = ends is None or now < ends
        fits = vote.digest == "shown" and vote.approver in may - asked.barred
        assert not (stands and fits) or vote.approver in voters


@MANY
@given(votes, terms, eligible, moments, people)
def test_barring_somebody_never_adds_a_vote(cast, asked, may, now, person):
    stricter = Terms(asked.required, asked.expiry_hours, asked.barred | {person})

    before = {vote.approver for vote in counted(cast, asked, may, now)}
    after = {vote.approver for vote in counted(cast, stricter, may, now)}

    assert after == before - {person}


@MANY
@given(votes, terms, eligible, moments, moments)
def test_votes_lapse_and_never_return(cast, asked, may, one, other):
    """S51: what has lapsed stays so."""
    early, late = sorted((one, other))

    before = {vote.approver for vote in counted(cast, asked, may, early)}
    after = {vote.approver for vote in counted(cast, asked, may, late)}

    assert after <= before


@MANY
@given(votes, terms, eligible, moments)
def test_an_empty_digest_counts_nothing(cast, asked, may, now):
    assert counting(cast, asked, digest="", eligible=may, now=now) == []


@MANY
@given(votes, terms, eligible, moments)
def test_the_moment_a_quorum_falls_is_the_moment_it_falls(cast, asked, may, now):
    standing = counted(cast, asked, may, now)
    falls = falls_below_at(standing, asked, current=len(standing))

    if falls is None:
        forever = asked.expiry_hours is None or asked.required == 0
        assert forever or len(standing) < asked.required
        return
    instant = timedelta(microseconds=1)
    assert len(counted(standing, asked, may, falls - instant)) >= asked.required
    assert len(counted(standing, asked, may, falls)) < asked.required
