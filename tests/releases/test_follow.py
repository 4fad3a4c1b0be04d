"""What is read along with a release."""

import pytest

from releases.following import deployed_in
from releases.locking import fresh

pytestmark = pytest.mark.django_db


def test_a_step_reads_a_release_in_one_query(
    dev, shipped, edit, create, django_assert_num_queries
):
    first = shipped(dev)
    edit(dev, fast="0")
    release = create(dev)

    with django_assert_num_queries(1):
        release = fresh(release.pk)
        there = deployed_in(release)
        facts = (
            there.release.get_absolute_url(),
            release.target.project,
            release.base_release.get_absolute_url(),
            release.snapshot.document["tenant"],
            release.rendering.tree,
        )

    assert facts == (
        first.get_absolute_url(),
        release.project,
        first.get_absolute_url(),
        dev.tenant.slug,
        release.rendering.tree,
    )


def test_what_a_release_is_based_on_stays_when_another_is_deployed(
    dev, shipped, edit, create
):
    first = shipped(dev)
    edit(dev, "mails", slow="1")
    waiting = create(dev)

    second = shipped(dev, fast="0")

    waiting = fresh(waiting.pk)
    assert (waiting.base_release, deployed_in(waiting).release) == (first, second)
