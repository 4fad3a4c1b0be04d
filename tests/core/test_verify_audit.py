"""Whatever is done to the trail behind its back, the verifier names the first place."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from gitopshq.core import audit, audit_triggers, audit_verify
from gitopshq.core.models import AuditEntry, AuditHead


@pytest.fixture
def trail(dora):
    """Five entries of the shop, one of the bank."""
    with transaction.atomic():
        for number in range(5):
            audit.record("release.created", dora, actor=dora, project="shop", n=number)
        audit.record("release.created", dora, actor=None, project="bank")


def entry(sequence):
    return AuditEntry.objects.filter(project="shop", sequence=sequence)


def edit():
    entry(3).update(data={"n": 99})


def rename_actor():
    entry(3).update(actor_name="somebody")


def change_actor():
    entry(3).update(actor=None)


def rehash():
    edit()
    changed = entry(3).get()
    entry(3).update(entry_hash=audit.hash_of(changed))


def delete():
    entry(3).delete()


def reorder():
    entry(3).update(sequence=99)
    entry(4).update(sequence=3)
    entry(99).update(sequence=4)


def truncate():
    entry(5).delete()


def truncate_with_head():
    entry(5).delete()
    last = entry(4).get()
    AuditHead.objects.filter(project="shop").update(
        sequence=4, entry_hash=last.entry_hash
    )


def append():
    last = entry(5).get()
    AuditEntry.objects.create(
        project="shop",
        sequence=6,
        at=last.at,
        actor_name="dora",
        event="x",
        object_type="x",
        object_id="1",
        object_label="x",
        entry_hash="x",
    )


def erase():
    AuditEntry.objects.filter(project="shop").delete()


def erase_with_head():
    erase()
    AuditHead.objects.filter(project="shop").delete()


def drop_head():
    AuditHead.objects.filter(project="shop").delete()


@pytest.mark.usefixtures("trail")
def test_an_untouched_trail_is_whole():
    assert audit_verify.verify().to_json() == {
        "ok": True,
        "checked": 6,
        "firstBad": None,
    }


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    ("tamper", "sequence"),
    [
        (edit, 3),
        (rename_actor, 3),
        (change_actor, 3),
        (rehash, 4),
        (delete, 3),
        (reorder, 3),
        (truncate, 5),
        (append, 6),
        (erase, 1),
        (drop_head, 1),
    ],
)
def test_tampering_is_found_where_it_happened(tamper, sequence):
    tamper()

    bad = audit_verify.verify().first_bad

    assert bad is not None
    assert (bad.project, bad.sequence) == ("shop", sequence)


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize("tamper", [truncate_with_head, erase_with_head])
def test_a_cut_that_took_the_head_shows_by_an_anchor(tamper):
    anchors = {"shop": [audit.head_of("shop")]}
    assert audit_verify.verify(anchors=anchors).ok
    tamper()

    assert audit_verify.verify(["shop"]).ok
    bad = audit_verify.verify(["shop"], anchors=anchors).first_bad

    assert bad is not None
    assert bad.reason == "the entry is missing"


@pytest.mark.usefixtures("trail")
def test_a_rewritten_chain_shows_by_an_anchor():
    sequence, digest = audit.head_of("shop")
    anchors = {"shop": [(sequence, digest[::-1])]}

    bad = audit_verify.verify(anchors=anchors).first_bad

    assert bad is not None
    assert bad.sequence == sequence


@pytest.mark.usefixtures("trail")
def test_the_command_says_so_and_fails(capsys, settings):
    settings.AUDIT_IS_APPEND_ONLY = False
    call_command("verify_audit")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    edit()

    with pytest.raises(CommandError, match="shop #3"):
        call_command("verify_audit")

    assert json.loads(capsys.readouterr().out)["firstBad"]["sequence"] == 3


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize("tamper", [edit, delete])
def test_the_database_refuses_to_change_an_entry(tamper):
    audit_triggers.install()

    with (
        pytest.raises(DatabaseError, match="never changed or deleted"),
        transaction.atomic(),
    ):
        tamper()

    assert audit_verify.verify().ok


@pytest.mark.usefixtures("trail")
def test_the_database_still_takes_new_entries(dora):
    audit_triggers.install()
    audit_triggers.install()

    with transaction.atomic():
        audit.record("release.created", dora, actor=dora, project="shop")

    assert audit_verify.verify().checked == 7


@pytest.mark.usefixtures("trail")
def test_a_missing_trigger_is_noticed(settings):
    settings.AUDIT_IS_APPEND_ONLY = True
    audit_triggers.install_after_migrations(using="default")
    call_command("verify_audit")
    on = "" if connection.vendor == "sqlite" else " ON core_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_no_update{on}")

    with pytest.raises(CommandError, match="audit_no_update"):
        call_command("verify_audit")
