"""Somebody with the database's password changes the trail: the verifier says where.

Each does it in plain SQL, after switching off what refuses it.
"""

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from gitopshq.core import audit, audit_checks, audit_triggers, audit_verify
from gitopshq.core.models import AuditEntry, AuditHead

TABLE = "core_auditentry"
HERE = "WHERE project = 'shop' AND sequence ="


@pytest.fixture(autouse=True)
def _guarded(db, settings):
    settings.AUDIT_IS_APPEND_ONLY = True
    audit_triggers.install()


@pytest.fixture
def trail(dora):
    """Five entries of the shop."""
    with transaction.atomic():
        for number in range(5):
            audit.record("release.created", dora, actor=dora, project="shop", n=number)
    # PostgreSQL alters no table while checks of its rows are still due.
    connection.check_constraints()


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def unguard():
    if connection.vendor == "postgresql":
        run(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
    else:
        run("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete")


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET actor_name = 'nobody'",
        f"DELETE FROM {TABLE}",
        f"TRUNCATE {TABLE}",
    ],
)
def test_the_database_refuses(trail, statement):
    if statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")

    with (
        pytest.raises(DatabaseError, match="never changed or deleted"),
        transaction.atomic(),
    ):
        run(statement)

    assert audit_verify.verify(["shop"]).checked == 5


@pytest.mark.parametrize(
    ("statements", "sequence", "reason"),
    [
        (
            [f"UPDATE {TABLE} SET actor_name = 'nobody' {HERE} 3"],
            3,
            "its content is not what its hash says",
        ),
        (
            [f"UPDATE {TABLE} SET data = '{{}}' {HERE} 2"],
            2,
            "its content is not what its hash says",
        ),
        ([f"DELETE FROM {TABLE} {HERE} 3"], 3, "the entry is missing"),
        (
            [
                f"UPDATE {TABLE} SET sequence = 99 {HERE} 3",
                f"UPDATE {TABLE} SET sequence = 3 {HERE} 4",
                f"UPDATE {TABLE} SET sequence = 4 {HERE} 99",
            ],
            3,
            "it does not follow the entry before it",
        ),
        ([f"DELETE FROM {TABLE} {HERE} 5"], 5, "the entry is missing"),
        ([f"DELETE FROM {TABLE} WHERE project = 'shop'"], 1, "the entry is missing"),
    ],
    ids=["a field", "data", "a middle row", "two swapped", "the tail", "everything"],
)
def test_what_was_changed_is_named(trail, statements, sequence, reason):
    unguard()
    run(*statements)

    bad = audit_verify.verify(["shop"]).first_bad

    assert bad is not None
    assert (bad.project, bad.sequence, bad.reason) == ("shop", sequence, reason)
    with pytest.raises(CommandError, match=f"shop #{sequence}"):
        call_command("verify_audit")


def test_a_chain_that_was_made_anew_shows_by_what_was_published(trail, monkeypatch):
    """Hash after hash is right again; the head that left with a deploy is another."""
    published = audit.head_of("shop")
    unguard()
    run(f"UPDATE {TABLE} SET actor_name = 'nobody' {HERE} 3")
    remake()
    assert audit_verify.verify(["shop"]).ok

    monkeypatch.setattr(
        "gitopshq.core.ports._audit_anchors", lambda projects: {"shop": [published]}
    )
    bad = audit_checks.verify().first_bad

    assert bad is not None
    assert bad.sequence == 5
    assert bad.reason == "its hash differs from the one kept elsewhere"


def remake():
    """Do what somebody would who has read our source."""
    previous = ""
    for entry in AuditEntry.objects.filter(project="shop").order_by("sequence"):
        entry.previous_hash = previous
        previous = entry.entry_hash = audit.hash_of(entry)
        entry.save(update_fields=["previous_hash", "entry_hash"])
    AuditHead.objects.filter(project="shop").update(entry_hash=previous)


def test_a_check_and_the_command_say_which_triggers_are_missing():
    assert checks.run_checks(databases=["default"]) == []
    unguard()

    [warning] = checks.run_checks(databases=["default"])

    assert warning.id == "core.W001"
    assert "audit_no_delete, " in warning.msg
    with pytest.raises(CommandError, match="audit_no_delete, "):
        call_command("verify_audit")


def test_a_trigger_that_refuses_nothing_counts_as_missing_and_is_mended():
    unguard()
    if connection.vendor == "postgresql":
        run(
            f"ALTER TABLE {TABLE} ENABLE TRIGGER USER",
            "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger "
            "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        )
    else:
        run(
            f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON {TABLE} "
            "BEGIN SELECT 1; END"
        )
    assert "audit_no_update" in audit_triggers.missing()

    audit_triggers.install_after_migrations(using="default")

    assert audit_triggers.missing() == []


def test_it_is_not_ready_to_serve_without_them(client, settings):
    unguard()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["trail"] == "unguarded"
