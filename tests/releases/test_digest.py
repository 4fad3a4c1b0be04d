"""The digest of a release: everything that a vote is for, and nothing else."""

import pytest

from environments import actions as environments
from releases.digests import release_digest
from releases.locking import fresh
from releases.models import Release, ReleaseChange, Snapshot


@pytest.fixture
def release(prod, released, edit, create):
    released(prod)
    edit(prod, fast="2")
    return create(prod)


def test_it_is_64_hex_digits_and_stored(release):
    assert release.digest == release_digest(release)
    assert len(release.digest) == 64
    assert int(release.digest, 16)


def test_it_binds_to_words_policy_and_base(release):
    """S4: security.md 3."""
    before, seen = release.digest, {release.digest}

    for fields in (
        {"title": "Other"},
        {"notes": "Other"},
        {"policy_snapshot": {"violations": []}},
        {"base_release": None},
    ):
        Release.objects.filter(pk=release.pk).update(**fields)
        seen.add(release_digest(fresh(release.pk)))

    assert len(seen) == 5
    assert before in seen


def test_it_binds_to_the_changes_and_their_revisions(release):
    ReleaseChange.objects.filter(release=release).update(revision="0" * 64)

    assert release_digest(fresh(release.pk)) != release.digest


def test_it_binds_to_the_snapshot_with_its_policy(release):
    Snapshot.objects.filter(pk=release.snapshot.pk).update(digest="0" * 64)

    assert release_digest(fresh(release.pk)) != release.digest


def test_it_binds_to_the_rendered_tree_and_the_engines(release):
    """S4: the same tree is what is committed."""
    seen = {release.digest}

    for fields in ({"tree": "0" * 40}, {"engines": {}}):
        type(release.rendering).objects.update(**fields)
        seen.add(release_digest(fresh(release.pk)))

    assert len(seen) == 3


def test_it_does_not_bind_to_the_rest(release):
    Release.objects.update(ticket="OPS-1", fallback_owner="olga", is_stale=True)

    assert release_digest(fresh(release.pk)) == release.digest


def test_there_is_none_while_nothing_is_rendered(prod, edit, create, do):
    do(
        environments.put_manifests,
        prod,
        name="bad",
        files={"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"},
        actor=None,
    )

    assert release_digest(create(prod)) == ""
