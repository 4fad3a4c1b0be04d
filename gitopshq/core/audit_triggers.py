"""Database triggers that refuse to change or delete audit entries.

Installed after every migration: on SQLite a migration that remakes the table drops
them with it.
"""

from typing import Any, Final

from django.conf import settings
from django.db import connections, transaction

_TABLE: Final = "core_auditentry"
_SAID: Final = "audit entries are never changed or deleted"

_SQLITE: Final = {
    f"audit_no_{verb.lower()}": (
        f"CREATE TRIGGER audit_no_{verb.lower()} "
        f"BEFORE {verb} ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )
    for verb in ("UPDATE", "DELETE")
}
_SQLITE_FOUND: Final = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
)
_POSTGRES_FOUND: Final = (
    "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
    "WHERE tgrelid = to_regclass(%s) AND tgenabled IN ('O', 'A')"
)
_POSTGRES_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger "
    f"LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$"
)
_POSTGRES: Final = {
    f"audit_no_{verb.lower()}": (
        f"CREATE OR REPLACE TRIGGER audit_no_{verb.lower()} BEFORE {verb} "
        f"ON {_TABLE} FOR EACH {scope} EXECUTE FUNCTION audit_is_append_only()"
    )
    for verb, scope in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
}


def install(using: str = "default") -> None:
    """Make the triggers anew: one of the right name may do the wrong thing."""
    is_postgres = connections[using].vendor == "postgresql"
    with transaction.atomic(using), connections[using].cursor() as cursor:
        if is_postgres:
            cursor.execute(_POSTGRES_FUNCTION)
        for name, statement in _wanted(using).items():
            if not is_postgres:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)


def missing(using: str = "default") -> list[str]:
    """Return the triggers that are not there, were switched off, or refuse nothing."""
    is_postgres = connections[using].vendor == "postgresql"
    with connections[using].cursor() as cursor:
        cursor.execute(_POSTGRES_FOUND if is_postgres else _SQLITE_FOUND, [_TABLE])
        found = {name for name, said in cursor.fetchall() if _SAID in said}
    return sorted(set(_wanted(using)) - found)


def install_after_migrations(using: str, **signal: Any) -> None:
    """Receive ``post_migrate``. Tests that flush tables switch the setting off."""
    if settings.AUDIT_IS_APPEND_ONLY:
        install(using)


def _wanted(using: str) -> dict[str, str]:
    return _POSTGRES if connections[using].vendor == "postgresql" else _SQLITE
