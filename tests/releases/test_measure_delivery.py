"""The four keys of delivery, by arithmetic on deploys that are written down here."""

from datetime import UTC, datetime, timedelta

from releases.dora import Deploy, four_keys

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ago(*, days=0, hours=0):
    return NOW - timedelta(days=days, hours=hours)


def landed(*, target=1, days=0, hours=0, lead=None, undone=False):
    at = ago(days=days, hours=hours)
    return Deploy(target, at, True, at - lead if lead else None, undone)


def failed(*, target=1, days=0, hours=0):
    return Deploy(target, ago(days=days, hours=hours), False)


def test_without_deploys_nothing_is_known_and_nothing_is_zero_percent():
    keys = four_keys([], now=NOW, weeks=12)

    assert keys.whole.per_week == 0
    assert keys.whole.failure_rate is None
    assert keys.whole.lead_time is None
    assert keys.whole.restore_time is None
    assert keys.unrestored == 0
    assert [week.deploys for week in keys.weeks] == [0] * 12
    assert (keys.weeks[0].start, keys.weeks[-1].end) == (ago(days=84), NOW)


def test_where_all_failed_the_rate_is_whole_and_nothing_was_restored():
    keys = four_keys([failed(hours=3), failed(hours=2)], now=NOW, weeks=2)

    assert (keys.whole.deploys, keys.whole.tried) == (0, 2)
    assert keys.whole.failure_rate == 1
    assert keys.whole.lead_time is None
    assert keys.whole.restore_time is None
    assert keys.unrestored == 1


def test_a_week_counts_its_deploys_and_the_whole_divides_by_weeks():
    deploys = [landed(days=1), landed(days=2), landed(days=8), landed(days=14)]

    keys = four_keys(deploys, now=NOW, weeks=2)

    assert [week.deploys for week in keys.weeks] == [2, 2]
    assert keys.whole.per_week == 2


def test_what_ended_before_the_first_week_is_left_out():
    deploys = [failed(days=15), landed(days=13)]

    keys = four_keys(deploys, now=NOW, weeks=2)

    assert (keys.whole.tried, keys.whole.failed) == (1, 0)
    assert keys.whole.restore_time is None


def test_lead_time_is_the_median_from_the_oldest_edit_without_rollbacks():
    deploys = [
        landed(lead=2 * HOUR),
        landed(hours=1, lead=4 * HOUR),
        landed(hours=2, lead=90 * HOUR),
        landed(hours=3),
    ]

    keys = four_keys(deploys[:3], now=NOW + HOUR, weeks=1)
    assert keys.whole.lead_time == 4 * HOUR
    assert four_keys(deploys, now=NOW + HOUR, weeks=1).whole.lead_time == 4 * HOUR
    assert four_keys(deploys[:2], now=NOW + HOUR, weeks=1).whole.lead_time == 3 * HOUR


def test_a_failure_lasts_until_the_next_deploy_of_its_own_target_that_held():
    deploys = [
        failed(hours=10),
        failed(hours=9),
        landed(target=2, hours=8),
        landed(hours=4),
        landed(hours=2),
    ]

    keys = four_keys(deploys, now=NOW, weeks=1)

    assert keys.whole.restore_time == 6 * HOUR
    assert keys.whole.failure_rate == 2 / 5
    assert keys.unrestored == 0


def test_a_rollback_restores_what_it_undid():
    """What was rolled back failed when it was deployed; its rollback held."""
    bad, worse = landed(hours=9, undone=True), landed(hours=7, undone=True)
    rollback = landed(hours=6)

    keys = four_keys([rollback, worse, bad], now=NOW, weeks=1)

    assert keys.whole.deploys == 3
    assert keys.whole.failure_rate == 2 / 3
    assert keys.whole.restore_time == 3 * HOUR
    assert keys.unrestored == 0


def test_a_restore_counts_in_the_week_in_which_it_came():
    keys = four_keys([failed(days=8), landed(days=6)], now=NOW, weeks=2)

    before, after = keys.weeks
    assert (before.failure_rate, before.restore_time) == (1, None)
    assert (after.failure_rate, after.restore_time) == (0, timedelta(days=2))
