"""A bundle proves a release without a database; whatever is altered is refused."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals.actions import carry_votes
from environments.permissions import Permission, Role
from gitopshq.core import audit
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions
from releases.digests import release_digest
from releases.evidence.bundle import bundle_of, to_bytes
from releases.evidence.signing import public_key
from releases.locking import fresh
from releases.models import Release, RollbackScope
from releases.proof import reading
from releases.proof.checking import TEN_FIELDS, check
from releases.proof.reading import Refused
from releases.proof.trail import entry_hash
from releases.rollbacks import Reversal
from tests import make
from tests.releases.forging import BOUND, flip, forged, leaves, with_other

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def maya(shop):
    """Maintains the shop."""
    return make.user("maya", role=Role.MAINTAINER, on=shop)


@pytest.fixture
def made(prod, approved, deploy, dora, alice, maya):
    """The bundle of a release that was approved, deployed, verified and closed."""
    release = deploy(approved(prod, content={"notes": "Why: faster ✓"}))
    actions.comment_on(release, actor=alice, body="Looks good")
    actions.verify_evidence(release, actor=dora, note="p95 is flat")
    actions.close_evidence(release, actor=alice)
    return bundle_of(fresh(release.pk), actor=maya)


_KEPT: dict[str, bytes] = {}


@pytest.fixture
def bundle(request):
    """The same, made once for all tests that need no database beside it."""
    if not _KEPT:
        _KEPT["file"] = to_bytes(request.getfixturevalue("made"))
    return json.loads(_KEPT["file"])


def refusal(bundle, **options):
    with pytest.raises(Refused) as refused:
        check(to_bytes(bundle), **options)
    return str(refused.value)


def test_a_bundle_says_what_was_checked(made):
    """S5, S103, S127: who did what, on which content, in which commit."""
    lines = check(to_bytes(made), key=public_key())

    said = "\n".join(lines)
    commit = made["evidence"]["facts"]["commit"]["sha"]
    tree = made["evidence"]["facts"]["tree"]
    assert "evidence: R-1 of shop/acme/prod, closed by alice" in said
    assert "votes: 1 of 1, on that digest: bob" in said
    assert f"git: commit {commit} holds tree {tree} at acme/prod" in said
    assert "audit: the commit names #" in said
    assert lines[-1].startswith("verdict: genuine, R-1 is as the holder of that key")
    assert set(TEN_FIELDS) <= set(made["evidence"])


def test_whatever_value_is_altered_it_is_refused(bundle):
    """S126: every leaf of the whole bundle, one by one."""
    paths = list(leaves(bundle))

    assert len(paths) > 200
    for path in paths:
        refusal(with_other(bundle, path))


@pytest.mark.parametrize("section", reading.SECTIONS)
def test_the_section_that_was_altered_is_named(bundle, section):
    path = next(leaves(bundle[section], (section,)))

    assert refusal(with_other(bundle, path)).startswith(f"{section}: it is not what")


def test_bytes_are_as_they_were_written(bundle):
    """One file has one form: no key twice, no other spaces, nothing behind its end."""
    data = to_bytes(bundle)

    for wrong in (
        data[:-1],
        data + b"\n",
        data.replace(b'"closed": true', b'"closed":  true', 1),
        data.replace(b'"closed": true', b'"closed": false,\n  "closed": true', 1),
        data[: len(data) // 2],
        b"\xff" + data[1:],
        b"[]",
        b"",
    ):
        with pytest.raises(Refused):
            check(wrong)
    for at in range(0, len(data), max(1, len(data) // 400)):
        with pytest.raises(Refused):
            check(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_parts_that_are_missing_or_too_many_are_refused(bundle):
    for name in list(bundle):
        refusal({key: value for key, value in bundle.items() if key != name})
    refusal({**bundle, "more": 1})


def test_another_key_is_refused_where_one_is_expected(bundle):
    key = bundle["signature"]["key"]

    assert "name the installation's own" in check(to_bytes(forged(bundle)))[-1]
    assert "another key" in refusal(forged(bundle), key=key)


@pytest.mark.parametrize("what", list(BOUND))
def test_what_is_signed_anew_must_still_agree(bundle, what):
    """S103: document, content, commit and trail tell the same, or it is refused."""
    path, said = BOUND[what]

    assert said in refusal(forged(with_other(bundle, path)))


def test_git_objects_that_are_altered_break_the_way_to_the_tree(bundle):
    """The commit leads to the tree by its id alone, whoever signs."""
    assert "git: the commit" in refusal(
        forged(with_other(bundle, ("git", "commit"), flip))
    )
    for at in range(len(bundle["git"]["trees"])):
        altered = with_other(bundle, ("git", "trees", at), flip)
        assert "is not what the commit holds" in refusal(forged(altered))
    record = with_other(bundle, ("git", "record"), flip)
    assert "is not what the commit holds" in refusal(forged(record))
    assert "missing" in refusal(forged({**bundle, "git": None}))


def test_entries_that_are_left_out_are_missed(bundle):
    """S126: neither a gap nor an end that was cut stays unseen."""
    for at in range(len(bundle["audit"])):
        rows = bundle["audit"]
        rest = forged({**bundle, "audit": rows[:at] + rows[at + 1 :]})
        assert refusal(rest).startswith("audit: ")
    assert "no entries" in refusal(forged({**bundle, "audit": []}))


def test_a_trail_that_was_made_up_does_not_bear_the_commit(bundle):
    """The commit carries the hash of the trail as it was then."""
    copy = deepcopy(bundle)
    copy["audit"][1]["content"]["data"] = {"note": "made up"}
    for before, row in zip([None, *copy["audit"]], copy["audit"], strict=False):
        if before:
            row["content"]["previous"] = before["hash"]
        row["hash"] = entry_hash(row["content"])

    assert "audit: the head in the commit" in refusal(forged(copy))


def test_the_checker_hashes_entries_as_the_trail_does(made):
    assert AuditEntry.objects.count() > len(made["audit"])
    for entry in AuditEntry.objects.all():
        assert entry_hash(audit.content_of(entry)) == entry.entry_hash


def test_votes_that_went_along_with_a_refresh_are_found(
    prod, approved, deploy, do, maya
):
    """S127: a new base gives a new digest; the trail tells that votes moved over."""
    release = approved(prod)
    Release.objects.filter(pk=release.pk).update(notes="As after a refresh")
    release = fresh(release.pk)
    old, new = release.digest, release_digest(release)
    do(carry_votes, release, old=old, new=new)
    Release.objects.filter(pk=release.pk).update(digest=new)
    deploy(release)

    said = "\n".join(check(to_bytes(bundle_of(fresh(release.pk), actor=maya))))

    assert old != new
    assert f"are release digest {new}" in said
    assert "votes: 1 of 1, on that digest: bob" in said


def test_a_rollback_and_what_it_undid_are_proved_alike(
    prod, released, do, approve, deploy, alice, maya
):
    """S6, S18, S126: the earlier tree, committed by a release of its own."""
    first, second = released(prod, fast="1"), released(prod, fast="2")
    full = Reversal(RollbackScope.FULL)
    back = do(actions.roll_back_release, first, actor=alice, reversal=full)
    deploy(approve(back))

    bundles = [bundle_of(fresh(one.pk), actor=maya) for one in (first, second, back)]

    assert all(check(to_bytes(one)) for one in bundles)
    facts = [one["evidence"]["facts"] for one in bundles]
    assert [one["state"] for one in facts] == ["deployed", "rolled_back", "deployed"]
    assert facts[1]["rolledBackBy"] == "R-3"
    assert facts[2]["tree"] == facts[0]["tree"]


def test_releases_that_were_not_deployed_have_bundles_too(
    prod, edit, create, alice, maya
):
    edit(prod)
    release = create(prod)
    actions.cancel_release(release, actor=alice)

    said = "\n".join(check(to_bytes(bundle_of(fresh(release.pk), actor=maya))))

    assert "git: nothing was committed" in said
    assert "still open" in said


def test_a_bundle_shows_repository_and_trail_so_both_must_be_open(
    prod, released, bob, shop
):
    """S92: neither an approver nor an auditor of one environment gets one."""
    release = released(prod)
    olga = make.user(
        "olga",
        may=[Permission.VIEW_RELEASE, Permission.VIEW_AUDIT],
        on=prod.environment,
    )

    with pytest.raises(NotPermitted, match=r"audit\.view"):
        bundle_of(release, actor=bob)
    with pytest.raises(NotPermitted, match=r"releases\.view"):
        bundle_of(release, actor=olga)


def test_it_is_checked_where_there_is_no_database(bundle, tmp_path):
    """S127: by the command, and by plain Python that knows no settings."""
    file = tmp_path / "bundle.json"
    file.write_bytes(to_bytes(bundle))
    env = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "HQ_DATA_DIR": str(tmp_path / "empty"),
    }
    manage = [sys.executable, str(ROOT / "manage.py"), "verify_evidence"]
    plain = [sys.executable, "-m", "releases.proof"]

    for command in (manage, plain):
        found = _run([*command, str(file)], env if command is manage else {})
        assert found.returncode == 0, found.stderr
        assert "on that digest: bob" in found.stdout

    file.write_bytes(to_bytes(bundle).replace(b"faster", b"slower"))
    for command in (manage, plain):
        found = _run([*command, str(file)], env if command is manage else {})
        assert found.returncode == 1
        assert "content: it is not what its digest says" in found.stderr


def test_the_command_names_what_it_cannot_read(tmp_path):
    with pytest.raises(CommandError, match="cannot read it"):
        call_command("verify_evidence", str(tmp_path / "none.json"))


def _run(command, env):
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
