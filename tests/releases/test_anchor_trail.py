"""What a deploy publishes of the trail shows what the database alone could hide."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from environments.permissions import Role
from gitopshq.core import audit, audit_checks, audit_verify
from gitopshq.core.models import AuditEntry, AuditHead
from tests import make
from tests.releases.reading import git


@pytest.fixture
def deployed(dev, shipped):
    return shipped(dev)


def published(release):
    record = git(release, "show", "main:.gitopshq/acme/dev.json")
    return json.loads(record)["audit"]


def cut(sequence):
    """Delete everything behind *sequence*, and let the head know of nothing else."""
    AuditEntry.objects.filter(project="shop", sequence__gt=sequence).delete()
    last = AuditEntry.objects.filter(project="shop").order_by("sequence").last()
    AuditHead.objects.filter(project="shop").update(
        sequence=sequence, entry_hash=last.entry_hash if last else ""
    )


def test_the_commit_carries_the_head_of_the_trail(deployed):
    """S2: in Git, where nobody can change it behind our back."""
    head = published(deployed)

    entry = AuditEntry.objects.get(project="shop", sequence=head["sequence"])
    assert entry.entry_hash == head["hash"]
    assert audit_checks.verify().ok


@pytest.mark.parametrize("left", ["one", "none"])
def test_a_cut_tail_shows_although_the_chain_is_whole(deployed, left):
    sequence = published(deployed)["sequence"]
    kept = sequence - 1 if left == "one" else 0
    cut(kept)
    assert audit_verify.verify(["shop"]).ok

    bad = audit_checks.verify().first_bad

    assert bad is not None
    assert (bad.project, bad.sequence) == ("shop", kept + 1)
    assert bad.reason == "the entry is missing"
    with pytest.raises(CommandError, match=f"shop #{kept + 1}"):
        call_command("verify_audit")


def test_a_trail_that_was_wiped_with_its_head_shows(deployed):
    AuditEntry.objects.filter(project="shop").delete()
    AuditHead.objects.filter(project="shop").delete()

    bad = audit_checks.verify().first_bad

    assert bad is not None
    assert (bad.project, bad.sequence) == ("shop", 1)


def test_a_trail_that_was_written_anew_shows(deployed):
    previous = ""
    for entry in AuditEntry.objects.filter(project="shop").order_by("sequence"):
        entry.actor_name, entry.previous_hash = "nobody", previous
        previous = entry.entry_hash = audit.hash_of(entry)
        entry.save()
    AuditHead.objects.filter(project="shop").update(entry_hash=previous)
    assert audit_verify.verify(["shop"]).ok

    bad = audit_checks.verify().first_bad

    assert bad is not None
    assert bad.sequence == published(deployed)["sequence"]


def test_the_api_asks_the_deploys_as_well(deployed, shop):
    client = Client()
    client.force_login(make.user("mara", role=Role.MAINTAINER, on=shop))
    assert client.get("/api/v1/audit/verify").json()["ok"] is True
    cut(0)

    said = client.get("/api/v1/audit/verify").json()

    assert (said["ok"], said["firstBad"]["sequence"]) == (False, 1)
